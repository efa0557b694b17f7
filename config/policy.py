"""A hall's policy: one section from one document's pack each, overridable key by key; data, validated on load.

A pack (`policies/*.toml`) is what one document says. A hall (`halls/*.toml`) chooses a pack for each section and
may override keys; an overridden key that names no source of its own is the hall's own and counts as `assumed`.
A section that a pack lacks comes from the default hall, as `assumed`.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator

from config.errors import BadFile, Refused
from config.policy_attendance import Attendance, Leave
from config.policy_faults import Fault, Place, cross_faults, field_faults, nearest, spelled
from config.policy_outcomes import Assessment, Consequences, Reporting
from config.policy_parts import ASSUMED, Frozen, Section
from config.policy_posts import Complaints, Duty, Patrol, Substitution
from config.words import say, series

HERE = Path(__file__).parent
PACKS = HERE / "policies"
HALLS = HERE / "halls"
DEFAULT = "default"
SECTIONS: dict[str, type[Section]] = {
    "attendance": Attendance,
    "leave": Leave,
    "duty": Duty,
    "patrol": Patrol,
    "substitution": Substitution,
    "complaints": Complaints,
    "consequences": Consequences,
    "assessment": Assessment,
    "reporting": Reporting,
}
LATER: dict[str, tuple[str, ...]] = {"patrol": ("photo_days",)}
"""Keys that came when halls had stored policies already. None of them judges anybody, so that no past changes."""
Raw = dict[str, Any]


class Origin(Frozen):
    """Where a section comes from: a pack; `assumed` when the pack asked for has none and the default hall lent it."""

    pack: str
    assumed: bool = False
    overridden: tuple[str, ...] = ()


class Policy(Frozen):
    """What is in force in a hall. `zone`: the IANA name of the zone that cuts its days."""

    name: str
    title: str
    zone: str = "Asia/Shanghai"
    floors: int | None = Field(default=None, gt=0)
    windows: int | None = Field(default=None, gt=0)
    origins: dict[str, Origin]
    attendance: Attendance
    leave: Leave
    duty: Duty
    patrol: Patrol
    substitution: Substitution
    complaints: Complaints
    consequences: Consequences
    assessment: Assessment
    reporting: Reporting

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(say("没有 {zone} 这个时区", zone=zone)) from error
        return zone

    def section(self, name: str) -> Section:
        """The section of that name; KeyError if there is none."""
        if name not in SECTIONS:
            raise KeyError(name)
        found: Section = getattr(self, name)
        return found


def packs() -> list[str]:
    """Names of all packs, in alphabetical order."""
    return sorted(path.stem for path in PACKS.glob("*.toml"))


def halls() -> list[str]:
    """Names of all halls that come with the product, in alphabetical order."""
    return sorted(path.stem for path in HALLS.glob("*.toml"))


@cache
def load_policy(name: str) -> Policy:
    """The policy of a hall or pack of that name. Refused with the nearest spelling; BadFile with every fault."""
    path = _path(name)
    return _built(_composed(name, path), path)


def load_policy_file(path: Path) -> Policy:
    """The policy that a hall's file composes. BadFile names every fault with its key and reason."""
    return _built(_compose(path.stem, path, read_toml(path)), path)


def as_data(name: str) -> Raw:
    """The policy of that name as plain data (JSON types only), to be sent and read again by `from_data`."""
    load_policy(name)
    return _composed(name, _path(name)).raw


def from_data(data: Raw, origin: str) -> Policy:
    """The policy that `as_data` gave; BadFile, naming `origin`, with every fault."""
    made = _Composed()
    made.raw = data
    return _built(made, Path(origin))


def completed(data: Raw) -> Raw:
    """A policy as it was stored, with the keys of LATER that nobody knew of then: what the section's pack says today,
    and where that says nothing, the default hall's. `assumed`, since the hall never decided on them."""
    made = dict(data)
    for section, keys in LATER.items():
        kept = data.get(section)
        if isinstance(kept, dict) and (missing := [key for key in keys if key not in kept]):
            given = {
                **_pack_section(_of_default(section)[0], section),
                **_pack_section(_pack_of(data, section), section),
            }
            late = {key: given[key] for key in missing if key in given}
            made[section] = overridden(kept, late)
    return made


def _pack_of(data: Raw, section: str) -> str:
    origin = data.get("origins", {}).get(section, {})
    return str(origin.get("pack", "")) if isinstance(origin, dict) else ""


def _pack_section(pack: str, section: str) -> Raw:
    found = _shipped(PACKS / f"{pack}.toml").get(section) if pack in packs() else None
    return found if isinstance(found, dict) else {}


def from_text(text: str, name: str) -> Raw:
    """Plain data, as of `as_data`, of the policy that a hall's file with this text composes. `name`: for BadFile."""
    path = Path(name)
    made = _compose(path.stem, path, _parsed(text, path))
    _built(made, path)
    return made.raw


def _path(name: str) -> Path:
    folder = {**dict.fromkeys(packs(), PACKS), **dict.fromkeys(halls(), HALLS)}.get(name)
    if folder:
        return folder / f"{name}.toml"
    known = halls() + packs()
    raise Refused(
        say("没有叫 {name} 的大厅或制度", name=name) + nearest(name, known),
        remedy=say("可用的有：{names}", names=series(known)),
    )


