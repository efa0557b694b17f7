"""The desk's pages of checkpoints: generate from windows, add areas, walking order, tags and their labels."""

from collections.abc import Callable
from datetime import timedelta

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import Refused
from config.words import say
from web.auth import gate
from web.door import hub, reading, recorder, writing
from web.download import attached
from web.patrol.labels import Label, label_sheet
from web.patrol.room import back, bp, floor_words, today
from web.people.forms import window_of
from web.refusals import status_of
from web.services import checkpoints, officers, tags
from web.services.errors import BadInput
from web.words import _

DESK = ("admin", "supervision")
MEDIA = {"qr": "二维码", "nfc": "NFC（网址）", "rfid": "RFID 卡号", "sun": "NFC（防复制）"}
Page = str | Response | tuple[str, int]


@bp.get("/points")
def points() -> Page:
    """Every checkpoint in walking order, with its tags."""
    gate.require(*DESK)
    return _points()


@bp.post("/points/generate")
def generate() -> Page:
    """A checkpoint for every window of the patrolled floors."""

    def change(session: Session, by: str) -> str:
        made, ended = checkpoints.generate(session, today().policy, today().date, hub().now(), by)
        return _("新增 %(n)s 处，停用 %(m)s 处", n=made, m=ended)

    return _do(change)


@bp.post("/points/areas")
def add_area() -> Page:
    """A public area."""

    def change(session: Session, by: str) -> str:
        floor = window_of(request.form).floor
        checkpoints.add_area(session, request.form.get("name", ""), floor, today().date, hub().now(), by)
        return _("已添加")

    return _do(change)


@bp.post("/points/order")
def order() -> Page:
    """Another walking order."""

    def change(session: Session, by: str) -> str:
        wanted = {
            key[6:]: int(text) for key, text in request.form.items() if key.startswith("order-") and text.isdecimal()
        }
        checkpoints.put_in_order(session, wanted, today().date, hub().now(), by)
        return _("巡查顺序已保存")

    return _do(change)


@bp.post("/points/labels")
def make_labels() -> Page:
    """A QR code for every checkpoint that has none."""
    by, day = gate.require(*DESK).person, today().date
    wanted = [row.id for row in checkpoints.standing(reading(), day)]
    made = tags.label_all(recorder(), hub(), wanted, by)
    return back("patrol.points", _("已生成 %(n)s 个二维码，请打印标签", n=made))


@bp.get("/points/labels.pdf")
def labels() -> Response:
    """The sheet of labels, to be cut."""
    gate.require(*DESK)
    held = tags.standing(reading())
    shown = [
        Label(row.name, floor_words(row.floor), tag.uid, url_for("patrol.tag", token=tag.uid, _external=True))
        for row in checkpoints.standing(reading(), today().date)
        for tag in held.get(row.id, ())
        if tag.medium == "qr"
    ]
    if not shown:
        raise BadInput(say("还没有二维码"), remedy=say("请先生成二维码"))
    return attached(label_sheet(hub().hall.name, shown), "labels.pdf", inline=True)


@bp.get("/points/<checkpoint>")
def one_point(checkpoint: str) -> Page:
    """One checkpoint: its tags, what happened to them, its end."""
    gate.require(*DESK)
    return _point(checkpoint)


@bp.post("/points/<checkpoint>/close")
def close_point(checkpoint: str) -> Page:
    """The checkpoint's end: from today on no round visits it."""
    by = gate.require(*DESK).person
    try:
        with writing() as session:
            checkpoints.close(session, checkpoint, today().date - timedelta(days=1), hub().now(), by)
    except BadInput as refusal:
        return _point(checkpoint, refusal)
    return back("patrol.points", _("已停用，历史记录保留"))


@bp.post("/points/<checkpoint>/tags")
def place_tag(checkpoint: str) -> Page:
    """Register a tag by its number, or make a new address for a label; with `was` in place of that tag."""
    by, given = gate.require(*DESK).person, request.form
    medium, was = given.get("medium", "qr"), given.get("was", "")
    uid = given.get("uid", "").strip() or (tags.new_token(hub()) if medium in tags.URL_MEDIA else "")
    try:
        tags.place(recorder(), uid, medium, checkpoint, by, was)
    except BadInput as refusal:
        return _point(checkpoint, refusal)
    return back("patrol.one_point", _("标签已登记"), checkpoint=checkpoint)


@bp.post("/points/<checkpoint>/tags/remove")
def remove_tag(checkpoint: str) -> Page:
    """A tag means nothing from now on."""
    by = gate.require(*DESK).person
    checkpoints.need(reading(), checkpoint)
    tags.remove(recorder(), checkpoint, request.form.get("uid", ""), by)
    return back("patrol.one_point", _("标签已停用"), checkpoint=checkpoint)


def _do(change: Callable[[Session, str], str]) -> Page:
    by = gate.require(*DESK).person
    try:
        with writing() as session:
            said = change(session, by)
    except BadInput as refusal:
        return _points(refusal)
    return back("patrol.points", said)


def _points(refusal: Refused | None = None) -> Page:
    day = today()
    page = render_template(
        "patrol/points.html", refusal=refusal, points=checkpoints.standing(reading(), day.date),
        tags=tags.standing(reading()), floor_words=floor_words, media=MEDIA, policy=day.policy, given=request.form,
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page


def _point(checkpoint: str, refusal: Refused | None = None) -> Page:
    row = checkpoints.need(reading(), checkpoint)
    history = tags.history(reading(), checkpoint)
    page = render_template(
        "patrol/point.html", refusal=refusal, row=row, tags=tags.standing(reading()).get(checkpoint, ()), media=MEDIA,
        history=history, names=officers.names_of(reading(), [each.by for each in history if each.by]),
        address=lambda tag: url_for("patrol.tag", token=tag.uid, _external=True), zone=today().now.tzinfo,
        floor=floor_words(row.floor), given=request.form,
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page
