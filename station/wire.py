"""What goes between station and hub: what is signed, how a batch travels, what the hub answers. Both sides use it."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from station.errors import BadFact
from station.facts import canonical, instant, read_instant

BATCH = 500  # facts at most in one request
MAX_BODY = 4 * 1024 * 1024  # bytes of a batch as sent
MAX_LINES = 32 * 1024 * 1024  # bytes of a batch unpacked
STATION = "Zaigang-Station"
LINEAGE = "Zaigang-Lineage"
FIRST = "Zaigang-First"
LAST = "Zaigang-Last"
NONCE = "Zaigang-Nonce"
SIGNATURE = "Zaigang-Signature"
BACKLOG = "Zaigang-Backlog"  # this and the rest: what a station says of itself for the hub's page, not signed
DRIFT_MS = "Zaigang-Drift-Ms"
VERSION = "Zaigang-Version"
DISK = "Zaigang-Disk"  # percent in use
PAPERS_AGE = "Zaigang-Papers-Age"  # seconds since the hub last said that they are current; so for PINs
PINS_AGE = "Zaigang-Pins-Age"
_ANSWER = b"zaigang-answer\n"
_PAPERS = b"zaigang-papers\n"
_KEY = b"zaigang-key\n"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request's signature covers. Facts carry lineage and seqs; every other call carries the last nonce."""

    method: str
    path: str
    station: str
    body_sha256: str
    lineage: str = ""
    first: int = 0
    last: int = 0
    nonce: str = ""

    def message(self) -> bytes:
        """The signed bytes."""
        lines = (
            "zaigang-request", self.method, self.path, self.station, self.lineage, str(self.first), str(self.last),
            self.nonce, self.body_sha256,
        )  # fmt: skip
        return "\n".join(lines).encode()

    def headers(self, signature: str) -> dict[str, str]:
        """The headers that carry it."""
        given = {
            STATION: self.station, LINEAGE: self.lineage, NONCE: self.nonce, SIGNATURE: signature,
            FIRST: str(self.first) if self.first else "", LAST: str(self.last) if self.last else "",
        }  # fmt: skip
        return {name: value for name, value in given.items() if value}


def signed_of(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Signed, str]:
    """What a received request claims, and its signature; ValueError when a header is missing or strange."""
    first, last = int(headers.get(FIRST, "0")), int(headers.get(LAST, "0"))
    station, signature = headers.get(STATION, ""), headers.get(SIGNATURE, "")
    if not station or not signature or first < 0 or last < first:
        raise ValueError("headers")
    digest = hashlib.sha256(body).hexdigest()
    lineage, nonce = headers.get(LINEAGE, ""), headers.get(NONCE, "")
    return Signed(method, path, station, digest, lineage, first, last, nonce), signature


def pack(raws: Sequence[bytes]) -> bytes:
    """A batch's body: one fact's exact bytes a line, gzip. The same facts always give the same bytes."""
    return gzip.compress(b"".join(raw + b"\n" for raw in raws), compresslevel=6, mtime=0)


def unpack(body: bytes) -> list[bytes]:
    """The lines of a batch; BadFact when it is no gzip, too large, too many, or not ended by a newline."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            lines = file.read(MAX_LINES + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BadFact("not gzip") from error
    if len(lines) > MAX_LINES or not lines.endswith(b"\n"):
        raise BadFact("too large or cut off")
    raws = lines[:-1].split(b"\n")
    if len(raws) > BATCH:
        raise BadFact(f"{len(raws)} facts")
    return raws


class Answer(BaseModel):
    """The hub's answer after its commit: the only thing that a station believes about the hub's store.

    `upto`: the last seq of `lineage` that the hub holds without a gap (0: none); `hash_at_upto`: that fact's hash, for
    0 what stands before seq 1. `time`: the hub's clock (UTC). `nonce`: to be carried by the next call that needs one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    hub: str
    lineage: str
    upto: int
    hash_at_upto: str
    time: str
    nonce: str

    def at(self) -> datetime:
        """The hub's time, UTC."""
        return read_instant(self.time)


def answer_bytes(hub: str, lineage: str, upto: int, hash_at_upto: str, now: datetime, nonce: str) -> bytes:
    """The answer as sent and signed."""
    answer = Answer(hub=hub, lineage=lineage, upto=upto, hash_at_upto=hash_at_upto, time=instant(now), nonce=nonce)
    return canonical(answer.model_dump())


def read_answer(content: bytes) -> Answer:
    """The answer that these (already verified) bytes hold; ValueError on another shape."""
    try:
        answer = Answer.model_validate_json(content)
    except ValidationError as error:
        raise ValueError("answer") from error
    answer.at()
    return answer


def answer_message(content: bytes) -> bytes:
    """What the hub signs when it answers."""
    return _ANSWER + content


def papers_message(content: bytes) -> bytes:
    """What the hub signs when it hands out papers."""
    return _PAPERS + content


def key_message(station: str, public_key: str) -> bytes:
    """What a station signs with its new key, to show that it holds it; the request is signed with the old one."""
    return _KEY + f"{station}\n{public_key}".encode()
