"""Who sees what of other people: the whole hall, their own unit, or the bare list."""

from config.words import say
from web.auth.gate import myself
from web.door import reading
from web.ledger.people import PersonRow
from web.services.errors import NotAllowed

HALL = frozenset(("admin", "duty_leader", "supervision", "office_leader", "centre_leader"))
UNIT = frozenset(("attendance_clerk", "unit_leader", "chief_rep", "window_head"))


def scope() -> str | None:
    """The unit whose people this login may look into; None for the whole hall. NotAllowed for nobody's."""
    login = myself()
    if login.roles & HALL:
        return None
    own = reading().get(PersonRow, login.person)
    if login.roles & UNIT and own is not None and own.unit:
        return own.unit
    raise NotAllowed(say("您的账号没有这项权限"), remedy=say("请联系系统管理员"))


def look_into(unit: str) -> None:
    """NotAllowed unless this login may look into people of `unit`."""
    own = scope()
    if own is not None and own != unit:
        raise NotAllowed(say("您只能查看本单位的人员"), remedy=say("请联系系统管理员"))
