"""Pages of signing in: the name, then a witness or the own PIN."""

from flask import redirect, request, url_for

from config.errors import Refused
from config.policy_words import VALUE_WORDS
from config.words import say
from station.papers import Person, in_force
from station.signing_in import WITNESSES
from web.kiosk.desk import Answer, Desk

OWN = "own"


def add_sign_in(desk: Desk) -> None:
    """Register them."""
    _add_names(desk)
    _add_ways(desk)
    _add_pad(desk)


def _add_names(desk: Desk) -> None:
    signing = desk.acts.signing_in

    @desk.page("sign-in")
    def sign_in() -> Answer:
        note = say("未录指纹的人可用 PIN 签到；已录指纹的请直接按手指")
        if signing.is_open:
            note = say("指纹机故障，签到代替打卡") if signing.reader_is_gone else say("值班长已打开签到")
        return desk.names(
            say("签到：请选您的姓名"), signing.people(), lambda each: url_for("sign_in_ways", person=each.id),
            nobody=say("名单里没有人需要签到，请直接按手指"), note=note,
        )  # fmt: skip


def _add_ways(desk: Desk) -> None:
    @desk.page("sign-in/<person>")
    def sign_in_ways(person: str) -> Answer:
        known = desk.known(person)
        ways = desk.acts.signing_in.ways(known)
        if not ways.witnesses:
            return redirect(url_for("sign_in_pin", person=known.id, witness=OWN), 303)
        roles = {each.id: _role(desk, each, known) for each in ways.witnesses}
        return desk.show(
            "ways", say("{name} 签到", name=known.name), person=known, ways=ways, roles=roles, own=OWN,
            back=url_for("sign_in"),
        )  # fmt: skip


def _add_pad(desk: Desk) -> None:
    signing = desk.acts.signing_in

    @desk.page("sign-in/<person>/<witness>", sends=True)
    def sign_in_pin(person: str, witness: str) -> Answer:
        known = desk.known(person)
        vouching = None if witness == OWN else desk.known(witness)
        words = _pad_words(known, vouching)
        if request.method == "GET":
            signing.ways(known)  # says so at once when it cannot be
            return desk.pad(**words)
        digits = desk.digits()
        if digits is None:
            return desk.pad_again(**words)
        try:
            signing.sign(known, digits, vouching)
        except Refused as refused:
            return desk.pad(**words, refused=refused)
        return redirect(url_for("kiosk"), 303)


def _pad_words(person: Person, witness: Person | None) -> dict[str, str]:
    """What stands over the pad: whose PIN it wants."""
    if witness:
        who = say("请作证人 {name} 输入 PIN", name=witness.name)
    else:
        who = say("请 {name} 输入自己的 PIN", name=person.name)
    return {"title": say("{name} 签到", name=person.name), "who": who, "back": url_for("sign_in")}


def _role(desk: Desk, witness: Person, person: Person) -> str:
    today = desk.acts.now().date()
    held = [role for role in WITNESSES if in_force(role, witness, today)]
    heads = [role for role in held if role != "window_head" or witness.window == person.window]
    return say(VALUE_WORDS[heads[0]]) if heads else ""
