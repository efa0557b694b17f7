"""People, posts and roles with their days: who sat where on any day, who may what, and how somebody leaves."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import Refused
from station.facts import Enrolled
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest, StationUnderTest
from tests.web.sheets import many
from web import routines
from web.ledger.accounts import AccountRow
from web.ledger.audit import AuditRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import SeatRow, WindowRow
from web.services import (
    accounts,
    audit,
    fingers,
    importing,
    leaving,
    papers,
    people,
    post_changes,
    posts,
    roles,
    roster,
)
from web.services.errors import BadInput, NotFound
from web.services.people import NewPerson
from web.services.posts import Window

pytestmark = pytest.mark.both_databases

TODAY = date(2026, 3, 2)
Act = Callable[[Session], Any]


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def do(hall: HallUnderTest, act: Act) -> Any:
    with hall.hub.ledger.writing() as session:
        return act(session)


def refused(hall: HallUnderTest, words: str, act: Act) -> None:
    """The act is refused in these words, and leaves no trace in the ledger."""
    before = traces(hall)
    with pytest.raises(Refused, match=words):
        do(hall, act)
    assert traces(hall) == before


def traces(hall: HallUnderTest) -> list[int]:
    with hall.hub.ledger.reading() as session:
        tables = (AuditRow, SeatRow, RoleRow, WindowRow)
        return [session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


@pytest.fixture
def window(hall: HallUnderTest) -> str:
    """A window of the first unit."""
    made = Window("101", "医疗保障局", "window", 1)
    return str(do(hall, lambda session: posts.open_window(session, made, TODAY, hall.hub.now(), ANYBODY)))


@pytest.fixture
def post(hall: HallUnderTest, window: str) -> str:
    """A post there."""
    return str(do(hall, lambda session: posts.add_post(session, window, "受理岗", hall.hub.now(), ANYBODY)))


def sit(hall: HallUnderTest, post: str, name: str, kind: str, since: date) -> str:
    person = hall.people[name]
    return str(do(hall, lambda session: posts.sit(session, post, person, kind, since, hall.hub.now(), ANYBODY)))


def rise(hall: HallUnderTest, seat: str, last: date) -> None:
    do(hall, lambda session: posts.rise(session, seat, last, hall.hub.now(), ANYBODY))


def seated(hall: HallUnderTest, day: date) -> list[str]:
    with hall.hub.ledger.reading() as session:
        return [f"{one.person.name}{one.seat.kind}{one.seat.rank}" for one in posts.seated(session, day)]


def test_who_sat_where_on_any_day(hall: HallUnderTest, post: str) -> None:
    first = sit(hall, post, "刘明", "A", after(-30))
    sit(hall, post, "王芳", "B", after(-30))
    sit(hall, post, "张伟", "B", after(-10))
    rise(hall, first, after(-5))
    sit(hall, post, "阿依古丽·买买提", "A", after(-4))
    assert seated(hall, after(-31)) == []
    assert seated(hall, after(-30)) == ["刘明A0", "王芳B1"]
    assert seated(hall, after(-5)) == ["刘明A0", "王芳B1", "张伟B2"]
    assert seated(hall, after(-4)) == ["阿依古丽·买买提A0", "王芳B1", "张伟B2"]
    assert seated(hall, after(400)) == ["阿依古丽·买买提A0", "王芳B1", "张伟B2"]
    with hall.hub.ledger.reading() as session:
        rows = {name: session.get_one(PersonRow, key).window for name, key in hall.people.items()}
        assert rows["阿依古丽·买买提"] == "101"
        assert audit.broken(session) is None


def window_on(hall: HallUnderTest, name: str, day: date) -> str:
    """The window in somebody's entry once the hub has been through its routines on that day."""
    hall.clock.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=hall.hub_zone()))
    routines.once(hall.hub)
    with hall.hub.ledger.reading() as session:
        return session.get_one(PersonRow, hall.people[name]).window


