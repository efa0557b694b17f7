"""What is in force and since when; a new version from the form or a file, tried before it is saved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from config.policy import SECTIONS, Origin, Policy, Raw, load_policy, packs
from config.policy_words import KEY_WORDS, SECTION_WORDS, Line, changes, followed
from web.auth import gate
from web.door import hub, reading, writing
from web.policy import form as policy_form
from web.policy.told import Told, told
from web.services import attendance, calendars, in_force, people, policies, trials
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.services.policies import Draft
from web.words import _

bp = Blueprint("policy", __name__, url_prefix="/policy")
KEEPERS = ("admin", "supervision")
LARGEST_FILE = 200_000
MONTHS = 6  # so many past months may be tried


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section with where it comes from and everything that it says."""

    key: str
    title: str
    origin: Origin
    document: str
    lines: list[tuple[str, Line, bool]]  # name, line, the hall's own


@bp.get("")
def page() -> str:
    """What is in force today, or another version."""
    session = reading()
    held = in_force.read(session, hub())
    today = attendance.today_of(held, hub().now())
    asked = request.args.get("version", "")
    known = asked.isascii() and asked.isdigit() and len(asked) < 10
    shown = policies.version_of(session, held, int(asked)) if known else held.on(today)
    return render_template(
        "policy/page.html",
        shown=shown,
        current=held.on(today),
        today=today,
        versions=policies.listed(session, held),
        sections=list(_sections(shown.policy)),
        keeper=_keeper(),
        missing_year=calendars.missing_year(held, today),
    )


@bp.get("/new")
def new() -> str:
    """The form, filled with what is in force."""
    gate.require(*KEEPERS)
    return _form(_held(), {}, None, None)


@bp.post("/new")
def make() -> str | Response | tuple[str, int]:
    """Try what was filled in; save it when exactly this was tried before."""
    by = gate.require(*KEEPERS).person
    held, given = _held(), dict(request.form)
    try:
        if given.get("way") == "text":
            given["text"] = _text_given()
        draft = _draft(held, given)
        if given.get("act") == "save" and given.get("tried") == draft.mark:
            with writing() as session:
                policies.save(session, hub(), draft, by, hub().now())
            flash(_("已保存：自 %(since)s 起施行", since=draft.since))
            return redirect(url_for("policy.page"))
        return _form(held, given, draft, None)
    except Refused as refusal:
        return _form(held, given, None, refusal), 400


def _held() -> InForce:
    return in_force.read(reading(), hub())


def _draft(held: InForce, given: dict[str, str]) -> Draft:
    """The version that was asked for, checked whole."""
    today = attendance.today_of(held, hub().now())
    if given.get("way") == "text":
        data = policies.of_text(given["text"], _("上传的制度.toml"))
    else:
        data = policy_form.composed(_base(held), given)
    forced, reason = given.get("forced") == "yes", given.get("reason", "")
    return policies.draft(data, given.get("since", ""), today, forced=forced, reason=reason)


def _base(held: InForce) -> Raw:
    """What the form begins with: the version that begins last."""
    return held.versions[-1].data


def _form(held: InForce, given: dict[str, str], draft: Draft | None, refusal: Refused | None) -> str:
    today = attendance.today_of(held, hub().now())
    return render_template(
        "policy/new.html",
        given=given,
        groups=policy_form.filled(_base(held), given),
        sections=[(key, _(SECTION_WORDS[key]), held.versions[-1].policy.origins[key].pack) for key in SECTIONS],
        packs=[(name, _(load_policy(name).title)) for name in packs()],
        since=given.get("since") or (in_force.last_of(today) + timedelta(days=1)).isoformat(),
        months=_months(today),
        draft=draft,
        changes=list(changes(held.on(draft.since).policy, draft.policy)) if draft else [],
        told=_tried(held, draft, given.get("month", "")) if draft else None,
        refusal=refusal,
        faults=getattr(refusal, "faults", []),
    )


def _tried(held: InForce, draft: Draft, month: str) -> Told:
    months = _months(attendance.today_of(held, hub().now()))
    first = next((each for each in months if f"{each:%Y-%m}" == month), months[0])
    session = reading()
    found = trials.run(session, held, people.everybody(session), draft.version(), first, hub().now())
    return told(found, draft.policy.attendance.absent_word)


def _months(today: date) -> list[date]:
    """The months that may be tried, the one of yesterday first."""
    first, found = (today - timedelta(days=1)).replace(day=1), []
    for _number in range(MONTHS):
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _text_given() -> str:
    """What was uploaded, else what was pasted."""
    sent = request.files.get("file")
    raw = sent.read(LARGEST_FILE + 1) if sent and sent.filename else request.form.get("text", "").encode()
    if len(raw) > LARGEST_FILE:
        raise BadInput(_("制度文件超过 %(n)s 千字节", n=LARGEST_FILE // 1000), remedy=_("请核对是否选错了文件"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(_("制度文件不是 UTF-8 文字"), remedy=_("请另存为 UTF-8 后再上传")) from error


def _sections(policy: Policy) -> Iterator[SectionShown]:
    for key, found in groupby(followed(policy), key=lambda line: line.section):
        origin = policy.origins[key]
        rows = [
            (
                " ".join(filter(None, (_(KEY_WORDS.get(line.key, line.key)), line.row))),
                line,
                line.key in origin.overridden,
            )
            for line in found
        ]
        yield SectionShown(key, _(SECTION_WORDS[key]), origin, _(load_policy(origin.pack).title), rows)


@bp.app_template_filter("begins")
def begins(since: date) -> str:
    """Since when a version holds, in words."""
    return _("自始施行") if since == in_force.SINCE else _("自 %(since)s 起", since=since)


def _keeper() -> bool:
    return not gate.myself().roles.isdisjoint(KEEPERS)
