"""The page of group robots, for administrators."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth import gate
from web.door import hub, reading, writing
from web.refusals import status_of
from web.robot_line import line
from web.services import robot_topics, robots
from web.services.errors import BadInput
from web.words import _

bp = Blueprint("robots", __name__, url_prefix="/robots")
Answer = str | Response | tuple[str, int]


@bp.get("")
def page() -> str:
    """Every robot, never its address, and what was sent last."""
    gate.require("admin")
    return _page()


@bp.post("")
def add() -> Answer:
    """A robot by its webhook address; it stays off."""
    form = request.form

    def change(session: Session, by: str) -> None:
        robots.add(session, hub().seal, form.get("name", ""), form.get("address", ""), form.get("secret", ""),
                   form.getlist("topics"), _root(), hub().now(), by)  # fmt: skip

    return _change(change, _("机器人已添加，还没有启用。请先发一条测试消息"))


@bp.post("/<robot>")
def edit(robot: str) -> Answer:
    """Its name, what it is told of, on or off."""
    form = request.form

    def change(session: Session, by: str) -> None:
        robots.edit(session, robot, form.get("name", ""), form.getlist("topics"), form.get("enabled") == "yes", _root(),
                    hub().now(), by)  # fmt: skip

    return _change(change, _("已保存"))


@bp.post("/<robot>/test")
def test(robot: str) -> Answer:
    """Send a test message now, and say what came of it. Nothing is held open meanwhile."""
    by = gate.require("admin").person
    with hub().ledger.reading() as session:
        row = robots.need(session, robot)
        name, address = row.name, robots.address_of(row, hub().seal)
    outcome = line.send(address, robots.test_text(hub().hall.name))
    with writing() as session:
        robots.tested(session, robot, outcome, hub().now(), by)
    if not outcome.sent:
        what = _("给 %(name)s 的测试消息没有送达：%(why)s", name=name, why=outcome.words)
        return _page(BadInput(what, remedy=_("请按提示处理后再试")))
    flash(_("测试消息已送达 %(name)s", name=name))
    return redirect(url_for("robots.page"))


@bp.post("/<robot>/remove")
def remove(robot: str) -> Answer:
    """Delete it with its key."""
    return _change(lambda session, by: robots.remove(session, robot, hub().now(), by), _("机器人已删除，地址不再保存"))


def _change(change: Callable[[Session, str], None], said: str) -> Answer:
    by = gate.require("admin").person
    try:
        with writing() as session:
            change(session, by)
    except BadInput as refusal:
        return _page(refusal), status_of(refusal)
    flash(said)
    return redirect(url_for("robots.page"))


def _root() -> str:
    return request.host_url.rstrip("/")


def _page(refusal: Refused | None = None) -> str:
    session = reading()
    rows = robots.listed(session)
    return render_template(
        "robots/page.html", rows=rows, refusal=refusal, given=request.form if refusal else {}, kinds=line.WORDS,
        topics=robot_topics.WORDS, chosen={row.id: robots.topics_of(row) for row in rows}, root=_root(),
        messages=robots.messages(session), names={row.id: row.name for row in rows}, longest=robots.LONGEST_NAME,
        keyword=line.KEYWORD,
    )  # fmt: skip
