"""What every page of 巡查 stands on: its address, who holds the phone, the words for what is derived."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from config.words import say, tongue
from web.auth import gate
from web.auth.scope import need_patrol
from web.door import hub, reading
from web.services import in_force, officers
from web.services.errors import NotAllowed
from web.services.in_force import InForce
from web.services.officers import OwnPins
from web.services.patrol_lines import REASONS
from web.services.record_paper import KNOWN
from web.services.walking import Day, day_of

bp = Blueprint("patrol", __name__, url_prefix="/patrol")
PINS = "zaigang-patrol-pins"

STATE_WORDS = {
    "not_yet": ("grey", "late", "未到时间"),
    "open": ("blue", "note", "可以开始"),
    "alert": ("amber", "warn", "尚未开始"),
    "missed": ("red", "bad", "逾时未巡"),
    "under_way": ("blue", "late", "巡查中"),
    "incomplete": ("red", "warn", "未巡完"),
    "done": ("green", "ok", "已巡完"),
}
REASON_WORDS = REASONS
NO_PHOTO_WORDS = ("有群众在办事，不便拍照", "相机故障", "涉密或个人隐私，不便拍照")
KNOWN_WORDS = KNOWN
FLOORS = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Walker:
    """Whose hand holds the phone. `only`: the one round that a kiosk's code let it into; empty for a login."""

    person: str
    name: str
    roles: frozenset[str]
    only: str = ""


def walker() -> Walker:
    """Who holds the phone: the login's person, if they patrol, or the first officer of the kiosk's code."""
    if gate.me() is not None:
        login = need_patrol()
        return Walker(login.person, login.name, login.roles)
    held = gate.held_pass()
    assert held is not None
    return Walker(held.officers[0], officers.need(reading(), held.officers[0]).name, frozenset(), held.round)


def look_into(round_id: str) -> Walker:
    """Who holds the phone, if it may look into this round; NotAllowed for another than a kiosk's code named."""
    who = walker()
    if who.only and who.only != round_id:
        raise NotAllowed(say("这部手机只能用于另一次巡查"), remedy=say("请用账号登录，或在打卡屏上重新扫码"))
    return who


def held() -> InForce:
    """What is in force, read once a request."""
    if "patrol_held" not in g:
        g.patrol_held = in_force.read(reading(), hub())
    found: InForce = g.patrol_held
    return found


def today() -> Day:
    """The running day and its slots."""
    return day_of(held(), hub().now())


def zone() -> ZoneInfo:
    """The hall's zone."""
    return ZoneInfo(hub().hall.zone)


def own_pins() -> OwnPins:
    """The one counter of wrong PINs."""
    found: OwnPins = current_app.extensions[PINS]
    return found


def back(endpoint: str, said: str = "", **values: Any) -> Response:
    """To a page, with a word on what was done."""
    if said:
        flash(said)
    return redirect(url_for(endpoint, **values))


def wants_json() -> bool:
    """Whether the phone's script asks, which reads the answer itself."""
    return request.headers.get("Accept", "").startswith("application/json")


def floor_words(floor: int | None) -> str:
    """A floor as it is said: 一楼, 地下一楼, 其他; in English by its number."""
    if floor is None:
        return say("其他")
    number = FLOORS[abs(floor)] if abs(floor) <= 10 and tongue() == "zh" else str(abs(floor))
    return say("地下{n}楼", n=number) if floor < 0 else say("{n}楼", n=number)
