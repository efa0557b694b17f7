"""The keys of the hall's dynamic tags: derived from one secret of the hub's, handed to stations sealed."""

from sqlalchemy.orm import Session

from station.sun import UID_BYTES, Keys, keys_of
from station.sun_keys import FROM_HUB
from web.services import tags
from web.services.handing import Handed, handed, seal_key_of
from web.services.hub import Hub


def keys(hub: Hub) -> Keys:
    """All keys of the hall, for the hub's own checks and for writing them into tags."""
    return keys_of(hub.secret_for("sun"))


def hand_out(session: Session, hub: Hub, station: str) -> Handed:
    """The keys for a station: of the tags that stand now, never the secret. NotFound without a key to seal for."""
    seal_key = seal_key_of(session, station)
    held = keys(hub)
    uids = sorted(
        row.uid for rows in tags.standing(session).values() for row in rows if row.medium == "sun" and _is_uid(row.uid)
    )
    files = {uid: held.file_of(bytes.fromhex(uid)).hex() for uid in uids}
    return handed(hub, station, seal_key, {"meta": held.meta.hex(), "files": files}, FROM_HUB)


def _is_uid(uid: str) -> bool:
    return len(uid) == 2 * UID_BYTES and all(digit in "0123456789ABCDEF" for digit in uid)
