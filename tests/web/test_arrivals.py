"""到岗时间分布 on the page 今日: today's first presses, in ten-minute columns, drawn and said."""

import re

from station.facts import Started
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, StationUnderTest


def test_first_presses_stand_in_columns_of_ten_minutes(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(Started(version="1"))
    for name, at in (("刘明", "08:21"), ("刘明", "08:29"), ("王芳", "08:29"), ("张伟", "08:44")):
        station.press(name, at)
    station.send()
    hall.at("08:50")
    client = signed_in(hall, "admin")
    page = client.get("/today/board").text
    assert 'aria-label="到岗时间分布，每 10 分钟的人数：08:20 2，08:40 1"' in page
    assert re.findall(r'<rect( class="after")? x="(\d+)" y="\d+" width="16" height="(\d+)"', page) == [
        ("", "42", "100"), ("", "82", "50"),
    ]  # fmt: skip
    assert "到岗时间分布 3 人" in text_of(client.get("/"))


def test_who_came_very_early_or_late_stands_in_the_outermost_column(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    station.record(Started(version="1"))
    station.press("刘明", "07:05")
    station.press("王芳", "10:25")
    station.send()
    hall.at("11:40")
    page = signed_in(hall, "admin").get("/today/board").text
    assert re.findall(r'aria-label="到岗时间分布，每 10 分钟的人数：([^"]+)"', page) == ["08:10 前 1，10:20 起 1"]


def test_nothing_is_drawn_before_anybody_came(hall: HallUnderTest) -> None:
    assert "到岗时间分布" not in signed_in(hall, "admin").get("/").text


def test_a_units_name_leads_to_its_day(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    found = re.search(r'href="(/attendance\?unit=[^"]+)">医疗保障局<', client.get("/").text)
    assert found
    page = text_of(client.get(found[1]))
    assert "刘明" in page
    assert "张伟" not in page
