"""Duty: the roster in rotation, swaps, standing in, the log, the closing check, the handover; and who decides by it."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.browsing import add_login, enter, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, copy_hall
from web.ledger.audit import AuditRow
from web.services import (
    audit,
    bell,
    duty_closing,
    duty_days,
    duty_log,
    duty_planning,
    duty_swaps,
    holders,
    in_force,
    leaves,
    papers,
    people,
)
from web.services.duty_log import Matter
from web.services.duty_planning import Wanted
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.in_force import InForce
from web.services.people import NewPerson

MONDAY = date(2026, 3, 2)
ORDER = "甲乙丙"


@dataclass
class Duty:
    """A hall with three duty leaders 甲, 乙, 丙, somebody of supervision 督, and a centre leader 领."""

    hall: HallUnderTest
    who: dict[str, str]

    def __post_init__(self) -> None:
        self.names = {key: name for name, key in self.who.items()}

    def do(self, act: Callable[[Session, InForce, datetime], object]) -> object:
        """Something through the services, in one transaction."""
        with self.hall.hub.ledger.writing() as session:
            return act(session, in_force.read(session, self.hall.hub), self.hall.hub.now())

    def refused(self, act: Callable[[Session, InForce, datetime], object]) -> str:
        """The words with which something through the services is refused."""
        return self.fails(lambda: self.do(act))

    def fails(self, call: Callable[[], object]) -> str:
        """The words of a refusal; each says what to do next."""
        with pytest.raises((BadInput, NotAllowed)) as caught:
            call()
        assert caught.value.remedy
        return caught.value.what

    def plan(self, first: date, last: date, order: str = ORDER, *, over: bool = False) -> None:
        """Plan working days, look, and write."""
        wanted = Wanted(first, last, tuple(self.who[each] for each in order), frozenset({"working"}), over)

        def act(session: Session, held: InForce, now: datetime) -> None:
            made = duty_planning.plan(session, held, wanted, MONDAY)
            duty_planning.write(session, held, wanted, made.mark, now, self.who["督"])

        self.do(act)

    def roster(self, first: date, last: date) -> str:
        """Who leads the days that somebody leads, a letter each."""
        with self.hall.hub.ledger.reading() as session:
            there = duty_days.between(session, first, last)
        return "".join(self.names[each.leader] for _, each in sorted(there.items()) if each.leader)

    def deciders(self) -> str:
        """Who decides as duty leader now."""
        with self.hall.hub.ledger.reading() as session:
            holding = holders.on(session, MONDAY, self.hall.hub.now())
            return "".join(sorted(self.names[row.person] for row, _ in holding.held if row.role == "duty_leader"))

    def swap(self, day: date, other: str, other_day: date | None = None, by: str = "甲") -> str:
        """Ask for a swap."""
        return str(self.do(lambda s, held, now: duty_swaps.ask(
            s, held, day, other_day, self.who[other], "家里有事", now, self.who[by])))  # fmt: skip

    def answer(self, swap: str, act: str, by: str, *roles: str) -> None:
        """Decide on it."""
        self.do(lambda s, held, now: duty_swaps.decide(s, held, swap, act, "有安排", now, self.who[by], roles))

    def stand_in(self, person: str, end: str, by: str = "甲") -> None:
        """Leave the Monday to another until a time."""

        def act(session: Session, held: InForce, now: datetime) -> None:
            ends = datetime.combine(MONDAY, datetime.strptime(end, "%H:%M").time(), held.zone)  # noqa: DTZ007
            duty_planning.stand_in(session, held, self.who[person], now, ends, "留意三楼", now, self.who[by])

        self.do(act)

    def rings(self, name: str, *roles: str) -> set[str]:
        """The kinds of what waits for somebody."""
        with self.hall.hub.ledger.reading() as session:
            hub = self.hall.hub
            viewer = bell.viewer(session, hub, self.who[name], "", frozenset(roles), hub.now())
            return {each.kind for each in bell.ring(session, viewer) if each.kind.startswith("duty")}

    def browser(self, name: str) -> FlaskClient:
        """A browser in which somebody is signed in."""
        with self.hall.hub.ledger.writing() as session:
            account = add_login(session, self.who[name], f"login-{self.who[name][-6:]}", self.hall.hub.now())
        return enter(self.hall, account)


@contextmanager
def opened(template: Path, folder: Path) -> Iterator[Duty]:
    """The hall on its Monday."""
    hall = copy_hall(template, folder / "hub", policy="default")
    staff = [NewPerson(name, roles=(role,)) for name, role in
             (("甲", "duty_leader"), ("乙", "duty_leader"), ("丙", "duty_leader"), ("督", "supervision"),
              ("领", "centre_leader"))]  # fmt: skip
    with hall.hub.ledger.writing() as session:
        ids = people.add(session, staff, hall.hub.now())
    yield Duty(hall, {one.name: key for one, key in zip(staff, ids, strict=True)})
    hall.hub.close()


@pytest.fixture
def duty(template: Path, tmp_path: Path) -> Iterator[Duty]:
    with opened(template, tmp_path) as made:
        yield made


@pytest.fixture
def week(duty: Duty) -> Duty:
    return rostered(duty)


@pytest.fixture(scope="module")
def still(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duty]:
    """For what is refused and leaves no trace: the same week, with 丙 on leave on Tuesday and on Thursday."""
    with opened(template, tmp_path_factory.mktemp("still")) as made:
        leave_of(rostered(made), "丙", day(1))
        leave_of(made, "丙", day(3))
        yield made


def rostered(duty: Duty) -> Duty:
    """Monday 甲, Tuesday 乙, Wednesday 丙, Thursday 甲, Friday 乙; Saturday 丙, by hand."""
    duty.plan(MONDAY, day(4))
    duty.do(lambda s, held, now: duty_planning.change(s, held, day(5), duty.who["丙"], "安排", now, duty.who["督"]))
    return duty


def day(number: int) -> date:
    """The so-manieth day from Monday."""
    return MONDAY + timedelta(days=number)


def leave_of(duty: Duty, name: str, day: date) -> None:
    """A whole day's leave, approved by the centre's leader."""

    def act(session: Session, held: InForce, now: datetime) -> None:
        start, end = (datetime(day.year, day.month, day.day, hour, tzinfo=held.zone) for hour in (9, 17))
        person = duty.who[name]
        row = leaves.file(session, held, leaves.Wanted(person, "annual", start, end, "休假"), person, now)
        leaves.decide(session, held, row.id, duty.who["领"], True, "", now)

    duty.do(act)


# The roster.


@pytest.mark.parametrize(
    ("last", "away", "led"),
    [("03-06", {}, "甲乙丙甲乙"), ("03-10", {}, "甲乙丙甲乙丙甲"), ("03-06", {"甲": "03-02"}, "乙甲丙乙甲")],
)
def test_a_range_is_planned_in_turn_over_working_days(duty: Duty, last: str, away: dict[str, str], led: str) -> None:
    for name, day in away.items():
        leave_of(duty, name, date.fromisoformat(f"2026-{day}"))
    duty.plan(MONDAY, date.fromisoformat(f"2026-{last}"))
    assert duty.roster(MONDAY, date(2026, 4, 1)) == led


def test_what_is_planned_already_stays_unless_it_is_asked_for(duty: Duty) -> None:
    duty.plan(MONDAY, MONDAY + timedelta(days=1))
    duty.plan(MONDAY, MONDAY + timedelta(days=4), "丙甲")
    assert duty.roster(MONDAY, MONDAY + timedelta(days=4)) == "甲乙丙甲丙"
    duty.plan(MONDAY, MONDAY + timedelta(days=1), "丙甲", over=True)
    assert duty.roster(MONDAY, MONDAY + timedelta(days=1)) == "丙甲"
    with duty.hall.hub.ledger.reading() as session:
        details = session.execute(select(AuditRow.detail).where(AuditRow.act == "duty.plan")).scalars().all()
        assert any(f'"person":["{duty.who["甲"]}","{duty.who["丙"]}"]' in each for each in details)
        assert audit.broken(session) is None


@pytest.mark.parametrize(
    ("first", "days", "order", "said"),
    [
        (MONDAY - timedelta(days=1), 3, "甲", "2026-03-01 已经过去，值班表不能再改"),
        (MONDAY, -1, "甲", "结束日期早于开始日期"),
        (MONDAY, 400, "甲", "一次最多排 186 天"),
        (MONDAY, 3, "", "没有选轮值的人，或同一人选了两次"),
        (MONDAY, 3, "甲甲", "没有选轮值的人，或同一人选了两次"),
        (MONDAY, 3, "甲督", "名单里有人不是值班长"),
        (date(2026, 3, 7), 1, "甲", "这段日期里没有要排的日子"),
    ],
)
def test_what_cannot_be_planned(still: Duty, first: date, days: int, order: str, said: str) -> None:
    wanted = Wanted(first, first + timedelta(days=days), tuple(still.who[x] for x in order), frozenset({"working"}))
    assert still.refused(lambda s, held, _now: duty_planning.plan(s, held, wanted, MONDAY)) == said


def test_what_was_looked_at_is_what_is_written(duty: Duty) -> None:
    wanted = Wanted(MONDAY, MONDAY, (duty.who["甲"],), frozenset({"working"}))
    assert duty.refused(lambda s, held, now: duty_planning.write(s, held, wanted, "x", now, duty.who["督"])).startswith(
        "预览之后"
    )


@pytest.mark.parametrize(
    ("day", "to", "reason", "said"),
    [
        (MONDAY - timedelta(days=3), "乙", "调休", "2026-02-27 已经过去，值班表不能再改"),
        (MONDAY, "乙", " ", "没有写原因"),
        (MONDAY, "甲", "调休", "当天本来就是这样安排的"),
        (MONDAY, "领", "调休", "没有选值班长"),
        (MONDAY, "督", "调休", "督 2026-03-02 不能值班：当天不是值班长"),
        (MONDAY + timedelta(days=1), "丙", "调休", "丙 2026-03-03 不能值班：当天已批准请假"),
    ],
)
def test_a_day_that_cannot_be_changed_so(still: Duty, day: date, to: str, reason: str, said: str) -> None:
    change = duty_planning.change
    assert still.refused(lambda s, held, now: change(s, held, day, still.who[to], reason, now, still.who["督"])) == said
    assert still.roster(MONDAY, MONDAY + timedelta(days=2)) == "甲乙丙"


# Swaps.


def test_the_other_agrees_and_both_days_change_hands(week: Duty) -> None:
    swap = week.swap(day(0), "乙", day(1))
    assert week.rings("乙", "duty_leader") == {"duty_swap"}
    week.answer(swap, "agree", "乙", "duty_leader")
    assert week.roster(day(0), day(5)) == "乙甲丙甲乙丙"
    assert week.rings("乙", "duty_leader") == {"duty"}


@pytest.mark.parametrize(
    ("act", "by", "roles", "led"),
    [
        ("approve", "督", ("supervision",), "乙乙丙"),
        ("refuse", "督", ("supervision",), "甲乙丙"),
        ("decline", "乙", ("duty_leader",), "甲乙丙"),
        ("withdraw", "甲", ("duty_leader",), "甲乙丙"),
    ],
)
def test_a_day_given_away(week: Duty, act: str, by: str, roles: tuple[str, ...], led: str) -> None:
    swap = week.swap(day(0), "乙")
    week.answer(swap, act, by, *roles)
    assert week.roster(day(0), day(2)) == led
    assert week.fails(lambda: week.answer(swap, act, by, *roles)) == "这个换班已经办完"


@pytest.mark.parametrize(
    ("mine", "other", "theirs", "said"),
    [
        (0, "丙", 5, "2026-03-07 是休息日，工作日不能和休息日换"),
        (1, "乙", 1, "2026-03-03 不是您值班"),
        (0, "甲", 3, "不能和自己换班"),
        (0, "乙", 2, "2026-03-04 不是对方值班"),
        (0, "乙", -3, "2026-02-27 已经过去，不能换"),
        (3, "丙", None, "丙 2026-03-05 不能值班：当天已批准请假"),
        (0, "督", None, "督 2026-03-02 不能值班：当天不是值班长"),
    ],
)
def test_swaps_that_cannot_be(still: Duty, mine: int, other: str, theirs: int | None, said: str) -> None:
    theirs_on = None if theirs is None else day(theirs)
    ask = duty_swaps.ask
    words = still.refused(
        lambda s, held, now: ask(s, held, day(mine), theirs_on, still.who[other], "有事", now, still.who["甲"])
    )
    assert words == said


def test_what_came_in_between_is_seen_when_the_other_agrees(week: Duty) -> None:
    swap = week.swap(day(3), "乙", day(4))
    leave_of(week, "甲", day(4))
    said = week.fails(lambda: week.answer(swap, "agree", "乙", "duty_leader"))
    assert said == "甲 2026-03-06 不能值班：当天已批准请假"
    week.hall.clock.move_to(week.hall.hub.now() + timedelta(days=4))
    assert "已经过去" in week.fails(lambda: week.answer(swap, "agree", "乙", "duty_leader"))


def test_nobody_else_decides_a_swap_and_not_twice_about_a_day(week: Duty) -> None:
    swap = week.swap(day(0), "乙")
    assert week.fails(lambda: week.answer(swap, "agree", "丙", "duty_leader")) == "您不能办这个换班"
    assert week.fails(lambda: week.swap(day(0), "丙")) == "这一天已有没办完的换班"


# Who decides.


def test_without_a_word_of_the_roster_everybody_with_the_role_decides(duty: Duty) -> None:
    assert duty.deciders() == "丙乙甲"


def test_the_roster_names_who_decides_and_whoever_stands_in_for_a_while(week: Duty) -> None:
    assert week.deciders() == "甲"
    week.stand_in("督", "10:00")
    assert week.deciders() == "督"
    week.hall.at("10:00")
    assert week.deciders() == "甲"
    week.stand_in("乙", "12:00")
    week.do(lambda s, held, now: duty_planning.come_back(s, held, MONDAY, now, week.who["甲"]))
    assert week.deciders() == "甲"
    week.stand_in("乙", "12:00")
    week.do(lambda s, held, now: duty_planning.change(s, held, MONDAY, week.who["丙"], "生病", now, week.who["督"]))
    assert week.deciders() == "丙", "who stood in for another leader stands in no longer"


def test_a_leader_whose_role_ended_leaves_the_day_to_all_who_hold_it(week: Duty) -> None:
    with week.hall.hub.ledger.writing() as session:
        people.roles_of(session)[week.who["甲"]][0].until = MONDAY - timedelta(days=1)
    assert week.deciders() == "丙乙"


def test_leave_is_decided_by_whom_the_roster_names(week: Duty) -> None:
    def asked(session: Session, held: InForce, now: datetime) -> str:
        start, end = (datetime(2026, 3, 3, hour, tzinfo=held.zone) for hour in (9, 12))
        person = week.hall.people["刘明"]
        return leaves.file(session, held, leaves.Wanted(person, "personal", start, end, "有事"), person, now).id

    key = str(week.do(asked))
    said = week.refused(lambda s, held, now: leaves.decide(s, held, key, week.who["乙"], True, "", now))
    assert said == "您今天不能决定这张假条"
    week.do(lambda s, held, now: leaves.decide(s, held, key, week.who["甲"], True, "", now))


@pytest.mark.parametrize(
    ("person", "end", "by", "said"),
    [
        ("甲", "12:00", "甲", "代班人就是当天的值班长"),
        ("领", "12:00", "甲", "代班人要是值班长或督查人员"),
        ("乙", "08:00", "甲", "代班时间不对"),
        ("乙", "12:00", "丙", "您不是这一天的值班长"),
    ],
)
def test_who_cannot_stand_in(still: Duty, person: str, end: str, by: str, said: str) -> None:
    assert still.fails(lambda: still.stand_in(person, end, by)) == said


def test_who_is_away_or_not_posted_cannot_stand_in(week: Duty) -> None:
    leave_of(week, "丙", MONDAY)
    assert week.fails(lambda: week.stand_in("丙", "12:00")) == "丙 不能代班：当天已批准请假"
    week.stand_in("丙", "09:00")  # the leave begins then
    with week.hall.hub.ledger.writing() as session:
        people.get(session, week.who["乙"]).posted_to = MONDAY - timedelta(days=1)
    assert week.fails(lambda: week.stand_in("乙", "12:00")) == "乙 不能代班：当天不在册"


# The log.


def test_a_matter_is_registered_reported_settled_and_answered(week: Duty) -> None:
    now = week.hall.at("10:05")
    key = str(week.do(lambda s, held, at: duty_log.register(
        s, held, MONDAY, Matter(now, "damage", "灯管不亮", "三楼东", damage=True), at, week.who["甲"])))  # fmt: skip
    for act, told, note in (("report", "物业", ""), ("settle", "", "已换灯管"), ("feedback", "", "已告知窗口")):
        week.do(lambda s, held, at, a=act, t=told, n=note: duty_log.follow(s, held, key, a, t, n, at, week.who["甲"]))  # type: ignore[misc]
    with week.hall.hub.ledger.reading() as session:
        held = in_force.read(session, week.hall.hub)
        rows = duty_log.rows_between(session, MONDAY, MONDAY)
        (entry,) = duty_log.of(rows, duty_days.acts_on(session, [key]), held)
    assert [(act.act, act.told or act.note) for act in entry.acts] == [
        ("report", "物业"), ("settle", "已换灯管"), ("feedback", "已告知窗口"),
    ]  # fmt: skip
    assert (entry.is_open(), entry.open_stages(duty_log.STAGES), entry.late) == (False, [], False)


def test_an_urgent_matter_waits_for_those_above_until_one_of_them_saw_it(week: Duty) -> None:
    matter = Matter(week.hall.hub.now(), "visitors", "群众聚集", urgent=True, settle="已劝离")
    key = str(week.do(lambda s, held, at: duty_log.register(s, held, MONDAY, matter, at, week.who["甲"])))
    assert "duty_urgent" in week.rings("领", "centre_leader")
    assert "duty_urgent" not in week.rings("甲", "duty_leader")
    said = week.refused(lambda s, _held, at: duty_log.see(s, key, "", at, week.who["甲"], ("duty_leader",)))
    assert said == "重大情况由督查部门或中心领导签收"
    page = text_of(week.browser("领").get("/duty"))
    assert "重大情况待签收" in page
    week.do(lambda s, _held, at: duty_log.see(s, key, "请跟进", at, week.who["领"], ("centre_leader",)))
    assert "duty_urgent" not in week.rings("领", "centre_leader")


@pytest.mark.parametrize(
    ("matter", "by", "said"),
    [
        ({"text": " "}, "甲", "没有写情况，或写得太长"),
        ({"task": "x"}, "甲", "没有选属于哪一项职责"),
        ({"damage": True, "task": "damage"}, "甲", "没有写损坏的地点"),
        ({"happened": datetime.fromisoformat("2026-03-02T23:00+08:00")}, "甲", "时间还没有到"),
        ({}, "乙", "您不是这一天的值班长"),
    ],
)
def test_what_does_not_go_into_the_log(still: Duty, matter: dict[str, object], by: str, said: str) -> None:
    given = {"happened": still.hall.hub.now(), "task": "order", "text": "劝阻吸烟"} | matter
    register = duty_log.register
    refused = still.refused(lambda s, held, now: register(s, held, MONDAY, Matter(**given), now, still.who[by]))  # type: ignore[arg-type]
    assert refused == said


# The day's end.


def test_a_floor_is_looked_over_and_looked_over_again(week: Duty) -> None:
    item = duty_closing.items(1)[0]
    check = duty_closing.check
    week.do(lambda s, held, now: check(s, held, MONDAY, 1, (item,), "103 窗口，已关", now, week.who["甲"]))
    week.do(lambda s, held, now: check(s, held, MONDAY, 1, (), "", now, week.who["甲"]))
    with week.hall.hub.ledger.reading() as session:
        assert duty_closing.checks(session, MONDAY, MONDAY)[MONDAY][1].faults == ""
    assert "写明位置" in week.refused(lambda s, held, now: check(s, held, MONDAY, 1, (item,), "", now, week.who["甲"]))
    assert "只能当天" in week.refused(lambda s, held, now: check(s, held, day(-3), 1, (), "", now, week.who["甲"]))
    assert "楼层" in week.refused(lambda s, held, now: check(s, held, MONDAY, 9, (), "", now, week.who["甲"]))


def test_a_day_stays_open_until_the_next_leader_accepts_it(week: Duty) -> None:
    hand_over, answer = duty_closing.hand_over, duty_closing.answer
    key = str(week.do(lambda s, held, now: hand_over(s, held, MONDAY, "三楼灯待修", now, week.who["甲"])))
    assert week.rings("乙", "duty_leader") == set(), "it is taken over on the next day"
    assert "等接班人" in week.refused(lambda s, held, now: hand_over(s, held, MONDAY, "无", now, week.who["甲"]))
    week.hall.clock.move_to(week.hall.hub.now() + timedelta(days=1))
    assert week.rings("乙", "duty_leader") == {"duty", "duty_handover"}
    assert "由下一个" in week.refused(lambda s, held, now: answer(s, held, key, "accept", "", now, week.who["丙"]))
    assert "原因" in week.refused(lambda s, held, now: answer(s, held, key, "return", "", now, week.who["乙"]))
    week.do(lambda s, held, now: answer(s, held, key, "return", "没有写地点", now, week.who["乙"]))
    assert "交接还没有人接收" in text_of(week.browser("督").get("/duty"))
    again = str(week.do(lambda s, held, now: hand_over(s, held, MONDAY, "三楼东灯待修", now, week.who["甲"])))
    week.do(lambda s, held, now: answer(s, held, again, "accept", "", now, week.who["乙"]))
    assert week.rings("乙", "duty_leader") == {"duty"}
    assert "交接还没有人接收" not in text_of(signed_in(week.hall, "supervision").get("/duty"))
    assert "交接完毕" in week.refused(lambda s, held, now: hand_over(s, held, MONDAY, "无", now, week.who["甲"]))


def test_a_day_that_nobody_took_over_is_taken_by_who_leads_later(week: Duty) -> None:
    hand_over, answer = duty_closing.hand_over, duty_closing.answer
    key = str(week.do(lambda s, held, now: hand_over(s, held, MONDAY, "无", now, week.who["甲"])))
    week.hall.clock.move_to(week.hall.hub.now() + timedelta(days=2))
    assert "duty_handover" in week.rings("丙", "duty_leader")
    week.do(lambda s, held, now: answer(s, held, key, "accept", "", now, week.who["丙"]))
    assert "duty_handover" not in week.rings("丙", "duty_leader")


# Pages.


def test_a_day_through_the_pages(week: Duty) -> None:
    leader, path = week.browser("甲"), f"/duty/days/{MONDAY}"
    week.hall.at("10:00")
    token = token_of(leader.get(path))

    def post(where: str, client: FlaskClient = leader, status: int = 200, **form: object) -> str:
        answer = client.post(where, data={"csrf_token": token, **form}, follow_redirects=True)
        assert answer.status_code == status, answer.get_data(as_text=True)
        answer.status_code = 200
        return text_of(answer)

    assert "已记入值班记录" in post(f"{path}/entries", time="9：50", task="damage", place="三楼", text="灯不亮")
    page = post(f"{path}/entries", status=400, task="order", text="")
    assert "没有写情况，或写得太长" in page
    assert "还有 5 处未查" in page
    assert "全厅 甲 10:00 正常" in post(f"{path}/check", floor="hall")
    assert "代班至 11:30" in post(f"{path}/stand-in", person=week.who["督"], end="11:30", brief="留意三楼")
    assert "代班已结束" in post(f"{path}/back")
    assert "等待接收" in post(f"{path}/handover", text="三楼灯待修")
    page = text_of(leader.get("/duty"))
    assert "我的值班 3月2日 星期一 ， 3月5日 星期四" in page, page
    assert "缺值班长的日子" in page
    assert "今天由您值班" in text_of(leader.get("/duty/waits"))


def test_a_plan_through_the_pages(duty: Duty) -> None:
    office = duty.browser("督")
    order = {f"order-{duty.who[name]}": number for number, name in enumerate(ORDER, 1)}
    asked = {"preview": 1, "first": "2026-03-02", "last": "2026-03-04", "working": 1, **order}
    answer = office.get("/duty/plan", query_string=asked)
    assert "将改动 3 天，还没有写入" in text_of(answer)
    mark = answer.get_data(as_text=True).partition('name="mark" value="')[2][:16]
    form = {**asked, "mark": mark, "csrf_token": token_of(answer)}
    assert "值班表已写入" in text_of(office.post("/duty/plan", data=form, follow_redirects=True))
    assert duty.roster(MONDAY, day(4)) == "甲乙丙"
    assert "两个人的顺序相同" in text_of(office.get("/duty/plan", query_string=asked | dict.fromkeys(order, 1)))


def test_the_roster_and_the_log_on_paper(week: Duty) -> None:
    matter = Matter(week.hall.hub.now(), "damage", "灯管不亮", "三楼东", urgent=True, damage=True, report="物业")
    week.do(lambda s, held, now: duty_log.register(s, held, MONDAY, matter, now, week.who["甲"]))
    item = duty_closing.items(1)[0]
    check, hand_over = duty_closing.check, duty_closing.hand_over
    week.do(lambda s, held, now: check(s, held, MONDAY, 1, (item,), "103 窗口", now, week.who["甲"]))
    week.do(lambda s, held, now: hand_over(s, held, MONDAY, "三楼灯待修", now, week.who["甲"]))
    client = week.browser("督")
    rows = cells(client.get("/duty/roster.xlsx?month=2026-03").get_data())
    assert ["2026-03-02", "星期一", "工作日", "甲", "", ""] in rows
    assert ["2026-03-07", "星期六", "周末", "丙", "", "安排"] in rows
    rows = cells(client.get(f"/duty/log.xlsx?day={MONDAY}").get_data())
    assert ["1", "08:40", "设施损坏", "三楼东", "灯管不亮；甲", "向物业 甲 03-02 08:40", "", "", "重大情况"] in rows
    said = [row[0] for row in rows]
    assert "下班检查：1 楼 下班后桌面留有文件资料 103 窗口（甲 08:40）" in said
    assert "交接：三楼灯待修（甲 03-02 08:40），还没有人接收" in said
    for path in ("/duty/roster.pdf?month=2026-03", "/duty/log.pdf?month=2026-03"):
        assert client.get(path).get_data().startswith(b"%PDF-")


def cells(content: bytes) -> list[list[str]]:
    """The first sheet's rows, as text."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows]


