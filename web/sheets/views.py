"""Pages of the month's sheets."""

import re
from collections import Counter
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from config.policy_words import word
from web.auth.gate import myself, require
from web.auth.scope import scope
from web.door import hub, reading, writing
from web.download import attached
from web.qr import qr_of
from web.services import accounts, attendance, drawing, in_force, members, month_words, months, sheet_waits, signing
from web.services.drawing import Drawn
from web.services.errors import BadInput, NotAllowed
from web.services.in_force import InForce
from web.services.month_pdf import month_paper
from web.services.month_xlsx import month_file
from web.services.scopes import OF_HALL, OF_UNIT
from web.sheets.drawing import drawn, signer
from web.sheets.quarters import quarter_of, quarter_sums
from web.words import _

bp = Blueprint("sheets", __name__, url_prefix="/sheets")
ROLES = OF_HALL | OF_UNIT
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@bp.get("")
def page() -> str:
    """The month of every unit: who signed, what is due."""
    require(*ROLES)
    session, now = reading(), hub().now()
    held = in_force.read(session, hub())
    running = attendance.today_of(held, now)
    first = month_asked(running, in_force.last_month(running))
    last = in_force.last_of(first)
    units = [unit for unit in members.units_of(members.read(session), first, last) if sees(unit)]
    policy, due = held.of_month(first.year, first.month).policy, signing.due(held, first)
    return render_template(
        "sheets/page.html",
        first=first, before=first - timedelta(days=1), after=last + timedelta(days=1) if last < running else None,
        stands=signing.standings(session, months.month_text(first), units), roles=policy.reporting.signatures,
        policy=policy, due=due, left=(due - running).days, over=running > last, role_word=word, hall_wide=hall_wide(),
        quarter=quarter_of(first), open_before=_open_before(held, running, first),
    )  # fmt: skip


def _open_before(held: InForce, running: date, shown: date) -> dict[date, int]:
    """The months before the last with how many sheets of theirs are not closed; without the month that is shown."""
    firsts = [each for each in sheet_waits.months_before(held, running) if each != shown]
    rows = reading().execute(sheet_waits.unsigned(firsts)).all() if firsts else []
    return Counter(date.fromisoformat(f"{month}-01") for month, unit in rows if sees(unit))


@bp.get("/unit")
def unit_page() -> str:
    """One unit's sheet."""
    return _unit_page(_asked())


@bp.get("/unit.xlsx")
def unit_file() -> Answer:
    """The same for WPS and Excel."""
    found = _asked()
    return attached(month_file(found.sheet, found.signatures(), found.rule()), f"{found.name}.xlsx")


@bp.get("/unit.pdf")
def unit_paper() -> Answer:
    """The same to be signed on paper."""
    found = _asked()
    return attached(month_paper(found.sheet, found.signatures(), found.rule()), f"{found.name}.pdf")


@bp.post("/unit/sign")
def sign() -> Answer | tuple[str, int]:
    """Sign, with the password once more."""
    found, role = _asked(), request.form.get("role", "")
    proof = accounts.prove(reading(), myself().account_name, request.form.get("password", ""), hub().now())
    if not proof.fits:
        with writing() as ledger:
            accounts.missed(ledger, proof, hub().now())
        refusal = BadInput(_("密码不对，没有签字"), remedy=_("请重新输入"))
        return _unit_page(found, refusal), 400
    obstacles = drawing.obstacles(reading(), found, hub().now())
    with writing() as ledger:
        after = signing.sign(ledger, found.held, found.first, found.fresh, obstacles, role, signer(), hub().now())
        closed = after.closed
    flash(_("已签字，本月月表已锁定") if closed else _("已签字"))
    return _back(found)


@bp.post("/unit/withdraw")
def withdraw() -> Answer:
    """Take one's signature back while the month is not closed."""
    found = _asked()
    with writing() as ledger:
        signing.withdraw(ledger, months.month_text(found.first), found.stands.unit, signer(), hub().now())
    flash(_("签字已撤回，原表留存"))
    return _back(found)


