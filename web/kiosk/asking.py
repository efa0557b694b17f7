"""Pages of asking: leave, a cover, a correction. What is asked for comes first, then who asks."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import redirect, request, url_for

from config.errors import Refused
from config.policy_words import VALUE_WORDS
from config.words import say
from station.display import Shown
from station.errands import Errand
from station.going_out import By
from station.papers import OpenCover, Person
from station.requesting import KINDS, PARTS, WHICH, Draft, correction, cover, day_words, hand_back, leave
from web.kiosk.counter import begin
from web.kiosk.desk import Answer, Desk

LEAVE_REASONS = ("家中有事", "身体不适", "就医", "外出办事", "参加培训", "其他")
CORRECTION_REASONS = ("忘记打卡", "指纹没有识别", "外出办事", "指纹机故障", "其他")
LEAVE_AHEAD, COVER_AHEAD, BACK = 45, 45, 31  # days that the lists of days offer


def add_asking(desk: Desk) -> None:
    """Register them."""

    @desk.page("ask")
    def ask() -> Answer:
        return desk.show("ask", say("请假、顶岗、补卡、说明"), open=len(desk.acts.requesting.open_covers()))

    _add_leave(desk)
    _add_cover(desk)
    _add_hand_back(desk)
    _add_correction(desk)


def _add_leave(desk: Desk) -> None:
    @desk.page("ask/leave", sends=True)
    def ask_leave() -> Answer:
        today = desk.acts.now().date()
        more = {
            "kinds": {kind: say(VALUE_WORDS[kind]) for kind in KINDS},
            "reasons": [say(each) for each in LEAVE_REASONS],
            **_days(today, LEAVE_AHEAD),
        }
        return _form(desk, "leave", say("请假"), lambda: leave(request.form, today), more)


def _add_cover(desk: Desk) -> None:
    @desk.page("ask/cover", sends=True)
    def ask_cover() -> Answer:
        now, picked = desk.acts.now(), request.args
        if "covering" not in picked:
            return _pick(desk)
        covered, covering = desk.known(picked["covered"]), desk.known(picked["covering"])
        given = {"covered": covered.id, "covering": covering.id}
        more = {"covered": covered, "covering": covering, **_days(now.date(), COVER_AHEAD)}
        read = lambda: cover({**request.form, **given}, now, desk.acts.papers())  # noqa: E731
        return _form(desk, "cover", say("顶岗"), read, more, back=url_for("ask_cover"))


def _pick(desk: Desk) -> Answer:
    away = request.args.get("covered")
    people, nobody = desk.everybody(), say("本机还没有名单，请等中枢同步")
    if away is None:
        return desk.names(
            say("顶岗：谁要离岗？"), people, lambda each: url_for("ask_cover", covered=each.id), nobody=nobody,
            back=url_for("ask"),
        )  # fmt: skip
    covered = desk.known(away)
    return desk.names(
        say("顶岗：谁来顶 {name} 的岗？", name=covered.name), [each for each in people if each.id != away],
        lambda each: url_for("ask_cover", covered=away, covering=each.id), nobody=nobody, back=url_for("ask_cover"),
        first=_backups(desk, away) | {each.id: each.unit for each in people if _mate(desk, covered, each)},
    )  # fmt: skip


def _backups(desk: Desk, away: str) -> dict[str, str]:
    """The post's registered Bs in their order, as far as the papers know them."""
    held = desk.acts.papers()
    post = held.post_of(away) if held else None
    return {person: say("B岗") for person in post.backups} if post else {}


def _mate(desk: Desk, covered: Person, each: Person) -> bool:
    return bool(covered.unit) and each.unit == covered.unit and each.id not in _backups(desk, covered.id)


def _add_hand_back(desk: Desk) -> None:
    @desk.page("ask/hand-back", sends=True)
    def ask_hand_back() -> Answer:
        covers = desk.acts.requesting.open_covers()
        named = [(each, _names(desk, each)) for each in covers]
        found = next(((each, names) for each, names in named if each.id == request.args.get("cover")), None)
        if found is None:
            zone = desk.acts.now().tzinfo
            return desk.show("covers", say("交还岗位"), back=url_for("ask"), covers=named, zone=zone)
        given = request.form.to_dict()
        more = {"names": found[1], "since": found[0].start.astimezone(desk.acts.now().tzinfo)}
        read = lambda: hand_back(given, *found)  # noqa: E731
        return _form(desk, "hand_back", say("交还岗位"), read, more, back=url_for("ask_hand_back"))


def _names(desk: Desk, each: OpenCover) -> tuple[str, str]:
    """Who was away and who stands in, as people read it."""
    away, stands_in = (desk.acts.punching.person(who) for who in (each.covered, each.covering))
    return away.name if away else say("未登记的人"), stands_in.name if stands_in else say("未登记的人")


def _add_correction(desk: Desk) -> None:
    @desk.page("ask/correction", sends=True)
    def ask_correction() -> Answer:
        now = desk.acts.now()
        days = [now.date() - timedelta(days=back) for back in range(BACK + 1)]
        more = {
            "days": [(day.isoformat(), day_words(day)) for day in days],
            "which": [
                (f"{session}-{side}", say(words)) for (session, side), words in WHICH.items()
            ],
            "reasons": [say(each) for each in CORRECTION_REASONS],
        }  # fmt: skip

        def read() -> Draft:
            session, _, side = request.form.get("which", "").partition("-")
            given = {**request.form, "session": session, "side": side}
            return correction(given, now, desk.acts.requesting.hours_of(""))

        return _form(desk, "correction", say("补卡"), read, more)


def _form(
    desk: Desk, template: str, title: str, read: Callable[[], Draft], more: dict[str, Any], back: str = ""
) -> Answer:
    """Show the form; once it is sound, ask who signs it."""
    back = back or url_for("ask")
    if request.method == "GET":
        return desk.show(template, title, back=back, given={}, **more)
    try:
        draft = read()
    except Refused as refused:
        return desk.show(template, title, back=back, given=request.form, refused=refused, **more)

    def do(person: str, by: By) -> Shown:
        return desk.acts.requesting.record(draft, person, by)

    if not desk.everybody():
        return redirect(url_for("kiosk"), 303)
    return begin(desk, Errand(draft.title, do, "told", draft.lines, _hint(draft)))


def _hint(draft: Draft) -> str:
    """What becomes of it, for the page that tells what was recorded."""
    if draft.asks == "hand_back":
        return say("已存在本机，联网后送到中枢；从现在起岗位已交还。")
    if draft.at_once:
        return say("已存在本机，联网后送到中枢；从现在起算顶岗，由窗口负责人或值班长补批。交还岗位时请再来登记。")
    return say("已存在本机，联网后送到中枢；批准以前不算数。")


def _days(today: date, ahead: int) -> dict[str, Any]:
    """The days to choose from: today first, then those to come, then those gone."""
    coming = [today + timedelta(days=n) for n in range(ahead + 1)]
    gone = [today - timedelta(days=n) for n in range(1, BACK + 1)]
    days = [(day.isoformat(), day_words(day)) for day in (*coming, *gone)]
    return {"days": days, "parts": {part: say(words) for part, words in PARTS.items()}}
