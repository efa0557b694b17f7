"""What the pages say, complete without any script."""

import re
from datetime import timedelta

import pytest

from station.facts import Device, Enrolled, Exit, Punch, SignIn, Started
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, StationUnderTest
from web.services import people
from web.services.people import NewPerson

PAGES = ("/", "/today/board", "/today/due", "/today/missing", "/people", "/people?q=liu", "/stations", "/password")


def numbers(page: str) -> dict[str, int]:
    """The tiles of the page 今日."""
    found = re.findall(r"(应到|已到|迟到|请假/因公外出|未打卡) (\d+)", page)
    return {name: int(count) for name, count in found[:5]}


def test_a_morning(hall: HallUnderTest, station: StationUnderTest) -> None:
    client = signed_in(hall, "admin")
    hall.at("08:40")
    page = text_of(client.get("/"))
    assert "2026年3月2日 星期一" in page
    assert "上午 09:00 上班 · 截至 08:40" in page
    assert "今天还没有打卡" in page
    assert numbers(page) == {"应到": 4, "已到": 0, "迟到": 0, "请假/因公外出": 0, "未打卡": 0}

    station.record(Started(version="0.1"), Device(device="reader", state="ready"))
    station.press("刘明", "08:50")
    station.press("王芳", "09:05")
    station.press("刘明", "09:09")
    station.record(Exit(person=hall.people["刘明"], way="out", reason="取件"))
    hall.at("09:10")
    station.send()
    page = text_of(client.get("/"))
    assert numbers(page) == {"应到": 4, "已到": 2, "迟到": 1, "请假/因公外出": 1, "未打卡": 2}
    assert "09:05 王芳 医疗保障局 迟到 5 分钟" in page
    assert "08:50 刘明 医疗保障局 上班 正常" in page
    assert page.index("09:09") < page.index("09:05") < page.index("08:50"), "newest first"
    assert "医疗保障局 2 2 1 1 0" in page
    assert "市场监督管理局 1 0 0 0 1" in page
    assert "一楼东门 在线 指纹机正常" in page
    assert "张伟 市场监督管理局 · 103 号窗口 未到 10 分钟" in text_of(client.get("/today/missing"))
    assert "刘明 医疗保障局 · 101 号窗口 首次打卡 08:50 暂离" in text_of(client.get("/today/away"))
    assert "王芳 医疗保障局 · 102 号窗口 首次打卡 09:05 迟到 5 分钟 在岗" in text_of(client.get("/today/late"))


def test_a_signing_in_counts_like_a_finger(hall: HallUnderTest, station: StationUnderTest) -> None:
    client = signed_in(hall, "admin")
    station.record(SignIn(person=hall.people["张伟"], by="witness", witness=hall.people["刘明"]))
    hall.at("09:30")
    station.send()
    page = text_of(client.get("/"))
    assert numbers(page)["已到"] == 1
    assert "张伟 市场监督管理局 上班 正常" in page


def test_a_rest_day_judges_nobody(hall: HallUnderTest, station: StationUnderTest) -> None:
    client = signed_in(hall, "admin")
    hall.clock.move_to(hall.at("09:00") - timedelta(days=1))
    station.clock.move_to(hall.hub.now() - timedelta(minutes=5))
    station.record(Punch(person=hall.people["刘明"], place=1, score=90))
    station.send()
    page = text_of(client.get("/"))
    assert "星期日" in page
    assert "今天休息，只作记录" in page
    assert numbers(page) == {"应到": 0, "已到": 0, "迟到": 0, "请假/因公外出": 0, "未打卡": 0}
    assert "08:55 刘明 医疗保障局 已记录" in page


def test_the_hall_s_night_belongs_to_the_day_before(hall: HallUnderTest) -> None:
    hall.clock.move_to(hall.at("03:59") + timedelta(days=1))
    assert "2026年3月2日" in text_of(signed_in(hall, "admin").get("/"))
    hall.clock.move_to(hall.at("04:00") + timedelta(days=1))
    assert "2026年3月3日" in text_of(signed_in(hall, "staff").get("/"))


