"""A hall's first run: the code that lets its first administrator in, and the steps of setting up that follow.

Nobody on the network can take an empty hub over: the code is shown on the hub's own console alone.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from config.policy import halls, packs
from config.words import say
from web.ledger.accounts import AccountRow
from web.ledger.facts import FactRow, FingerRow
from web.ledger.hall import HallRow
from web.ledger.people import PersonRow
from web.ledger.policies import PolicyRow
from web.ledger.stations import StationRow
from web.services import accounts, audit, codes, in_force, policies
from web.services.errors import BadInput, NotFound
from web.services.hub import Hub
from web.services.passwords import check_password
from web.services.setup import administrator

STEPS = ("hall", "rules", "staff", "station", "finger")  # in their order, after the administrator's own
DEMO = "demo"  # a hall of the product's own that nobody works in
LONGEST_HALL = 100


@dataclass(frozen=True, slots=True)
class Steps:
    """How far setting up is. `behind`: done or skipped by the administrator; `met`: there already, whoever did it."""

    behind: frozenset[str]
    met: frozenset[str]

    @property
    def left(self) -> list[str]:
        """What is still to do, in its order."""
        return [step for step in STEPS if step not in self.behind | self.met]

    @property
    def lacking(self) -> list[str]:
        """What was skipped and is still not there."""
        return [step for step in STEPS[1:] if step in self.behind - self.met]

    def after(self, step: str) -> str | None:
        """What to do next after this step; what was left out before it comes last. None: nothing is left."""
        place = STEPS.index(step)
        left = [each for each in self.left if each != step]
        return next((each for each in left if STEPS.index(each) > place), left[0] if left else None)


def offer(session: Session, now: datetime) -> str | None:
    """A new code for whoever stands at the console; earlier ones no longer count. None once there is an account."""
    if session.execute(select(AccountRow.id).limit(1)).first():
        return None
    hall = session.execute(select(HallRow).with_for_update()).scalar_one()
    code = codes.new_code()
    hall.first_run = codes.mark_of(code)
    audit.note(session, now, None, "setup.offer", hall.id)
    return code


def awaited(session: Session) -> bool:
    """Whether the first administrator is still to come, by a code that was shown."""
    return session.execute(select(HallRow.first_run)).scalar_one() is not None


def check_code(session: Session, code: str) -> None:
    """BadInput unless the code is the one that the console showed last; NotFound when nobody is awaited."""
    kept = session.execute(select(HallRow.first_run)).scalar_one()
    if kept is None:
        raise NotFound(say("这个大厅已有管理员"), remedy=say("请直接登录"))
    if not hmac.compare_digest(kept, codes.mark_of(code)):
        raise BadInput(say("设置码不对"), remedy=say("请照中枢控制台上显示的重新输入；重启中枢会给出新的"))


def hashed(name: str, password: str) -> str:
    """The first administrator's own password as it is kept. BadInput for a poor one, or a name that cannot be."""
    check_password(password, accounts.plain_name(name))
    return accounts.HASHER.hash(password)


def begin(session: Session, code: str, name: str, hashed_password: str, now: datetime) -> str:
    """The first administrator comes in by the code, which is gone with it; the account's id."""
    hall = session.execute(select(HallRow).with_for_update()).scalar_one()
    check_code(session, code)
    account = administrator(session, name, hashed_password, now)
    hall.setup = json.dumps(["account"])
    audit.note(session, now, session.get_one(AccountRow, account).person, "setup.begin", hall.id)
    return account


def steps(session: Session) -> Steps | None:
    """How far this hall is; None for one that was not begun by its first run. One statement."""
    somebody = exists().where(PersonRow.posted_to.is_(None))
    confirmed = exists().where(StationRow.state == "confirmed")
    chosen, enrolled = exists().where(PolicyRow.by.is_not(None)), exists().where(FingerRow.change == "enrolled")
    there = (chosen, somebody, confirmed, enrolled)
    setup, *found = session.execute(select(HallRow.setup, *there)).one()
    met = (step for step, is_there in zip(STEPS[1:], found, strict=True) if is_there)
    return Steps(frozenset(json.loads(setup)), frozenset(met)) if setup else None


def leave_behind(session: Session, step: str, now: datetime, by: str, *, skipped: bool = False) -> Steps:
    """A step is done, or skipped; how far the hall is now. NotFound for one that there is not."""
    hall = session.execute(select(HallRow).with_for_update()).scalar_one()
    if step not in STEPS or not hall.setup:
        raise NotFound(say("没有这一步设置"), remedy=say("请从“今日”重新进入"))
    behind = json.loads(hall.setup)
    if step not in behind:
        hall.setup = json.dumps([*behind, step])
        audit.note(session, now, by, "setup.skip" if skipped else "setup.step", step)
    found = steps(session)
    assert found is not None
    return found


def name_hall(session: Session, name: str, zone: str, now: datetime, by: str) -> None:
    """The name, and the zone that cuts days, which stays once there are facts. BadInput says what is wrong."""
    hall = session.execute(select(HallRow).with_for_update()).scalar_one()
    name, zone = " ".join(name.split()), zone.strip() or hall.zone
    if not 0 < len(name) <= LONGEST_HALL or not name.isprintable():
        raise BadInput(say("大厅名称不能为空，不超过 {n} 个字", n=LONGEST_HALL), remedy=say("请改正后再继续"))
    if zone != hall.zone:
        _check_zone(session, zone)
    if (name, zone) != (hall.name, hall.zone):
        audit.note(session, now, by, "hall.edit", hall.id, {"name": [hall.name, name], "zone": [hall.zone, zone]})
        hall.name, hall.zone = name, zone
        session.flush()


def presets(hub: Hub) -> list[str]:
    """The rules that a hall may begin with: the one that its settings name, the halls' and the documents'."""
    return [name for name in dict.fromkeys((hub.settings.policy, *halls(), *packs())) if name != DEMO]


def choose_rules(session: Session, hub: Hub, name: str, now: datetime, by: str) -> None:
    """The rules that the hall begins with. BadInput for a name that there is not, or when it has rules already."""
    if name not in presets(hub):
        raise BadInput(say("没有选制度"), remedy=say("请选一种"))
    if in_force.read(session, hub).begun:
        raise BadInput(say("已有打卡记录，制度不能从头另选"), remedy=say("请在“制度”页拟新版本"))
    policies.begin_with(session, hub, name, now, by)


def _check_zone(session: Session, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(say("没有时区“{zone}”", zone=zone[:40]), remedy=say("中国各地都填 Asia/Shanghai")) from None
    if session.execute(select(FactRow.seq).limit(1)).first():
        raise BadInput(say("已有打卡记录，不能再改时区"), remedy=say("请保持原来的时区"))
