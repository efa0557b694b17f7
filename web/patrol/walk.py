"""The round on the phone: its document, what its forms send, and the addresses on tags."""

from collections.abc import Sequence

from flask import jsonify, render_template, request, send_from_directory, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from config.errors import Refused
from config.words import say
from station.facts import read_instant
from station.photos import NoRoom
from station.round_facts import Sent
from web.door import hub, reading, recorder, writing
from web.headers import STATIC
from web.patrol.floor import Floor, floor_of
from web.patrol.phone import render_round
from web.patrol.room import (
    NO_PHOTO_WORDS,
    REASON_WORDS,
    Walker,
    back,
    bp,
    look_into,
    today,
    walker,
    wants_json,
    zone,
)
from web.refusals import status_of
from web.services import pictures, rounds, sun_taps, tags, walking
from web.services.errors import BadInput, NotAllowed
from web.services.rounds import Round
from web.services.walking import Filled
from web.words import _

Page = str | Response | tuple[str, int] | tuple[Response, int]
DISK = "中枢磁盘将满"


@bp.get("/rounds/<path:round_id>")
def round_page(round_id: str) -> Page:
    """The round's one document; once it is signed, its sheet. `at`: the checkpoint whose form is open."""
    look_into(round_id)
    one = walking.need(reading(), round_id)
    if one.closed and "at" not in request.args:
        return render_round(one)
    return _document(one, request.args.get("at", ""), request.args.get("tag", ""))


@bp.get("/t/<token>")
def tag(token: str) -> Page:
    """A tag's address: the form of its checkpoint in the round that the phone's owner walks.

    Outside a round it offers to begin one. A tag that means nothing here is refused and leaves a trace.
    """
    who = walker()
    if sun_taps.is_sun(request.full_path):
        return _dynamic(who)
    try:
        found = tags.resolve(reading(), hub(), token)
    except tags.UnknownTag:
        tags.note_refused(recorder(), token, who.person)
        raise
    one = _walked_by(who.person, who.only)
    if one is None:
        return render_template("patrol/outside.html", slots=_slots(), token=token)
    return _document(one, found.checkpoint, token)


def _dynamic(who: Walker) -> Page:
    """A dynamic tag's address is spent by looking at it, so the page behind it stands at an address of its own."""
    one = _walked_by(who.person, who.only)
    if one is None:
        return render_template("patrol/outside.html", slots=_slots(), token="", again=True)
    try:
        with writing() as session:
            uid = sun_taps.prove(session, hub(), request.full_path, one.opened).uid
            at = tags.resolve(session, hub(), uid).checkpoint
    except sun_taps.BadTap as bad:
        tags.note_refused(recorder(), bad.tag, who.person)
        raise
    ticket = sun_taps.ticket(hub(), uid, one.id)
    return back("patrol.round_page", round_id=one.id, at=at, tag=ticket)


@bp.get("/now")
def now() -> Response:
    """The hub's time, for phones whose clocks are wrong, and a fresh token against forgery; proof that it is there."""
    return jsonify(now=int(hub().now().timestamp() * 1000), csrf=generate_csrf(), who=walker().name)


@bp.get("/worker.js")
def worker() -> Response:
    """The phone's service worker, for all pages of patrol: also the first one, which stands above its own address."""
    said = send_from_directory(STATIC, "patrol-worker.js", mimetype="text/javascript", max_age=0)
    said.headers["Service-Worker-Allowed"] = url_for("patrol.home")
    return said


@bp.get("/app.webmanifest")
def manifest() -> Response:
    """What a phone needs to install the patrol pages."""
    icons = [{"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"}]
    home = url_for("patrol.home")
    said = jsonify(
        name=f"{hub().hall.name} {_('巡查')}", short_name=_("巡查"), lang="zh-CN", start_url=home, scope=home,
        display="standalone", background_color="#f3f6f5", theme_color="#0b5c3f", icons=icons,
    )  # fmt: skip
    said.mimetype = "application/manifest+json"
    return said


