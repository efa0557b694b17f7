"""Pages on which a person answers what rounds say of them: who they are comes first, then theirs and nobody else's."""

from collections.abc import Callable

from flask import redirect, request, url_for

from config.clauses import ASSUMED, cite
from config.errors import Refused
from config.words import say, series
from station.answering import REASONS, Asked
from station.display import Shown
from station.errands import Errand, Running
from station.going_out import By
from station.requesting import day_words
from web.kiosk.counter import begin
from web.kiosk.desk import Answer, Desk


def add_answers(desk: Desk) -> None:
    """Register them."""
    answering = desk.acts.answering

    @desk.page("answers", sends=True)
    def answers() -> Answer:
        if request.method == "POST":
            return begin(desk, Errand(say("查看巡查问题"), _known(desk), "answers"))
        who = _here(desk)
        if who is None:
            return redirect(url_for("ask"), 303)
        name = desk.acts.punching.person(who.person)
        asked = [(each, *_words(desk, each)) for each in answering.asked(who.person)]
        title = say("{name}的巡查问题", name=name.name if name else "—")
        return desk.show("answers", title, asked=asked, kept=_kept(desk), back=url_for("kiosk"))

    @desk.page("answers/<finding>", sends=True)
    def answer(finding: str) -> Answer:
        who = _here(desk)
        if who is None:
            return redirect(url_for("ask"), 303)
        if request.method == "POST":
            try:
                shown = answering.answer(who.person, who.by, finding, request.form)
            except Refused as refused:
                return _form(desk, answering.open(who.person, finding), refused)
            desk.acts.display.show(shown)
            return redirect(url_for("answers", kept=shown.seq), 303)
        return _form(desk, answering.open(who.person, finding))


def _form(desk: Desk, asked: Asked, refused: Refused | None = None) -> Answer:
    when, said = _words(desk, asked)
    title = say("补充说明") if asked.said or asked.question.answered else say("说明情况")
    clauses = series(cite(each) for each in asked.question.clauses or (ASSUMED,))
    lines = [
        (say("问题"), asked.question.words), (say("时间和地点"), f"{when} · {asked.question.place or '—'}"),
        (say("依据"), clauses),
    ]  # fmt: skip
    lines += [(say("已说明"), each) for each in said]
    return desk.show(
        "answer", title, back=url_for("answers"), refused=refused, given=request.form if refused else {}, lines=lines,
        reasons=[say(each) for each in REASONS],
    )  # fmt: skip


def _known(desk: Desk) -> Callable[[str, By], Shown]:
    """Saying who one is records nothing; it opens the page of one's own."""

    def do(person: str, _by: By) -> Shown:
        known, waiting = desk.acts.punching.person(person), desk.acts.answering.waiting(person)
        note = say("有 {n} 条待说明", n=waiting) if waiting else say("没有待说明的问题")
        at = f"{desk.acts.now():%H:%M:%S}"
        return Shown("blue", known.name if known else "—", say("查看巡查问题"), note, at, 0)

    return do


def _here(desk: Desk) -> Running | None:
    """Who said who they are, for these pages, and has not left since."""
    running = desk.acts.errands.now
    return running if running and running.state == "done" and running.errand.leads == "answers" else None


def _words(desk: Desk, asked: Asked) -> tuple[str, list[str]]:
    """When it was seen, and when it was answered here, in the hall's time."""
    zone = desk.acts.now().tzinfo
    times = [each.astimezone(zone) for each in (asked.question.at, *asked.said)]
    words = [f"{day_words(each.date())} {each:%H:%M}" for each in times]
    return words[0], words[1:]


def _kept(desk: Desk) -> Shown | None:
    """The answer that was recorded on the page before this one."""
    shown = desk.acts.display.frame.shown
    return shown if shown and str(shown.seq) == request.args.get("kept") else None
