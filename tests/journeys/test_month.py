"""A hall's month in a real browser, day by day: from the list of staff to the public notice, by six logins.

A station presses what people press; everything else is done on the pages by whoever may. At the end the same month goes
through `judge`, and the sheet that was signed says the same.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from config.settings import HubSettings
from station.facts import Body, Device, Enrolled, Punch
from station.rules.judge import as_json, judge_text
from tests.journeys.hub_server import served
from tests.journeys.looks import PHONE
from tests.web.browsing import PASSWORD, add_login, enter, outsider, token_of
from tests.web.halls import HallUnderTest, StationUnderTest, add_station, copy_hall
from tests.web.sheets import staff
from web.ledger.people import PersonRow
from web.services import people
from web.services.hub import begin
from web.services.people import NewPerson

UNIT, MONTH = "税务局", "2026-03"
STAFF = [
    ["李雷", "2001", UNIT, "201", "前台", "申报岗", "A", "", "2026-03-01", ""],
    ["韩梅", "2002", UNIT, "201", "前台", "申报岗", "B", "", "2026-03-01", ""],
    ["何平", "2003", UNIT, "201", "前台", "受理岗", "A", "窗口负责人", "2026-03-01", ""],
    ["周敏", "2004", UNIT, "201", "前台", "受理岗", "B", "", "2026-03-01", ""],
]
USUAL = ("08:49", "12:02", "12:55", "17:01")
# Who pressed otherwise: (name, day) → times.
OTHERWISE: dict[tuple[str, int], tuple[str, ...]] = {
    ("李雷", 3): ("09:12", "12:02", "12:55", "17:01"),  # late
    ("李雷", 4): ("12:55", "17:01"),  # the morning is leave
    ("韩梅", 5): ("08:49", "12:02", "12:55"),  # forgot to press at the end
    ("李雷", 10): ("12:55", "17:01"),  # the morning is leave once more
    ("李雷", 11): ("08:49", "12:02"),  # the afternoon is nobody's leave
} | {(name, 12): ("12:02", "12:55", "17:01") for name, *_ in STAFF}  # the reader was out of order in the morning
DOWN = ("08:30", "09:40")
DESKS = {
    "admin": ("admin",), "clerk": ("attendance_clerk",), "leader": ("unit_leader",), "duty": ("duty_leader",),
    "supervision": ("supervision",),
}  # fmt: skip
OF_UNIT = ("clerk", "leader")
# Where the judge's verdicts stand among a sheet's days; the others under their own names.
COUNTS_AS = {"late": "present", "early": "present", "late_and_early": "present", "missing_in": "missing",
             "missing_out": "missing", "missing_both": "missing", "pending": "provisional"}  # fmt: skip
DESK: ViewportSize = {"width": 1280, "height": 720}


def at(day: int, text: str, month: int = 3) -> datetime:
    """An instant of the hall's days."""
    hour, minute = map(int, text.split(":"))
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


@dataclass
class Hall:
    """A hall on a port, its station, and a browser that is handed from login to login."""

    hall: HallUnderTest
    station: StationUnderTest
    url: str
    open: Callable[[str], Page]
    accounts: dict[str, str]
    upto: int = 0

    def id_of(self, name: str) -> str:
        with self.hall.hub.ledger.reading() as session:
            return session.execute(select(PersonRow.id).where(PersonRow.name == name)).scalar_one()

    def until(self, moment: datetime) -> None:
        """Everything that is pressed before `moment`, in order; then it is that moment."""
        for when, body in self.recorded():
            if self.station.clock.read().at < when < moment:
                self.station.clock.move_to(when)
                self.station.journal.append(body)
        self.hall.clock.move_to(moment)
        while self.upto < self.station.journal.head.seq:
            self.upto = self.station.send(self.upto).upto

    def recorded(self) -> list[tuple[datetime, Body]]:
        """What the station records when: fingers on the first day, presses, and its reader on the 12th."""
        ids = {name: self.id_of(name) for name, *_ in STAFF}
        found: list[tuple[datetime, Body]] = [
            (at(2, "08:30") + timedelta(seconds=place), Enrolled(person=key, place=place))
            for place, key in enumerate(ids.values(), start=1)
        ]
        found += [(pressed, Punch(person=ids[name], place=1, score=120)) for name, pressed in presses()]
        found += [(at(12, text), Device(device="reader", state=state))
                  for text, state in zip(DOWN, ("gone", "ready"), strict=True)]  # fmt: skip
        return sorted(found, key=lambda each: each[0])

    def sent(self, login: str, page: str, path: str, **given: str) -> str:
        """A form filled in without a browser; where it leads."""
        client = enter(self.hall, self.accounts[login])
        answer = client.post(path, data=given | {"csrf_token": token_of(client.get(page))})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return answer.headers["Location"]