def test_the_window_in_an_entry_follows_the_seat_of_the_day(hall: HallUnderTest, post: str) -> None:
    with hall.hub.ledger.writing() as session:
        for person in session.execute(select(PersonRow)).scalars():
            person.window = "9" if person.id == hall.people["张伟"] else ""
    first = sit(hall, post, "刘明", "A", after(-9))
    rise(hall, first, TODAY)
    sit(hall, post, "王芳", "A", after(7))
    for day, ming, fang in ((0, "101", ""), (1, "", ""), (6, "", ""), (7, "", "101")):
        assert [window_on(hall, name, after(day)) for name in ("刘明", "王芳")] == [ming, fang], day
    assert window_on(hall, "张伟", after(7)) == "9", "what was filled in by hand stays"
    client = signed_in(hall, "admin")
    for name, shown in (("刘明", True), ("王芳", False)):
        path = f"/people/{hall.people[name]}"
        page = client.get(path).get_data(as_text=True)
        form = page.split(f'action="{path}"')[1].split("</form>")[0]
        assert ('name="window"' in form) == shown, "said by hand where no seat says it"


def test_who_stays_as_a_b_keeps_the_window(hall: HallUnderTest, post: str) -> None:
    rise(hall, sit(hall, post, "刘明", "A", after(-9)), TODAY)
    sit(hall, post, "刘明", "B", after(1))
    assert window_on(hall, "刘明", after(1)) == "101"


def test_a_post_has_one_a_at_a_time(hall: HallUnderTest, post: str) -> None:
    sit(hall, post, "刘明", "A", after(10))
    fang = hall.people["王芳"]
    for where, who, kind, since, words in (
        (post, fang, "A", after(10), "已有 A岗"),
        (post, fang, "A", after(50), "已有 A岗"),
        (post, fang, "A", after(0), "已有 A岗"),
        (post, hall.people["刘明"], "B", after(10), "已在这个岗位"),
        (post, fang, "C", TODAY, "只能是"),
        (ANYBODY, fang, "A", TODAY, "没有这个岗位"),
    ):
        refused(
            hall, words, partial(posts.sit, post=where, person=who, kind=kind, since=since, now=hall.hub.now(), by=None)
        )


def test_a_person_is_a_at_one_post_and_b_at_many(hall: HallUnderTest, window: str, post: str) -> None:
    other = str(do(hall, lambda s: posts.add_post(s, window, "咨询岗", hall.hub.now(), ANYBODY)))
    sit(hall, post, "刘明", "A", TODAY)
    ming = hall.people["刘明"]
    refused(hall, "已是101 号窗口 受理岗 A岗", lambda s: posts.sit(s, other, ming, "A", TODAY, hall.hub.now(), ANYBODY))
    sit(hall, other, "刘明", "B", TODAY)
    assert seated(hall, TODAY) == ["刘明A0", "刘明B1"]


def prefer(hall: HallUnderTest, seat: str) -> None:
    do(hall, lambda session: post_changes.prefer(session, seat, TODAY, hall.hub.now(), ANYBODY))


def test_bs_are_put_into_another_order(hall: HallUnderTest, post: str) -> None:
    a, first, second = (
        sit(hall, post, name, kind, TODAY) for name, kind in (("刘明", "A"), ("王芳", "B"), ("张伟", "B"))
    )
    prefer(hall, second)
    assert seated(hall, TODAY) == ["刘明A0", "张伟B1", "王芳B2"]
    refused(hall, "已是第一顺位", lambda s: post_changes.prefer(s, second, TODAY, hall.hub.now(), ANYBODY))
    refused(hall, "没有这项 B岗", lambda s: post_changes.prefer(s, a, TODAY, hall.hub.now(), ANYBODY))
    prefer(hall, first)
    assert seated(hall, TODAY) == ["刘明A0", "王芳B1", "张伟B2"]
    with hall.hub.ledger.reading() as session:
        filed = [(row.before, row.after) for row, _ in roster.filed(session, TODAY, TODAY) if "顺位" in row.before]
    assert filed[0] == ("101 号窗口 受理岗 B岗第 2 顺位", "101 号窗口 受理岗 B岗第 1 顺位")


