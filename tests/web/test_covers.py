"""Covers: taken over and given back at kiosks, once whatever happens; opened, ended and decided by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station.facts import Request
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest, MakeStation, StationUnderTest, counted
from tests.web.test_board import LONG_AGO, MONDAY, Floor, looks, moment, record
from web.ledger.audit import AuditRow
from web.ledger.covers import CoverRow, CoverTurnRow
from web.ledger.people import RoleRow
from web.services import audit, covering, covers, in_force, leaves, papers, posts, roles
from web.services.covers import Covering
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.leaves import Wanted
from web.services.rebuild import rebuild


@pytest.fixture
def floor(hall: HallUnderTest, station: StationUnderTest) -> Floor:
    return Floor(hall, station)


def standing(floor: Floor, at: str = "12:00") -> list[Covering]:
    """The day's covers as the hub has them."""
    floor.at(at)
    with floor.hall.hub.ledger.reading() as session:
        held = in_force.read(session, floor.hall.hub)
        return covers.between(session, held, *covers.bounds(held, MONDAY))


def turns(floor: Floor) -> list[tuple[object, ...]]:
    with floor.hall.hub.ledger.reading() as session:
        columns = CoverTurnRow.__table__.c
        return [tuple(row) for row in session.execute(select(*columns).order_by(CoverTurnRow.id))]


def test_an_emergency_cover_holds_from_its_fact_until_it_is_given_back(floor: Floor) -> None:
    floor.take_over("09:20", note="大厅系统故障，先接件")
    (cover,) = standing(floor, "09:40")
    assert (cover.start, cover.end, cover.state(moment("09:40"))) == (moment("09:20"), moment("17:30"), "open")
    assert (cover.counts, cover.waits, cover.clauses) == (True, True, ("wanzhou:substitution:4.5",))
    assert (cover.post, cover.occasion, cover.handover) == (floor.posts["101"], "emergency", "大厅系统故障，先接件")
    floor.ask("11:00", "hand_back", cover=cover.id, note="已移交 3 件")
    (cover,) = standing(floor)
    assert (cover.end, cover.state(moment("12:00")), cover.handback) == (moment("11:00"), "ended", "已移交 3 件")


@pytest.mark.both_databases
def test_the_same_request_twice_is_one_cover_and_a_rebuild_changes_nothing(floor: Floor, hall: HallUnderTest) -> None:
    floor.take_over("09:20")
    floor.ask("11:00", "hand_back")
    before = standing(floor)
    raws = list(floor.station.reader.raw_after(0, 10))
    floor.station.answer(floor.station.deliver(raws))
    rows = turns(floor)
    assert (len(rows), standing(floor)) == (2, before)
    with hall.hub.ledger.writing() as session:
        rebuild(session, hall.hub_zone())
    assert (turns(floor), standing(floor)) == (rows, before)


def test_another_station_may_hear_of_the_end_first(floor: Floor, make_station: MakeStation) -> None:
    other, ids = make_station(), floor.hall.people
    cover = floor.take_over("09:20")
    other.clock.move_to(moment("10:00"))
    fields = {"covered": ids["刘明"], "covering": ids["王芳"], "cover": cover, "by": "own_pin"}
    other.record(Request(person=ids["刘明"], asks="hand_back", fields=fields))
    other.send()
    assert standing(floor)[0].end == moment("10:00") + timedelta(seconds=1)


def test_a_request_that_waits_for_a_decision_is_no_cover_yet(floor: Floor) -> None:
    floor.ask("09:20", "cover", emergency=False)
    floor.ask("09:21", "cover")
    floor.ask("09:22", "cover", emergency=True, covered="")
    floor.ask("09:23", "cover", emergency=True, covering="x" * 40)
    assert (standing(floor), turns(floor)) == ([], [])


def test_a_kiosk_s_cover_lasts_no_longer_than_its_day(floor: Floor) -> None:
    floor.ask("16:00", "cover", emergency=True)
    (cover,) = standing(floor, "17:00")
    assert cover.end == moment("04:00") + timedelta(days=1)


