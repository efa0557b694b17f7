"""Finding somebody of the papers by what people type： 工号， name, pinyin or initials."""

import re
import unicodedata
from collections.abc import Sequence

from config.errors import Refused
from config.words import say, series
from station.papers import Person

LISTED = 8
_TONE = re.compile(r"[0-9]")


def find(people: Sequence[Person], typed: str) -> list[Person]:
    """Everybody whom `typed` may mean: those it means exactly if there are any, else those it begins or stands in."""
    wanted = _plain(typed)
    if not wanted:
        return []
    exact = [person for person in people if wanted in _exactly(person)]
    return exact or [person for person in people if _nearly(person, wanted)]


def find_one(people: Sequence[Person], typed: str) -> Person:
    """The one person meant; Refused when nobody or several are, naming them."""
    found = find(people, typed)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refused(say("名单里没有“{typed}”", typed=typed), remedy=say("请核对工号、姓名或拼音；名单由中枢下发"))
    several = series(_line(person) for person in found[:LISTED])
    more = say(" 等 {n} 人", n=len(found)) if len(found) > LISTED else ""
    raise Refused(say("“{typed}”不止一人：{listed}{more}", typed=typed, listed=several, more=more),
                  remedy=say("请改用工号"))  # fmt: skip


def syllables(spoken: str) -> list[str]:
    """A reading without its tones: `liu2 ming2` → `liu`, `ming`; ü may be typed as v or u."""
    return [_TONE.sub("", syllable) for syllable in _plain(spoken).split()]


def _exactly(person: Person) -> set[str]:
    heard = syllables(person.spoken)
    return {_plain(person.number), _plain(person.name), person.id, "".join(heard), " ".join(heard)} - {""}


def _nearly(person: Person, wanted: str) -> bool:
    heard = syllables(person.spoken)
    initials = "".join(syllable[0] for syllable in heard if syllable)
    return (
        wanted in _plain(person.name)
        or "".join(heard).startswith(wanted.replace(" ", ""))
        or (len(wanted) > 1 and initials.startswith(wanted))
    )


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("ü", "v").split())


def _line(person: Person) -> str:
    parts = [part for part in (person.number, person.unit) if part]
    return say("{name}（{more}）", name=person.name, more=" ".join(parts)) if parts else person.name
