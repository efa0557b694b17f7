"""Random rounds whose times nobody can choose, leak or deny.

A day's seed is made from a secret of the hub's and the date, so that nobody can draw again until they like the result.
Its SHA-256 goes into the chained audit before the day's hours begin; the times show only once they have come, the seed
once the day is over. Whoever has the line can then reckon all of it again (see `minutes_of`).
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy import Policy
from station.facts import Json
from station.rules.calendar import DayTable
from station.rules.hours import MINUTES_A_DAY, Stretch, law_of
from station.rules.patrol import answers_draw, slots
from web.ledger.audit import AuditRow
from web.services import audit, in_force
from web.services.hub import Hub
from web.services.rounds import Round

ACT = "draw.commit"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A time that was drawn. `walked`: the round that came of it; `missed`: its time is over without one."""

    at: datetime
    walked: str = ""
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """A day's draw as far as it may be known. `hash`: of the seed, in the audit's `row` since `made`.

    `spans`: the minutes since midnight among which was drawn. `times`: those that have come. `seed`: hex, once the day
    is over. `late`: the times before the hash was written, which prove nothing.
    """

    day: date
    row: int
    made: datetime
    hash: str
    count: int
    spans: tuple[Stretch, ...]
    times: tuple[Drawn, ...] = ()
    seed: str = ""
    late: int = 0


def commit(session: Session, hub: Hub) -> bool:
    """Write the hash of today's seed into the audit; whether it was done now. Nothing on days without rounds."""
    held, now = in_force.read(session, hub), hub.now()
    day = now.astimezone(held.zone).date()
    policy = held.on(day).policy
    spans = spans_of(policy, day, held.table)
    if not spans or _line(session, day) is not None:
        return False
    detail: Json = {
        "among": [[_clock(span.start), _clock(span.end)] for span in spans],
        "sha256": hashlib.sha256(_seed(hub, day)).hexdigest(), "times": policy.patrol.unscheduled_a_day,
    }  # fmt: skip
    audit.note(session, now, None, ACT, day.isoformat(), detail)
    return True


def spans_of(policy: Policy, day: date, table: DayTable) -> tuple[Stretch, ...]:
    """The minutes since midnight in which a round may begin at random: working hours long enough before their end for
    a round, and before and after the scheduled ones. None on days off, or where the policy asks for no such round."""
    planned = slots(policy, day, table)
    if not planned or not policy.patrol.unscheduled_a_day:
        return ()
    rules = policy.patrol
    busy = [(row.at - rules.last_minutes, row.at + rules.last_minutes) for row in rules.rounds]
    free = [
        minute
        for span in law_of(policy).hours
        for minute in range(span.start, span.end - rules.last_minutes)
        if not any(start <= minute < end for start, end in busy)
    ]
    return tuple(_stretches(free))


def minutes_of(seed: bytes, spans: Sequence[Stretch], count: int) -> tuple[int, ...]:
    """The minutes drawn, in their order: for n = 0, 1, … SHA-256 of the seed followed by n (one byte), as a number,
    modulo how many minutes the spans have; a minute drawn before is left out."""
    free = [minute for span in spans for minute in range(span.start, span.end)]
    found: list[int] = []
    for number in range(256):
        if len(found) >= min(count, len(free)):
            break
        minute = free[int.from_bytes(hashlib.sha256(seed + bytes((number,))).digest()) % len(free)]
        if minute not in found:
            found.append(minute)
    return tuple(sorted(found))


def of_day(session: Session, hub: Hub, day: date, walked: Sequence[Round], policy: Policy) -> Draw | None:
    """The draw of a day, as far as may be known now; None where nothing was drawn. `walked`: the day's rounds."""
    line = _line(session, day)
    return known(hub, line, walked, policy) if line is not None else None


def between(session: Session, first: date, last: date) -> dict[date, AuditRow]:
    """Day → its line in the audit."""
    days = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    query = select(AuditRow).where(AuditRow.act == ACT, AuditRow.subject.in_(days)).order_by(AuditRow.row.desc())
    return {date.fromisoformat(row.subject): row for row in session.execute(query).scalars()}


def known(hub: Hub, line: AuditRow, walked: Sequence[Round], policy: Policy) -> Draw:
    """What may be known of a line by now. `walked`: the rounds of its day."""
    day, detail, zone = date.fromisoformat(line.subject), json.loads(line.detail), ZoneInfo(hub.hall.zone)
    spans = tuple(Stretch(_minute(start), _minute(end)) for start, end in detail["among"])
    now, midnight = hub.now().astimezone(zone), datetime.combine(day, time(), zone)
    seed = _seed(hub, day)
    whole = [midnight + timedelta(minutes=minute) for minute in minutes_of(seed, spans, detail["times"])]
    come = [at for at in whole if at <= now]
    over = now >= midnight + timedelta(minutes=MINUTES_A_DAY)
    return Draw(
        day, line.row, line.at, detail["sha256"], detail["times"], spans,
        tuple(_drawn(at, now, walked, policy) for at in come if at > line.at), seed.hex() if over else "",
        sum(at <= line.at for at in come),
    )  # fmt: skip


def _drawn(at: datetime, now: datetime, walked: Sequence[Round], policy: Policy) -> Drawn:
    """A round that came of a drawn time: unscheduled, and begun within the bounds that hold for scheduled ones."""
    free = (one for one in walked if one.kind == "unscheduled" and one.visits)
    mine = [one.id for one in free if answers_draw(policy, at, one.opened)]
    over = now >= at + timedelta(minutes=policy.patrol.last_minutes)
    return Drawn(at, mine[0] if mine else "", not mine and over)


def _seed(hub: Hub, day: date) -> bytes:
    return hmac.digest(hub.secret_for("draws"), day.isoformat().encode(), hashlib.sha256)


def _line(session: Session, day: date) -> AuditRow | None:
    """The first line of the day counts: a second one would be a second draw."""
    query = select(AuditRow).where(AuditRow.act == ACT, AuditRow.subject == day.isoformat()).order_by(AuditRow.row)
    return session.execute(query.limit(1)).scalar()


def _stretches(minutes: Sequence[int]) -> list[Stretch]:
    found: list[Stretch] = []
    for minute in minutes:
        if found and found[-1].end == minute:
            found[-1] = Stretch(found[-1].start, minute + 1)
        else:
            found.append(Stretch(minute, minute + 1))
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
