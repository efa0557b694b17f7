"""A whole station obeys its papers, and one without a touch screen offers nothing to touch."""

from pathlib import Path

import requests

from tests.journeys.kiosk_station import NAMES, station_under_way
from tests.station.counters import papers


def test_a_finger_is_forgotten_on_command_and_then_known_to_nobody(tmp_path: Path) -> None:
    commands = [{"id": "c1", "do": "forget", "person": NAMES["刘明"]}]
    with station_under_way(tmp_path / "station", held=papers(commands=commands), touch=False) as station:
        (fact,) = station.wait_for(("forgotten",))
        assert (fact.body["person"], fact.body["reason"]) == (NAMES["刘明"], "command:c1")
        station.press("刘明")
        (press,) = station.wait_for(("unmatched",))
        assert press.body["reason"] == "not_found"
        browser = requests.Session()
        page = browser.get(station.address, timeout=20).text
        assert "一楼东门打卡站" in page
        assert "签到</a>" not in page
        assert browser.get(f"{station.root}/kiosk/out", timeout=20).status_code == 404
        assert len(station.of("forgotten")) == 1
