"""The keys of the hall's dynamic tags: derived from one secret of the hub's, handed to stations sealed."""

from urllib.parse import urlencode

from sqlalchemy.orm import Session

from config.words import say
from station.sun import UID_BYTES, Keys, keys_of
from station.sun_keys import FROM_HUB
from web.services import audit, tags
from web.services.errors import BadInput
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


def to_write(session: Session, hub: Hub, uid: str, address: str) -> list[str]:
    """What is written into a tag, line by line; that it was shown is noted. BadInput for what is no tag's number.

    Source: NXP AN12196, SUN message with encrypted PICCData, MAC over nothing but itself.
    """
    uid = uid.strip().upper().replace(":", "")
    if not _is_uid(uid):
        raise BadInput(say("标签号须为 {n} 个十六进制字符", n=2 * UID_BYTES), remedy=say("请按读卡器读出的标签号填写"))
    held = keys(hub)
    audit.note(session, hub.now(), None, "tag.keys", uid, {"address": address})
    empty = {"picc_data": "0" * 32, "cmac": "0" * 16}
    return [
        say("网址：{url}", url=f"{address.rstrip('/')}/patrol/t/sun?{urlencode(empty)}"),
        say("SDMMetaReadKey（读标签号的密钥）：{key}", key=held.meta.hex().upper()),
        say("SDMFileReadKey（这枚标签的密钥）：{key}", key=held.file_of(bytes.fromhex(uid)).hex().upper()),
        say("镜像：PICCData 加密（标签号和计数），SDMMAC 起点与 MAC 输入起点相同"),
        say("写好后在巡查点页面按“NFC（防复制）”登记这个标签号。密钥只在这里显示，请勿外传。"),
    ]


def _is_uid(uid: str) -> bool:
    return len(uid) == 2 * UID_BYTES and all(digit in "0123456789ABCDEF" for digit in uid)
