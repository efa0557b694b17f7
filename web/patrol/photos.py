"""Pictures on the desk's pages: faces blurred, marked when looked at; the original for supervision, each look noted."""

import base64
from html import escape

from flask import current_app, render_template, request
from werkzeug.wrappers import Response

from config.errors import Refused
from config.words import say
from web.auth import gate
from web.auth.scope import patrol_scope
from web.door import hub, reading, writing
from web.patrol.room import bp, zone
from web.pictures import making
from web.pictures.detector import NoDetector
from web.pictures.making import NotAPicture
from web.pictures.shelf import Shelf
from web.refusals import status_of
from web.services import patrol_lines, photo_keeping, shown_pictures
from web.services.errors import BadInput

SHELF = "zaigang-pictures"
ORIGINALS = "supervision"
Page = str | Response | tuple[str, int]


@bp.get("/pictures/<fact>/<int:number>")
def picture(fact: str, number: int) -> Page:
    """One picture with its mark, and where the very same one was used besides."""
    return _picture(fact, number)


@bp.get("/pictures/<fact>/<int:number>/small")
def small_picture(fact: str, number: int) -> Response:
    """Its thumbnail: faces blurred like the rest, but without a mark, which nobody could read at that size and which
    would hide what a thumbnail is for. It leads to the picture with its mark."""
    return _jpeg(shown_pictures.need(reading(), patrol_scope(), fact, number).sha256, None)


@bp.get("/pictures/<fact>/<int:number>/shown")
def shown_picture(fact: str, number: int) -> Response:
    """The picture with its mark."""
    use = shown_pictures.need(reading(), patrol_scope(), fact, number)
    told = shown_pictures.told(reading(), zone(), use)
    return _jpeg(use.sha256, shown_pictures.mark(hub(), told))


@bp.post("/pictures/<fact>/<int:number>/original")
def original(fact: str, number: int) -> Page:
    """The original, faces and all: for supervision, with a reason, and with a line in the audit before it is shown."""
    by = gate.require(ORIGINALS).person
    use = shown_pictures.need(reading(), patrol_scope(), fact, number)
    content = hub().photos.read(use.sha256)
    try:
        if content is None:
            raise BadInput(say("原图不在中枢"), remedy=say("请等考勤站传来；已到期删除的不能再看"))
        shown = making.bare(content)
        with writing() as session:
            shown_pictures.note_look(session, use, request.form.get("reason", ""), hub().now(), by)
    except NotAPicture:
        return _picture(fact, number, BadInput(say("原图已损坏，不能显示"), remedy=say("请管理员运行 zaigang verify")))
    except BadInput as refusal:
        return _picture(fact, number, refusal)
    return _picture(fact, number, original=base64.b64encode(shown).decode())


def shelf() -> Shelf:
    """The hub's one shelf of derivatives."""
    found: Shelf = current_app.extensions[SHELF]
    return found


def _picture(fact: str, number: int, refusal: Refused | None = None, original: str = "") -> Page:
    ledger = reading()
    use = shown_pictures.need(ledger, patrol_scope(), fact, number)
    told = shown_pictures.told(ledger, zone(), use)
    page = render_template(
        "patrol/picture.html", refusal=refusal, use=use, told=told, line=told.line, again=told.again,
        original=original, places=patrol_lines.places(ledger) if told.again else {}, zone=zone(),
        gone=photo_keeping.gone_since(ledger, use.sha256), may_original=ORIGINALS in gate.myself().roles,
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page


def _jpeg(sha256: str, mark: list[str] | None) -> Response:
    """The picture, blurred; where it cannot be shown a plate that says why, never the unblurred one."""
    content = hub().photos.read(sha256)
    if content is None:
        gone = photo_keeping.gone_since(reading(), sha256)
        return _plate(say("到期删除 {day}", day=f"{gone.astimezone(zone()):%Y-%m-%d}") if gone else say("照片还在路上"))

    def read() -> bytes:
        return content

    try:
        shown = shelf().get(sha256, "small", read) if mark is None else shelf().stamped(sha256, mark, read)
    except NoDetector:
        return _plate(say("暂不能遮挡人脸，不予显示"))
    except NotAPicture:
        return _plate(say("照片已损坏"))
    return Response(shown, mimetype="image/jpeg")


def _plate(words: str) -> Response:
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 180"><path fill="#e9eeec" d="M0 0h240v180H0z"/>'
        f'<text x="120" y="96" font-size="17" text-anchor="middle" fill="#4a5854">{escape(words)}</text></svg>'
    )
    return Response(drawn, mimetype="image/svg+xml")
