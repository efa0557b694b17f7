"""What is handed to one station alone: sealed for its key, with an ETag of what is inside."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from station.facts import canonical
from station.sealed import seal
from web.ledger.stations import StationRow
from web.services.errors import NotFound
from web.services.hub import Hub


@dataclass(frozen=True, slots=True)
class Handed:
    """What a station is given. Sealing is never the same twice, so the ETag is of what is inside."""

    plain: bytes
    etag: str
    seal_key: str
    context: bytes

    def sealed(self) -> bytes:
        """The bytes that only this station opens."""
        return seal(self.seal_key, self.plain, self.context)


def seal_key_of(session: Session, station: str) -> str:
    """The key to seal for; NotFound for a station that has none."""
    seal_key = session.execute(select(StationRow.seal_key).where(StationRow.id == station)).scalar()
    if not seal_key:
        raise NotFound(say("考勤站没有交来封装密钥，不能下发密件"), remedy=say("请升级考勤站后重新接入"))
    return seal_key


def handed(hub: Hub, station: str, seal_key: str, content: dict[str, Any], context: bytes) -> Handed:
    """`content` for the station, to be opened in this context; the ETag tells nobody else what it is."""
    plain = canonical(content)
    mac = hmac.new(hub.secret_for("handed"), context + f"\n{station}\n{seal_key}\n".encode() + plain, hashlib.sha256)
    return Handed(plain, mac.hexdigest(), seal_key, context)