def test_somebody_the_pack_does_not_let_cover_is_flagged_and_counts_only_when_accepted(
    floor: Floor, hall: HallUnderTest
) -> None:
    floor.press("张伟", "08:50")
    cover = floor.take_over("08:55", covering=hall.people["张伟"])
    found = floor.at("09:20")
    assert (looks(found)["101"], record(found)) == ("empty", ["09:00-09:20 刘明 not_come"])
    client = signed_in(hall, "duty_leader")
    page = text_of(client.get(f"/board/windows/{floor.windows['101']}"))
    assert "张伟 顶 刘明 的岗" in page
    assert "不合规定，待核对" in page
    token = token_of(client.get(f"/board/windows/{floor.windows['101']}"))
    answer = client.post(f"/board/covers/{cover}/decide", data={"csrf_token": token, "accept": "yes"})
    assert answer.status_code == 302
    found = floor.at("09:20")
    assert (looks(found)["101"], record(found)) == ("held", [])


def test_a_cover_of_nobody_s_post_is_shown_and_holds_nothing(floor: Floor, hall: HallUnderTest) -> None:
    floor.take_over("08:55", covered=ANYBODY)
    floor.at("09:20")
    page = text_of(signed_in(hall, "admin").get("/board"))
    assert "顶岗待核对 王芳 09:00 在打卡屏上接岗" in page, page
    floor.take_over("09:21", covering=ANYBODY)
    assert floor.at("09:30").astray[0].worker.name == "王芳", "a stranger covers nothing"


# By hand.


@pytest.mark.both_databases
def test_opened_and_ended_by_hand_with_notes_and_audit(floor: Floor, hall: HallUnderTest) -> None:
    floor.press("王芳", "08:50")
    floor.at("10:00")
    client = signed_in(hall, "duty_leader")
    path = f"/board/windows/{floor.windows['101']}"
    data = {"post": floor.posts["101"], "person": "王芳 1002", "occasion": "errand", "standing": "", "start": "9：30",
            "note": "取件 2 份", "csrf_token": token_of(client.get(path))}  # fmt: skip
    assert "顶岗已登记" in text_of(client.post(f"{path}/covers", data=data, follow_redirects=True))
    (cover,) = standing(floor, "10:00")
    assert (cover.began, cover.start, cover.clauses) == ("desk", moment("09:30"), ("wanzhou:attendance:2",))
    assert (cover.counts, cover.waits, cover.handover) == (True, False, "取件 2 份")
    assert record(floor.at("10:00")) == ["09:00-09:30 刘明 not_come"]
    page = text_of(client.get(path))
    assert "王芳 顶 刘明 的岗 · 综合岗 顶岗中" in page
    floor.at("10:30")
    ended = {"end": "10:15", "note": "都交清了", "csrf_token": data["csrf_token"]}
    page = text_of(client.post(f"/board/covers/{cover.id}/end", data=ended, follow_redirects=True))
    assert "已交还 时间 09:30 – 10:15 情形 临时有事 交接 取件 2 份 交还 都交清了" in page
    with hall.hub.ledger.reading() as session:
        acts = session.execute(
            select(AuditRow.act, AuditRow.subject).where(AuditRow.act.like("cover.%")).order_by(AuditRow.row)
        ).all()
        assert [tuple(each) for each in acts] == [("cover.open", cover.id), ("cover.end", cover.id)]
        assert audit.broken(session) is None


def test_a_desk_s_cover_can_be_given_back_at_a_kiosk(floor: Floor) -> None:
    floor.at("10:00")
    cover = floor.cover("王芳", "09:30")
    floor.ask("10:10", "hand_back", cover=cover)
    assert standing(floor, "10:30")[0].end == moment("10:10")


