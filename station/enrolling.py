"""Taking a fingerprint: consent first, then the module, then the fact that says whose place it is."""

from collections.abc import Callable, Generator

from config.errors import Refused
from config.words import say
from drivers.contract import Cancel, EnrolStep, FingerReader
from drivers.errors import DuplicateFinger
from station.errors import NotDurable
from station.facts import Consent, Enrolled, Fact, Forgotten
from station.journal import Journal
from station.places import Places

CONSENT_VERSION = "2026-11"  # of the text that the person agrees to


def no_names(_: str) -> str:
    """Where names are not known."""
    return ""


def enrol(
    person: str, finger: str, *, journal: Journal, reader: FingerReader, places: Places,
    name_of: Callable[[str], str] = no_names, form: str = "", cancel: Cancel | None = None,
) -> Generator[EnrolStep, None, None]:  # fmt: skip
    """Enrol one finger of `person`, who has agreed; each `next` waits for the person.

    The consent is a fact before the module sees a finger; `form`: the number of the signed form where it was given on
    paper. Closing the iterator midway, `cancel`, or any failure leaves the place free. Refused when the finger is
    already somebody's (naming the place, and by `name_of` whose it is) or the module is full; the driver's own faults
    pass through.
    """
    journal.append(Consent(person=person, text_version=CONSENT_VERSION, given=True, form=form))
    info = reader.info()
    place = free_place(info.capacity, reader.places() | places.taken())
    try:
        yield from reader.enrol(place, cancel)
    except DuplicateFinger as error:
        raise _taken(error.place, places.person_at(error.place), person, name_of) from error
    try:
        fact = journal.append(Enrolled(person=person, place=place, finger=finger, module=info.serial))
    except NotDurable:
        reader.forget(place)
        raise
    places.learn(fact)


def decline(person: str, *, journal: Journal) -> Fact:
    """Record that the person does not agree: no finger is taken, and other ways are as good."""
    return journal.append(Consent(person=person, text_version=CONSENT_VERSION, given=False))


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


def forget_person(person: str, reason: str, *, journal: Journal, reader: FingerReader, places: Places) -> list[Fact]:
    """Delete every finger of the person; the facts, one a place. What was done before a fault stays done."""
    done = (forget(place, reason, journal=journal, reader=reader, places=places) for place in places.of_person(person))
    return [fact for fact in done if fact is not None]


def free_place(capacity: int, taken: frozenset[int] | set[int]) -> int:
    """The lowest place from 0 that nobody has; Refused when the module is full."""
    for place in range(capacity):
        if place not in taken:
            return place
    raise Refused(say("指纹机已满（{n} 枚）", n=capacity), remedy=say("请先删除离岗人员的指纹"))


def _taken(place: int, owner: str | None, person: str, name_of: Callable[[str], str]) -> Refused:
    if owner == person:
        return Refused(say("这枚手指已经录过（第 {place} 号位置）", place=place), remedy=say("请换一枚手指"))
    name = name_of(owner) if owner else ""
    if name:
        words = say("这枚手指是{name}的（第 {place} 号位置）", name=name, place=place)
        return Refused(words, remedy=say("请核对本人，或换一枚手指"))
    return Refused(
        say("这枚手指已在第 {place} 号位置，名单上不知道是谁的", place=place), remedy=say("请找管理员核对")
    )  # fmt: skip