def test_a_post_is_closed_once_nobody_sits_there(hall: HallUnderTest, post: str) -> None:
    def close(session: Session) -> None:
        post_changes.close_post(session, post, TODAY, hall.hub.now(), ANYBODY)

    seat = sit(hall, post, "刘明", "A", after(-30))
    refused(hall, "还有人", close)
    rise(hall, seat, TODAY)
    do(hall, close)
    refused(hall, "已于 2026-03-02 停用", close)
    ming = hall.people["刘明"]
    refused(hall, "已停用", lambda s: posts.sit(s, post, ming, "A", after(1), hall.hub.now(), ANYBODY))
    assert seated(hall, after(-3)) == ["刘明A0"], "who sat there is still known"


@pytest.mark.parametrize(("last", "words"), [(after(-2), "早于开始日期"), (after(9), "已在 .* 结束")])
def test_a_seat_ends_once_and_not_before_it_began(hall: HallUnderTest, post: str, last: date, words: str) -> None:
    seat = sit(hall, post, "刘明", "A", TODAY)
    if last > TODAY:
        rise(hall, seat, after(3))
    refused(hall, words, lambda s: posts.rise(s, seat, last, hall.hub.now(), ANYBODY))


def test_a_seat_ended_before_its_first_day_never_was(hall: HallUnderTest, post: str) -> None:
    rise(hall, sit(hall, post, "刘明", "A", after(5)), after(4))
    assert seated(hall, after(5)) == []
    sit(hall, post, "王芳", "A", after(5))
    assert seated(hall, after(5)) == ["王芳A0"]


BAD_WINDOWS = [
    (Window("", "税务局"), "编号不能为空"),
    (Window("1" * 21, "税务局"), "不超过 20"),
    (Window("101", "税务局"), "已用于医疗保障局"),
    (Window("１０１", "税务局"), "已用于医疗保障局"),
    (Window("102", ""), "单位名称"),
    (Window("102", "税务局", "roof"), "前台或后台"),
    (Window("102", "税务局", "window", 900), "楼层"),
]


@pytest.mark.parametrize(("given", "words"), BAD_WINDOWS)
def test_windows_that_cannot_be(hall: HallUnderTest, window: str, given: Window, words: str) -> None:
    refused(hall, words, lambda s: posts.open_window(s, given, TODAY, hall.hub.now(), ANYBODY))


def test_a_number_is_free_again_once_its_window_is_closed(hall: HallUnderTest, window: str, post: str) -> None:
    seat = sit(hall, post, "刘明", "A", after(-9))
    refused(hall, "还有人在岗位上", lambda s: posts.close_window(s, window, TODAY, hall.hub.now(), ANYBODY))
    rise(hall, seat, TODAY)
    do(hall, lambda s: posts.close_window(s, window, TODAY, hall.hub.now(), ANYBODY))
    do(hall, lambda s: posts.open_window(s, Window("101", "税务局"), TODAY, hall.hub.now(), ANYBODY))
    assert seated(hall, TODAY) == ["刘明A0"], "what was stays answerable"


def grant(hall: HallUnderTest, name: str, role: str, since: date, until: date | None = None) -> str:
    person = hall.people[name]
    return str(do(hall, lambda s: roles.grant(s, person, role, since, until, hall.hub.now(), ANYBODY)))


def held(hall: HallUnderTest, name: str, day: date) -> set[str]:
    with hall.hub.ledger.reading() as session:
        rows = people.roles_of(session, [hall.people[name]])[hall.people[name]]
        return {row.role for row in roles.in_force(rows, day)}