def test_who_is_not_posted_is_not_missed(hall: HallUnderTest) -> None:
    today = hall.at("09:30").date()
    with hall.hub.ledger.writing() as session:
        gone = NewPerson("何平", "2001", "税务局", posted_to=today - timedelta(days=1))
        coming = NewPerson("郭亮", "2002", "税务局", posted_from=today + timedelta(days=1))
        last_day = NewPerson("马超", "2003", "税务局", posted_to=today)
        people.add(session, [gone, coming, last_day], hall.hub.now() - timedelta(days=30))
    client = signed_in(hall, "admin")
    due = text_of(client.get("/today/due"))
    assert ("何平" in due, "郭亮" in due, "马超" in due) == (False, False, True)
    listed = text_of(client.get("/people"))
    assert re.search(r"何平 2001 税务局 — 窗口人员 未录入 已调离", listed)
    assert re.search(r"郭亮 2002 税务局 — 窗口人员 未录入 未入驻", listed)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("刘", ["刘明"]),
        ("liuming", ["刘明"]),
        ("lm", ["刘明"]),
        ("WANG fang", ["王芳"]),
        ("1003", ["张伟"]),
        ("人力", ["阿依古丽·买买提"]),
        ("x", []),
    ],
)
def test_people_are_found_by_what_one_knows(hall: HallUnderTest, text: str, found: list[str]) -> None:
    page = text_of(signed_in(hall, "admin").get("/people", query_string={"q": text}))
    assert [name for name in hall.people if f" {name} " in page] == found
    assert found or "没有找到“x”" in page


def test_fingers_are_counted_and_never_shown(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(Enrolled(person=hall.people["刘明"], place=1), Enrolled(person=hall.people["刘明"], place=2))
    station.send()
    page = text_of(signed_in(hall, "admin").get("/people"))
    assert re.search(r"刘明 1001 医疗保障局 101 窗口人员 2 枚 在册", page)
    assert re.search(r"王芳 1002 医疗保障局 102 窗口人员 未录入 在册", page)


def test_names_are_text_whatever_is_in_them(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        people.add(session, [NewPerson("<b>&\"'", "2001", "<script>alert(1)</script>", "9")], hall.hub.now())
    client = signed_in(hall, "admin")
    for path in ("/", "/people", "/today/due"):
        page = client.get(path).get_data(as_text=True)
        assert "&lt;script&gt;alert(1)" in page, path
        assert "<script>alert" not in page, path


def test_the_stations_page_says_how_each_one_is(hall: HallUnderTest, station: StationUnderTest) -> None:
    client = signed_in(hall, "admin")
    assert "尚未联系" in text_of(client.get("/stations"))
    station.record(Started(version="0.1"), Device(device="reader", state="gone"))
    hall.at("09:00")
    path, headers = station.signed("POST", "facts", b"", lineage=station.journal.lineage)
    station.http.post(path, headers=headers | {"Zaigang-Backlog": "2", "Zaigang-Drift-Ms": "-3210"})
    page = text_of(client.get("/stations"))
    assert "待传 2 条 时钟慢 3.2 秒 指纹机情况未知 在线" in page
    station.send()
    assert "指纹机故障" in text_of(client.get("/stations"))
    hall.at("09:42")
    assert "42 分钟前联系" in text_of(client.get("/"))


def test_what_needs_an_act_comes_first(hall: HallUnderTest, station: StationUnderTest) -> None:
    client = signed_in(hall, "admin")
    assert "需要处理" not in text_of(client.get("/"))
    fact = station.record(Started(version="0.1"))[0]
    station.deliver([fact.raw.replace(b'"started"', b'"coffee"')])
    page = text_of(client.get("/"))
    assert page.index("需要处理") < page.index("应到")
    assert "有一条记录本程序读不懂" in page
    assert "有一条记录本程序读不懂" in text_of(client.get("/stations"))


def test_the_demonstration_says_so_on_every_page(demo_hall: HallUnderTest) -> None:
    client = signed_in(demo_hall, "admin")
    for path in (*PAGES, "/nowhere"):
        if path != "/today/board":  # a part of a page
            page = client.get(path).get_data(as_text=True)
            assert "演示数据" in page, path
            assert "演示时钟 2026-03-02 08:40" in page, path
    assert "演示数据" in demo_hall.client().get("/login").get_data(as_text=True)


def test_a_real_hall_does_not(hall: HallUnderTest) -> None:
    assert "演示" not in signed_in(hall, "admin").get("/").get_data(as_text=True)


def test_the_hub_is_well_and_says_no_more(hall: HallUnderTest) -> None:
    assert hall.client().get("/healthz").get_json() == {"status": "ok"}


def test_what_a_page_brings_along_is_kept_by_the_browser(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").get_data(as_text=True)))
    assert len(links) >= 4
    for link in links:
        answer = client.get(link.replace("&amp;", "&"), headers={"Accept-Encoding": "gzip"})
        assert "immutable" in answer.headers["Cache-Control"]
