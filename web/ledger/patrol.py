"""Patrol: what is read out of its facts, and what desks keep of it: checkpoints and the plan."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.facts import FromFact
from web.ledger.rows import HASH, ID, Row

DRAFT = 64  # characters of a phone's random id
ITEM = 36  # and of a checklist item's


class RoundRow(FromFact, Row):
    """What happened to a round: somebody opened it, joined or left it, signed it. All of a day is one question.

    A round opened twice (by two recorders) has two rows of `opened`; the earlier one began it. `checkpoints`: JSON
    list of ids, [] for all. `checks` and `digest`: what a signature was given for.
    """

    __tablename__ = "rounds"
    __table_args__ = (Index(None, "round"), Index(None, "at"))

    round: Mapped[str] = mapped_column(ID)
    way: Mapped[str] = mapped_column(String(6))  # opened, joined, left, signed
    officer: Mapped[str] = mapped_column(ID)
    by: Mapped[str | None] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12))
    inspector: Mapped[str] = mapped_column(ID)
    checklist: Mapped[str] = mapped_column(ID)
    checkpoints: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    checks: Mapped[int]
    digest: Mapped[str] = mapped_column(HASH)


class CheckRow(FromFact, Row):
    """A check, or (`adds`) an addition to one. `officers`, `photos`, `needs`: JSON lists; `found`: how many findings.

    `phone_at`, `offset_ms`, `offline`: what the phone said of when it was filled in; see `rules.patrol.time_of`.
    """

    __tablename__ = "checks"
    __table_args__ = (Index(None, "round"), Index(None, "draft"), Index(None, "checkpoint", "at"))

    round: Mapped[str] = mapped_column(ID)
    checkpoint: Mapped[str] = mapped_column(ID)
    adds: Mapped[bool]
    how: Mapped[str] = mapped_column(String(6))
    reason: Mapped[str] = mapped_column(Text)
    tag: Mapped[str] = mapped_column(Text)
    officers: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ID)
    nothing_abnormal: Mapped[bool]
    found: Mapped[int]
    photos: Mapped[str] = mapped_column(Text)
    no_photo: Mapped[str] = mapped_column(Text)
    needs: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    draft: Mapped[str] = mapped_column(String(DRAFT))
    phone_at: Mapped[datetime | None]
    offset_ms: Mapped[int] = mapped_column(BigInteger)
    offline: Mapped[bool]


class FindingRow(FromFact, Row):
    """A finding; `id` is its own, `fact` the check, addition or finding that holds it. `clauses`: JSON list.

    `about`: what one outside a check was seen at; of others empty, the checkpoint says it.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index(None, "round"), Index(None, "person", "at"), Index(None, "checkpoint", "at"), Index(None, "at"),
    )  # fmt: skip

    fact: Mapped[str] = mapped_column(ID)
    round: Mapped[str] = mapped_column(ID)
    checkpoint: Mapped[str] = mapped_column(ID)
    item: Mapped[str] = mapped_column(String(ITEM))
    column: Mapped[str] = mapped_column(String(ITEM))
    clauses: Mapped[str] = mapped_column(Text)
    person: Mapped[str | None] = mapped_column(ID)
    note: Mapped[str] = mapped_column(Text)
    officers: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ID)
    source: Mapped[str] = mapped_column(String(12))
    about: Mapped[str] = mapped_column(ID)


class PictureRow(FromFact, Row):
    """A picture that a fact names; `id` is the fact's with the picture's number in it, so each use has its row."""

    __tablename__ = "pictures"
    __table_args__ = (Index(None, "sha256"), Index(None, "round"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    fact: Mapped[str] = mapped_column(ID)
    sha256: Mapped[str] = mapped_column(HASH)
    round: Mapped[str] = mapped_column(ID)
    checkpoint: Mapped[str] = mapped_column(ID)


class PhotoLetGoRow(Row):
    """A photo whose time is over: its bytes are erased, what was recorded about it stays. `days`: how long was kept."""

    __tablename__ = "photos_let_go"
    __table_args__ = (Index(None, "at"),)

    sha256: Mapped[str] = mapped_column(HASH, primary_key=True)
    at: Mapped[datetime]
    days: Mapped[int]


class TagRow(FromFact, Row):
    """A change of what a tag means; the newest one of a tag holds. `uid`: a QR's token, or the tag's own number."""

    __tablename__ = "tags"
    __table_args__ = (Index(None, "uid"), Index(None, "checkpoint"))

    uid: Mapped[str] = mapped_column(String(100))
    medium: Mapped[str] = mapped_column(String(6))
    checkpoint: Mapped[str] = mapped_column(ID)
    change: Mapped[str] = mapped_column(String(10))  # placed, removed
    by: Mapped[str] = mapped_column(ID)
    was: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text)


class CheckpointRow(Row):
    """A place that rounds visit. `place`: window_front, window_back or public_area; `rank`: walking order.

    `window` names the window of the first two. Days are inclusive; a closed one keeps its past.
    """

    __tablename__ = "checkpoints"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(12))
    floor: Mapped[int | None]
    window: Mapped[str | None] = mapped_column(ForeignKey("windows.id"), index=True)
    rank: Mapped[int]
    since: Mapped[date]
    closed: Mapped[date | None]  # its last day


class PlannedRow(Row):
    """An officer whose name is preset for a scheduled round; `slot`: its time as 0930."""

    __tablename__ = "patrol_plan"

    day: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(String(4), primary_key=True)
    officer: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    rank: Mapped[int]


class PatrolPassRow(Row):
    """A phone let in by a kiosk's one-use code, for one round. `nonce` is the code's, so that it is good once.

    `hash`: of the pass in the phone's cookie. `officers`: JSON list of those whom the station had identified.
    """

    __tablename__ = "patrol_passes"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    hash: Mapped[str] = mapped_column(HASH, unique=True)
    round: Mapped[str] = mapped_column(ID)
    officers: Mapped[str] = mapped_column(Text)
    station: Mapped[str] = mapped_column(ForeignKey("stations.id"))
    made: Mapped[datetime]
    until: Mapped[datetime]


class SunTapRow(Row):
    """The newest counter that the hub saw of a dynamic tag; `uid`: its number in upper-case hex."""

    __tablename__ = "sun_taps"

    uid: Mapped[str] = mapped_column(String(14), primary_key=True)
    counter: Mapped[int]