def test_roles_have_days(hall: HallUnderTest) -> None:
    ming = hall.people["刘明"]
    role = grant(hall, "刘明", "duty_leader", after(1), after(10))
    assert [("duty_leader" in held(hall, "刘明", after(day))) for day in (0, 1, 10, 11)] == [False, True, True, False]
    now = hall.hub.now()
    refused(hall, "已有这个角色", lambda s: roles.grant(s, ming, "duty_leader", after(10), None, now, ANYBODY))
    refused(hall, "早于", lambda s: roles.grant(s, ming, "chief_rep", after(3), after(2), now, ANYBODY))
    refused(hall, "没有选角色", lambda s: roles.grant(s, ming, "king", TODAY, None, now, ANYBODY))
    do(hall, lambda s: roles.withdraw(s, role, after(5), now, ANYBODY))
    assert [("duty_leader" in held(hall, "刘明", after(day))) for day in (5, 6)] == [True, False]
    refused(hall, "已在 .* 结束", lambda s: roles.withdraw(s, role, after(7), now, ANYBODY))
    grant(hall, "刘明", "duty_leader", after(6))
    assert "duty_leader" in held(hall, "刘明", after(6))


def test_a_window_has_heads_by_day(hall: HallUnderTest, window: str) -> None:
    now, ming = hall.hub.now(), hall.people["刘明"]
    do(hall, lambda s: roles.grant(s, ming, "window_head", TODAY, after(3), now, ANYBODY, window))
    with hall.hub.ledger.reading() as session:
        assert roles.heads(session, after(3)) == {window: ["刘明"]}
        assert roles.heads(session, after(4)) == {}
    refused(hall, "没有这个窗口", lambda s: roles.grant(s, ming, "window_head", TODAY, None, now, ANYBODY, ANYBODY))


def test_a_head_by_the_form_s_first_choice_heads_their_own_window(hall: HallUnderTest, window: str, post: str) -> None:
    """The form offers 本人所在窗口 first, and sends nothing for it."""
    office = Office(signed_in(hall, "admin"))
    sit(hall, post, "刘明", "A", after(-9))
    ming, fang = (f"/people/{hall.people[name]}" for name in ("刘明", "王芳"))
    office.refused(fang, f"{fang}/roles", "没有安排在窗口", role="window_head", since="", until="", scope="")
    page = office.send(ming, f"{ming}/roles", role="window_head", since="2026-03-02", until="", scope="")
    assert "窗口负责人 101 2026-03-02 起 现任" in page
    with hall.hub.ledger.writing() as session:
        assert roles.heads(session, TODAY) == {window: ["刘明"]}
        session.get_one(PersonRow, hall.people["王芳"]).window = "101"
    office.send(fang, f"{fang}/roles", role="window_head", since="2026-03-03", until="", scope="")
    with hall.hub.ledger.reading() as session:
        assert roles.heads(session, after(1)) == {window: ["刘明", "王芳"]}
    office.refused(ming, f"{ming}/roles", "已有这个角色", role="window_head", since="", until="", scope="")


def test_a_role_with_a_last_day_is_ended_before_it_on_the_page(hall: HallUnderTest) -> None:
    office, ming = Office(signed_in(hall, "admin")), f"/people/{hall.people['刘明']}"
    role = grant(hall, "刘明", "duty_leader", after(-5), after(10))
    over = grant(hall, "刘明", "duty_leader", after(-9), after(-6))
    assert f"/roles/{over}/end" not in office.client.get(ming).get_data(as_text=True)
    office.send(ming, f"{ming}/roles/{role}/end", last="2026-03-02")
    assert [("duty_leader" in held(hall, "刘明", after(day))) for day in (0, 1)] == [True, False]


