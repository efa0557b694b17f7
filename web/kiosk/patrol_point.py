"""A checkpoint's one page: who should be there, pictures, nothing abnormal or the form's chips; and its pictures."""

from flask import Response, abort, redirect, request, url_for

from config.errors import Refused
from config.words import say
from station.papers import Checkpoint
from station.patrolling import Filled
from station.round_people import people_at, preset
from station.round_shots import Draft, digest_of
from station.rounds_here import RoundsHere
from web.kiosk.desk import Answer, Desk

IDLE_S = 300  # a form that somebody fills in is left standing longer
NO_TAG_WORDS = {"listed": "没有贴标签", "damaged": "标签损坏", "no_tag": "没有标签"}
NO_PHOTO_WORDS = ("有群众在办事，不便拍照", "相机故障", "涉密或个人隐私，不便拍照")
KEPT_WORDS = ("光线只能如此", "镜头有污渍，已擦拭", "现场就是这样")


def add_point(desk: Desk, here: RoundsHere) -> None:
    """Register them."""

    @desk.page("patrol/point/<checkpoint>/<path:round_id>", sends=True)
    def patrol_point(checkpoint: str, round_id: str) -> Answer:
        point = here.patrolling.plan().point(checkpoint)
        here.patrolling.need(round_id)
        if point is None:
            raise Refused(say("没有这个巡查点"), remedy=say("请从列表重新选择"))
        here.taps.opened(checkpoint)
        if request.method == "GET":
            return _form(desk, here, point, round_id)
        try:
            return _turned(desk, here, point, round_id)
        except Refused as refused:
            return _form(desk, here, point, round_id, refused)

    @desk.page("patrol/picture/<digest>/<checkpoint>/<path:round_id>")
    def patrol_picture(digest: str, checkpoint: str, round_id: str) -> Answer:
        content = here.shots.picture((round_id, checkpoint), digest)
        return Response(content, mimetype="image/jpeg") if content else abort(404)


def _turned(desk: Desk, here: RoundsHere, point: Checkpoint, round_id: str) -> Answer:
    """What a button of the form does: a picture, its fate, or the form kept."""
    key, turn = (round_id, point.id), request.form.get("turn", "")
    does, _, camera = turn.partition(":")
    if does == "shoot":
        here.shots.shoot(key, camera)
    elif does == "keep":
        here.shots.keep_anyway(key, request.form.get("kept", ""))
    elif does == "drop":
        here.shots.drop(key)
    else:
        return _saved(here, point, round_id, nothing=turn == "nothing")
    return _form(desk, here, point, round_id)


def _saved(here: RoundsHere, point: Checkpoint, round_id: str, *, nothing: bool) -> Answer:
    """The form as a fact; then to the tag tapped meanwhile, or back to the list."""
    key, given = (round_id, point.id), request.form
    draft = here.shots.of(key)
    notes = [given.get("note", ""), *(say("照片照样保留：{why}", why=why) for why in draft.kept)]
    here.patrolling.check(
        Filled(
            round=round_id, checkpoint=point.id, nothing_abnormal=nothing,
            items=tuple(dict.fromkeys(given.getlist("item"))), person=given.get("person", ""),
            note=say("；").join(note for note in notes if note.strip()), need=given.get("need", ""),
            tapped=here.taps.at(point.id), reason=given.get("reason", ""), photos=draft.photos,
            no_photo=given.get("no_photo", ""),
        )
    )  # fmt: skip
    here.shots.used(key)
    here.taps.used(point.id)
    waiting = here.taps.waiting()
    if waiting:
        return redirect(url_for("patrol_point", checkpoint=waiting.checkpoint, round_id=round_id), 303)
    return redirect(url_for("patrol_round", round_id=round_id, said=point.id), 303)


def _form(desk: Desk, here: RoundsHere, point: Checkpoint, round_id: str, refused: Refused | None = None) -> Answer:
    plan, walk = here.patrolling.plan(), here.patrolling.need(round_id)
    held, draft = desk.acts.papers(), here.shots.of((round_id, point.id))
    people = people_at(point, held, plan.now, here.came, here.advice()) if held else []
    given = request.form
    columns = plan.columns(walk.checklist, point.place)
    return desk.show(
        "patrol_point", point.name, point=point, walk=walk, visit=walk.visits.get(point.id), people=people,
        columns=columns, draft=draft, bad=digest_of(draft.bad) if draft.bad else "", cameras=here.shots.cameras,
        tapped=here.taps.at(point.id), due=plan.due(), refused=refused, idle=IDLE_S, unsaved=bool(given),
        chosen=given.getlist("item"), person=given.get("person", preset(people)), note=given.get("note", ""),
        need=given.get("need", ""), reason=given.get("reason", "listed"), no_photo=_no_photo(draft),
        reasons={key: say(words) for key, words in NO_TAG_WORDS.items()},
        no_photo_words=_no_photo_words(draft), kept_words=[say(words) for words in KEPT_WORDS],
        back=url_for("patrol_round", round_id=round_id),
    )  # fmt: skip


def _no_photo(draft: Draft) -> str:
    """Why there is no picture: what the officer chose, else what the camera or the disk said."""
    return request.form.get("no_photo") or draft.why


def _no_photo_words(draft: Draft) -> list[str]:
    words = [say(each) for each in NO_PHOTO_WORDS]
    return [draft.why, *words] if draft.why and draft.why not in words else words
