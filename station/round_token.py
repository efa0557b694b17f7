"""The one-use code by which a kiosk lets a phone into a round: signed by the station, shown as a QR, opened once.

It says which round and which officers the station identified; the hub looks it up by the station's key. It holds no
secret, but whoever opens it first has the round, so it lives for minutes.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from station.facts import canonical, instant, read_instant
from station.keys import Key
from station.round_facts import Known, RoundKind

LIFE = timedelta(minutes=30)  # from its making, and as far off may the two clocks be (assumed)
LONGEST = 2000
PATH = "/patrol/enter/"
_MESSAGE = b"zaigang-round\n"


class RoundToken(BaseModel):
    """What a code says. `officers`: who they are and how the station knew them; `at`: when it was made."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    station: str
    round: str
    kind: RoundKind
    officers: tuple[tuple[str, Known], ...]
    at: str
    nonce: str
    inspector: str = ""
    checklist: str = "patrol"
    checkpoints: tuple[str, ...] = ()

    def made(self) -> datetime:
        """When it was made, by the station's clock (UTC)."""
        return read_instant(self.at)


def make(
    key: Key,
    station: str,
    round_id: str,
    kind: RoundKind,
    officers: Sequence[tuple[str, Known]],
    now: datetime,
    **more: object,
) -> str:
    """A code for a phone; `more`: inspector, checklist, checkpoints. To be shown as the hub's address + PATH + code."""
    told = RoundToken.model_validate(
        {
            "station": station, "round": round_id, "kind": kind, "officers": tuple(officers), "at": instant(now),
            "nonce": secrets.token_hex(12), **more,
        }
    )  # fmt: skip
    content = canonical(told.model_dump(mode="json"))
    return f"{_text(content)}.{_text(bytes.fromhex(key.sign(_MESSAGE + content)))}"


def read(code: str) -> tuple[RoundToken, bytes, str]:
    """What a code claims, the bytes that were signed, and the signature (hex). ValueError for anything else."""
    content, _, signature = code.partition(".")
    if not signature or len(code) > LONGEST:
        raise ValueError("form")
    try:
        raw = _bytes(content)
        told = RoundToken.model_validate_json(raw)
    except ValidationError as error:
        raise ValueError("content") from error
    told.made()
    return told, _MESSAGE + raw, _bytes(signature).hex()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
