"""The keys of the hall's dynamic tags: derived from one secret of the hub's, handed to stations sealed."""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from station.facts import canonical
from station.sealed import seal
from station.sun import UID_BYTES, Keys, keys_of
from station.sun_keys import FROM_HUB
from web.ledger.stations import StationRow
from web.services import tags
from web.services.errors import NotFound
from web.services.hub import Hub


@dataclass(frozen=True, slots=True)
class Handed:
    """What a station is given. Sealing is never the same twice, so the ETag is of what is inside."""

    plain: bytes
    etag: str
    seal_key: str

    def sealed(self) -> bytes:
        """The bytes that only this station opens."""
        return seal(self.seal_key, self.plain, FROM_HUB)


def keys(hub: Hub) -> Keys:
    """All keys of the hall, for the hub's own checks and for writing them into tags."""
    return keys_of(hub.secret_for("sun"))


def hand_out(session: Session, hub: Hub, station: str) -> Handed:
    """The keys for a station: of the tags that stand now, never the secret. NotFound without a key to seal for."""
    seal_key = session.execute(select(StationRow.seal_key).where(StationRow.id == station)).scalar()
    if not seal_key:
        raise NotFound(say("考勤站没有交来封装密钥，不能下发标签密钥"), remedy=say("请升级考勤站后重新接入"))
    held = keys(hub)
    uids = sorted(
        row.uid for rows in tags.standing(session).values() for row in rows if row.medium == "sun" and _is_uid(row.uid)
    )
    files = {uid: held.file_of(bytes.fromhex(uid)).hex() for uid in uids}
    plain = canonical({"meta": held.meta.hex(), "files": files})
    mac = hmac.new(hub.secret_for("sun-etag"), f"{station}\n{seal_key}\n".encode() + plain, hashlib.sha256)
    return Handed(plain, mac.hexdigest(), seal_key)


def _is_uid(uid: str) -> bool:
    return len(uid) == 2 * UID_BYTES and all(digit in "0123456789ABCDEF" for digit in uid)
