"""What the bell and 今日 count of findings is what the list shows to whoever looks."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from station.rules.following import Step
from tests.web.halls import HallUnderTest
from tests.web.patrolling import Patrol, patrol_of
from web.door import recorder_of
from web.ledger.facts import RequestRow
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.patrol import CheckpointRow, FindingRow
from web.ledger.people import PersonRow, RoleRow
from web.services import bell, finding_waits, findings, in_force
from web.services.scopes import EVERYBODY, Scope, scope_of
from web.services.waits import Counts

pytestmark = pytest.mark.both_databases
UNIT = "医疗保障局"
KINDS = {
    "findings_confirm": "confirm", "findings_mend": "rectify", "findings_late": "rectify", "findings_verify": "verify",
    "findings_hear": "hear", "findings_answer": "answer",
}  # fmt: skip
COUNTS = (
    finding_waits.to_confirm, finding_waits.to_mend, finding_waits.overdue, finding_waits.to_verify,
    finding_waits.to_hear, finding_waits.to_answer,
)  # fmt: skip
ITEMS = ("post-02", "post-01", "other-08", "hygiene-04", "conduct-51")  # left, empty, a fault, a reminder, rude
ROLES = ("supervision", "patrol_officer", "window_head", "chief_rep", "unit_leader", "duty_leader", "office_leader",
         "attendance_clerk")  # fmt: skip
FRIDAY = datetime(2026, 3, 6, 2, tzinfo=UTC)
MANY = 150


def fill(session: Session, patrol: Patrol, dice: random.Random) -> None:
    """Findings of the hall's week with whatever was done about them, sensible or not."""
    people, officers = list(patrol.hall.people.values()), list(patrol.officers.values())
    everybody, points = people + officers, list(patrol.points.values())
    for number in range(MANY):
        at = datetime(2026, 3, 2, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(5000))
        pair, person = dice.sample(officers, 2), dice.choice([None, *people])
        finding = FindingRow(
            id=str(uuid7()), lineage="l", seq=number, station="", at=at, clock="synced", fact=str(uuid7()), round="r",
            checkpoint=dice.choice(points), item=dice.choice(ITEMS), column="other", clauses="[]", person=person,
            note="", officers=json.dumps(pair), by=pair[0], source="round", about="",
        )  # fmt: skip
        session.add(finding)
        ids, about = [finding.id], {finding.id: person}
        if finding.item == "post-01" and dice.random() < 0.5:
            asked = AskedFindingRow(id=str(uuid7()), of=finding.id, person=people[0], item="post-02", opened=at)
            session.add(asked)
            ids, about = [*ids, asked.id], about | {asked.id: people[0]}
        for one in ids:
            for step in dice.choices(get_args(Step), k=dice.randrange(5)):
                at += timedelta(minutes=dice.randrange(1, 900))
                named = (
                    dice.choice(everybody) if step == "assign" or (step == "confirm" and dice.random() < 0.3) else None
                )
                session.add(FindingStepRow(id=str(uuid7()), finding=one, at=at, by=dice.choice(everybody), step=step,
                                           role="staff", person=named, note="", photo=""))  # fmt: skip
            if dice.random() < 0.2:
                fields = json.dumps({"finding": one, "reason": "x"})
                session.add(RequestRow(id=str(uuid7()), lineage="l", seq=number, station="", at=at, clock="synced",
                                       person=about[one] or people[1], asks="answer", fields=fields))  # fmt: skip


@pytest.fixture
def patrol(hall: HallUnderTest) -> object:
    """A hall whose windows lie in two units, 101 with a head, and a week of findings."""
    made, dice = patrol_of(hall), random.Random(20260302)
    with hall.hub.ledger.writing() as session:
        fill(session, made, dice)
        window = session.get_one(CheckpointRow, made.points["101 号窗口"]).window
        held = [
            (made.officers["周凯"], "window_head", window), (hall.people["刘明"], "chief_rep", ""),
            (hall.people["王芳"], "unit_leader", ""), (hall.people["张伟"], "attendance_clerk", ""),
            (made.officers["孙莉"], "duty_leader", ""),
        ]  # fmt: skip
        for person, role, scope in held:
            session.add(RoleRow(id=str(uuid7()), person=person, role=role, scope=scope, since=None, until=None))
    hall.clock.move_to(FRIDAY)
    yield made
    recorder_of(hall.app).close()


