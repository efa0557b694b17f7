"""Pages of administration at the station: unlocking, fingers, PINs, signing in by hand, how the station is."""

from datetime import datetime
from typing import Any

from flask import redirect, request, url_for

from config.errors import Refused
from config.words import say
from station.display import Shown
from station.enrolling import forget_person
from station.errands import Errand
from station.obeying import to_enrol
from station.pins import refuse_poor
from station.unlocking import CODE_DIGITS
from web.kiosk.counter import begin
from web.kiosk.desk import Answer, Desk


def add_admin(desk: Desk) -> None:
    """Register them."""
    _add_door(desk)
    _add_forgetting(desk)
    _add_pins(desk)
    _add_views(desk)


def _add_door(desk: Desk) -> None:
    acts = desk.acts

    @desk.page("admin", sends=True)
    def admin() -> Answer:
        if request.method == "POST":
            return _unlock(desk, request.form.get("turn", ""))
        acts.guiding.stop()  # an enrolment lives on its own page only
        if not acts.unlocking.is_open:
            return desk.show("unlock", say("管理"), rescue=acts.unlocking.rescue_counts())
        minutes = -(-acts.unlocking.left().seconds // 60)
        wanted = len(to_enrol(acts.papers(), acts.places))
        return desk.show(
            "admin", say("管理"), minutes=minutes, signing=acts.signing_in, wanted=wanted, patrols=acts.rounds
        )

    @desk.page("admin/rescue", sends=True)
    def rescue() -> Answer:
        words: dict[str, Any] = {"title": say("管理"), "who": say("请输入救援码（12 位）"), "longest": CODE_DIGITS}
        words["back"] = url_for("admin")
        if request.method == "GET":
            return desk.pad(**words)
        digits = desk.digits(CODE_DIGITS)
        if digits is None:
            return desk.pad_again(**words)
        try:
            acts.unlocking.rescue(digits)
        except Refused as refused:
            return desk.pad(**words, refused=refused)
        return redirect(url_for("admin"), 303)

    @desk.page("admin/turn", sends=True, unlocked=True)
    def admin_turn() -> Answer:
        turn = request.form.get("turn", "")
        if turn in ("open", "close"):
            acts.signing_in.turn(turn == "open")
            return redirect(url_for("admin"), 303)
        acts.unlocking.lock()
        return redirect(url_for("kiosk"), 303)


def _unlock(desk: Desk, turn: str) -> Answer:
    def do(person: str, by: str) -> Shown:
        return desk.acts.unlocking.unlock(person, "own_pin" if by == "own_pin" else "finger")

    answer = begin(desk, Errand(say("解锁管理"), do, "admin"))
    if turn == "name" and desk.acts.errands.now:
        desk.acts.errands.by_name(desk.acts.errands.now)
    return answer


def _add_forgetting(desk: Desk) -> None:
    acts = desk.acts

    @desk.page("admin/forget", unlocked=True)
    def forget_names() -> Answer:
        people = [each for each in desk.everybody() if acts.places.of_person(each.id)]
        return desk.names(
            say("删指纹：删谁的？"), people, lambda each: url_for("forget", person=each.id),
            nobody=say("本机没有任何人的指纹"), back=url_for("admin"),
        )  # fmt: skip

    @desk.page("admin/forget/<person>", sends=True, unlocked=True)
    def forget(person: str) -> Answer:
        known = desk.known(person)
        back = url_for("forget_names")
        if request.method == "GET":
            return desk.show("forget", say("删指纹"), person=known, fingers=_fingers(desk, known.id), back=back)
        reader = acts.reader()
        if reader is None:
            raise Refused(say("指纹机没有连接，没有删"), remedy=say("请检查指纹机的线，恢复后再删"))
        facts = forget_person(known.id, "kiosk", journal=acts.journal, reader=reader, places=acts.places)
        words = say("已删除 {name} 的 {n} 枚指纹", name=known.name, n=len(facts))
        return desk.show(
            "done", say("删指纹"), words=words, remedy=say("此后按这些手指不再认作任何人"), back=url_for("admin")
        )


def _add_pins(desk: Desk) -> None:
    acts = desk.acts

    @desk.page("admin/pin", unlocked=True)
    def pin_names() -> Answer:
        return desk.names(
            say("设 PIN：给谁设？"), desk.everybody(), lambda each: url_for("set_pin", person=each.id),
            nobody=say("本机还没有名单，请等中枢同步"), back=url_for("admin"),
        )  # fmt: skip

    @desk.page("admin/pin/<person>", sends=True, unlocked=True)
    def set_pin(person: str) -> Answer:
        known = desk.known(person)
        words = {"title": say("设 PIN"), "back": url_for("admin")}
        first_time = say("请 {name} 本人输入新的 PIN（6 位数字）", name=known.name)
        second_time = say("请 {name} 再输一次", name=known.name)
        if request.method == "GET":
            return desk.pad(who=first_time, **words)
        asked = second_time if desk.ticket.first else first_time
        digits = desk.digits()
        if digits is None:
            return desk.pad_again(who=asked, **words)
        try:
            if not desk.ticket.first:
                refuse_poor(digits, digits)
                return desk.pad_second(digits, who=second_time, **words)
            acts.pins.choose(known.id, desk.ticket.first, digits)
        except Refused as refused:
            return desk.pad(who=first_time, refused=refused, **words)
        said = say("{name} 的 PIN 已设好", name=known.name)
        return desk.show("done", say("设 PIN"), words=said, remedy=say("请记住，不要告诉别人"), back=url_for("admin"))


def _add_views(desk: Desk) -> None:
    acts = desk.acts

    @desk.page("admin/fingers", unlocked=True)
    def fingers() -> Answer:
        rows = [(each, _fingers(desk, each.id), acts.pins.has(each.id)) for each in desk.everybody()]
        rows.sort(key=lambda row: (row[0].unit, row[0].name))
        return desk.show("fingers", say("指纹名单"), rows=rows, back=url_for("admin"))

    @desk.page("admin/status", unlocked=True)
    def status() -> Answer:
        frame = acts.display.frame
        lines = [(say(name), _local(value, acts.now())) for name, value in acts.status().items()]
        lights = [(say("指纹机"), frame.reader.words), (say("上传"), frame.sync.words)]
        return desk.show("status", say("本站状态"), lines=[*lights, *lines], back=url_for("admin"))


def _local(value: str | int, now: datetime) -> str | int:
    """An instant in the hall's time; everything else as it is."""
    try:
        return f"{datetime.fromisoformat(str(value)).astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return value


def _fingers(desk: Desk, person: str) -> list[str]:
    places = desk.acts.places
    return [places.finger(place) or say("第 {place} 号", place=place) for place in places.of_person(person)]
