"""Papers: what a station is given to work from. Equal content has equal bytes, so an ETag says whether they changed."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.policy import as_data
from station.facts import canonical
from station.papers import Calendar, Papers, Person, PolicyVersion, Role, etag_of
from station.papers import Hall as HallPart
from station.rules.calendar import state_council
from station.wire import papers_message
from web.ledger.people import PersonRow, RoleRow
from web.ledger.stations import StationRow
from web.services import people
from web.services.hub import Hub

SINCE = date(2000, 1, 1)  # a hall's first policy holds for all its past


@dataclass(frozen=True, slots=True)
class Issue:
    """Papers ready to be handed out."""

    content: bytes
    etag: str
    signature: str


def build(session: Session, hub: Hub) -> Issue:
    """The present papers, signed."""
    content = canonical(draw_up(session, hub).model_dump(mode="json"))
    return Issue(content, etag_of(content), hub.key.sign(papers_message(content)))


def draw_up(session: Session, hub: Hub) -> Papers:
    """What the papers say."""
    hall = hub.hall
    roles = people.roles_of(session)
    return Papers(
        hall=HallPart(id=hall.id, name=hall.name, zone=hall.zone, hub_key=hub.key.public),
        policies=[PolicyVersion(since=SINCE, policy=_policy(hub.settings.policy))],
        calendar=_calendar(hub.now().astimezone(ZoneInfo(hall.zone)).year),
        people=[_person(row, roles.get(row.id, [])) for row in people.everybody(session)],
        demo=hub.settings.demo,
    )


def known_to_have(session: Session, station: str) -> str | None:
    """The ETag of the papers that the station fetched last."""
    return session.execute(select(StationRow.papers_etag).where(StationRow.id == station)).scalar()


def fetched(session: Session, station: str, etag: str, now: datetime) -> None:
    """Remember which papers the station has, and since when."""
    session.execute(update(StationRow).where(StationRow.id == station).values(papers_etag=etag, papers_at=now))


def _person(row: PersonRow, roles: list[RoleRow]) -> Person:
    return Person.model_validate(
        {
            "id": row.id, "name": row.name, "number": row.number, "spoken": row.pinyin, "unit": row.unit,
            "window": row.window, "group": row.group, "posted_from": row.posted_from, "posted_to": row.posted_to,
            "roles": [Role(role=held.role, since=held.since, until=held.until) for held in roles],
        }
    )  # fmt: skip


@lru_cache(maxsize=8)
def _policy(name: str) -> dict[str, Any]:
    return as_data(name)


@lru_cache(maxsize=8)
def _calendar(year: int) -> Calendar:
    """Days that differ in the year before, this one and the next."""
    table = state_council()
    near = range(year - 1, year + 2)
    return Calendar(
        years=sorted(table.known & set(near)),
        holidays=sorted(day for day in table.holidays if day.year in near),
        workdays=sorted(day for day in table.workdays if day.year in near),
    )
