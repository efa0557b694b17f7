"""The way to the hub: batches at the station's own pace, and what the hub's signed answer lets it believe.

Nothing here sleeps or loops; `step` does one exchange and returns what came of it, `after` says when to try again.
"""

import hashlib
import json
import random
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import requests

from config.words import say
from station import papers, rekeying, wire
from station.clock import Clock
from station.facts import first_prev
from station.hub_line import HubAway, HubLine, HubRefused, said
from station.joining import Joined, own_words
from station.journal import ACKED, Journal, Reader
from station.keys import Key
from station.lineage import WHY
from station.photos import Photos
from station.reserve import used_percent

FIRST_DELAY_S = 5.0
LONGEST_DELAY_S = 300.0
HEARTBEAT_S = 15.0
PhotoSent = Literal["sent", "unnamed", "damaged"]  # unnamed: the hub knows no fact that names it (yet)
REKEYED = "rekeyed"  # the id of the request for a new key that was answered last


@dataclass(frozen=True, slots=True)
class Acked:
    """What the hub last said it holds of this lineage: the seq up to which, and the hash there."""

    upto: int
    hash: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one exchange came to.

    `went`: well; `waiting`: the hub lists the station but nobody confirmed it yet; `away`: no answer;
    `refused`: an answer that says no, in words; `fork`: the hub holds another history of this lineage, so a new one
    was begun; `held`: the new lineage waits for an administrator; `revoked`: the hub takes nothing
    from this station any longer.
    """

    state: Literal["went", "waiting", "away", "refused", "fork", "held", "revoked"]
    words: str = ""
    more: bool = False


def after(outcome: Outcome, failures: int, jitter: random.Random) -> float:
    """Seconds until the next exchange: at once while there is more, else a heartbeat; 5 s … 5 min after failures.

    `failures`: how many exchanges in a row did not go well before this one.
    """
    if outcome.state == "went":
        return 0.0 if outcome.more else HEARTBEAT_S
    if outcome.state == "waiting":
        return FIRST_DELAY_S
    if outcome.state == "held":
        return HEARTBEAT_S
    doubled = FIRST_DELAY_S * 2.0 ** min(failures, 10)
    return min(doubled, LONGEST_DELAY_S) * jitter.uniform(0.75, 1.0)


class Uplink:
    """One station's dealings with its hub. Used by one thread."""

    def __init__(self, joined: Joined, key: Key, journal: Journal, clock: Clock, folder: Path) -> None:
        self.joined = joined
        self.drift: timedelta | None = None
        self.last_contact: datetime | None = None
        self.held = papers.load(folder, joined.hub_key)
        self.advice: dict[str, Any] = {}
        self.acked, self._lineage = _load_acked(journal), journal.lineage
        self._journal, self._clock, self._folder, self._key = journal, clock, folder, key
        self._version = version("zaigang")
        self._pins_checked: datetime | None = None
        self._reader = Reader(journal.path)
        self._line = HubLine(joined.url, joined.station, joined.hub_key, key)
        self._etags: dict[str, str] = {}

    def backlog(self) -> int:
        """How many facts the hub has not acknowledged."""
        return max(0, self._journal.head.seq - self.acked.upto)

    def step(self) -> Outcome:
        """Send what is next (or ask where the hub stands) and act on the answer. NotDurable when the disk fails."""
        if self._lineage != self._journal.lineage:  # the journal was set aside meanwhile
            self.acked, self._lineage = _load_acked(self._journal), self._journal.lineage
        raws = self._reader.raw_after(self.acked.upto, wire.BATCH)
        try:
            self._change_key()
            answer = self._send(raws, self.acked.upto + 1)
            return self._believe(answer, len(raws))
        except HubAway as error:
            return Outcome("away", str(error))
        except HubRefused as error:
            return self._told_no(error)

    def fetch_papers(self) -> bool:
        """Ask for the papers; True when new ones were taken. HubAway, HubRefused, BadPapers as they come."""
        headers = {"If-None-Match": f'"{self.held.etag}"'} if self.held else {}
        response = self._line.ask("papers", headers)
        if response.status_code == requests.codes.not_modified:
            papers.confirm(self._folder, self._clock.read().at)
            return False
        held = papers.read(response.content, response.headers.get(wire.SIGNATURE, ""), self.joined.hub_key)
        papers.keep(self._folder, held)
        papers.confirm(self._folder, self._clock.read().at)
        self.held = held
        return True

    def fetch_sealed(self, part: Literal["pins", "sun"]) -> bytes | None:
        """Sealed PINs or tag keys when they are others than last time; None when not, or when the hub is older.

        HubAway, HubRefused as they come.
        """
        etag = self._etags.get(part)
        try:
            response = self._line.ask(part, {"If-None-Match": etag} if etag else {})
        except HubRefused as error:
            if error.status == requests.codes.not_found:
                return None
            raise
        self._pins_checked = self._clock.read().at
        if response.status_code == requests.codes.not_modified:
            return None
        self._line.check_signature(response)
        self._etags[part] = response.headers.get("ETag", "")
        return response.content

    def fetch_advice(self) -> None:
        """Ask for the hall's day as the hub knows it."""
        response = self._line.ask("today", {})
        self._line.check_signature(response)
        self.advice = said(response)

    def send_photo(self, photos: Photos, sha256: str) -> PhotoSent:
        """Ask whether the hub has this photo, send it if not, and note on the hub's signed word that it has.

        HubAway, HubRefused as they come. Once more after a cut line is well: the same photo changes nothing.
        """
        part = f"photos/{sha256}"
        if not self._holds(self._line.ask(part, {}), sha256):
            content = photos.read(sha256)
            if content is None or hashlib.sha256(content).hexdigest() != sha256:
                return "damaged"
            if not self._holds(self._line.ask(part, {"Content-Type": "image/jpeg"}, content), sha256):
                return "unnamed"
        photos.mark_sent(sha256)
        return "sent"

    def _holds(self, response: requests.Response, sha256: str) -> bool:
        self._line.check_signature(response)
        told = said(response)
        return told.get("photo") == sha256 and told.get("held") is True

    def _send(self, raws: list[bytes], first: int = 0) -> wire.Answer:
        """The hub's signed answer to these facts; to none: where it stands."""
        answer, round_trip = self._line.send(self._lineage, raws, first, self._clock, self._said_of_itself())
        self.drift = self._clock.hub_said(answer.at(), round_trip)
        self.last_contact = self._clock.read().at
        return answer

    def _said_of_itself(self) -> dict[str, str]:
        """What the hub's page shows of this station; not signed, believed for nothing else."""
        now = self._clock.read().at
        told = {wire.BACKLOG: str(self.backlog()), wire.VERSION: self._version}
        told[wire.DISK] = str(used_percent(self._folder))
        if self.drift is not None:
            told[wire.DRIFT_MS] = str(self.drift // timedelta(milliseconds=1))
        checked = {wire.PAPERS_AGE: papers.confirmed_at(self._folder), wire.PINS_AGE: self._pins_checked}
        told |= {name: str(max(0, (now - at) // timedelta(seconds=1))) for name, at in checked.items() if at}
        return told

    def _change_key(self) -> None:
        """Make a new key if the papers ask for one, and go over to the one that lies ready, once the hub has it."""
        asked = self.held.papers.new_key if self.held else ""
        if asked and self._journal.get_state(REKEYED) != asked:
            rekeying.prepare(self._folder)
        new = rekeying.prepared(self._folder)
        if new is None:
            return
        try:
            self._give_key(new)
        except HubRefused as error:
            if error.status in (requests.codes.unauthorized, requests.codes.forbidden):
                raise
            rekeying.drop(self._folder)
            return
        rekeying.take_over(self._folder, self._key)
        if asked:
            self._journal.set_state(REKEYED, asked)

    def _give_key(self, new: Key) -> None:
        try:
            self._line.give_key(new)
        except HubRefused as error:
            if error.status != requests.codes.unauthorized:
                raise
            self._line.give_key(new, under=new)  # the hub has it already, and its answer was lost

    def _believe(self, answer: wire.Answer, sent: int) -> Outcome:
        own = self._own_hash(answer.upto)
        if own is None or own != answer.hash_at_upto:
            return self._fork(self._common(answer.upto), "fork")
        acked, before = Acked(answer.upto, answer.hash_at_upto), self.acked
        if acked != before:
            self.acked = acked
            self._journal.set_state(ACKED, json.dumps(asdict(acked)))
        if sent and acked.upto == before.upto:
            return Outcome("refused", say("中枢没有收下这批记录，稍后再试"))
        return Outcome("went", more=self.backlog() > 0)

    def _told_no(self, error: HubRefused) -> Outcome:
        """What a refusal means. That a batch contradicts the hub is believed only by its signed word."""
        if error.status == requests.codes.forbidden:
            return Outcome("revoked", _standing_words(error)) if error.standing else self._waiting()
        if error.conflict == "held":
            return Outcome("held", say("换了新账本，等待管理员在中枢批准"))
        try:
            if error.conflict == "foreign" and self._journal.get_state(WHY) != error.conflict:
                return self._fork(self.acked.upto, error.conflict)
            if error.conflict == "fork":
                return self._believe(self._send([]), 0)
        except HubAway as away:
            return Outcome("away", str(away))
        except HubRefused as again:
            return Outcome("refused", again.words)
        return Outcome("refused", error.words)

    def _waiting(self) -> Outcome:
        words = own_words(self._folder, self._key)
        return Outcome("waiting", say("等待管理员核对确认：{words}", words=words))

    def _common(self, upto: int) -> int:
        """The last seq that the hub surely holds as this station does: usually the one it acknowledged last.

        Single facts sent once more tell: one that differs is refused, one that is the same changes nothing, and it
        vouches for all before it. The hub may hold less than it once said: it may be a restored copy.
        """
        low, high = 0, min(self.acked.upto, upto, self._journal.head.seq)
        middle = high
        while low < high:
            if self._hub_holds(middle):
                low = middle
            else:
                high = middle - 1
            middle = (low + high + 1) // 2
        return low

    def _hub_holds(self, seq: int) -> bool:
        try:
            return self._send(self._reader.raw_after(seq - 1, 1), seq).upto >= seq
        except HubRefused as error:
            if error.conflict != "fork":
                raise
            return False

    def _fork(self, common: int, why: str) -> Outcome:
        self._journal.fork(common, why)
        self.acked, self._lineage = _load_acked(self._journal), self._journal.lineage
        return Outcome("fork", say("中枢上的账本与本站不是同一份，已换新账本，没有丢失记录"))

    def _own_hash(self, seq: int) -> str | None:
        return first_prev(self._journal.lineage) if seq == 0 else self._reader.hash_at(seq)


def _standing_words(error: HubRefused) -> str:
    """What the screen says of a station that the hub takes nothing from."""
    if error.standing == "turned_away":
        return say("中枢没有接受本站，记录存在本机，请联系管理员")
    return say("本站已被中枢停用，打卡照记并存在本机，请联系管理员")


def _load_acked(journal: Journal) -> Acked:
    try:
        return Acked(**json.loads(journal.get_state(ACKED) or ""))
    except (ValueError, TypeError):
        return Acked(0, first_prev(journal.lineage))