@pytest.mark.parametrize(
    ("person", "occasion", "as_what", "start", "post", "words"),
    [
        ("张伟", "errand", "", "09:30", "101", "临时有事时，此人不能顶这个岗（万州 考勤 第二条）"),
        ("张伟", "leave", "head_assigned", "09:30", "101", "请假时，此人不能顶这个岗（万州 考勤 第四条、"),
        ("刘明", "errand", "", "09:30", "101", "刘明 就是这个岗位的 A岗"),
        ("王芳", "holiday", "", "09:30", "101", "没有选顶岗的情形"),
        ("王芳", "errand", "friend", "09:30", "101", "没有选顶岗的情形"),
        ("王芳", "errand", "", "10:30", "101", "开始时间要在今天、现在之前"),
        ("王芳", "errand", "", "25:00", "101", "看不懂时间"),
        ("甲乙", "errand", "", "", "101", "没有找到在册的"),
        ("王芳", "errand", "", "", "102", "没有这个岗位"),
    ],
)
def test_what_is_not_taken_is_said_with_the_clause(
    floor: Floor, hall: HallUnderTest, person: str, occasion: str, as_what: str, start: str, post: str, words: str
) -> None:
    floor.at("10:00")
    client = signed_in(hall, "admin")
    path = f"/board/windows/{floor.windows['101']}"
    data = {"post": floor.posts[post], "person": person, "occasion": occasion, "standing": as_what, "start": start,
            "csrf_token": token_of(client.get(path))}  # fmt: skip
    answer = client.post(f"{path}/covers", data=data)
    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert standing(floor, "10:00") == []


def test_a_sent_or_assigned_person_covers_where_the_pack_says_so(floor: Floor) -> None:
    floor.at("10:00")
    floor.cover("张伟", "09:30", "all_away", "head_assigned")
    (cover,) = standing(floor, "10:00")
    assert (cover.standing, cover.clauses) == ("head_assigned", ("wanzhou:substitution:4.7",))
    with pytest.raises(BadInput, match="张伟 正在顶这个岗"):
        floor.cover("王芳", "09:40")


def test_who_is_on_leave_or_covers_elsewhere_is_not_let_cover_at_the_window(floor: Floor, hall: HallUnderTest) -> None:
    floor.at("10:00")
    floor.cover("张伟", "09:30", "all_away", "head_assigned", post="102")
    with pytest.raises(BadInput, match="张伟 这段时间已顶另一个岗"):
        floor.cover("张伟", "09:30", "all_away", "head_assigned")
    zone, who = hall.hub_zone(), hall.people["王芳"]
    start, end = moment("13:00").astimezone(zone), moment("17:30").astimezone(zone)
    with hall.hub.ledger.writing() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        row = leaves.file(session, held, Wanted(who, "personal", start, end, "家中有事"), who, now)
        leaves.settle(session, held, row, "approved", now, hall.people["张伟"])
    with pytest.raises(BadInput, match="王芳 这段时间请事假，不能顶岗") as refused:
        floor.cover("王芳", "09:30")
    assert refused.value.remedy
    assert [each.person for each in standing(floor, "10:00")] == [hall.people["张伟"]]


def test_a_day_s_end_and_a_month_bound_a_cover(floor: Floor, hall: HallUnderTest) -> None:
    floor.at("10:00")
    cover = floor.cover("王芳", "09:30")
    assert standing(floor, "10:00")[0].end == moment("04:00") + timedelta(days=1)
    with hall.hub.ledger.writing() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        with pytest.raises(BadInput, match="之前"):
            covering.end_cover(session, held, cover, moment("09:29"), "", now, hall.people["张伟"])
        covering.end_cover(session, held, cover, moment("09:45"), "", now, hall.people["张伟"])
        with pytest.raises(BadInput, match="已经结束"):
            covering.end_cover(session, held, cover, moment("09:50"), "", now, hall.people["张伟"])
        with pytest.raises(NotFound):
            covering.end_cover(session, held, ANYBODY, moment("09:50"), "", now, hall.people["张伟"])
        for last in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=31)):
            long = covering.Opening(floor.posts["101"], hall.people["王芳"], "errand", "", moment("09:50"), last)
            with pytest.raises(BadInput, match="最长 31 天"):
                covering.open_cover(session, held, long, now, hall.people["张伟"])