@bp.post("/checks")
def check() -> Page:
    """What was filled in at a checkpoint: sent by the phone's script, or by the form itself without it."""
    given = request.form
    who = look_into(given.get("round", ""))
    said = ""
    try:
        shown = _pictures(request.files.getlist("photos"))
        try:
            kept, no_photo = (
                pictures.keep_all(hub(), shown),
                given.get("no_photo", "") or given.get("no_photo_words", ""),
            )
        except NoRoom as full:
            kept, no_photo, said = (), DISK, f"{full.what}，{full.remedy}"
        walking.check(recorder(), hub(), who.person, _filled(kept, no_photo))
    except Refused as refusal:
        return _refused(refusal)
    if wants_json():
        return jsonify(state="kept", words=said)
    return _to_next(said or _("已保存"))


def _refused(refusal: Refused) -> Page:
    if wants_json():
        return jsonify(words=str(refusal)), status_of(refusal)
    if not isinstance(refusal, BadInput | NotAllowed):
        raise refusal
    one = walking.need(reading(), request.form.get("round", ""))
    page = _document(one, request.form.get("checkpoint", ""), request.form.get("tag", ""), refusal)
    return (page, status_of(refusal)) if isinstance(page, str) else page


def _filled(kept: tuple[str, ...], no_photo: str) -> Filled:
    given = request.form
    return Filled(
        round=given.get("round", ""),
        checkpoint=given.get("checkpoint", ""),
        nothing_abnormal="nothing" in given,
        items=tuple(dict.fromkeys(given.getlist("item"))),
        person=given.get("person", ""),
        note=given.get("note", ""),
        need=given.get("need", ""),
        tag=given.get("tag", ""),
        reason=given.get("reason", ""),
        photos=kept,
        no_photo=no_photo,
        sent=_sent(),
    )


def _sent() -> Sent | None:
    """How the draft came; a phone's time that cannot be read is none."""
    draft = request.form.get("draft", "")[:64]
    if not draft:
        return None
    try:
        at = request.form.get("phone_at", "")
        read_instant(at)
        offset = int(request.form.get("offset_ms", "0"))
    except ValueError:
        at, offset = "", 0
    offset = max(-(2**52), min(2**52, offset))
    return Sent(draft=draft, phone_at=at or None, offset_ms=offset, offline=request.form.get("offline") == "1")


def _pictures(files: Sequence[FileStorage]) -> list[bytes]:
    """The pictures' bytes; one byte too many tells of one that is too large."""
    found = [file.stream.read(pictures.LARGEST + 1) for file in files if file and file.filename]
    return [content for content in found if content]


def _to_next(said: str) -> Response:
    round_id, at = request.form.get("round", ""), request.form.get("checkpoint", "")
    one = walking.need(reading(), round_id)
    following = None if one.closed else floor_of(one).after(at)
    if following is None:
        return back("patrol.round_page", said, round_id=round_id)
    return back("patrol.round_page", said, round_id=round_id, at=following.point.id)


def _document(one: Round, at: str, token: str = "", refusal: Refused | None = None) -> str:
    floor: Floor = floor_of(one)
    return render_template(
        "patrol/round.html",
        floor=floor,
        open=floor.spot(at),
        token=token,
        refusal=refusal,
        reasons=REASON_WORDS,
        no_photo_words=[say(words) for words in NO_PHOTO_WORDS],
        server_ms=int(hub().now().timestamp() * 1000),
        zone=zone(),
        most=pictures.MOST,
        sign_at=url_for("patrol.sign_page", round_id=one.id),
    )


def _walked_by(person: str, only: str) -> Round | None:
    """The open round that this person walks now; the one begun last of several."""
    if only:
        return rounds.read(reading(), only)
    day = today()
    mine = [one for one in rounds.of_day(reading(), day.date, zone()) if person in one.walking and not one.closed]
    return max(mine, key=lambda one: one.opened, default=None)


def _slots() -> list[tuple[str, str]]:
    """What may be begun here and now: the slot whose time it is, and an unscheduled round."""
    day = today()
    found = [(slot.id.partition("/")[2], _(slot.name)) for slot in day.slots if walking.open_now(day, slot)]
    kind = rounds.kind_of(day.policy, "unscheduled")
    return [*found, ("unscheduled", _(kind.name) if kind else _("不定时巡查"))]
