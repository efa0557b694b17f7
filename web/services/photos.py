"""Photos on their way from stations: taken when a fact names them."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from station.photos import BadPhoto
from web.ledger.patrol import PictureRow
from web.services import photo_keeping
from web.services.hub import Hub


def take(session: Session, hub: Hub, station: str, sha256: str, content: bytes) -> bool:
    """Keep a photo that a station sends; False when no fact of that station names it (yet), and nothing was kept.

    BadPhoto when its bytes are others than it says, or no photo; NoRoom when the disk is nearly full.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadPhoto(say("照片在路上损坏了"), remedy=say("请重新发送"))
    if not _names(session, station, sha256):
        return False
    if not settled(session, hub, sha256):
        hub.photos.keep(content)
    return True


def settled(session: Session, hub: Hub, sha256: str) -> bool:
    """Whether a station need not send the photo (any more): it is here, or its time here is over."""
    return hub.photos.has(sha256) or photo_keeping.gone_since(session, sha256) is not None


def _names(session: Session, station: str, sha256: str) -> bool:
    found = select(PictureRow.id).where(PictureRow.sha256 == sha256, PictureRow.station == station).limit(1)
    return session.execute(found).first() is not None
