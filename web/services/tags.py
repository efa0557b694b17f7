"""Tags: what stands at a checkpoint to be tapped or scanned. What a tag means is a fact; its history is their row."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from drivers.taps.cards import uid_from
from station import papers
from station.facts import Refused as RefusedFact
from station.round_facts import Tag
from web.ledger.patrol import TagRow
from web.services import checkpoints
from web.services.errors import BadInput, NotFound
from web.services.hub import Hub
from web.services.recording import Recorder

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else, since people type it at need
LENGTH = 10  # 49 bits: a name nobody guesses, though a printed code proves nothing
URL_MEDIA = ("qr", "nfc")  # an nfc tag holds an address as well, or is read by its number at a station


class UnknownTag(NotFound):
    """A tag that means nothing here: it was replaced, or belongs to another hall."""


def hall_mark(hub: Hub) -> str:
    """The beginning of every token of this hall."""
    return papers.hall_mark(hub.hall.id)


def new_token(hub: Hub) -> str:
    """A token for an address on a label."""
    return f"{hall_mark(hub)}-{''.join(secrets.choice(LETTERS) for _ in range(LENGTH))}"


def standing(session: Session) -> dict[str, list[TagRow]]:
    """Checkpoint → the tags that mean it now, the oldest first."""
    newest: dict[str, TagRow] = {}
    for row in _in_order(session.execute(select(TagRow)).scalars()):
        newest[row.uid] = row
    found: dict[str, list[TagRow]] = {}
    for row in newest.values():
        if row.change == "placed":
            found.setdefault(row.checkpoint, []).append(row)
    return found


def history(session: Session, checkpoint: str) -> list[TagRow]:
    """Everything that ever happened to the tags of a checkpoint, the newest first."""
    rows = session.execute(select(TagRow).where(TagRow.checkpoint == checkpoint)).scalars()
    return list(reversed(_in_order(rows)))


def resolve(session: Session, hub: Hub, uid: str) -> TagRow:
    """What a tag means now. UnknownTag says why it means nothing."""
    rows = _in_order(session.execute(select(TagRow).where(TagRow.uid == uid)).scalars()) if len(uid) <= 100 else []
    if rows and rows[-1].change == "placed":
        return rows[-1]
    if rows:
        raise UnknownTag(say("这个标签已经停用"), remedy=say("请在列表里选这个巡查点，并告知管理员更换标签"))
    if "-" in uid and not uid.startswith(hall_mark(hub) + "-"):
        raise UnknownTag(say("这是另一个大厅的标签"), remedy=say("请核对地点；本厅的巡查点也可以在列表里选"))
    raise UnknownTag(say("不认识这个标签"), remedy=say("请在列表里选这个巡查点，并告知管理员登记标签"))


def note_refused(recorder: Recorder, uid: str, person: str | None) -> None:
    """Leave a trace of a tag that was refused."""
    recorder.record(lambda _: [RefusedFact(what="tag", person=person, detail=uid[:100])])


def label_all(recorder: Recorder, hub: Hub, points: Sequence[str], by: str) -> int:
    """A QR token for every one of these checkpoints that has none; how many were made."""

    def decide(session: Session) -> list[Tag]:
        held = standing(session)
        bare = [each for each in points if not any(row.medium == "qr" for row in held.get(each, ()))]
        return [Tag(uid=new_token(hub), medium="qr", checkpoint=each, by=by) for each in bare]

    return len(recorder.record(decide))


def place(recorder: Recorder, uid: str, medium: str, checkpoint: str, by: str, was: str = "", note: str = "") -> None:
    """From now on `uid` means the checkpoint; with `was`, in place of that tag. BadInput when it means another."""
    uid = as_read(uid.strip(), medium)
    if not 4 <= len(uid) <= 100 or medium not in ("rfid", "nfc", "sun", "qr"):
        raise BadInput(say("标签号须为 4 到 100 个字符"), remedy=say("请核对后再登记"))

    def decide(session: Session) -> list[Tag]:
        point = checkpoints.need(session, checkpoint)
        taken = next((row for rows in standing(session).values() for row in rows if row.uid == uid), None)
        if taken is not None and taken.checkpoint == checkpoint:
            return []
        if taken is not None:
            other = checkpoints.need(session, taken.checkpoint)
            raise BadInput(say("这个标签已登记在 {name}", name=other.name), remedy=say("请先在那里停用它"))
        placed = Tag(uid=uid, medium=medium, checkpoint=point.id, by=by, was=was, note=note)
        return [*_removals(session, checkpoint, was, by), placed]

    recorder.record(decide)


def as_read(uid: str, medium: str) -> str:
    """A tag's number as readers tell it, however it was copied off the card; a token as it is."""
    if medium == "qr":
        return uid
    return uid_from(uid, "auto" if medium == "rfid" else "hex") or (uid if medium == "nfc" else uid.upper())


def replace(recorder: Recorder, hub: Hub, checkpoint: str, uid: str, by: str) -> None:
    """A new QR token in place of `uid`, which is lost or damaged and means nothing from now on."""
    place(recorder, new_token(hub), "qr", checkpoint, by, was=uid)


def remove(recorder: Recorder, checkpoint: str, uid: str, by: str) -> None:
    """The tag means nothing from now on."""
    recorder.record(lambda session: _removals(session, checkpoint, uid, by))


def _removals(session: Session, checkpoint: str, uid: str, by: str) -> list[Tag]:
    rows = [row for row in standing(session).get(checkpoint, ()) if uid and row.uid == uid]
    return [Tag(uid=row.uid, medium=row.medium, checkpoint=checkpoint, change="removed", by=by) for row in rows]


def _in_order(rows: Iterable[TagRow]) -> list[TagRow]:
    return sorted(rows, key=lambda row: (row.at, row.id))