def test_whoever_sees_no_hall_sees_who_is_on_duty_and_no_more(week: Duty) -> None:
    clerk = signed_in(week.hall, "attendance_clerk", unit="医疗保障局")
    page = text_of(clerk.get("/duty"))
    assert "周一" in page
    assert "甲" in page
    assert "缺值班长" not in page
    assert clerk.get(f"/duty/days/{MONDAY}").status_code == 403


def test_what_is_not_there(week: Duty) -> None:
    for get in (duty_swaps.get, duty_log.get, duty_closing.get):
        with week.hall.hub.ledger.reading() as session, pytest.raises(NotFound):
            get(session, "x")


def test_a_station_is_told_who_leads_which_day_and_who_stands_in(week: Duty) -> None:
    week.stand_in("督", "10:00")
    with week.hall.hub.ledger.reading() as session:
        held = papers.draw_up(session, week.hall.hub, "")
    assert [(each.day, week.names[each.person]) for each in held.duty][:2] == [(MONDAY, "甲"), (day(1), "乙")]
    stands_in = next(each for each in held.people if each.id == week.who["督"])
    days = [(role.since, role.until) for role in stands_in.roles if role.role == "duty_leader"]
    assert days == [(MONDAY, MONDAY)]


def office_lines(duty: Duty, name: str, *roles: str) -> list[str]:
    """The bell's lines of the roster for somebody."""
    with duty.hall.hub.ledger.reading() as session:
        viewer = bell.viewer(session, duty.hall.hub, duty.who[name], "", frozenset(roles), duty.hall.hub.now())
        return [each.kind for each in bell.ring(session, viewer) if each.kind in ("roster", "leaderless")]