@bp.post("/unit/reopen")
def reopen() -> Answer:
    """Open a closed month again."""
    found = _asked()
    with writing() as ledger:
        signing.reopen(
            ledger, found.held, found.first, found.stands.unit, request.form.get("reason", ""), signer(), hub().now()
        )
    flash(_("月表已重新打开，原签字表留存"))
    return _back(found)


@bp.get("/notice")
def notice() -> str:
    """The monthly notice to a unit (wanzhou:attendance:6), to print."""
    found = _asked()
    return render_template("sheets/notice.html", found=found, sheet=found.sheet, words=month_words,
                           totals=_totals(found), clauses=found.policy.reporting.clauses("monthly_notice"))  # fmt: skip


@bp.get("/quarter")
def quarter() -> str:
    """The quarter in sums, by unit (xingling:inspection:2.1), from the closed months."""
    require(*OF_HALL)
    held = in_force.read(reading(), hub())
    running = attendance.today_of(held, hub().now())
    first = month_asked(running, in_force.last_month(running))
    sums = quarter_sums(reading(), first)
    clauses = held.of_month(first.year, first.month).policy.reporting.clauses("quarterly_summary")
    return render_template("sheets/quarter.html", sums=sums, quarter=quarter_of(first), first=first, clauses=clauses)


def month_asked(running: date, otherwise: date) -> date:
    """The first day of the month in the address."""
    text = request.values.get("month", "").strip()
    if not text:
        return otherwise
    if not _MONTH.fullmatch(text):
        raise BadInput(_("月份要写成 2026-03 这样"), remedy=_("请改正后再查"))
    first = date.fromisoformat(f"{text}-01")
    if first > running:
        raise BadInput(_("这个月还没有到"), remedy=_("请选已开始的月份"))
    return first


def hall_wide() -> bool:
    """Whether this person sees every unit."""
    return scope().hall


def sees(unit: str) -> bool:
    """Whether this person sees the unit's sheet."""
    return scope().holds_unit(unit)


def _asked() -> Drawn:
    require(*ROLES)
    values = request.values
    unit = values.get("unit", "")
    if not sees(unit):
        raise NotAllowed(_("您只能看本单位的月表"), remedy=_("请从月表总览进入"))
    held = in_force.read(reading(), hub())
    running = attendance.today_of(held, hub().now())
    return drawn(held, unit, month_asked(running, in_force.last_month(running)))


def _unit_page(found: Drawn, refusal: BadInput | None = None) -> str:
    me, policy = signer(), found.policy
    stands, digest = found.stands, months.hash_of(months.bytes_of(found.sheet))
    return render_template(
        "sheets/unit.html",
        found=found, sheet=found.sheet, stands=stands, policy=policy, words=month_words, totals=_totals(found),
        heads=month_words.heads(month_words.absent_word(found.sheet)), rule=found.rule(),
        rule_clauses=months.rule_line(found.sheet, policy)[1], refusal=refusal, role_word=word,
        hindrances=[] if stands.closed else drawing.obstacles(reading(), found, hub().now()),
        next_role=stands.next_role(policy), since=date.fromisoformat(found.sheet["policy"]["since"]),
        may_sign=signing.may_sign(stands, policy, me),
        may_withdraw=signing.may_withdraw(stands, me),
        may_reopen=stands.closed and policy.reporting.reopened_by in me.roles,
        past=signing.past(reading(), months.month_text(found.first), stands.unit),
        before=found.first - timedelta(days=1), zone=found.held.zone,
        running=attendance.today_of(found.held, hub().now()), after=in_force.last_of(found.first) + timedelta(days=1),
        digest=digest, qr=qr_of(digest),
        beyond={row.id for row in found.book.people if not scope().holds(row)},
    )  # fmt: skip


def _totals(found: Drawn) -> list[list[str]]:
    return [month_words.values(one["totals"]) for one in found.sheet["people"]]


def _back(found: Drawn) -> Answer:
    return redirect(url_for("sheets.unit_page", unit=found.stands.unit, month=months.month_text(found.first)))
