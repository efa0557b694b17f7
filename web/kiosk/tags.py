"""Pages of registering tags: at which checkpoint, then the tag on the reader."""

from flask import jsonify, redirect, request, url_for

from config.errors import Refused
from config.words import say
from station.rounds_here import RoundsHere
from web.kiosk.desk import Answer, Desk
from web.kiosk.patrol import by_floor


def add_tags(desk: Desk, here: RoundsHere) -> None:
    """Register them."""
    tagging, plan = here.tagging, here.patrolling.plan

    @desk.page("admin/tags", sends=True, unlocked=True)
    def tags() -> Answer:
        if request.method == "POST":
            point = plan().point(request.form.get("point", ""))
            if point is None:
                raise Refused(say("没有这个巡查点"), remedy=say("请从列表重新选择"))
            tagging.begin(point, desk.acts.unlocking.opened_by)
            return redirect(url_for("tag"), 303)
        tagging.stop()
        return desk.show(
            "tags", say("登记标签：哪一处？"), floors=by_floor(plan().points()), count=tagging.count,
            back=url_for("admin"),
        )  # fmt: skip

    @desk.page("admin/tag", unlocked=True)
    def tag() -> Answer:
        if tagging.now is None:
            return redirect(url_for("tags"), 303)
        title = say("登记标签：{name}", name=tagging.now.point.name)
        return desk.show("tag", title, registering=tagging.now, back=url_for("tags"))

    @desk.page("admin/tag/state", unlocked=True)
    def tag_state() -> Answer:
        return jsonify(state=tagging.now.state if tagging.now else "gone")
