"""Covers planned for leaves: who is proposed, who may, what is a gap, and how covers end with the leave."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.web.halls import HallUnderTest, copy_hall
from tests.web.test_leave import somebody
from web.ledger.covers import CoverRow
from web.ledger.leaves import LeaveRow
from web.services import bell, cover_needs, cover_plans, in_force, leave_ends, leaves, people, posts, roles
from web.services.cover_plans import Wish
from web.services.errors import BadInput
from web.services.leaves import Wanted
from web.services.people import NewPerson
from web.services.posts import Window

UNIT = "医疗保障局"
LONG_AGO, TUESDAY, FRIDAY = date(2026, 1, 5), date(2026, 3, 3), date(2026, 3, 6)
B = ("王芳", "张伟", "阿依古丽·买买提")


@dataclass
class Plans:
    """101: 刘明 is A, with three Bs in their order; 周华 stands nowhere."""

    hall: HallUnderTest
    windows: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        now = self.hall.hub.now()
        with self.hall.hub.ledger.writing() as session:
            self.hall.people["周华"] = people.add(session, [NewPerson("周华", "1009", UNIT)], now)[0]
            for number in ("101", "102"):
                window = posts.open_window(session, Window(number, UNIT, "window", 1), LONG_AGO, now, None)
                self.windows[number], self.posts[number] = window, posts.add_post(session, window, "综合岗", now, None)
            posts.sit(session, self.posts["101"], self.hall.people["刘明"], "A", LONG_AGO, now, None)
            posts.sit(session, self.posts["102"], self.hall.people["王芳"], "A", LONG_AGO, now, None)
            for name in B:
                posts.sit(session, self.posts["101"], self.hall.people[name], "B", LONG_AGO, now, None)

    def leave(self, name: str, first: date, last: date, kind: str = "personal", start: int = 9, end: int = 18) -> str:
        """An approved leave; its id."""
        zone, who = self.hall.hub_zone(), self.hall.people[name]
        ends = [
            datetime(day.year, day.month, day.day, hour, tzinfo=zone) for day, hour in ((first, start), (last, end))
        ]
        with self.hall.hub.ledger.writing() as session:
            held, now = in_force.read(session, self.hall.hub), self.hall.hub.now()
            row = leaves.file(session, held, Wanted(who, kind, ends[0], ends[1], "家中有事"), who, now)
            leaves.settle(session, held, row, "approved", now, who)
            return row.id

    def covers(self) -> list[str]:
        """Every cover as "王芳 proposed 03-03 09:00~03-04 18:00"."""
        zone, names = self.hall.hub_zone(), {key: name for name, key in self.hall.people.items()}
        with self.hall.hub.ledger.reading() as session:
            rows = sorted(session.query(CoverRow), key=lambda row: row.id)
            return [
                f"{names[row.person]} {row.state} {row.start.astimezone(zone):%m-%d %H:%M}"
                f"~{row.end.astimezone(zone) if row.end else '':%m-%d %H:%M}" for row in rows
            ]  # fmt: skip

    def gaps(self) -> list[str]:
        """ "101 nobody 03-03 03-04" for each gap."""
        with self.hall.hub.ledger.reading() as session:
            found = cover_needs.needs(session, in_force.read(session, self.hall.hub), self.hall.hub.now())
            return [" ".join((n.window.number, n.why, *(f"{day:%m-%d}" for day in n.days))) for n in found]

    def act(self, name: str, person: str = "", standing: str = "", by: str = "周华") -> None:
        """Accept, refuse or change the only cover there is that still counts."""
        with self.hall.hub.ledger.writing() as session:
            held, now, who = in_force.read(session, self.hall.hub), self.hall.hub.now(), self.hall.people[by]
            row = session.query(CoverRow).where(CoverRow.state.in_(("proposed", "open"))).one()
            if name == "accept":
                cover_plans.accept(session, held, row.id, now, who)
            elif name == "refuse":
                cover_plans.refuse(session, row.id, now, who)
            else:
                cover_plans.change(session, held, row.id, person, standing, now, who)

    def on_leave(self, leave: str, act: str, until: datetime | None = None) -> None:
        """Something done about a leave; more time by supervision."""
        above = somebody(self.hall, "罗琳", "supervision") if until else ""
        with self.hall.hub.ledger.writing() as session:
            held, now, by = in_force.read(session, self.hall.hub), self.hall.hub.now(), self.hall.people["周华"]
            if act == "withdraw":
                leave_ends.withdraw(session, held, leave, by, "", now)
            elif act == "revoke":
                leave_ends.revoke(session, held, leave, by, ["supervision"], "骗假", now)
            else:
                assert until is not None
                leave_ends.move_end(session, held, leave, above, until, "有正当理由", now)


@pytest.fixture
def plans(hall: HallUnderTest) -> Plans:
    return Plans(hall)


def test_the_first_registered_b_is_proposed_for_the_leave_s_days(plans: Plans) -> None:
    plans.leave("刘明", TUESDAY, FRIDAY)
    assert plans.covers() == ["王芳 proposed 03-03 09:00~03-06 18:00"]
    assert plans.gaps() == ["101 unaccepted 03-03 03-04 03-05 03-06"]
    plans.act("accept")
    assert (plans.covers(), plans.gaps()) == (["王芳 open 03-03 09:00~03-06 18:00"], [])


def test_a_proposal_skips_the_away_the_busy_and_the_unposted(plans: Plans, hall: HallUnderTest) -> None:
    plans.leave("王芳", TUESDAY, TUESDAY, "sick", 9, 12)
    with hall.hub.ledger.writing() as session:
        people.get(session, hall.people["张伟"]).posted_to = TUESDAY
    plans.leave("刘明", TUESDAY, FRIDAY)
    assert [each.split()[0] for each in plans.covers()] == ["阿依古丽·买买提"]
    with hall.hub.ledger.writing() as session:
        posts.sit(session, plans.posts["102"], hall.people["阿依古丽·买买提"], "B", LONG_AGO, hall.hub.now(), None)
    plans.leave("王芳", FRIDAY, FRIDAY, "sick")
    assert len(plans.covers()) == 1, "who covers 101 on Friday is not proposed for 102 as well"
    assert plans.gaps() == ["101 unaccepted 03-03 03-04 03-05 03-06", "102 nobody 03-03", "102 nobody 03-06"]


def test_nobody_to_propose_is_a_gap_until_the_head_names_somebody(plans: Plans, hall: HallUnderTest) -> None:
    for name in B:
        plans.leave(name, TUESDAY, TUESDAY, "training")
    leave = plans.leave("刘明", TUESDAY, FRIDAY)
    assert plans.covers() == []
    assert plans.gaps() == ["101 nobody 03-03 03-04 03-05 03-06", "102 nobody 03-03"]
    with hall.hub.ledger.writing() as session:
        held, now, row = in_force.read(session, hall.hub), hall.hub.now(), session.get(LeaveRow, leave)
        assert row is not None

        def assign(name: str, standing: str, first: date, last: date) -> CoverRow:
            wish = Wish(hall.people[name], standing, first, last)
            return cover_plans.assign(session, held, row, plans.posts["101"], wish, now, hall.people["周华"])

        with pytest.raises(BadInput, match="王芳 这段时间请学习培训，不能顶岗"):
            assign("王芳", "", TUESDAY, FRIDAY)
        with pytest.raises(BadInput, match="单人窗口时，此人不能顶这个岗（万州 顶岗 第二条、万州 顶岗 第七条）"):
            assign("周华", "", TUESDAY, TUESDAY)
        with pytest.raises(BadInput, match="就是请假的人"):
            assign("刘明", "unit_sent", TUESDAY, TUESDAY)
        sent = assign("周华", "head_assigned", TUESDAY, TUESDAY)
        assert (sent.occasion, sent.clauses) == ("all_away", "wanzhou:substitution:4.7")
        with pytest.raises(BadInput, match="此人不能顶这个岗"):
            assign("周华", "head_assigned", TUESDAY + timedelta(days=1), FRIDAY)
        assign("张伟", "", TUESDAY + timedelta(days=1), FRIDAY)
        with pytest.raises(BadInput, match="已安排 张伟 顶这个岗"):
            assign("王芳", "", FRIDAY, FRIDAY)
    assert plans.gaps() == ["102 nobody 03-03"]


def test_the_head_changes_whom_the_pack_lets_cover(plans: Plans, hall: HallUnderTest) -> None:
    plans.leave("刘明", TUESDAY, FRIDAY)
    with pytest.raises(BadInput, match="不能顶这个岗"):
        plans.act("change", hall.people["周华"], "")
    with pytest.raises(BadInput, match="不能办理自己的顶岗"):
        plans.act("accept", by="王芳")
    plans.act("change", hall.people["周华"], "unit_sent")
    assert plans.covers() == ["周华 open 03-03 09:00~03-06 18:00"]
    with pytest.raises(BadInput, match="办理过"):
        plans.act("accept")
    plans.act("change", hall.people["张伟"], "")
    assert (plans.covers(), plans.gaps()) == (["张伟 open 03-03 09:00~03-06 18:00"], [])


def test_who_covers_and_asks_for_leave_is_replaced_or_missed(plans: Plans) -> None:
    plans.leave("刘明", TUESDAY, TUESDAY)
    plans.leave("王芳", TUESDAY, TUESDAY, "sick")
    assert [each.split()[:2] for each in plans.covers()] == [["王芳", "cancelled"], ["张伟", "proposed"]]
    plans.act("accept")
    plans.leave("张伟", TUESDAY, TUESDAY, "sick")
    assert plans.gaps() == ["101 away 03-03", "102 nobody 03-03"], "what was accepted is the head's to change"


def test_a_refused_proposal_is_a_gap(plans: Plans) -> None:
    plans.leave("刘明", TUESDAY, TUESDAY)
    plans.act("refuse")
    assert plans.gaps() == ["101 nobody 03-03"]


@pytest.mark.parametrize("accepted", [False, True])
def test_a_leave_withdrawn_takes_its_covers_along(plans: Plans, accepted: bool) -> None:
    leave = plans.leave("刘明", TUESDAY, FRIDAY)
    if accepted:
        plans.act("accept")
    plans.on_leave(leave, "withdraw")
    assert (plans.covers(), plans.gaps()) == (["王芳 cancelled 03-03 09:00~03-06 18:00"], [])


def test_a_leave_cut_or_extended_takes_its_covers_along(plans: Plans, hall: HallUnderTest) -> None:
    leave = plans.leave("刘明", TUESDAY, FRIDAY)
    plans.act("accept")
    hall.clock.move_to(hall.at("09:00") + timedelta(days=2))
    thursday, next_monday = (datetime(2026, 3, day, 12, tzinfo=hall.hub_zone()) for day in (5, 9))
    plans.on_leave(leave, "move", thursday)
    assert (plans.covers(), plans.gaps()) == (["王芳 open 03-03 09:00~03-05 12:00"], [])
    plans.on_leave(leave, "move", next_monday)
    assert plans.covers() == ["王芳 open 03-03 09:00~03-09 12:00"]
    plans.on_leave(leave, "revoke")
    assert plans.covers() == ["王芳 open 03-03 09:00~03-04 09:00"], "what was covered was covered"


def test_an_extension_past_the_b_s_own_leave_is_a_gap(plans: Plans, hall: HallUnderTest) -> None:
    leave = plans.leave("刘明", TUESDAY, TUESDAY)
    plans.act("accept")
    plans.leave("王芳", FRIDAY, FRIDAY, "sick")
    plans.on_leave(leave, "move", datetime(2026, 3, 6, 18, tzinfo=hall.hub_zone()))
    assert plans.covers() == ["王芳 open 03-03 09:00~03-03 18:00"]
    assert "101 nobody 03-04 03-05 03-06" in plans.gaps()


def test_an_afternoon_s_leave_is_covered_in_the_afternoon(plans: Plans) -> None:
    plans.leave("刘明", TUESDAY, TUESDAY, start=13, end=18)
    assert plans.covers() == ["王芳 proposed 03-03 13:00~03-03 18:00"]


# The policy, who is proposed of the registered Bs, and what stands open then.
@pytest.mark.parametrize(
    ("policy", "proposed", "gap"),
    [
        ("wanzhou", ["王芳"], "101 unaccepted 03-03"),
        ("taigu", ["王芳"], "101 unaccepted 03-03"),
        ("shanxi", ["王芳"], "101 unaccepted 03-03"),  # its rules have no such section: the default's
        ("xingling", [], "101 nobody 03-03"),  # xingling:attendance:4: the unit sends somebody
    ],
)
def test_what_the_packs_make_of_it(template: Path, tmp_path: Path, policy: str, proposed: list[str], gap: str) -> None:
    made = copy_hall(template, tmp_path / policy, policy=policy)
    plans = Plans(made)
    plans.leave("刘明", TUESDAY, TUESDAY)
    assert ([each.split()[0] for each in plans.covers()], plans.gaps()) == (proposed, [gap])
    made.hub.close()


@pytest.mark.both_databases
def test_a_note_that_is_owed_waits_for_both_people_and_the_head(plans: Plans, hall: HallUnderTest) -> None:
    def asked(name: str, *roles: str) -> list[int]:
        with hall.hub.ledger.reading() as session:
            viewer = bell.viewer(session, hall.hub, hall.people[name], UNIT, frozenset(roles), hall.hub.now())
            return [each.count for each in bell.ring(session, viewer) if each.kind == "notes"]

    plans.leave("刘明", TUESDAY, TUESDAY)
    plans.act("accept")
    with hall.hub.ledger.writing() as session:
        cover = session.query(CoverRow).one().id
        roles.grant(session, hall.people["张伟"], "window_head", TUESDAY, None, hall.hub.now(), hall.people["张伟"],
                    plans.windows["101"])  # fmt: skip
    assert asked("王芳") == [], "not begun"
    tuesday = hall.at("09:00") + timedelta(days=1)
    hall.clock.move_to(tuesday)
    assert (asked("王芳"), asked("刘明"), asked("张伟", "window_head")) == ([1], [1], [1])
    assert asked("周华") == []
    with hall.hub.ledger.writing() as session:
        cover_plans.note(session, cover, "handover", "印章两枚", tuesday, hall.people["刘明"])
    assert asked("王芳") == []
    hall.clock.move_to(tuesday + timedelta(days=1))
    assert asked("王芳") == [1], "what is handed back"
    hall.clock.move_to(tuesday + timedelta(days=9))
    assert asked("王芳") == [], "not for ever"
