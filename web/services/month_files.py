"""A month's sheets as files in a folder: every unit's, or some. Reads only, so it may run beside the hub."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy.orm import Session

from config.words import say, series
from station.durable import write_durably
from web.services import attendance, drawing, in_force, members, months
from web.services.drawing import Drawn
from web.services.errors import BadInput, NotFound
from web.services.hub import Hub
from web.services.month_pdf import month_paper
from web.services.month_xlsx import month_file

Kind = Literal["xlsx", "pdf"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAKERS: dict[Kind, Callable[[Drawn], bytes]] = {
    "xlsx": lambda found: month_file(found.sheet, found.signatures(), found.rule()),
    "pdf": lambda found: month_paper(found.sheet, found.signatures(), found.rule()),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A unit's files. `hash`: the one that is printed on them; `obstacles`: what keeps the month from being closed."""

    unit: str
    files: tuple[Path, ...]
    people: int
    hash: str
    closed: bool
    obstacles: tuple[str, ...]


def month_of(text: str) -> date:
    """The first day of a month written as 2026-03; BadInput otherwise."""
    try:
        year, month = text.split("-")
        if len(year) == 4 and len(month) == 2:
            return date(int(year), int(month), 1)
    except ValueError:
        pass
    raise BadInput(say("月份要写成 2026-03 这样"), remedy=say("请改正后再试"))


def units_of(session: Session, hub: Hub, first: date, wanted: Sequence[str]) -> list[str]:
    """The units to be written: `wanted`, or all that have somebody posted. BadInput for a month to come, NotFound for
    a unit without a sheet."""
    if first > attendance.today_of(in_force.read(session, hub), hub.now()):
        raise BadInput(say("这个月还没有到"), remedy=say("请选已开始的月份"))
    known = members.units_of(members.read(session), first, in_force.last_of(first))
    for unit in wanted:
        if unit not in known:
            names = series(known) or say("没有")
            raise NotFound(
                say("{unit} 在这个月没有入驻人员", unit=unit), remedy=say("这个月有月表的单位：{names}", names=names)
            )
    return list(dict.fromkeys(wanted)) or known


def write(hub: Hub, first: date, units: Sequence[str], folder: Path, kinds: Sequence[Kind]) -> Iterator[Written]:
    """Write the sheets of `units`, one after the other; each file is whole or not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for unit in units:
        with hub.ledger.reading() as session:
            held, now = in_force.read(session, hub), hub.now()
            staff = drawing.staff_of(session, unit, first)
            book = attendance.look(session, held, [one.person for one in staff], first, in_force.last_of(first), now)
            found = drawing.drawn(session, hub, unit, first, staff, attendance.unkept(session, book, now))
            hindrances = drawing.obstacles(session, found, now)
        files = tuple(folder / f"{found.name}.{kind}" for kind in kinds)
        for path, kind in zip(files, kinds, strict=True):
            write_durably(path, MAKERS[kind](found))
        digest = months.hash_of(months.bytes_of(found.sheet))
        yield Written(unit, files, len(staff), digest, found.stands.closed, tuple(hindrances))