def test_nothing_more_is_planned_at_a_closed_window(hall: HallUnderTest, window: str, post: str) -> None:
    client, now, ming = signed_in(hall, "admin"), hall.hub.now(), hall.people["刘明"]
    do(hall, lambda s: posts.close_window(s, window, after(3), now, ANYBODY))
    given, words = Window("101", "税务局"), "已停用，最后一天 2026-03-05"
    refused(hall, words, lambda s: posts.sit(s, post, ming, "A", TODAY, now, ANYBODY))
    refused(hall, words, lambda s: posts.add_post(s, window, "新岗", now, ANYBODY))
    refused(hall, words, lambda s: posts.edit_window(s, window, given, TODAY, now, ANYBODY))
    refused(hall, words, lambda s: posts.close_window(s, window, TODAY, now, ANYBODY))
    page = client.get(f"/people/windows/{window}").get_data(as_text=True)
    assert "已停用，最后一天 2026-03-05" in page
    assert f'action="/people/windows/{window}' not in page


def test_who_leaves_keeps_their_history_and_nothing_else(
    hall: HallUnderTest, station: StationUnderTest, post: str
) -> None:
    ming, now = hall.people["刘明"], hall.hub.now()
    sit(hall, post, "刘明", "A", after(-9))
    grant(hall, "刘明", "duty_leader", after(-9))
    do(hall, lambda s: accounts.create(s, ming, "liuming", now))
    station.clock.move_to(now - timedelta(days=1))
    station.record(Enrolled(person=ming, place=1))
    station.send()
    do(hall, lambda s: leaving.leave(s, ming, TODAY, TODAY, now, ANYBODY))
    assert (seated(hall, TODAY), seated(hall, after(1))) == (["刘明A0"], [])
    assert "duty_leader" in held(hall, "刘明", TODAY)
    assert held(hall, "刘明", after(1)) == set()
    with hall.hub.ledger.reading() as session:
        row = session.get_one(PersonRow, ming)
        assert (row.name, row.posted_to) == ("刘明", TODAY)
        account = session.execute(select(AccountRow).where(AccountRow.person == ming)).scalar_one()
        assert account.closed == now
        assert [order.person for order in fingers.orders_for(session, station.id)] == [ming]
        assert [command.person for command in papers.draw_up(session, hall.hub, station.id).commands] == [ming]
        whats = [change.what for change in roster.filed_of(session, ming)]
        assert {"leave", "post"} <= set(whats)
        assert audit.broken(session) is None
    refused(hall, "已于 2026-03-02 调离", lambda s: leaving.leave(s, ming, after(5), TODAY, now, ANYBODY))


def test_a_leaving_can_be_taken_back(hall: HallUnderTest) -> None:
    ming, now = hall.people["刘明"], hall.hub.now()
    refused(hall, "没有调离", lambda s: leaving.stay(s, ming, now, ANYBODY))
    do(hall, lambda s: leaving.leave(s, ming, TODAY, TODAY, now, ANYBODY))
    do(hall, lambda s: leaving.stay(s, ming, now, ANYBODY))
    assert held(hall, "刘明", after(9)) == {"staff"}
    with hall.hub.ledger.reading() as session:
        assert session.get_one(PersonRow, ming).posted_to is None
        assert fingers.orders_of(session, ming) == []
    refused(hall, "没有调离", lambda s: leaving.stay(s, ming, now, ANYBODY))


def test_a_leaving_taken_back_gives_every_role_its_own_last_day_again(hall: HallUnderTest) -> None:
    """Also when it was filed twice; and a role that ended on the last day by itself stays ended."""
    ming, now = hall.people["刘明"], hall.hub.now()
    for role, until in (("duty_leader", after(10)), ("patrol_officer", after(1)), ("chief_rep", after(3))):
        grant(hall, "刘明", role, after(-9), until)
    before = {day: held(hall, "刘明", after(day)) for day in range(12)}
    for last in (after(3), after(1)):
        do(hall, lambda s, last=last: leaving.leave(s, ming, last, TODAY, now, ANYBODY))  # type: ignore[misc]
    assert held(hall, "刘明", after(2)) == set()
    page = text_of(signed_in(hall, "admin").get("/audit?act=person.leave"))
    assert "2026-03-12" in page, "the audit tells of the days that were cut short"
    do(hall, lambda s: leaving.stay(s, ming, now, ANYBODY))
    assert {day: held(hall, "刘明", after(day)) for day in range(12)} == before
    do(hall, lambda s: leaving.leave(s, ming, TODAY, TODAY, now, ANYBODY))
    do(hall, lambda s: leaving.stay(s, ming, now, ANYBODY))
    assert {day: held(hall, "刘明", after(day)) for day in range(12)} == before