def test_the_bell_counts_what_waits_for_whoever_looks(patrol: Patrol) -> None:
    hub = patrol.hall.hub
    with hub.ledger.reading() as session:
        held = in_force.read(session, hub)
        wanted = findings.Wanted(FRIDAY.date() - timedelta(days=30), FRIDAY.date())
        cases = findings.listed(session, held, EVERYBODY, wanted, FRIDAY)
        told = Counter[str]()
        for row in session.execute(select(PersonRow)).scalars().all():
            roles = frozenset(ROLES)
            viewer = bell.viewer(session, hub, row.id, row.unit, roles, FRIDAY)
            steps = Counter(step for one in cases for step in one.all_for(row.id, roles))
            counted: Counter[str] = Counter()
            for counts in COUNTS:
                line = counts(viewer)
                assert line is not None
                counted[KINDS[line.kind]] += session.execute(line.number).scalar_one()
            assert (row.name, +counted) == (row.name, steps)
            late = finding_waits.overdue(viewer)
            assert late is not None
            overdue = [
                one for one in cases if one.stands.mending == "overdue" and "rectify" in one.all_for(row.id, roles)
            ]
            assert session.execute(late.number).scalar_one() == len(overdue)
            told += counted
        assert set(told) == set(KINDS.values()), "every kind waits for somebody"


def test_what_is_serious_and_what_is_overdue_is_told_upward(patrol: Patrol) -> None:
    hub, supervision = patrol.hall.hub, frozenset({"supervision"})
    leader, other = patrol.officers["孙莉"], patrol.officers["陈静"]
    with hub.ledger.reading() as session:
        held = in_force.read(session, hub)
        wanted = findings.Wanted(FRIDAY.date() - timedelta(days=30), FRIDAY.date())
        cases = findings.listed(session, held, EVERYBODY, wanted, FRIDAY)
        open_ = [one for one in cases if one.stands.mending in ("open", "overdue")]
        late = [one for one in open_ if one.stands.mending == "overdue"]

        def told(line: Counts, person: str, roles: frozenset[str]) -> int | None:
            found = line(bell.viewer(session, hub, person, "", roles, FRIDAY))
            return found and session.execute(found.number).scalar_one()

        def grave(person: str) -> int:
            return sum(one.found.severity == "serious" and one.parties.about != person for one in open_)

        assert told(finding_waits.overdue_in_hall, other, supervision) == len(late) > 0
        assert told(finding_waits.serious, other, supervision) == grave(other) > 0
        assert told(finding_waits.serious, leader, frozenset({"duty_leader"})) == grave(leader) > 0
        officer = frozenset({"patrol_officer"})
        assert told(finding_waits.overdue_in_hall, other, officer) is None
        assert told(finding_waits.serious, other, officer) is None


def test_the_tile_counts_what_the_list_shows(patrol: Patrol) -> None:
    hub = patrol.hall.hub
    with hub.ledger.reading() as session:
        held = in_force.read(session, hub)
        wanted = findings.Wanted(FRIDAY.date() - timedelta(days=30), FRIDAY.date())
        people, other = patrol.hall.people, "市场监督管理局"
        scopes = [
            EVERYBODY, Scope(unit=UNIT, person=people["张伟"]), Scope(unit=other, person=people["王芳"]),
            scope_of(people["王芳"], UNIT, ()), Scope(),
        ]  # fmt: skip
        for scope in scopes:
            cases = findings.listed(session, held, scope, wanted, FRIDAY)
            open_ = [one.stands.mending for one in cases if one.stands.mending in ("open", "overdue")]
            assert finding_waits.unmended(session, held, scope, FRIDAY) == (len(open_), open_.count("overdue")), scope
        assert open_ == []


def test_without_a_role_only_ones_own_and_what_was_assigned_is_counted(patrol: Patrol) -> None:
    hub = patrol.hall.hub
    with hub.ledger.reading() as session:
        viewer = bell.viewer(session, hub, patrol.hall.people["阿依古丽·买买提"], "", frozenset(("staff",)), FRIDAY)
        lines = [counts(viewer) for counts in COUNTS]
    assert [line.kind for line in lines if line] == ["findings_mend", "findings_late", "findings_answer"]
