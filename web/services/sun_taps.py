"""Dynamic tags tapped by a phone: an address proves its tag once, inside a round; the form keeps a ticket of it."""

from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from config.words import say
from station.sun import BadSun, Reason, Tapped, read, verify
from web.ledger.patrol import SunTapRow
from web.services import sun_keys, tags
from web.services.errors import BadInput
from web.services.hub import Hub


class BadTap(BadInput):
    """An address that proves nothing. `tag`: what is noted of it."""

    def __init__(self, reason: Reason, tag: str = "") -> None:
        self.tag = f"sun {reason} {tag}".strip()
        super().__init__(_words(reason), remedy=say("请把手机再贴一次标签；仍不行请在列表里选这个巡查点，并告知管理员"))


@dataclass(frozen=True, slots=True)
class Ticket:
    """That a tag was proven in a round."""

    uid: str
    round: str


def is_sun(url: str) -> bool:
    """Whether an address is one that a dynamic tag makes."""
    try:
        read(url)
    except BadSun:
        return False
    return True


def prove(session: Session, hub: Hub, url: str, opened: datetime) -> Tapped:
    """The tap that `url` proves, its counter spent; BadTap otherwise. `opened`: since when the round goes on.

    The row of the tag is locked, so that of two phones with the same address one comes too late.
    """
    standing = {row.uid for rows in tags.standing(session).values() for row in rows if row.medium == "sun"}
    named = ""

    def last_of(uid: str) -> int | None:
        nonlocal named
        named = uid
        if uid not in standing:
            return None
        row = session.get(SunTapRow, uid, with_for_update=True)
        return row.counter if row else -1

    now = hub.now()
    try:
        tapped = verify(url, sun_keys.keys(hub), last_of, now, (opened, now))
    except BadSun as error:
        raise BadTap(error.reason, named) from error
    session.merge(SunTapRow(uid=tapped.uid, counter=tapped.counter))
    return tapped


def ticket(hub: Hub, uid: str, round_id: str) -> str:
    """What the form sends instead of the tag's number, which anybody could read off it and type."""
    made: str = _serializer(hub).dumps([uid, round_id])
    return made


def read_ticket(hub: Hub, text: str) -> Ticket | None:
    """What a form sent; None for anything that the hub did not write itself."""
    try:
        uid, round_id = _serializer(hub).loads(text)
    except (BadData, ValueError, TypeError):
        return None
    return Ticket(uid, round_id)


def _serializer(hub: Hub) -> URLSafeSerializer:
    return URLSafeSerializer(hub.secret_for("sun-ticket"))


def _words(reason: Reason) -> str:
    return {
        "no_sun": say("标签的地址不完整"),
        "bad_mac": say("标签的防伪校验没有通过"),
        "unknown": say("不认识这个防伪标签"),
        "replayed": say("这次贴标签的地址已经用过"),
        "outside": say("标签不是在这次巡查里贴的"),
    }[reason]
