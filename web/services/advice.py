"""What a station may show of the whole hall: who came, which rounds there are. Advice with its time, never a fact."""

from sqlalchemy.orm import Session

from station.facts import instant
from station.rules.hours import moment
from web.services import in_force, rounds
from web.services.hub import Hub
from web.services.rounds import Round, read_list
from web.services.today import Attendee, HallDay, hall_day


def advice(session: Session, hub: Hub) -> dict[str, object]:
    """How many are due and came, everybody's presence, today's rounds, and when that was known (HH:MM)."""
    held = in_force.read(session, hub)
    day = hall_day(session, hub, held)
    return {
        "expected": len(day.due()), "arrived": len(day.came()), "at": f"{day.at:%H:%M}",
        "presence": {one.person.id: [one.presence.word, _came(one, day)] for one in day.due()},
        "rounds": [_round(session, one) for one in rounds.of_day(session, day.at.date(), held.zone)],
    }  # fmt: skip


def _came(one: Attendee, day: HallDay) -> str:
    came = one.presence.came
    return f"{moment(came.minute, day.at.tzinfo):%H:%M}" if came else ""  # type: ignore[arg-type]


def _round(session: Session, one: Round) -> dict[str, object]:
    """A round as stations read it; under what a signature stands matters while one is missing."""
    return {
        "id": one.id, "kind": one.kind, "inspector": one.inspector, "checklist": one.checklist,
        "opened": instant(one.opened), "named": list(one.named),
        "members": [[each.person, each.left, instant(each.signed) if each.signed else None] for each in one.officers],
        "visits": [
            {"checkpoint": visit.checkpoint, "at": instant(visit.at), "officers": read_list(visit.rows[0].officers),
             "found": visit.found, "photos": len(visit.pictures)}
            for visit in one.visits.values()
        ],
        "digest": "" if one.closed else rounds.digest(session, one.id),
    }  # fmt: skip