def test_a_number_is_free_once_the_last_day_is_over(hall: HallUnderTest) -> None:
    now = hall.hub.now()
    do(hall, lambda s: leaving.leave(s, hall.people["刘明"], after(7), TODAY, now, ANYBODY))
    for first in (None, after(-3), after(7)):
        refused(hall, "1001 已有人使用", lambda s, first=first: people.add(  # type: ignore[misc]
            s, [NewPerson("刘明", "1001", "税务局", posted_from=first)], now))  # fmt: skip
    do(hall, lambda s: people.add(s, [NewPerson("刘明", "1001", "税务局", posted_from=after(8))], now))


def test_who_comes_back_is_entered_anew_with_the_same_number(hall: HallUnderTest) -> None:
    now = hall.hub.now()
    refused(hall, "1001 已有人使用", lambda s: people.add(s, [NewPerson("刘明", "1001", "税务局")], now))
    do(hall, lambda s: leaving.leave(s, hall.people["刘明"], after(-1), TODAY, now, ANYBODY))
    new = do(hall, lambda s: people.add(s, [NewPerson("刘明", "1001", "税务局", posted_from=after(30))], now))
    assert new != [hall.people["刘明"]]


def test_the_hub_keeps_an_administrator(hall: HallUnderTest) -> None:
    now = hall.hub.now()
    signed_in(hall, "admin")
    with hall.hub.ledger.reading() as session:
        row = session.execute(select(RoleRow).where(RoleRow.role == "admin")).scalar_one()
    refused(hall, "唯一的系统管理员", lambda s: roles.withdraw(s, row.id, TODAY, now, ANYBODY))
    with hall.hub.ledger.writing() as session:
        session.get_one(PersonRow, row.person).posted_to = None
    refused(hall, "唯一的系统管理员", lambda s: leaving.leave(s, row.person, TODAY, TODAY, now, ANYBODY))
    refused(hall, "不能给自己", lambda s: leaving.leave(s, row.person, TODAY, TODAY, now, row.person))
    signed_in(hall, "admin", "staff")
    do(hall, lambda s: roles.withdraw(s, row.id, TODAY, now, ANYBODY))


def test_a_unit_s_new_name_goes_with_its_people_and_windows(hall: HallUnderTest, window: str) -> None:
    now = hall.hub.now()
    do(hall, lambda s: posts.need_unit(s, "税务局", now, ANYBODY))
    with hall.hub.ledger.reading() as session:
        unit = next(row.id for row in posts.units(session) if row.name == "医疗保障局")
    refused(hall, "已有单位", lambda s: posts.edit_unit(s, unit, "税务局", "", now, ANYBODY))
    do(hall, lambda s: posts.edit_unit(s, unit, "医保局", "8888", now, ANYBODY))
    with hall.hub.ledger.reading() as session:
        assert session.get_one(PersonRow, hall.people["刘明"]).unit == "医保局"
        assert posts.need_window(session, window).unit == "医保局"
    with pytest.raises(NotFound):
        do(hall, lambda s: posts.edit_unit(s, ANYBODY, "x", "", now, ANYBODY))


