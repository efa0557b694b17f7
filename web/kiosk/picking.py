"""Finding a person in a list with fingers only: by the initials of the name's pinyin, or by unit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from station.papers import Person

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Picking:
    """A list as it is shown. `letters`: those that may follow `initials`; `units`: all there are."""

    initials: str
    unit: str
    people: tuple[Person, ...]
    letters: tuple[str, ...]
    units: tuple[str, ...]


def picking(people: Iterable[Person], initials: str, unit: str) -> Picking:
    """Of `people` those whose initials begin so, in that unit (empty: any), by unit and pinyin."""
    everybody = sorted(people, key=lambda each: (initials_of(each), each.name, each.id))
    units = tuple(sorted({each.unit for each in everybody if each.unit}))
    asked = "".join(char for char in initials.upper() if char in LETTERS)
    here = [each for each in everybody if unit in ("", each.unit)]
    found = [each for each in here if initials_of(each).startswith(asked)]
    following = {initials_of(each)[len(asked)] for each in found if len(initials_of(each)) > len(asked)}
    return Picking(asked, unit, tuple(found), tuple(sorted(following)), units)


def initials_of(person: Person) -> str:
    """The first letters of the syllables of the name: 刘明 is LM."""
    syllables = person.spoken.split() or _syllables(person.name)
    return "".join(each[0].upper() for each in syllables if each and each[0].upper() in LETTERS)


@lru_cache(maxsize=4096)
def _syllables(name: str) -> Sequence[str]:
    from pypinyin import lazy_pinyin  # for names whose reading the hub did not give; its tables are large

    return tuple(lazy_pinyin(name))
