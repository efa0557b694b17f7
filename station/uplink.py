"""The way to the hub: signed batches at the station's own pace, and what the hub's signed answer lets it believe.

Nothing here sleeps or loops; `step` does one exchange and returns what came of it, `after` says when to try again.
"""

import hashlib
import json
import random
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import requests

from config.errors import Refused
from config.words import say
from station import papers, sealed, wire
from station.clock import Clock
from station.durable import write_durably
from station.facts import first_prev
from station.journal import ACKED, Journal, Reader
from station.keys import Key, verified
from station.lineage import WHY
from station.sealed import load_or_make_seal

JOINED = "hub.json"
KEY = "station.key"
TIMEOUT = (5, 20)  # seconds to connect, and between bytes
FIRST_DELAY_S = 5.0
LONGEST_DELAY_S = 300.0
HEARTBEAT_S = 15.0


@dataclass(frozen=True, slots=True)
class Joined:
    """The hub that this station joined: its address, its pinned public key (hex), and the station's id there."""

    url: str
    station: str
    hub_key: str
    hall: str


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
    was begun; `held`: the new lineage waits for an administrator.
    """

    state: Literal["went", "waiting", "away", "refused", "fork", "held"]
    words: str = ""
    more: bool = False


class HubAway(Exception):
    """No usable answer from the hub: keep the facts, try again later."""


class HubRefused(Exception):
    """The hub said no. `words` are its own; `nonce` a fresh one if it gave one; `conflict` names the kind of a 409."""

    def __init__(self, status: int, words: str, nonce: str = "", conflict: str = "") -> None:
        self.status, self.words, self.nonce, self.conflict = status, words, nonce, conflict
        super().__init__(f"{status} {words}")


def load_joined(folder: Path) -> Joined | None:
    """The hub this station belongs to; None before it joined one."""
    try:
        return Joined(**json.loads((folder / JOINED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def join(folder: Path, url: str, code: str, name: str, key: Key) -> Joined:
    """Show the hub the one-time code and this station's key; pin the hub's key. Refused says why it was not taken."""
    url = url.rstrip("/")
    seal = load_or_make_seal(folder / sealed.FILE).public
    try:
        response = requests.post(
            f"{url}/api/v1/join",
            json={"code": code, "public_key": key.public, "name": name, "seal_key": seal},
            timeout=TIMEOUT,
        )
    except requests.RequestException as error:
        raise Refused(say("联系不上中枢 {url}", url=url), remedy=say("请检查网线和地址,再试一次")) from error
    said = _json(response)
    if response.status_code != requests.codes.ok:
        raise Refused(str(said.get("error") or say("中枢没有接受这个考勤站({status})", status=response.status_code)))
    joined = Joined(url, str(said["station"]), str(said["hub_key"]), str(said["hall_name"]))
    signature = response.headers.get(wire.SIGNATURE, "")
    if not verified(joined.hub_key, signature, wire.answer_message(response.content)):
        raise Refused(say("中枢的答复签名不符"), remedy=say("请向管理员核对地址后再试"))
    write_durably(folder / JOINED, json.dumps(asdict(joined), ensure_ascii=False).encode())
    return joined


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
        self._key, self._journal, self._clock, self._folder = key, journal, clock, folder
        self._reader = Reader(journal.path)
        self._nonce = ""
        self._pins_etag = ""
        self._http = requests.Session()

    def backlog(self) -> int:
        """How many facts the hub has not acknowledged."""
        return max(0, self._journal.head.seq - self.acked.upto)

    def step(self) -> Outcome:
        """Send what is next (or ask where the hub stands) and act on the answer. NotDurable when the disk fails."""
        if self._lineage != self._journal.lineage:  # the journal was set aside meanwhile
            self.acked, self._lineage = _load_acked(self._journal), self._journal.lineage
        raws = self._reader.raw_after(self.acked.upto, wire.BATCH)
        try:
            answer = self._send(raws, self.acked.upto + 1)
            return self._believe(answer, len(raws))
        except HubAway as error:
            return Outcome("away", str(error))
        except HubRefused as error:
            return self._told_no(error)

    def fetch_papers(self) -> bool:
        """Ask for the papers; True when new ones were taken. HubAway, HubRefused, BadPapers as they come."""
        headers = {"If-None-Match": f'"{self.held.etag}"'} if self.held else {}
        response = self._ask("papers", headers)
        if response.status_code == requests.codes.not_modified:
            papers.confirm(self._folder, self._clock.read().at)
            return False
        held = papers.read(response.content, response.headers.get(wire.SIGNATURE, ""), self.joined.hub_key)
        papers.keep(self._folder, held)
        papers.confirm(self._folder, self._clock.read().at)
        self.held = held
        return True

    def fetch_pins(self) -> bytes | None:
        """The sealed PINs when they are others than last time; None when not, or when the hub is older than they are.

        HubAway, HubRefused as they come.
        """
        try:
            response = self._ask("pins", {"If-None-Match": self._pins_etag} if self._pins_etag else {})
        except HubRefused as error:
            if error.status == requests.codes.not_found:
                return None
            raise
        if response.status_code == requests.codes.not_modified:
            return None
        self._check_signature(response)
        self._pins_etag = response.headers.get("ETag", "")
        return response.content

    def fetch_advice(self) -> None:
        """Ask for the hall's day as the hub knows it."""
        response = self._ask("today", {})
        self._check_signature(response)
        self.advice = _json(response)

    def _send(self, raws: list[bytes], first: int = 0) -> wire.Answer:
        """The hub's signed answer to these facts; to none: where it stands."""
        body = wire.pack(raws) if raws else b""
        path = f"/api/v1/stations/{self.joined.station}/facts"
        seqs = (first, first + len(raws) - 1) if raws else (0, 0)
        digest = hashlib.sha256(body).hexdigest()
        signed = wire.Signed("POST", path, self.joined.station, digest, self._lineage, *seqs)
        began = self._clock.read().monotonic_ns
        response = self._call(signed, body, self._said_of_itself())
        round_trip = timedelta(microseconds=(self._clock.read().monotonic_ns - began) // 1000)
        self._check_signature(response)
        try:
            answer = wire.read_answer(response.content)
        except ValueError as error:
            raise HubAway(say("中枢的答复无法读取")) from error
        if answer.hub != self.joined.hub_key or answer.lineage != self._lineage:
            raise HubAway(say("中枢的答复与本站不符"))
        self._nonce = answer.nonce
        self.drift = self._clock.hub_said(answer.at(), round_trip)
        self.last_contact = self._clock.read().at
        return answer

    def _said_of_itself(self) -> dict[str, str]:
        """What the hub's page shows of this station; not signed, believed for nothing else."""
        said = {"Content-Type": "application/gzip", wire.BACKLOG: str(self.backlog())}
        if self.drift is not None:
            said[wire.DRIFT_MS] = str(self.drift // timedelta(milliseconds=1))
        return said

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
            return Outcome("waiting", error.words)
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

    def _ask(self, part: str, headers: dict[str, str]) -> requests.Response:
        """A call that carries a nonce; once more with the fresh one if the hub did not know ours (any longer)."""
        path = f"/api/v1/stations/{self.joined.station}/{part}"
        for attempt in (1, 2):
            signed = wire.Signed("GET", path, self.joined.station, hashlib.sha256(b"").hexdigest(), nonce=self._nonce)
            try:
                return self._call(signed, b"", headers)
            except HubRefused as error:
                if attempt == 2 or not error.nonce:
                    raise
                self._nonce = error.nonce
        raise AssertionError

    def _call(self, signed: wire.Signed, body: bytes, headers: dict[str, str]) -> requests.Response:
        given = {**headers, **signed.headers(self._key.sign(signed.message()))}
        try:
            response = self._http.request(
                signed.method, self.joined.url + signed.path, data=body, headers=given, timeout=TIMEOUT
            )
        except requests.RequestException as error:
            raise HubAway(say("联系不上中枢")) from error
        if response.status_code >= requests.codes.server_error:
            raise HubAway(str(_json(response).get("error") or say("中枢暂时不能接收")))
        if response.status_code >= requests.codes.bad_request:
            said = _json(response)
            words = str(said.get("error") or say("中枢拒绝了请求({status})", status=response.status_code))
            nonce, conflict = str(said.get("nonce") or ""), str(said.get("conflict") or "")
            raise HubRefused(response.status_code, words, nonce, conflict)
        return response

    def _check_signature(self, response: requests.Response) -> None:
        signature = response.headers.get(wire.SIGNATURE, "")
        if not verified(self.joined.hub_key, signature, wire.answer_message(response.content)):
            raise HubAway(say("中枢的答复签名不符"))


def _load_acked(journal: Journal) -> Acked:
    try:
        return Acked(**json.loads(journal.get_state(ACKED) or ""))
    except (ValueError, TypeError):
        return Acked(0, first_prev(journal.lineage))


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
