"""Facts: what happened on the floor, in the one form in which it is kept, sent and checked for ever.

A fact's bytes are canonical JSON (sorted keys, no spaces, UTF-8, ASCII keys, no floats; equal to RFC 8785 for what
is allowed here up to 2^53-1). Its hash is SHA-256 of those bytes, which hold the hash of the fact before it: a chain.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError

from station.body import Body as Body  # whoever reads facts finds it here
from station.clock import Reading, Trust
from station.errors import BadFact
from station.round_facts import Addition, Check, Finding, RoundJoined, RoundOpened, RoundSigned, Tag

Json = dict[str, Any]
ENVELOPE = frozenset(("lineage", "seq", "id", "kind", "v", "at", "boot", "monotonic_ns", "clock", "body", "prev"))
MAX_BYTES = 64 * 1024  # a fact is a line, not a file; photos travel by digest
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# RFC 8785 stops at 2^53-1; a board's monotonic nanoseconds pass that after 104 days up, so plain decimals go on.
_BIGGEST = 2**63 - 1


class Started(Body):
    """The recorder began. `was`: the lineage that this one follows after a fork or a lost file."""

    version: str
    demo: bool = False
    was: str | None = None


class Stopped(Body):
    """The recorder ended in order."""

    reason: str


class ClockFix(Body):
    """The true time became known: add `offset_us` to every `at` of `boot` to get it."""

    boot: str
    offset_us: int


class Device(Body):
    """A device changed state: came, went, or was found to be another one."""

    device: Literal["reader", "tap", "camera", "power"]
    state: Literal["ready", "gone", "fault"]
    detail: str = ""
    serial: str = ""


class Punch(Body):
    """A finger was matched at its enrolled place. `direction` only when the person chose one."""

    person: str
    place: int
    score: int
    direction: Literal["in", "out"] | None = None


class Unmatched(Body):
    """A finger that could not be taken for anybody's."""

    reason: Literal["not_found", "unknown_place", "low_score", "unclear"]
    place: int | None = None
    score: int | None = None


class Refused(Body):
    """Something was refused at the station: a PIN, an unlock, an unknown tag."""

    what: str
    person: str | None = None
    detail: str = ""


class SignIn(Body):
    """Signing in replaces the reader (taigu:attendance:1): by whom, vouched for by a witness or the own PIN."""

    person: str
    by: Literal["own_pin", "witness"]
    witness: str | None = None
    direction: Literal["in", "out"] | None = None


class Exit(Body):
    """A registered going out or coming back; `by`: how the person was known."""

    person: str
    way: Literal["out", "back"]
    reason: str = ""
    by: Literal["finger", "own_pin"] | None = None


class Request(Body):
    """Something asked for at the kiosk that the hub turns into a row, or that it must know of.

    `pin`: the person set one (`fields.sealed`: hex, for the hub's seal key). `unlock`: the kiosk's administration was
    opened (`fields.by`: finger, own_pin, or rescue with `person` empty). A `cover` with `fields.emergency` holds at
    once, `hand_back` ends it.
    """

    person: str
    asks: Literal["leave", "cover", "hand_back", "correction", "answer", "pin", "unlock"]
    fields: dict[str, str | int | bool | None] = Field(default_factory=dict)


class Consent(Body):
    """The person's own agreement before a fingerprint is taken, to the text of `text_version`.

    `form`: the number of the signed form where it was given on paper; empty when given at the screen.
    """

    person: str
    text_version: str
    given: bool
    form: str = ""


class Enrolled(Body):
    """From here on `place` of this station's module means `person`. Only these facts say so."""

    person: str
    place: int
    finger: str = ""
    module: str = ""


class Forgotten(Body):
    """From here on `place` means nobody."""

    person: str
    place: int
    reason: str = ""


class Erased(Body):
    """Photos (SHA-256) whose bytes this recorder no longer keeps; what was recorded about them stays.

    `retention`: older than the hall's days; `disk`: thinned because the disk filled. Both only after the hub had them.
    """

    photos: tuple[str, ...]
    reason: Literal["retention", "disk"]


class ReRecorded(Body):
    """A fact of a sealed lineage, carried over byte for byte after a fork."""

    was: dict[str, str | int]
    fact: str


