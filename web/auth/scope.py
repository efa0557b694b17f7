"""What the login of this request may look into. Pages ask here; what follows stands in `web.services.scopes`."""

from config.words import say
from web.auth.gate import myself, require
from web.ledger.people import PersonRow
from web.services.accounts import Login
from web.services.errors import NotAllowed
from web.services.scopes import EVERYBODY, PATROLS, PatrolScope, Scope, patrol_scope_of


def scope() -> Scope:
    """Whose people this login sees in lists, days, months and exports."""
    return myself().scope


def windows_scope() -> Scope:
    """Whose windows, with those who sit there: the same, and the whole hall for whoever patrols it."""
    return EVERYBODY if myself().roles & PATROLS else scope()


def look_into(person: PersonRow) -> None:
    """NotAllowed unless this login may look into that person."""
    if not scope().holds(person):
        raise _beyond()


def look_into_unit(unit: str, own: Scope | None = None) -> None:
    """NotAllowed unless everybody of the unit is within `own` (the login's scope)."""
    if not (own or scope()).holds_unit(unit):
        raise _beyond()


def need_patrol() -> Login:
    """Who is signed in, if they walk rounds or see the whole hall; NotAllowed otherwise."""
    return require(*PATROLS)


def patrol_scope() -> PatrolScope:
    """What this login sees of the patrol's records; NotAllowed for whoever sees none."""
    me = myself()
    found = patrol_scope_of(me.person, me.unit, me.roles)
    if found is None:
        raise NotAllowed(say("您的账号没有这项权限"), remedy=say("请联系系统管理员"))
    return found


def _beyond() -> NotAllowed:
    return NotAllowed(say("您只能查看本单位的人员"), remedy=say("请联系系统管理员"))
