"""Pages of an enrolment: whose finger, the agreement, the presses, how it ended."""

from flask import jsonify, redirect, request, url_for

from config.words import say
from station.enrolling import decline
from station.obeying import to_enrol
from station.places import FINGERS
from web.kiosk.desk import Answer, Desk


def add_enrolment(desk: Desk) -> None:
    """Register them."""
    _add_agreement(desk)
    _add_presses(desk)


def _add_agreement(desk: Desk) -> None:
    acts = desk.acts

    @desk.page("admin/enrol", unlocked=True)
    def enrol_names() -> Answer:
        asked = to_enrol(acts.papers(), acts.places)
        first = {person: say("待录 {finger}", finger=say(finger)).strip() for person, finger in asked.items()}
        return desk.names(
            say("录指纹：录谁的？"), desk.everybody(), lambda each: url_for("agree", person=each.id), first=first,
            nobody=say("本机还没有名单，请等中枢同步"), back=url_for("admin"),
        )  # fmt: skip

    @desk.page("admin/enrol/<person>", sends=True, unlocked=True)
    def agree(person: str) -> Answer:
        known = desk.known(person)
        if request.method == "GET":
            has = [acts.places.finger(place) for place in acts.places.of_person(known.id)]
            asked = to_enrol(acts.papers(), acts.places).get(known.id, "")
            free = [(each, say(each)) for each in sorted(FINGERS, key=lambda each: each != asked) if each not in has]
            return desk.show(
                "agree", say("录指纹：{name}", name=known.name), person=known, fingers=free, has=has,
                back=url_for("enrol_names"),
            )  # fmt: skip
        if request.form.get("answer") != "yes":
            decline(known.id, journal=acts.journal)
            return desk.show("declined", say("不录指纹"), person=known, back=url_for("admin"))
        finger = request.form.get("finger", "")
        acts.guiding.begin(known, finger if finger in FINGERS else FINGERS[0])
        return redirect(url_for("enrolment"), 303)


def _add_presses(desk: Desk) -> None:
    guiding = desk.acts.guiding

    @desk.page("admin/enrolment", sends=True)
    def enrolment() -> Answer:
        if request.method == "POST":
            guiding.stop()
            return redirect(url_for("enrolment"), 303)
        progress = guiding.progress
        if progress is None:
            return redirect(url_for("admin"), 303)
        title = say("录指纹：{name}", name=progress.person.name)
        return desk.show("enrolment", title, progress=progress, back=url_for("admin"))

    @desk.page("admin/enrolment/state")
    def enrolment_state() -> Answer:
        progress = guiding.progress
        if progress is None:
            return jsonify(state="gone")
        return jsonify(
            state=progress.state, words=progress.words, pressed=progress.pressed, of=progress.of, mark=progress.mark
        )