def presses() -> list[tuple[str, datetime]]:
    """Who presses when, in order."""
    found = []
    for day in range(1, 32):
        worked = date(2026, 3, day).isoweekday() <= 5
        for number, (name, *_) in enumerate(STAFF):
            for text in OTHERWISE.get((name, day), USUAL if worked else ()):
                found.append((name, at(day, text) + timedelta(seconds=5 * number)))
    return sorted(found, key=lambda each: each[1])


@pytest.fixture(scope="module")
def hall(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The default hall on the morning of its first working day, without anybody at windows."""
    folder = tmp_path_factory.mktemp("month")
    begin(HubSettings(folder=folder / "template"), "太谷区政务服务中心").close()
    made = copy_hall(folder / "template", folder / "hub", policy="default")
    made.clock.move_to(at(2, "08:00"))
    station = add_station(made, folder / "station", start=at(1, "00:00"))
    accounts = {name: desk(made, name, *roles) for name, roles in DESKS.items()}
    with ExitStack() as stack, served(made.app) as url:
        context = browser.new_context(locale="zh-CN")
        stack.callback(context.close)
        page = context.new_page()

        def opened(name: str) -> Page:
            """The browser, signed in as `name` anew: the last time was on another day. The head looks at a phone."""
            context.clear_cookies()
            page.set_viewport_size(PHONE if name == "head" else DESK)
            if name == "head" and name not in accounts:  # one of the staff
                with made.hub.ledger.writing() as session:
                    person = session.execute(select(PersonRow.id).where(PersonRow.name == "何平")).scalar_one()
                    accounts[name] = add_login(session, person, name, made.hub.now())
            if name in accounts:
                cookie = enter(made, accounts[name]).get_cookie("zaigang")
                assert cookie is not None
                context.add_cookies([{"name": "zaigang", "value": cookie.value, "url": url}])
            return page

        yield Hall(made, station, url, opened, accounts)
    station.reader.close()
    station.journal.close()
    made.hub.close()


def desk(hall: HallUnderTest, name: str, *roles: str) -> str:
    """An account of somebody who is not due at the hall; a duty leader is of the hall, or no roster names them."""
    with hall.hub.ledger.writing() as session:
        unit = UNIT if name in OF_UNIT else ""
        one = NewPerson("赵红", group="other", roles=roles) if name == "duty" else outsider(roles, unit)
        person = people.add(session, [one], hall.hub.now())[0]
        return add_login(session, person, name, hall.hub.now())


def test_a_month_of_one_hall(hall: Hall, tmp_path: Path) -> None:
    import_staff(hall, tmp_path)
    roster(hall)
    hall.until(at(3, "15:00"))
    leave(hall)
    covers(hall)
    hall.until(at(5, "17:30"))
    hand_over(hall)
    hall.until(at(6, "09:30"))
    correction(hall)
    hall.until(at(13, "09:30"))
    outage(hall)
    hall.until(at(2, "10:00", month=4))
    totals = sign(hall)
    assert totals == judged(hall)
    notice(hall)


def import_staff(hall: Hall, folder: Path) -> None:
    """2 March, the administrator: the list as the unit sent it."""
    page, path = hall.open("admin"), folder / "名单.xlsx"
    path.write_bytes(staff(STAFF))
    page.goto(f"{hall.url}/people/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_role("button", name="确认导入 4 人").click()
    expect(page.get_by_role("status")).to_contain_text("已导入 4 人")


def roster(hall: Hall) -> None:
    """2 March, supervision: who leads which day of the month."""
    page = hall.open("supervision")
    page.goto(f"{hall.url}/duty/plan")
    page.get_by_label("从", exact=True).fill("2026-03-02")
    page.get_by_label("到", exact=True).fill("2026-03-31")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("heading", name="预览")).to_contain_text("将改动 22 天")
    page.get_by_role("button", name="写入值班表").click()
    expect(page.get_by_role("status")).to_be_visible()


def leave(hall: Hall) -> None:
    """3 March: the clerk files the slip of the next morning, the window's head and the duty leader approve."""
    page = hall.open("clerk")
    page.goto(f"{hall.url}/leave/new")
    page.get_by_label("请假人").fill("李雷")
    page.get_by_label("类别").select_option(label="事假")
    page.get_by_label("从", exact=True).fill("2026-03-04")
    page.get_by_label("上午").check()
    page.get_by_label("事由").fill("孩子家长会")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("status")).to_contain_text("等待审批")
    where = page.url
    for login in ("head", "duty"):
        page = hall.open(login)
        page.goto(f"{hall.url}/leave")
        expect(page.get_by_role("link", name="李雷").first).to_be_visible()
        page.goto(where)
        page.get_by_role("button", name="同意", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已办理")


def covers(hall: Hall) -> None:
    """3 March, the window's head: the cover proposed for the 4th is accepted, for the 10th another is named."""
    slip = {"person": "李雷", "kind": "sick", "first": "2026-03-10", "part": "morning", "reason": "复查"}
    path = hall.sent("clerk", "/leave/new", "/leave/new", **slip)
    for login in ("head", "duty"):
        hall.sent(login, path, f"{path}/approve")
    page = hall.open("head")
    page.goto(f"{hall.url}/covers")
    needs = page.get_by_role("region", name=re.compile("要安排的顶岗"))
    expect(needs.get_by_role("listitem").filter(has_text="3月4日")).to_contain_text("拟由 韩梅 顶岗")
    needs.get_by_role("button", name="确认顶岗").first.click()
    expect(page.get_by_role("status")).to_contain_text("已办理")
    page.goto(f"{hall.url}/covers")
    needs.get_by_role("button", name="换人…").click()
    page.get_by_role("button", name="不同意").click()
    expect(page.get_by_role("status")).to_contain_text("已办理")
    page.goto(f"{hall.url}/covers")
    needs.get_by_role("button", name="安排顶岗…").click()
    page.get_by_label("其他人", exact=True).check()
    page.get_by_label("其他人（").fill("周敏")
    page.get_by_label("以什么身份顶岗").select_option("unit_sent")
    page.get_by_role("button", name="安排顶岗").click()
    page.goto(f"{hall.url}/covers")
    expect(page.get_by_role("main")).to_contain_text("周敏 顶 李雷 的岗")
    expect(page.get_by_role("main")).to_contain_text("韩梅 顶 李雷 的岗")


def outage(hall: Hall) -> None:
    """13 March, the duty leader: the reader that was out of order the morning before."""
    page = hall.open("duty")
    page.goto(f"{hall.url}/outages")
    entry = page.get_by_role("listitem").filter(has_text="指纹机断开")
    expect(entry).to_contain_text("2026-03-12 08:30 至 2026-03-12 09:40")
    entry.get_by_label("理由").first.fill("当天检修，签到表有记录")
    entry.get_by_role("button", name="核实", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("已核实")


def hand_over(hall: Hall) -> None:
    """5 March, the duty leader: what the day had, and the shift handed over; the next leader takes it on the 6th."""
    page = hall.open("duty")
    page.goto(f"{hall.url}/duty/days/2026-03-05")
    page.get_by_label("交接事项").fill("三楼照明已报修，请跟进")
    page.get_by_role("button", name="交班", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("三楼照明已报修")
    hall.until(at(6, "08:40"))
    page = hall.open("duty")
    page.goto(f"{hall.url}/duty/days/2026-03-06")
    page.get_by_role("button", name="确认接收").click()
    page.goto(f"{hall.url}/duty/days/2026-03-05")
    expect(page.get_by_role("region", name="交接")).to_contain_text("已接收")


def correction(hall: Hall) -> None:
    """6 March: the press forgotten on the evening before, asked for by the clerk, granted by the duty leader."""
    page = hall.open("clerk")
    page.goto(f"{hall.url}/corrections/new")
    page.get_by_label("姓名").fill("韩梅")
    page.get_by_label("日期").fill("2026-03-05")
    page.get_by_label("时段").select_option(label="下午")
    page.get_by_label("哪一次").select_option(label="下班")
    page.get_by_label("时间（").fill("17:05")
    page.get_by_label("事由").fill("下班时忘记打卡，何平在场")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("等待审批")
    where = page.url
    page = hall.open("duty")
    page.goto(f"{hall.url}/bell")
    expect(page.get_by_role("main")).to_contain_text("更正")
    page.goto(where)
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已办理")


def sign(hall: Hall) -> dict[str, dict[str, float]]:
    """2 April: the clerk looks at the sheet, takes it as Excel, signs; the unit's leader signs. The totals."""
    for login, role in (("clerk", "考勤员"), ("leader", "派驻单位领导")):
        page = hall.open(login)
        page.goto(f"{hall.url}/sheets/unit?unit={UNIT}&month={MONTH}")
        page.get_by_label("再输一次密码").fill(PASSWORD)
        page.get_by_role("button", name=f"以{role}身份签字").click()
        expect(page.get_by_role("status")).to_contain_text("已签字")
    with page.expect_download() as started:
        page.get_by_role("button", name="导出 Excel").click()
    with CalamineWorkbook.from_object(io.BytesIO(Path(started.value.path()).read_bytes())) as book:
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    heads = [str(head) for head in rows[2][3 + 31 :]]
    return {
        str(row[0]): dict(zip(heads, (float(str(cell)) for cell in row[3 + 31 :]), strict=True))
        for row in rows[3:] if row[0] in names()
    }  # fmt: skip


def names() -> set[str]:
    return {row[0] for row in STAFF}


def judged(hall: Hall) -> dict[str, dict[str, float]]:
    """The same month as a case for the judge, with what the desks decided: every total of the sheet."""
    ids = {name: hall.id_of(name) for name in names()}
    case: dict[str, Any] = {
        "policy": "default", "from": "2026-03-01", "to": "2026-03-31", "as_of": at(2, "10:00", month=4).isoformat(),
        "staff": [{"id": ids[name], "name": name, "unit": UNIT, "window": "201", "posted_from": "2026-03-01"}
                  for name in names()],
        "punches": [{"person": ids[name], "at": pressed.isoformat()} for name, pressed in presses()],
        "absences": [
            {
                "id": kind, "person": ids["李雷"], "kind": kind, "status": "approved",
                "from": at(day, "09:00").isoformat(), "to": at(day, "12:00").isoformat(),
            }
            for day, kind in ((4, "personal"), (10, "sick"))
        ],
        "findings": [],
        "outages": [{"id": "reader", "from": at(12, DOWN[0]).isoformat(), "to": at(12, DOWN[1]).isoformat()}],
    }  # fmt: skip
    case["punches"].append({"person": ids["韩梅"], "at": at(5, "17:05").isoformat(), "direction": "out"})
    read, answers = judge_text(json.dumps(case), "march")
    people = {one["id"]: one for one in as_json(read.policy, answers)["people"]}
    return {name: summed(people[key]["days"], people[key]["totals"]) for name, key in ids.items()}


def summed(days: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, float]:
    """What a sheet's totals have to be by the judge's word: days counted here, session by session."""
    kinds: dict[str, Fraction] = {}
    for day in days:
        for one in day["sessions"]:
            kind = "provisional" if one["provisional"] else COUNTS_AS.get(one["verdict"], one["verdict"])
            kinds[kind] = kinds.get(kind, Fraction(0)) + Fraction(1, len(day["sessions"]))
    due = sum((share for kind, share in kinds.items() if kind not in ("rest", "not_posted")), Fraction(0))
    columns = ("present", "leave", "absent", "missing", "outage", "provisional")
    shares = dict(zip(("出勤", "请假", "旷工", "缺卡", "故障", "待定"), columns, strict=True))
    counts = {"迟到次": "late", "早退次": "early", "未提前": "unready", "休息日": "rest_day_sessions"}
    assert kinds.get("leave", 0) == sum(Fraction(each) for each in said["leave_days"].values())
    assert kinds.get("absent", 0) == Fraction(said["absent_days"])
    return (
        {"应出勤": float(due)}
        | {head: float(kinds.get(kind, 0)) for head, kind in shares.items()}
        | {head: float(said[name]) for head, name in counts.items()}
        | {"折算": float(said["accumulated_absent_days"])}
    )


def notice(hall: Hall) -> None:
    """What hangs out for everybody, without a login."""
    page = hall.open("public")
    page.goto(f"{hall.url}/notices")
    page.get_by_role("link", name=re.compile("2026 ?年 ?3 ?月|2026-03")).first.click()
    expect(page.get_by_role("main")).to_contain_text(UNIT)
    expect(page.get_by_role("main")).not_to_contain_text("事假")