# Kind → (schema version, body). A kind stands here from the day something records it.
KINDS: Mapping[str, tuple[int, type[Body]]] = {
    "started": (1, Started),
    "stopped": (1, Stopped),
    "clock_fix": (1, ClockFix),
    "device": (1, Device),
    "punch": (1, Punch),
    "unmatched": (1, Unmatched),
    "refused": (1, Refused),
    "sign_in": (1, SignIn),
    "exit": (1, Exit),
    "request": (1, Request),
    "consent": (1, Consent),
    "enrolled": (1, Enrolled),
    "forgotten": (1, Forgotten),
    "re_recorded": (1, ReRecorded),
    "erased": (1, Erased),
    "round_opened": (1, RoundOpened),
    "round_joined": (1, RoundJoined),
    "check": (1, Check),
    "finding": (1, Finding),
    "addition": (1, Addition),
    "round_signed": (1, RoundSigned),
    "tag": (1, Tag),
}
KIND_OF: Mapping[type[Body], str] = {body: kind for kind, (_, body) in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with its exact bytes. `at` is UTC; `hash` is hex SHA-256 of `raw`."""

    lineage: str
    seq: int
    id: str
    kind: str
    v: int
    at: datetime
    boot: str
    monotonic_ns: int
    clock: Trust
    body: Json
    prev: str
    raw: bytes
    hash: str


def canonical(value: Json) -> bytes:
    """The one byte form of a JSON object. Floats, non-ASCII keys and integers beyond 2^63-1 raise BadFact."""
    _refuse_unportable(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def first_prev(lineage: str) -> str:
    """What stands before a lineage's first fact: SHA-256 of the lineage id, hex."""
    return hashlib.sha256(lineage.encode()).hexdigest()


def instant(at: datetime) -> str:
    """UTC with always six decimals and Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_instant(text: str) -> datetime:
    """The inverse of `instant`; ValueError on any other form."""
    if not _AT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def compose(lineage: str, seq: int, prev: str, fact_id: str, reading: Reading, body: Body) -> Fact:
    """A new fact of `body` at `reading`, to stand after the fact whose hash is `prev`."""
    kind = KIND_OF[type(body)]
    version = KINDS[kind][0]
    content = body.model_dump(mode="json")
    raw = canonical(
        {
            "lineage": lineage,
            "seq": seq,
            "id": fact_id,
            "kind": kind,
            "v": version,
            "at": instant(reading.at),
            "boot": reading.boot,
            "monotonic_ns": reading.monotonic_ns,
            "clock": reading.trust,
            "body": content,
            "prev": prev,
        }
    )
    return Fact(
        lineage, seq, fact_id, kind, version, reading.at, reading.boot, reading.monotonic_ns, reading.trust,
        content, prev, raw, hashlib.sha256(raw).hexdigest(),
    )  # fmt: skip


def parse(raw: bytes) -> Fact:
    """The fact that `raw` holds, its envelope checked; the body is left as it came (see `read_body`).

    Raises BadFact when the envelope is broken: not canonical JSON, a field missing, strange or of the wrong form.
    """
    if len(raw) > MAX_BYTES:
        raise BadFact(f"{len(raw)} bytes")
    try:
        value = json.loads(raw)
        if not isinstance(value, dict) or value.keys() != ENVELOPE:
            raise BadFact("envelope")
        if canonical(value) != raw:
            raise BadFact("not in canonical form")
        return _checked(value, raw)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadFact(str(error)) from error


def read_body(fact: Fact) -> Body | None:
    """The body as this version understands it; None for an unknown kind or version or a body of another shape."""
    version, model = KINDS.get(fact.kind, (0, Body))
    if fact.v != version:
        return None
    try:
        return model.model_validate(fact.body)
    except ValidationError:
        return None


def _checked(value: Json, raw: bytes) -> Fact:
    texts = ("lineage", "id", "kind", "at", "boot", "clock", "prev")
    numbers = ("seq", "v", "monotonic_ns")
    if any(not isinstance(value[key], str) for key in texts) or any(type(value[key]) is not int for key in numbers):
        raise BadFact("a field of the wrong type")
    if not isinstance(value["body"], dict) or value["seq"] < 1 or value["v"] < 1:
        raise BadFact("body, seq or v")
    if not (_ID.fullmatch(value["id"]) and _ID.fullmatch(value["lineage"]) and _HASH.fullmatch(value["prev"])):
        raise BadFact("an id or hash of another form")
    if value["clock"] not in get_args(Trust):
        raise BadFact("clock")
    fields = {**value, "at": read_instant(value["at"])}
    return Fact(**fields, raw=raw, hash=hashlib.sha256(raw).hexdigest())


def _refuse_unportable(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise BadFact(f"key {key!r}")
            _refuse_unportable(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unportable(inner)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > _BIGGEST):
        raise BadFact(f"number {value!r}")
