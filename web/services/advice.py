"""What a station may show of the whole hall: who came, which rounds there are, which were drawn or agreed on.

Advice with its time, never a fact. Of the rounds drawn at random it tells the times that have come and no other, so
that a station knows no more than whoever looks at the hub.
"""

from sqlalchemy.orm import Session

from station.facts import instant
from station.rules.hours import moment
from web.services import draws, in_force, key_patrols, rounds
from web.services.hub import Hub
from web.services.key_patrols import Planned
from web.services.rounds import Round, read_list
from web.services.today import Attendee, HallDay, hall_day


def advice(session: Session, hub: Hub) -> dict[str, object]:
    """How many are due and came, everybody's presence, today's rounds, and when that was known (HH:MM)."""
    held = in_force.read(session, hub)
    day = hall_day(session, hub, held)
    walked = rounds.of_day(session, day.at.date(), held.zone)
    drawn = draws.of_day(session, hub, day.at.date(), walked, held.on(day.at.date()).policy)
    return {
        "expected": len(day.due()), "arrived": len(day.came()), "at": f"{day.at:%H:%M}",
        "presence": {one.person.id: [one.presence.word, _came(one, day)] for one in day.due()},
        "rounds": [_round(session, one) for one in walked],
        "drawn": [instant(time.at) for time in (drawn.times if drawn else ())],
        "key": [_planned(plan) for plan in key_patrols.planned(session, hub.now())],
    }  # fmt: skip


def _came(one: Attendee, day: HallDay) -> str:
    came = one.presence.came
    return f"{moment(came.minute, day.at.tzinfo):%H:%M}" if came else ""  # type: ignore[arg-type]


def _planned(plan: Planned) -> dict[str, object]:
    return {
        "number": plan.number, "checkpoints": list(plan.checkpoints), "agreed": instant(plan.agreed),
        "reason": plan.reason,
    }  # fmt: skip


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
