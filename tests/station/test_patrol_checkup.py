"""The check-up's lines about tap readers and cameras, and their settings."""

from pathlib import Path

import pytest

from config.errors import BadFile
from config.settings import CameraSettings, TapSettings, load_station
from drivers.sim.camera import CameraSimulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG
from station.checkup.patrol import Seen, camera_line, see_camera, see_tap, tap_line, told_by
from station.doctor import examine
from station.facts import Device
from station.journal import Journal, Reader
from tests.builders import clock


def test_devices_answer_or_say_what_to_do() -> None:
    with Rdm6300Simulator() as device, CameraSimulator(width=320, height=180) as camera:
        tap = TapSettings(driver="rdm6300", port=device.port)
        assert tap_line("east", tap, see_tap(tap)).mark == WELL
        eye = CameraSettings(driver="http", port=camera.still)
        well = camera_line("hall", eye, see_camera(eye))
        assert (well.mark, well.words) == (WELL, "320×180")
        camera.fault("covered")
        assert camera_line("hall", eye, see_camera(eye)).mark == WORTH_A_LOOK
        locked = CameraSettings(driver="http", port=camera.still.replace("http://", "http://u:s3cret@"))
        camera.fault("401")
        wrong = camera_line("hall", locked, see_camera(locked))
        assert (wrong.mark, "用户名和密码" in wrong.words, "相机故障" in wrong.remedy) == (WRONG, True, True)
        assert "s3cret" not in str(wrong)
    gone = tap_line("east", tap, see_tap(tap))
    assert (gone.mark, "列表里选巡查点" in gone.remedy) == (WRONG, True)
    assert (
        tap_line("x", TapSettings(driver="fax", port="/dev/x"), Seen(fault="没有名为 fax 的读卡器驱动")).mark == WRONG
    )


@pytest.mark.parametrize(
    ("port", "folder"), [("/dev/ttyUSB0", "/dev/serial/by-id/"), ("/dev/input/event3", "/dev/input/by-id/")]
)
def test_a_name_that_changes_with_plugging_wants_a_look(port: str, folder: str) -> None:
    line = tap_line("east", TapSettings(port=port), Seen())
    assert (line.mark, folder in line.remedy) == (WORTH_A_LOOK, True)
    assert "/dev/v4l/by-id/" in camera_line("hall", CameraSettings(port="/dev/video0"), Seen()).remedy


def test_a_running_station_has_recorded_how_they_are(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text('[taps.east]\ndriver = "rdm6300"\nport = "/dev/none"\n', encoding="utf-8")
    with Journal(tmp_path, clock()) as journal:
        for state, words in (("ready", "读卡器正常"), ("gone", "断开了")):
            journal.append(Device(device="tap", state=state, detail=f"east：{words}"))
        facts = list(Reader(journal.path).latest(("device",)))
    assert told_by(facts, "tap", "east") == Seen(fault="断开了")
    assert told_by(facts[1:], "tap", "east") == Seen(detail="读卡器正常")
    assert told_by(facts, "camera", "east").doubt
    lines = {line.name: line for line in examine(tmp_path)}  # nobody runs, so it is tried
    assert (lines["读卡器 east"].mark, "没有找到" in lines["读卡器 east"].words) == (WRONG, True)


def test_settings_by_name_with_every_fault_told(tmp_path: Path) -> None:
    text = (
        '[taps.east]\ndriver = "pn532"\nport = "/dev/serial/by-id/x"\n[taps.west]\nprot = "y"\n'
        '[cameras.hall]\ndriver = "http"\nport = "http://10.0.0.9/"\nuser = "u"\npassword = "p"\ndeadline_s = 9\n'
    )
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        load_station(tmp_path)
    assert sorted(caught.value.faults) == [
        "cameras.hall.deadline_s：不能大于 2.8（现为 9）", "taps.west.port：缺少这一项（现为 {'prot': 'y'}）",
        "不认识的设置 taps.west.prot，是否为 taps.west.port？",
    ]  # fmt: skip
    (tmp_path / "station.toml").write_text(text.replace("prot", "port").replace("9\n", "2\n"), encoding="utf-8")
    settings = load_station(tmp_path)
    assert settings.taps["west"].options() == {"port": "y"}
    assert settings.cameras["hall"].options() == {
        "port": "http://10.0.0.9/", "user": "u", "password": "p", "deadline_s": 2.0,
    }  # fmt: skip
    assert "'p'" not in repr(settings)
