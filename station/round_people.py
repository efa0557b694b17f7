"""Who should be at a checkpoint's window, and what this station, else the hub, knows of their coming."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from config.words import say
from station.display import Tone
from station.hub_rounds import Advice, presence_of
from station.papers import Checkpoint, Papers, Person

Came = Callable[[str], datetime | None]  # person → when they first pressed here today

WORDS: dict[str, tuple[Tone, str]] = {
    "out": ("blue", "登记外出"), "left": ("blue", "已离岗"), "leave": ("blue", "请假"),
}  # fmt: skip  # the hub's words for people who came and are not there


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody of a window. `there`: attendance says that they are; `tone` empty: nothing is known."""

    person: str
    name: str
    kind: str
    there: bool
    tone: Tone | str
    words: str


def people_at(point: Checkpoint, held: Papers, now: datetime, came: Came, advice: Advice) -> list[Here]:
    """The people of a checkpoint's window, A first; nobody at a public area."""
    if not point.window:
        return []
    return [_here(one, kind, held, now, came, advice) for one, kind in _seated(point.window, held, now)]


def preset(here: Iterable[Here]) -> str:
    """Whom a finding there most likely concerns: the only one who is there, else the only one who should be."""
    everybody = list(here)
    there = [one.person for one in everybody if one.there]
    alone = there if len(there) == 1 else [one.person for one in everybody]
    return alone[0] if len(alone) == 1 else ""


def _seated(window: str, held: Papers, now: datetime) -> list[tuple[Person, str]]:
    """A of the window's posts, who stands in, then the registered Bs; a window without posts has who names it."""
    seats: list[tuple[str, str]] = []
    for post in held.posts:
        if post.window == window:
            covering = [each.covering for each in held.covers if each.covered == post.a and each.start <= now]
            seats += [(post.a, say("A岗")), *((each, say("顶岗")) for each in covering)]
            seats += [(each, say("B岗")) for each in post.backups]
    if not seats:
        seats = [(one.id, say("A岗")) for one in held.people if one.window == window]
    kinds: dict[str, str] = {}
    for person, kind in seats:
        kinds.setdefault(person, kind)
    return [(one, kind) for person, kind in kinds.items() if (one := held.person(person))]


def _here(one: Person, kind: str, held: Papers, now: datetime, came: Came, advice: Advice) -> Here:
    if any(each.person == one.id and each.start <= now < each.end for each in held.absences):
        return Here(one.id, one.name, kind, False, "blue", say("请假"))
    word, hub_came = presence_of(advice, one.id)
    pressed = came(one.id)
    at = f"{pressed.astimezone(now.tzinfo):%H:%M}" if pressed else hub_came
    if word in WORDS:
        tone, words = WORDS[word]
        return Here(one.id, one.name, kind, False, tone, say(words))
    if at:
        return Here(one.id, one.name, kind, True, "green", say("{at} 到岗", at=at))
    known = word == "not_come"
    return Here(one.id, one.name, kind, False, "red" if known else "", say("未打卡") if known else say("本站没有打卡"))
