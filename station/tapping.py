"""A tag at a reader: what it means, and who takes it. Only facts and papers say what a tag means."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from config.words import say
from drivers.contract import Tap
from station import papers
from station.display import Display, Shown
from station.facts import Fact, Refused, read_body
from station.journal import Journal
from station.papers import Papers, hall_mark
from station.round_facts import How, Medium, Tag
from station.sun import BadSun, Keys, opened, read, verify

COUNTER = "sun:"  # state: tag → the newest counter seen here
Why = Literal["unknown", "foreign", "unproven", "replayed"]


@dataclass(frozen=True, slots=True)
class Tapped:
    """A checkpoint was tapped: by which tag (`uid` as facts name it), how, at which reader, when (monotonic)."""

    checkpoint: str
    name: str
    how: How
    uid: str
    reader: str
    at_monotonic_ns: int


Taker = Callable[[Tapped], Shown]  # the patrol room: answers what to show
Claimant = Callable[[Tap], Shown]  # whoever waits for the next tag as such: to register it


class UnknownTap(Exception):
    """A tag that opens nothing: say so and note it.

    `why`: unknown, foreign (another hall's token), unproven (its address does not hold), replayed.
    """

    def __init__(self, why: Why, uid: str) -> None:
        self.why, self.uid = why, uid
        super().__init__(why)


class TagBook:
    """What tags mean: the hub's papers, and this station's own `tag` facts, which are newer until the papers tell."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._own: dict[str, Tag] = {}
        for fact in facts:
            self.learn(fact)

    def learn(self, fact: Fact) -> None:
        """Take one fact into account; other kinds change nothing."""
        body = read_body(fact)
        if isinstance(body, Tag):
            self._own[body.uid] = body

    def find(self, uid: str, held: Papers | None) -> papers.Tag | None:
        """What this tag means; None for nothing."""
        own = self._own.get(uid)
        if own is not None:
            placed = papers.Tag(uid=own.uid, medium=own.medium, checkpoint=own.checkpoint)
            return placed if own.change == "placed" else None
        return next((tag for tag in (held.tags if held else []) if tag.uid == uid), None)

    def of(self, checkpoint: str, held: Papers | None) -> list[str]:
        """The tags that mean a checkpoint."""
        uids = dict.fromkeys([*(tag.uid for tag in (held.tags if held else [])), *self._own])
        found = ((uid, self.find(uid, held)) for uid in uids)
        return [uid for uid, tag in found if tag is not None and tag.checkpoint == checkpoint]


class Tapping:
    """What the station does with each tap. Each reader's thread calls `heard`.

    The patrol room sets `taker` where there is a screen to touch; without one rounds are walked with phones. `claim`
    hands the next tag to whoever registers it.
    """

    def __init__(
        self, journal: Journal, book: TagBook, held: Callable[[], Papers | None], display: Display,
        now: Callable[[], datetime], keys: Callable[[], Keys | None] = lambda: None,
    ) -> None:  # fmt: skip
        self._journal, self._book, self._papers = journal, book, held
        self._display, self._now, self._keys = display, now, keys
        self._turn = threading.RLock()  # two readers, one round
        self.taker: Taker | None = None
        self._claimant: Claimant | None = None

    def claim(self, claimant: Claimant | None) -> None:
        """Hand the next tag to this one, whatever it means; None: no longer."""
        self._claimant = claimant

    def medium_of(self, tap: Tap) -> Medium:
        """As what a tag that was laid on a reader is registered: a dynamic one as such, or its number alone would count
        from then on, which anybody can copy. BadSun for one whose address the hall's key does not read.

        Its MAC is believed here: the key of a tag comes from the hub once the tag is registered.
        """
        try:
            mirror = read(tap.url)
        except BadSun:
            return tap.medium
        keys = self._keys()
        if keys is None or not mirror.picc or opened(keys.meta, mirror.picc)[0].hex().upper() != tap.uid:
            raise BadSun("unknown")
        return "sun"

    def heard(self, tap: Tap, reader: str) -> Shown:
        """A tag came: what was shown. NotDurable when what it led to could not be recorded."""
        with self._turn:
            shown = self._answer(tap, reader)
        self._display.show(shown)
        return shown

    def _answer(self, tap: Tap, reader: str) -> Shown:
        claimant, self._claimant = self._claimant, None
        if claimant is not None:
            return claimant(tap)
        try:
            tapped = self._meaning(tap, reader)
        except UnknownTap as unknown:
            fact = self._journal.append(Refused(what="tag", detail=f"{reader} {unknown.why} {unknown.uid}"[:200]))
            return self._shown("red", say("标签"), _words(unknown.why), fact.seq)
        if self.taker is not None:
            return self.taker(tapped)
        return self._shown("blue", tapped.name, say("本站没有触摸屏，巡查请用手机"), 0)

    def _meaning(self, tap: Tap, reader: str) -> Tapped:
        held = self._papers()
        for uid in filter(None, (tap.uid, token_of(tap.url))):
            tag = self._book.find(uid, held)
            if tag is not None:
                if tag.medium == "sun":
                    self._prove(tap, uid)
                return Tapped(
                    tag.checkpoint, _name(held, tag.checkpoint), _how(tag.medium), uid, reader, tap.at_monotonic_ns
                )
        token = token_of(tap.url)
        foreign = held is not None and "-" in token and not token.startswith(hall_mark(held.hall.id) + "-")
        raise UnknownTap("foreign" if foreign else "unknown", tap.uid or token or tap.url)

    def _prove(self, tap: Tap, uid: str) -> None:
        """A dynamic tag counts by its address only, read on the spot, with a counter never seen here before."""
        keys = self._keys()
        if keys is None:
            raise UnknownTap("unproven", uid)
        try:
            proven = verify(tap.url, keys, self._last, self._now())
        except BadSun as error:
            raise UnknownTap("replayed" if error.reason == "replayed" else "unproven", uid) from error
        if proven.uid != uid:
            raise UnknownTap("unproven", uid)
        self._journal.set_state(COUNTER + uid, str(proven.counter))

    def _last(self, uid: str) -> int:
        return int(self._journal.get_state(COUNTER + uid) or -1)

    def _shown(self, tone: Literal["red", "blue"], name: str, verdict: str, seq: int) -> Shown:
        return Shown(tone, name, verdict, "", f"{self._now():%H:%M:%S}", seq, kind="tag")


def token_of(url: str) -> str:
    """The token at the end of a tag's address; empty when there is none."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def _name(held: Papers | None, checkpoint: str) -> str:
    found = (point.name for point in (held.checkpoints if held else []) if point.id == checkpoint)
    return next(found, say("巡查点"))


def _how(medium: str) -> How:
    return "nfc" if medium in ("nfc", "sun") else "rfid" if medium == "rfid" else "qr"


def _words(why: Why) -> str:
    return {
        "unknown": say("不认识这个标签，已记下；请在列表里选巡查点，并告知管理员"),
        "foreign": say("这是另一个大厅的标签，已记下；请核对地点，本厅的巡查点可在列表里选"),
        "unproven": say("标签的防伪校验没有通过，已记下；请再贴一次，仍不行请告知管理员"),
        "replayed": say("标签的防伪计数没有增加，已记下；请再贴一次"),
    }[why]
