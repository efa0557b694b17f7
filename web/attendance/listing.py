"""The day page's list: everybody of a day, filtered, counted, a hundred rows at a time."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from station.rules.explain import VERDICTS
from station.rules.presence import Presence
from web.attendance.lines import TONES, SessionLine, session_lines, times, verdict_word
from web.ledger.people import PersonRow
from web.services.attendance import Book
from web.services.in_force import group_of
from web.services.today import Attendee
from web.words import _

ROWS = 100
PRESENCE = {
    "here": ("在岗", "green", "ok"), "out": ("暂离", "blue", "away"), "left": ("已离", "grey", "away"),
    "leave": ("请假", "blue", "note"), "not_come": ("未到", "red", "bad"), "not_due": ("未到时", "grey", "late"),
    "rest": ("休息", "grey", "note"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One person's line: sessions of a closed day, or presence (and the first press) while it runs."""

    person: PersonRow
    sessions: list[SessionLine]
    presence: Presence | None = None
    came: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """How many people a word stands for, and the filter that lists them."""

    key: str
    words: str
    tone: str
    sign: str
    count: int


@dataclass(frozen=True, slots=True)
class DayList:
    """One page of the list. `total`: people in all after filtering; `chips` count before filtering by verdict."""

    rows: list[Row]
    chips: list[Chip]
    chosen: str
    total: int
    page: int
    pages: int
    live: bool


def verdict_list(book: Book, day: date, wanted: str, page: int, corrected: Container[str]) -> DayList:
    """The list of a closed day; people who were not posted on it are left out. `corrected`: ids of corrections."""
    rows: list[tuple[PersonRow, set[str]]] = []
    for person in book.people:
        names = {verdict.verdict for judged in book.days.get(person.id, ()) for verdict in judged.verdicts}
        if names - {"not_posted"}:
            rows.append((person, names))
    counts = Counter(name for _person, names in rows for name in names)
    word = book.held.law(day, "window").absent_word
    keys = [key for key in ("absent", *VERDICTS) if counts[key]]
    chips = [Chip(key, verdict_word(key, word), *TONES[key], counts[key]) for key in keys]
    chosen = [person for person, names in rows if not wanted or wanted in names]
    shown = [
        Row(person, session_lines(judged, book.held.law(day, group_of(person.group)), None, corrected))
        for person in _page(chosen, page)
        for judged in book.days[person.id]
    ]
    return DayList(shown, chips, wanted, len(chosen), page, _pages(chosen), live=False)


def live_list(found: Sequence[Attendee], zone: ZoneInfo, wanted: str, page: int) -> DayList:
    """The list of the running day: where everybody is, in words that judge nothing."""
    due = [one for one in found if one.presence.word != "rest"] or list(found)
    counts: Counter[str] = Counter(one.presence.word for one in due)
    chips = [
        Chip(key, _(words), tone, sign, counts[key]) for key, (words, tone, sign) in PRESENCE.items() if counts[key]
    ]
    chosen = [one for one in due if not wanted or one.presence.word == wanted]
    shown = [Row(one.person, [], one.presence, times(one.presence.came, zone)) for one in _page(chosen, page)]
    return DayList(shown, chips, wanted, len(chosen), page, _pages(chosen), live=True)


def _pages(chosen: Sequence[object]) -> int:
    return max(1, -(-len(chosen) // ROWS))


def _page(chosen: Sequence[Attendee] | Sequence[PersonRow], page: int) -> Sequence:  # type: ignore[type-arg]
    first = (min(max(page, 1), _pages(chosen)) - 1) * ROWS
    return chosen[first : first + ROWS]