def _composed(name: str, path: Path) -> "_Composed":
    return _compose(name, path, read_toml(path) if path.parent == HALLS else _of_pack(name))


def read_toml(path: Path) -> Raw:
    """The file as TOML; Refused when it is not there, BadFile when it is no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Refused(say("没有找到 {path}", path=path)) from error
    except OSError as error:
        raise Refused(say("读不了 {path}：{reason}", path=path, reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise BadFile(str(path), [say("不是合格的 TOML：{reason}", reason=error)]) from error
    return _parsed(text, path)


def _parsed(text: str, path: Path) -> Raw:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFile(str(path), [say("不是合格的 TOML：{reason}", reason=error)]) from error


@cache
def _shipped(path: Path) -> Raw:
    """A pack or hall of the product; read once, never changed."""
    return read_toml(path)


def _of_pack(name: str) -> Raw:
    """A pack's name standing where a hall's may: everything from that pack."""
    raw = _shipped(PACKS / f"{name}.toml")
    title = raw.get("title", name)
    return {"title": title, "from": {section: name for section in SECTIONS if section in raw}}


class _Composed:
    """The raw parts of a policy with the file that each section came from, and faults found on the way."""

    def __init__(self) -> None:
        self.raw: Raw = {"origins": {}}
        self.files: dict[str, str] = {}
        self.faults: list[Fault] = []


def _compose(name: str, path: Path, hall: Raw) -> _Composed:
    made = _Composed()
    chosen = hall.get("from", {})
    if not isinstance(chosen, dict):
        made.faults.append((("from",), say("这里要写各部分取自哪份制度")))
        chosen = {}
    known = [*SECTIONS, "title", "zone", "floors", "windows", "from"]
    made.faults += [((key,), say("没有这一项") + nearest(key, known)) for key in hall if key not in known]
    made.faults += [
        (("from", key), say("没有这一部分") + nearest(key, list(SECTIONS))) for key in chosen if key not in SECTIONS
    ]
    made.raw |= {"name": name, "title": hall.get("title", name)}
    made.raw |= {key: hall[key] for key in ("zone", "floors", "windows") if key in hall}
    for section in SECTIONS:
        _add_section(made, section, chosen.get(section), hall.get(section, {}), path)
    return made


def _add_section(made: _Composed, section: str, pack: object, override: object, path: Path) -> None:
    if pack is not None and pack not in packs():
        made.faults.append((("from", section), say("没有叫 {name} 的制度", name=pack) + nearest(str(pack), packs())))
        pack = None
    if not isinstance(override, dict):
        made.faults.append(((section,), say("这里要写成一张表")))
        override = {}
    giver, lent = (str(pack), {}) if pack else _of_default(section)
    base = _shipped(PACKS / f"{giver}.toml").get(section)
    if base is None:
        made.faults.append((("from", section), say("{name} 没有这一部分", name=giver)))
        return
    made.raw[section] = overridden(overridden(base, lent), override)
    made.files[section] = str(PACKS / f"{giver}.toml") if not override else str(path)
    keys = tuple(key for key in override if key != "sources")
    made.raw["origins"][section] = {"pack": giver, "assumed": pack is None, "overridden": keys}


def _of_default(section: str) -> tuple[str, Raw]:
    """What the default hall lends: the pack it takes the section from, and its own keys."""
    hall = _shipped(HALLS / f"{DEFAULT}.toml")
    return str(hall["from"][section]), hall.get(section, {})


def overridden(base: Raw, override: Raw) -> Raw:
    """A section with the hall's keys in place of the pack's. Tables of names merge, lists are replaced whole."""
    merged = dict(base)
    for key, value in override.items():
        old = merged.get(key)
        merged[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    own = override.get("sources")
    sources = {**base.get("sources", {}), **{key: ASSUMED for key in override if key != "sources"}}
    merged["sources"] = {**sources, **(own if isinstance(own, dict) else {})}
    return merged


def _built(made: _Composed, path: Path) -> Policy:
    faults = list(made.faults)
    for section, model in SECTIONS.items():
        if isinstance(made.raw.get(section), dict):
            faults += cross_faults(section, model, made.raw[section])
    try:
        policy = Policy.model_validate(made.raw)
    except ValidationError as error:
        lost = [place[1] for place, _ in made.faults if place[0] == "from" and len(place) > 1]
        faults += [
            fault
            for fault in field_faults(error, Policy)
            if not (lost and fault[0][0] in SECTIONS.keys() - made.raw.keys())
        ]
        raise _refusal(faults, made, path) from error
    if faults:
        raise _refusal(faults, made, path)
    return policy


def _refusal(faults: list[Fault], made: _Composed, path: Path) -> BadFile:
    return BadFile(str(path), [_line(place, reason, made, path) for place, reason in dict.fromkeys(faults)])


def _line(place: Place, reason: str, made: _Composed, path: Path) -> str:
    file = made.files.get(str(place[0]), str(path))
    where = spelled(place) if file == str(path) else f"{file} {spelled(place)}"
    return say("{key} {reason}", key=where, reason=reason)