def test_a_day_that_nobody_leads_waits_for_the_office_before_it_comes(duty: Duty) -> None:
    assert office_lines(duty, "督", "supervision") == [], "the hall keeps no roster"
    duty.plan(MONDAY, MONDAY)
    assert office_lines(duty, "督", "supervision") == ["roster"], "Tuesday"
    assert office_lines(duty, "甲", "duty_leader") == []
    duty.plan(MONDAY, MONDAY + timedelta(days=1))
    assert office_lines(duty, "督", "supervision") == []
    duty.hall.clock.move_to(datetime(2026, 3, 7, 2, tzinfo=UTC))  # Saturday: Monday counts
    assert office_lines(duty, "督", "supervision") == ["roster"]


def test_a_day_that_nobody_handed_over_waits_for_its_leader_and_supervision(week: Duty) -> None:
    assert "duty_unhanded" not in week.rings("甲", "duty_leader"), "today can still be handed over"
    week.hall.clock.move_to(week.hall.hub.now() + timedelta(days=1))
    rung = [week.rings(*who) & {"duty_unhanded"} for who in (("甲", "duty_leader"), ("督", "supervision"))]
    assert rung == [{"duty_unhanded"}] * 2
    assert "duty_unhanded" not in week.rings("乙", "duty_leader"), "another's day"
    assert "没有交接的值班日 1 3月2日，甲 值班" in text_of(week.browser("督").get("/duty"))
    key = str(week.do(lambda s, held, now: duty_closing.hand_over(s, held, MONDAY, "无", now, week.who["甲"])))
    assert "duty_unhanded" not in week.rings("甲", "duty_leader")
    assert "duty_returned" not in week.rings("甲", "duty_leader")
    week.do(lambda s, held, now: duty_closing.answer(s, held, key, "return", "没有写地点", now, week.who["乙"]))
    assert "duty_returned" in week.rings("甲", "duty_leader")
    assert "duty_returned" not in week.rings("乙", "duty_leader")
    week.do(lambda s, held, now: duty_closing.hand_over(s, held, MONDAY, "三楼灯", now, week.who["甲"]))
    assert "duty_returned" not in week.rings("甲", "duty_leader")


def test_a_leader_on_leave_waits_for_somebody_to_stand_in(week: Duty) -> None:
    leave_of(week, "乙", MONDAY + timedelta(days=1))
    for name, role in (("督", "supervision"), ("甲", "duty_leader")):
        assert office_lines(week, name, role) == ["leaderless"]
    assert office_lines(week, "领", "centre_leader") == []
    who, by = week.who["丙"], week.who["督"]
    week.do(lambda s, held, now: duty_planning.change(s, held, MONDAY + timedelta(days=1), who, "请假", now, by))
    assert office_lines(week, "督", "supervision") == []
