"""The list of requests."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for

from config.policy_words import VALUE_WORDS
from station.facts import read_instant
from web.auth.scope import scope
from web.door import hub, reading
from web.services import in_force, requests
from web.services.requests import Asked
from web.words import _

bp = Blueprint("requests", __name__, url_prefix="/requests")

KIND_WORDS = {"leave": "请假", "cover": "顶岗", "correction": "补卡", "answer": "说明"}
STATES: dict[requests.State, tuple[str, str, str]] = {
    "pending": ("amber", "late", "待办理"), "approved": ("green", "ok", "已批准"), "refused": ("red", "bad", "未批准"),
    "cancelled": ("grey", "note", "已撤回"), "withdrawn": ("grey", "note", "已撤回"),
    "revoked": ("red", "warn", "已撤销"), "annulled": ("red", "warn", "已作废"),
    "unreadable": ("grey", "warn", "不能读取"),
}  # fmt: skip
SIDE_WORDS = {"in": "上班", "out": "下班"}


@bp.get("")
def page() -> str:
    """Requests that this login may see, newest first."""
    kind = request.args.get("kind", "")
    number = max(1, request.args.get("page", 1, type=int))
    session = reading()
    found = requests.listed(session, in_force.read(session, hub()), kind, scope(), min(number, 10_000))
    return render_template(
        "requests/page.html",
        found=found,
        kind=kind if kind in requests.KINDS else "",
        kinds=KIND_WORDS,
        page=number,
        pages=-(-found.total // requests.PAGE),
        lines_of=lines_of,
        states=STATES,
        address_of=address_of,
    )


def address_of(asked: Asked) -> tuple[str, str]:
    """Where a request is decided or shown, and the words of the link; empty for none."""
    if asked.state == "unreadable":
        return "", ""
    if asked.asks == "leave":
        return url_for("leave.one", leave=asked.id), _("看假条")
    if asked.asks == "correction":
        return url_for("corrections.one", correction=asked.id), _("看更正")
    if asked.asks == "cover":
        return url_for("covers.page", past=None if asked.state == "pending" else 1), _("看顶岗")
    finding = asked.fields.get("finding")
    return (url_for("findings.one", finding=str(finding)), _("查看巡查问题")) if finding else ("", "")


def lines_of(asked: Asked) -> list[tuple[str, str]]:
    """What was asked for, as label and value; fields of a form that this version does not know come as they are."""
    lines = _LINES.get(asked.asks, _plain)(asked)
    return [(label, value) for label, value in lines if value]


def _leave(asked: Asked) -> list[tuple[str, str]]:
    kind = str(asked.fields.get("kind", ""))
    return [(_("类别"), _(VALUE_WORDS.get(kind, kind))), (_("时间"), _span(asked)), (_("事由"), _text(asked, "reason"))]


def _cover(asked: Asked) -> list[tuple[str, str]]:
    emergency = _("先顶岗，后批准") if asked.fields.get("emergency") is True else ""
    return [
        (_("离岗"), asked.name("covered") or _("未知人员")),
        (_("顶岗"), asked.name("covering") or _("未知人员")),
        (_("时间"), _span(asked)),
        (_("紧急"), emergency),
    ]


def _correction(asked: Asked) -> list[tuple[str, str]]:
    session, side = str(asked.fields.get("session", "")), str(asked.fields.get("side", ""))
    which = f"{_day(_text(asked, 'day'))} {_(VALUE_WORDS.get(session, session))}{_(SIDE_WORDS.get(side, side))}"
    return [(_("补哪一次"), which), (_("时间"), _time(_text(asked, "at"))), (_("事由"), _text(asked, "reason"))]


def _plain(asked: Asked) -> list[tuple[str, str]]:
    return [(key, str(value)[:200]) for key, value in asked.fields.items() if key != "by"]


def _answer(asked: Asked) -> list[tuple[str, str]]:
    return [(_("说明"), _text(asked, "reason"))]


_LINES = {"leave": _leave, "cover": _cover, "correction": _correction, "answer": _answer}


def _text(asked: Asked, key: str) -> str:
    value = asked.fields.get(key)
    return "" if value is None else str(value)[:200]


def _span(asked: Asked) -> str:
    start, end = _time(_text(asked, "from")), _time(_text(asked, "to"))
    return _("%(start)s 至 %(end)s", start=start, end=end) if start and end else start or end


def _time(text: str) -> str:
    """An instant of a field in the hall's zone; what is none comes as it is."""
    try:
        at: datetime = read_instant(text).astimezone(ZoneInfo(hub().hall.zone))
    except (ValueError, OverflowError):
        return text
    return _("%(month)s月%(day)s日 %(time)s", month=at.month, day=at.day, time=f"{at:%H:%M}")


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return _("%(month)s月%(day)s日", month=day.month, day=day.day)
