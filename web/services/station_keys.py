"""A station's key changed for another: asked for at the hub, taken only under the present key's signature.

What the old key signed stays provable. A key that may have got into other hands is not changed so (whoever has it could
do the same): the station is revoked and joins anew.
"""

from datetime import datetime

from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.keys import verified
from station.wire import key_message
from web.services import audit
from web.services.errors import BadInput, BadSignature
from web.services.stations import check_unused, is_key, retire, row_of


def ask(session: Session, station: str, by: str, now: datetime) -> None:
    """Ask the station, in its papers, to make itself a new key. BadInput for one that cannot."""
    row = row_of(session, station)
    if row.state != "confirmed":
        raise BadInput(say("考勤站 {name} 没有在用", name=row.name), remedy=say("请让它重新接入"))
    row.key_asked = row.key_asked or str(uuid7())
    audit.note(session, now, by, "station.key_ask", station, {"name": row.name, "key": row.public_key})


def change(session: Session, station: str, signed_by: str, new: str, proof: str, now: datetime) -> None:
    """Take `new` as the station's key; `signed_by`: the key under whose signature it came, `proof`: the new key's own.

    The same once more changes nothing. BadSignature when another change came first, BadInput for a key that is no key,
    is not the station's, or was used before.
    """
    row = row_of(session, station)
    if row.public_key != signed_by:
        raise BadSignature(say("考勤站 {name} 的密钥已经换过", name=row.name), remedy=say("请核对后重新接入"))
    if new == row.public_key:
        return
    if not is_key(new) or not verified(new, proof, key_message(station, new)):
        raise BadInput(say("新密钥没有它自己的签名"), remedy=say("请核对考勤站的版本"))
    check_unused(session, new)
    detail = {"name": row.name, "was": row.public_key, "key": new}
    retire(session, row, now)
    row.public_key, row.key_asked = new, None
    audit.note(session, now, None, "station.key", station, dict(detail))