def test_a_kiosk_s_cover_is_approved_or_refused_once_by_somebody_else(floor: Floor, hall: HallUnderTest) -> None:
    floor.press("王芳", "08:50")
    cover = floor.take_over("08:55")
    found = floor.at("09:20")
    assert looks(found)["101"] == "held"
    with hall.hub.ledger.writing() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        with pytest.raises(BadInput, match="自己"):
            covering.decide(session, held, cover, True, now, hall.people["王芳"])
        covering.decide(session, held, cover, False, now, hall.people["张伟"])
        with pytest.raises(BadInput, match="办理过"):
            covering.decide(session, held, cover, True, now, hall.people["张伟"])
    found = floor.at("09:20")
    assert looks(found)["101"] == "empty"
    assert standing(floor, "09:20")[0].state(moment("09:20")) == "refused"
    with hall.hub.ledger.writing() as session:
        rebuild(session, hall.hub_zone())
    assert standing(floor, "09:20")[0].refused, "what desks decided outlives a rebuild"
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(CoverRow)).scalar_one() == 1


def test_only_the_window_s_head_and_who_oversees_the_hall_may(floor: Floor, hall: HallUnderTest) -> None:
    floor.at("10:00")
    now, ids = hall.hub.now(), hall.people
    with hall.hub.ledger.writing() as session:
        scope = floor.windows["101"]
        roles.grant(session, ids["阿依古丽·买买提"], "window_head", LONG_AGO, None, now, ids["张伟"], scope)
        head, held_roles = ids["阿依古丽·买买提"], frozenset(("window_head",))
        own, other = (posts.need_window(session, floor.windows[number]) for number in ("101", "102"))
        covering.require_head(session, head, held_roles, own, MONDAY)
        with pytest.raises(NotAllowed, match="窗口负责人或值班长"):
            covering.require_head(session, head, held_roles, other, MONDAY)
        with pytest.raises(NotAllowed):
            covering.require_head(session, ids["王芳"], frozenset(("staff",)), own, MONDAY)
        assert (
            session.execute(select(func.count()).select_from(RoleRow).where(RoleRow.scope == scope)).scalar_one() == 1
        )
    client = signed_in(hall, "staff")
    path = f"/board/windows/{floor.windows['101']}"
    assert "登记顶岗…" not in client.get(path).get_data(as_text=True)
    data = {
        "post": floor.posts["101"],
        "person": "王芳",
        "occasion": "errand",
        "csrf_token": token_of(client.get("/password")),
    }
    assert client.post(f"{path}/covers", data=data).status_code == 403
    assert standing(floor, "10:00") == []


@pytest.mark.both_databases
def test_covers_cost_the_board_no_statement_each(floor: Floor, hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    floor.take_over("09:00")
    floor.at("09:20")
    with counted(hall) as said:
        client.get("/board")
    first = len(said)
    for minute in range(21, 41):
        floor.take_over(f"09:{minute}")
    floor.at("10:00")
    with counted(hall) as said:
        client.get("/board")
    assert len(said) == first <= 12


def test_stations_are_told_who_may_take_over_and_what_is_open(floor: Floor, hall: HallUnderTest) -> None:
    kiosk = floor.take_over("09:00")
    floor.at("10:00")
    desk = floor.cover("阿依古丽·买买提", "09:30", "all_away", "head_assigned", "受理岗")
    with hall.hub.ledger.reading() as session:
        told = papers.draw_up(session, hall.hub, floor.station.id)
    ids = hall.people
    by_a = {post.a: (post.window, post.backups) for post in told.posts}
    assert (by_a[ids["刘明"]], by_a[ids["张伟"]]) == (("101", [ids["王芳"]]), ("103", []))
    assert [each.id for each in told.covers] == [kiosk, desk]
    assert (told.covers[0].covered, told.covers[0].covering) == (ids["刘明"], ids["王芳"])
    floor.ask("10:05", "hand_back", cover=desk, covered=ids["张伟"], covering=ids["阿依古丽·买买提"])
    floor.at("10:10")
    with hall.hub.ledger.reading() as session:
        assert [each.id for each in papers.draw_up(session, hall.hub, floor.station.id).covers] == [kiosk]
