"""Papers: what the hub gives a station to work from, signed, checked, and swapped whole.

Old papers keep working; the previous ones are kept beside the present. Advice about other stations is not among them.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from config.words import say
from station.durable import write_durably
from station.errors import BadPapers
from station.keys import verified
from station.wire import papers_message

MAX_BYTES = 1024 * 1024
PRESENT = "papers.json"
PREVIOUS = "papers.previous.json"
OLD = timedelta(days=3)  # papers that the hub did not confirm for so long are named on the screen


class Part(BaseModel):
    """A part of the papers. Fields that this version does not know are passed over (a newer hub may add them)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Hall(Part):
    """The hall: its name, zone, the hub's public key, and the one to seal for it with (hex; "": it has none yet)."""

    id: str
    name: str
    zone: str
    hub_key: str
    seal_key: str = ""


class PolicyVersion(Part):
    """A policy and the day from which it is in force."""

    since: date
    policy: dict[str, Any]


class Calendar(Part):
    """Days that differ from Monday-to-Friday, and the years whose schedule is known."""

    years: list[int]
    holidays: list[date]
    workdays: list[date]


class Role(Part):
    """A role with its days, both inclusive; None: open."""

    role: str
    since: date | None = None
    until: date | None = None


class Person(Part):
    """Somebody whom the station may meet."""

    id: str
    name: str
    number: str = ""  # 工号, shown only
    spoken: str = ""  # the name's pinyin with tone numbers, for the voice
    unit: str = ""
    window: str = ""
    group: Literal["window", "back_office", "other"] = "window"
    posted_from: date | AwareDatetime | None = None
    posted_to: date | AwareDatetime | None = None
    roles: list[Role] = []


class Absence(Part):
    """An approved absence, −1 to +31 days around the day of issue."""

    id: str
    person: str
    kind: str
    start: AwareDatetime
    end: AwareDatetime


class Post(Part):
    """A post on the day of issue: its window's number, its A, and its registered Bs in their order."""

    window: str
    a: str
    backups: list[str]


class OpenCover(Part):
    """A cover that is open: who stands in for whom, until `end` at the latest. `covered`: "" where nobody is A."""

    id: str
    covered: str
    covering: str
    start: AwareDatetime
    end: AwareDatetime | None = None


class DutyDay(Part):
    """A day of the duty roster, −31 to +31 days around the day of issue: who leads it."""

    day: date
    person: str


class Command(Part):
    """Something the hub asks of the station: to forget a person's fingers, or to have one enrolled."""

    id: str
    do: Literal["forget", "enrol"]
    person: str
    finger: str = ""


class Checkpoint(Part):
    """A place that rounds visit, in walking order. `window`: its window's number; `place`: as the checklist has it."""

    id: str
    name: str
    place: str = ""
    floor: int | None = None
    window: str = ""


class Planned(Part):
    """The officers preset for a scheduled round; any two may walk it. `slot`: as 0930."""

    day: date
    slot: str
    officers: list[str]


class Item(Part):
    """A checklist item: the record form's column it goes under, what it says, where it can be seen, what asks for it.

    `lists`: the kinds of rounds' lists that have it.
    """

    id: str
    column: str
    words: str
    where: list[str]
    clauses: list[str]
    lists: list[str]


class Column(Part):
    """A column of the record form."""

    key: str
    words: str


class Tag(Part):
    """What a tag means now. `uid`: a QR's token, or the tag's number in upper-case hex."""

    uid: str
    medium: Literal["rfid", "nfc", "sun", "qr"]
    checkpoint: str


class Question(Part):
    """A finding that says something of a person and is not judged yet: what they may answer, and no more of it.

    `place` and `words`: where it was and what was seen, as people say it; `answered`: the hub has an answer already.
    """

    id: str
    person: str
    at: AwareDatetime
    place: str
    words: str
    clauses: list[str]
    answered: bool = False


