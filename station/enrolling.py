"""Taking a fingerprint: consent first, then the module, then the fact that says whose place it is."""

from collections.abc import Iterator

from config.errors import Refused
from config.words import say
from drivers.contract import EnrolStep, FingerReader
from drivers.errors import DuplicateFinger
from station.errors import NotDurable
from station.facts import Consent, Enrolled, Fact, Forgotten
from station.journal import Journal
from station.places import Places

CONSENT_VERSION = "2026-11"  # of the text that the person agrees to


def enrol(person: str, finger: str, *, journal: Journal, reader: FingerReader, places: Places) -> Iterator[EnrolStep]:
    """Enrol one finger of `person`, who has agreed; each `next` waits for the person.

    The consent is a fact before the module sees a finger. Closing the iterator midway, or any failure, leaves the
    place free. Refused when the finger is already somebody's (naming the place) or the module is full; the driver's
    own faults pass through.
    """
    journal.append(Consent(person=person, text_version=CONSENT_VERSION, given=True))
    info = reader.info()
    place = free_place(info.capacity, reader.places() | places.taken())
    try:
        yield from reader.enrol(place)
    except DuplicateFinger as error:
        owner = places.person_at(error.place)
        raise Refused(
            say("这枚手指已录入过(第 {place} 号位置)", place=error.place),
            remedy=say("请换一枚手指") if owner == person else say("该位置属于他人或来历不明,请找管理员核对"),
        ) from error
    try:
        fact = journal.append(Enrolled(person=person, place=place, finger=finger, module=info.serial))
    except NotDurable:
        reader.forget(place)
        raise
    places.learn(fact)


def forget(place: int, reason: str, *, journal: Journal, reader: FingerReader, places: Places) -> Fact | None:
    """Delete the template at `place`, then say so; None when the place meant nobody.

    The module first: a fact that says "forgotten" while the finger still matches would be a lie.
    """
    reader.forget(place)
    person = places.person_at(place)
    if person is None:
        return None
    fact = journal.append(Forgotten(person=person, place=place, reason=reason))
    places.learn(fact)
    return fact


def free_place(capacity: int, taken: frozenset[int] | set[int]) -> int:
    """The lowest place from 0 that nobody has; Refused when the module is full."""
    for place in range(capacity):
        if place not in taken:
            return place
    raise Refused(say("指纹机已满({n} 枚)", n=capacity), remedy=say("请先删除离岗人员的指纹"))
