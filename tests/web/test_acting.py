"""Who decides as duty leader (RULES 3.6, 6): whom the roster names, or who stands in; every door asks the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.web.browsing import text_of, token_of
from tests.web.test_duty import MONDAY, Duty, day, opened, rostered
from web.services import duty_desk, duty_planning, holders, in_force, people, roles

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def duty(template: Path, tmp_path: Path) -> Iterator[Duty]:
    """Three who hold the role, 甲, 乙, 丙, and 督 of supervision; the roster has no word yet."""
    with opened(template, tmp_path) as made:
        yield made


def acting(duty: Duty, name: str) -> bool:
    """Whether somebody decides as duty leader now, by either way of asking."""
    hub, who = duty.hall.hub, duty.who[name]
    with hub.ledger.reading() as session:
        now = hub.now()
        today = now.astimezone(ZONE).date()
        mine = roles.in_force(people.roles_of(session, [who]).get(who, []), today)
        held = frozenset(row.role for row in mine)
        alone = holders.acting(session, who, held, now, ZONE)
        assert alone == holders.on(session, today, now).acting(who, held), "one answer, however it is asked"
        return "duty_leader" in alone


def role_ends(duty: Duty, name: str) -> None:
    """Yesterday was the last day of somebody's role."""
    with duty.hall.hub.ledger.writing() as session:
        for row in people.roles_of(session)[duty.who[name]]:
            row.until = MONDAY - timedelta(days=1)


def nothing(_duty: Duty) -> None:
    """As the roster has it."""


def without_roster(duty: Duty) -> None:
    duty.do(lambda s, held, now: duty_planning.change(s, held, MONDAY, None, "安排", now, duty.who["督"]))


def stand_in_ends(duty: Duty) -> None:
    duty.stand_in("乙", "10:00")
    role_ends(duty, "乙")


def stand_in_is_over(duty: Duty) -> None:
    duty.stand_in("乙", "09:00")
    duty.hall.at("09:00")


CASES: list[tuple[str, Callable[[Duty], object], str]] = [
    ("the roster names 甲", nothing, "甲"),
    ("nobody is named: all who hold the role", without_roster, "甲乙丙"),
    ("a leader stands in for a while", lambda duty: duty.stand_in("乙", "10:00"), "乙"),
    ("supervision stands in", lambda duty: duty.stand_in("督", "10:00"), "督"),
    ("the stretch is over", stand_in_is_over, "甲"),
    ("the role of whom the roster names ended yesterday", lambda duty: role_ends(duty, "甲"), "乙丙"),
    ("who stands in lost the role", stand_in_ends, "甲丙"),
    ("the next day is another's", lambda duty: duty.hall.clock.move_to(duty.hall.hub.now() + timedelta(days=1)), "乙"),
]


@pytest.mark.parametrize(("why", "change", "who"), CASES, ids=[case[0] for case in CASES])
def test_who_decides_as_duty_leader(duty: Duty, why: str, change: Callable[[Duty], object], who: str) -> None:
    change(rostered(duty))
    assert "".join(name for name in "甲乙丙督领" if acting(duty, name)) == who, why


# Every door that asks for the duty leader: where, what is sent. 乙 holds the role on 甲's day.
DOORS = [
    ("/outages", {"station": "", "day": "2026-03-01", "start": "08:00", "end": "09:00", "reason": "停电"}),
    ("/outages/01950000-0000-7000-8000-000000000001/confirm", {"reason": "停电"}),
    ("/corrections/sign-ins/enter?day=2026-02-27", {}),
    ("/findings/key/101", {"accept": "yes"}),
]


def test_only_the_days_leader_passes_the_doors_of_the_duty_leader(duty: Duty) -> None:
    rostered(duty)
    leader, other, oversees = (duty.browser(name) for name in "甲乙督")
    for path, given in DOORS:
        data = given | {"csrf_token": token_of(other.get("/password"))}
        refused = other.post(path, data=data)
        assert refused.status_code == 403, path
        said = refused.get_data(as_text=True)
        assert ("今天的值班长不是您" in said, "请由甲或督查部门办理" in said) == (True, True)
        for browser in (leader, oversees):
            data = given | {"csrf_token": token_of(browser.get("/password"))}
            assert browser.post(path, data=data).status_code != 403, path
    assert "登记并核实" in text_of(leader.get("/outages"))
    assert "登记并核实" not in text_of(other.get("/outages"))
    duty.stand_in("乙", "10:00")
    path, given = DOORS[0]
    shown = other.post(path, data=given | {"csrf_token": token_of(other.get("/password"))})
    assert shown.status_code == 302, "the same login, while they stand in"
    data = given | {"csrf_token": token_of(leader.get("/password"))}
    assert leader.post(path, data=data).status_code == 403, "whom they stand in for decides nothing meanwhile"


def test_a_rostered_day_is_written_by_those_who_hold_the_role_when_its_leader_does_no_longer(duty: Duty) -> None:
    rostered(duty)
    role_ends(duty, "甲")
    with duty.hall.hub.ledger.reading() as session:
        desk = duty_desk.look(session, in_force.read(session, duty.hall.hub), day(0), duty.hall.hub.now())
    assert [name for name in "甲乙丙督领" if desk.writes(duty.who[name])] == ["乙", "丙", "督"]