class Papers(Part):
    """Everything the hub hands a station, without a time of issue: equal content has equal bytes."""

    hall: Hall
    policies: list[PolicyVersion]
    calendar: Calendar
    people: list[Person]
    absences: list[Absence] = []
    posts: list[Post] = []
    covers: list[OpenCover] = []
    duty: list[DutyDay] = []
    commands: list[Command] = []
    new_key: str = ""  # the id of a request that the station make itself a new key; "": there is none
    checkpoints: list[Checkpoint] = []
    tags: list[Tag] = []
    planned: list[Planned] = []
    columns: list[Column] = []
    items: list[Item] = []
    questions: list[Question] = []
    demo: bool = False

    def person(self, person_id: str) -> Person | None:
        """The person of that id; None if these papers do not know them."""
        return next((person for person in self.people if person.id == person_id), None)

    def questions_to(self, person_id: str) -> list[Question]:
        """What a person may answer, the oldest first."""
        return [each for each in self.questions if each.person == person_id]

    def post_of(self, person_id: str) -> Post | None:
        """The post at which a person is A; None if these papers know of none."""
        return next((post for post in self.posts if post.a == person_id), None)


@dataclass(frozen=True, slots=True)
class Held:
    """Papers as held: the content, its ETag, and when the hub last said that they are current (UTC)."""

    papers: Papers
    etag: str
    signature: str
    content: bytes


def etag_of(content: bytes) -> str:
    """The ETag: SHA-256 of the content, hex."""
    return hashlib.sha256(content).hexdigest()


def read(content: bytes, signature: str, hub_key: str) -> Held:
    """Papers that may be used; BadPapers for size, signature, shape, or another hub's name in them."""
    if len(content) > MAX_BYTES:
        raise BadPapers(f"{len(content)} bytes")
    if not verified(hub_key, signature, papers_message(content)):
        raise BadPapers("signature")
    try:
        papers = Papers.model_validate_json(content)
    except ValidationError as error:
        raise BadPapers(str(error.errors(include_url=False)[0])) from error
    if papers.hall.hub_key != hub_key:
        raise BadPapers("another hub's papers")
    return Held(papers, etag_of(content), signature, content)


def keep(folder: Path, held: Held) -> None:
    """Make these the present papers; those until now become the previous ones."""
    present = folder / PRESENT
    if present.exists():
        write_durably(folder / PREVIOUS, present.read_bytes())
    write_durably(present, json.dumps({"signature": held.signature}).encode() + b"\n" + held.content)


def confirm(folder: Path, at: datetime) -> None:
    """Remember that the hub said at `at` that the present papers are current (as their file's time)."""
    with contextlib.suppress(OSError):
        os.utime(folder / PRESENT, (at.timestamp(), at.timestamp()))


def confirmed_at(folder: Path) -> datetime | None:
    """When the hub last said that the papers in `folder` are current (UTC); None without papers."""
    try:
        return datetime.fromtimestamp((folder / PRESENT).stat().st_mtime, UTC)
    except OSError:
        return None


def age_words(confirmed: datetime | None, now: datetime) -> str:
    """What the screen says of old papers; empty while the hub confirmed them within three days."""
    if confirmed is None or now - confirmed < OLD:
        return ""
    return say("名单与制度已 {days} 天未与中枢核对", days=(now - confirmed).days)


def load(folder: Path, hub_key: str) -> Held | None:
    """The papers in `folder`: the present ones, else the previous, else None."""
    for name in (PRESENT, PREVIOUS):
        try:
            first, _, content = (folder / name).read_bytes().partition(b"\n")
            return read(content, str(json.loads(first)["signature"]), hub_key)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def in_force(role: str, person: Person, day: date) -> bool:
    """Whether the person has `role` on `day` (the hall's date)."""
    return any(held.role == role and (held.since or day) <= day <= (held.until or day) for held in person.roles)


def hall_mark(hall: str) -> str:
    """The beginning of every printed token of a hall (by its id), so that another hall's tag is told as such."""
    return hall.replace("-", "")[-6:]


def posted_on(person: Person, at: datetime) -> bool:
    """Whether `at` (in the hall's zone) lies inside the person's posting; bare dates count whole, both ends."""
    since, until = person.posted_from, person.posted_to
    after = True if since is None else at >= since if isinstance(since, datetime) else at.date() >= since
    before = True if until is None else at < until if isinstance(until, datetime) else at.date() <= until
    return after and before