def test_nobody_is_found_by_half_a_name(hall: HallUnderTest) -> None:
    now = hall.hub.now()
    do(hall, lambda s: people.add(s, [NewPerson("刘明", "9001", "税务局")], now))
    with hall.hub.ledger.reading() as session:
        assert people.find(session, " 刘明  1001 ").id == hall.people["刘明"]
        assert people.find(session, "1002").name == "王芳"
        for typed, words in (("刘明", "有 2 个人"), ("刘", "没有找到"), ("", "没有找到"), ("刘明 1002", "没有找到")):
            with pytest.raises(BadInput, match=words):
                people.find(session, typed)


class Office:
    """An administrator's browser without scripts: finds a page's forms by their addresses and fills them in."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def send(self, page: str, action: str, **given: str) -> str:
        """Fill in the form of `page` that goes to `action`; the text of the page where it leads."""
        before = self.client.get(page)
        assert f'action="{action}"' in before.get_data(as_text=True), action
        answer = self.client.post(action, data=given | {"csrf_token": token_of(before)})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return text_of(self.client.get(answer.headers["Location"]))

    def refused(self, page: str, action: str, words: str, **given: str) -> None:
        """The same, refused in words on the page itself."""
        answer = self.client.post(action, data=given | {"csrf_token": token_of(self.client.get(page))})
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (400, True), answer.get_data(
            as_text=True
        )


def test_an_office_s_work_by_the_forms_alone(hall: HallUnderTest) -> None:
    office = Office(signed_in(hall, "admin"))
    page = office.send("/people/windows", "/people/windows", number="301", floor="3", side="window", unit="税务局")
    assert "301 号窗口 税务局 3 楼 · 窗口前台" in page
    window = re.findall(
        r"/people/windows/([0-9a-f-]{36})", office.client.get("/people/windows").get_data(as_text=True)
    )[0]
    path = f"/people/windows/{window}"
    assert "申报岗" in office.send(path, f"{path}/posts", name="申报岗")
    post = re.findall(r'name="post" value="([^"]+)"', office.client.get(path).get_data(as_text=True))[0]
    page = office.send(path, f"{path}/seats", post=post, person="刘明 1001", kind="A", since="2026-03-02")
    assert "刘明 2026-03-02 起 A岗" in page
    office.refused(path, f"{path}/seats", "已有 A岗", post=post, person="王芳", kind="A", since="2026-03-02")
    office.refused(path, f"{path}/seats", "没有找到", post=post, person="王", kind="B", since="")
    office.refused(path, f"{path}/seats", "不是日期", post=post, person="王芳", kind="B", since="昨天")
    office.send(path, f"{path}/seats", post=post, person="王芳", kind="B", since="")
    row = re.search(r"301 3 窗口前台 税务局 — 刘明 王芳", text_of(office.client.get("/people/windows")))
    assert row
    assert "空缺" in text_of(office.client.get("/people/windows?day=2026-03-01"))
    assert re.search(r"刘明 1001 医疗保障局 301 A岗 窗口人员", text_of(office.client.get("/people")))
    found = text_of(office.client.get("/people?q=301"))
    assert ("刘明 1001" in found, "王芳 1002" in found, "张伟 1003" in found) == (True, True, False), "A and B"

    page = office.send(
        "/people/new", "/people/new", name="赵敏", number="5001", unit="公安局", group="back_office",
        posted_from="2026-03-01", phone="13800002222", window="", pinyin="",
    )  # fmt: skip
    assert "赵敏 公安局" in page
    assert "zhao4 min3" in page
    office.refused("/people/new", "/people/new", "5001 已有人使用", name="赵敏", number="5001", unit="公安局")
    office.refused("/people/new", "/people/new", "没有填单位", name="赵敏", number="", unit="")
    ming = f"/people/{hall.people['刘明']}"
    page = office.send(ming, ming, name="刘明", number="1001", unit="税务局", group="window", posted_from="", phone="1")
    assert "医疗保障局 改为 税务局" in page
    page = office.send(ming, f"{ming}/roles", role="chief_rep", since="2026-03-02", until="", scope="")
    assert "首席代表 2026-03-02 起 现任" in page
    assert "税务局 在册 1 人 · 首席代表 刘明" in text_of(office.client.get("/people/units"))
    page = office.send(ming, f"{ming}/leave", last="2026-03-02")
    assert "最后一天 2026-03-02" in page
    assert "2026-03-02 调离" in page
    office.refused(ming, f"{ming}/leave", "已于 2026-03-02 调离", last="2026-03-05")
    assert "长期 现任" in office.send(ming, f"{ming}/stay")

    page = text_of(office.client.get("/people/changes?first=2026-03-01&last=2026-03-31"))
    for line in (
        "2026-03-01 公安局 赵敏 入驻 —",
        "2026-03-02 医疗保障局 刘明 岗位 新增 301 号窗口 申报岗 A岗",
        "2026-03-02 税务局 刘明 角色 新增 首席代表",
        "2026-03-02 税务局 — 窗口 新增 301 号窗口 3 楼 前台",
        "2026-03-02 税务局 刘明 调离",
    ):
        assert line in page, line
    assert "公安局" not in text_of(office.client.get("/people/changes?unit=税务局&first=2026-03-01")).split("查看")[1]
    page = office.send("/people/units", "/people/units", name="司法局")
    assert "司法局 在册 0 人" in page


ADMIN_ONLY = (
    "/people/new", "/people/windows", "/people/units", "/people/{p}", "/people/{p}/leave", "/people/{p}/stay",
    "/people/{p}/roles", "/people/{p}/roles/{p}/end", "/people/{p}/pin", "/people/{p}/fingers",
    "/people/windows/{p}", "/people/windows/{p}/close", "/people/windows/{p}/posts", "/people/windows/{p}/seats",
    "/people/windows/{p}/seats/{p}/end", "/people/windows/{p}/seats/{p}/forward", "/people/windows/{p}/posts/{p}/close",
)  # fmt: skip


def test_only_an_administrator_changes_anything(hall: HallUnderTest) -> None:
    client = signed_in(hall, "supervision")
    token = token_of(client.get("/people"))
    before = traces(hall)
    for path in ADMIN_ONLY:
        answer = client.post(path.format(p=hall.people["刘明"]), data={"csrf_token": token})
        assert answer.status_code == 403, path
    assert traces(hall) == before
    admin = signed_in(hall, "admin")
    token = token_of(admin.get("/people"))
    for path in ADMIN_ONLY:
        if "{p}" in path:
            answer = admin.post(path.format(p=ANYBODY), data={"csrf_token": token, "last": "2026-03-02"})
            assert answer.status_code in (400, 404), path


def test_who_may_look_into_whom(hall: HallUnderTest) -> None:
    path = f"/people/{hall.people['刘明']}"
    for role, status in (("supervision", 200), ("patrol_officer", 403), ("staff", 403), ("unit_leader", 403)):
        assert signed_in(hall, role).get(path).status_code == status, role
    leader = signed_in(hall, "unit_leader", "staff")
    with hall.hub.ledger.writing() as session:
        account = session.execute(select(AccountRow.person).order_by(AccountRow.made.desc(), AccountRow.id.desc()))
        own = session.get_one(PersonRow, account.scalars().first())
        own.unit = "医疗保障局"
        person = own.id
    assert leader.get(path).status_code == 200
    assert leader.get(f"/people/{hall.people['张伟']}").status_code == 403
    assert leader.get(f"/people/{person}").status_code == 200, "oneself always"


def test_the_list_of_people_is_turned_page_by_page(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        importing.carry_out(session, importing.plan(session, many(200), TODAY), TODAY, hall.hub.now(), None)
    client = signed_in(hall, "admin")
    assert "第 3 页，共 3 页" in text_of(client.get("/people?page=99"))
    assert "第 1 页，共 3 页" in text_of(client.get("/people?page=0"))
