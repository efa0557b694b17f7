"""The check-up under real conditions, and a table of what each state is called."""

import json
import os
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.settings import DiskSettings, SignalSettings
from drivers.catalogue import open_reader
from station.checkup.away import HubSeen, PapersSeen, ahead_of, hub_lines, papers_line
from station.checkup.ground import (
    ClockSeen,
    DiskSeen,
    JournalSeen,
    clock_lines,
    disk_lines,
    journal_line,
    see_disk,
    see_journal,
    walk_tail,
)
from station.checkup.line import Line
from station.checkup.module import ModuleSeen, module_gone, module_lines
from station.checkup.parts import PartsSeen, parts_lines
from station.checkup.port import PortSeen, holders_of, port_line, see_port
from station.control import bind
from station.doctor import examine
from station.journal import FILE, Journal
from tests.builders import clock, journal_with, punch
from tests.station.enrolled_station import COMMAND, EnrolledStation, write_papers

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DISK = DiskSettings()
PINS = SignalSettings(led_green=17)
MOCK = SignalSettings(led_green=17, factory="mock")
VOICE = SignalSettings(voice=True)
ALL_THERE = PartsSeen(True, True, True, True)
TTY = "/dev/ttyUSB0"

# What was seen → the marks of its lines, and words of the first line that is not well (or of the only one).
STATES: list[tuple[list[Line], str, str]] = [
    ([port_line(PortSeen(""), None)], "✗", "没有设置"),
    ([port_line(PortSeen(TTY, found=("/dev/ttyUSB1",)), None)], "✗", "现有串口：/dev/ttyUSB1"),
    ([port_line(PortSeen("/tmp/x", "other"), None)], "✗", "不是串口"),
    ([port_line(PortSeen(TTY, "device", group="dialout"), None)], "✗", "usermod -aG dialout"),
    ([port_line(PortSeen(TTY, "device", True, holders=((7, "minicom"),)), None)], "✗", "7（minicom）"),
    ([port_line(PortSeen(TTY, "device", True, holders=((7, "zaigang"),)), 7)], "✓", "可用"),
    ([port_line(PortSeen("/dev/pts/3", "device", True, holders=((7, "sim"),), pseudo=True), None)], "✓", "可用"),
    ([port_line(PortSeen("/dev/pts/3", "device", True, holders=((7, "x"),), pseudo=True), None, refused=True)], "✗",
     "7（x）"),
    ([port_line(PortSeen(TTY, "device", True, better="/dev/serial/by-id/usb-1"), None)], "!", "by-id/usb-1"),
    ([port_line(PortSeen("/dev/ttyAMA0", "device", True), None)], "✓", "可用"),
    ([port_line(PortSeen("socket://10.0.0.9:4001", "socket", True), None)], "✓", "socket://"),
    (module_lines(ModuleSeen("zfm", "R503", 200, 12, (), ())), "✓✓", "12/200"),
    (module_lines(ModuleSeen("zfm", "R503", 200, 195, (), ())), "!✓", "快满了"),
    (module_lines(ModuleSeen("pyfingerprint", "ZFM", 200, 0, (), ())), "✓!✓", "备选驱动"),
    (module_lines(ModuleSeen("zfm", "ZFM", 200, 3, (5, 9), ())), "✓!", "位置 5、9"),
    (module_lines(ModuleSeen("zfm", "ZFM", 200, 3, (), (7,))), "✓✗", "位置 7"),
    (module_gone("指纹模块没有回应"), "✗", "没有回应"),
    (clock_lines(ClockSeen(NOW, True, True, None)), "✓", "同步"),
    (clock_lines(ClockSeen(NOW, False, False, None)), "!!", "没有与时间源同步"),
    (clock_lines(ClockSeen(datetime(1970, 1, 1, tzinfo=UTC), True, True, NOW)), "✗", "早于账本"),
    (disk_lines(DiskSeen(24, 900, False, True, "", 3.0), DISK), "✓✓", "剩 900 MB"),
    (disk_lines(DiskSeen(91, 90, False, True, "", 3.0), DISK), "!✓", "已用 91%"),
    (disk_lines(DiskSeen(98, 9, False, False, "", 3.0), DISK), "✗", "98%"),
    (disk_lines(DiskSeen(24, 900, False, False, "", 3.0), DISK), "✓!✓", "没有"),
    (disk_lines(DiskSeen(24, 900, False, True, "", 900.0), DISK), "✓!", "900.0 毫秒"),
    (disk_lines(DiskSeen(24, 900, True, True, "Read-only file system"), DISK), "✗", "只读"),
    (disk_lines(DiskSeen(24, 900, False, True, "Input/output error"), DISK), "✗", "Input/output error"),
    ([journal_line(JournalSeen(exists=False))], "!", "还没有"),
    ([journal_line(JournalSeen(1200, NOW, 1000))], "✓", "共 1200 条"),
    ([journal_line(JournalSeen(1200, NOW, 7, broken="第 8 条与前一条接不上"))], "✗", "第 8 条"),
    ([journal_line(JournalSeen(fault="disk I/O error"))], "✗", "disk I/O error"),
    (hub_lines(HubSeen()), "!", "尚未接入"),
    (hub_lines(HubSeen("http://h", True, "", timedelta(), "yes", 3)), "✓", "待上传 3 条"),
    (hub_lines(HubSeen("http://h", False, "超时", None, "yes", 7)), "✗", "超时"),
    (hub_lines(HubSeen("http://h", True, "", None, "waiting", 0)), "✓!", "等待管理员确认"),
    (hub_lines(HubSeen("http://h", True, "", timedelta(seconds=-90), "yes", 0)), "✓✗", "慢 90 秒"),
    ([papers_line(PapersSeen(False), NOW)], "!", "还没有"),
    ([papers_line(PapersSeen(True, 64, NOW - timedelta(hours=71)), NOW)], "✓", "71 小时前"),
    ([papers_line(PapersSeen(True, 64, NOW - timedelta(days=4)), NOW)], "!", "已 4 天"),
    (parts_lines(ALL_THERE, SignalSettings()), "✓", "中文字体"),
    (parts_lines(PartsSeen(False, True, True, True), SignalSettings()), "!", "fonts-wqy-zenhei"),
    (parts_lines(ALL_THERE, VOICE), "✓✓", "中文字体"),
    (parts_lines(PartsSeen(True, False, False, True), VOICE), "✓✗", "espeak-ng alsa-utils"),
    (parts_lines(PartsSeen(True, True, True, True, silent=4), VOICE), "✓!", "4 段"),
    (parts_lines(ALL_THERE, PINS), "✓✓", "中文字体"),
    (parts_lines(PartsSeen(True, True, True, False), PINS), "✓✗", "GPIO"),
    (parts_lines(ALL_THERE, MOCK), "✓!", "模拟"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "marks", "words"), STATES, ids=range(len(STATES)))
def test_what_each_state_is_called(lines: list[Line], marks: str, words: str) -> None:
    assert "".join(line.mark for line in lines) == marks
    told = next((line for line in lines if line.mark != "✓"), lines[0])
    assert words in told.words + told.remedy
    assert all(bool(line.remedy) == (line.mark != "✓") for line in lines), "what is not well has a remedy"


@pytest.mark.parametrize(
    ("date", "seconds"),
    [("Mon, 02 Mar 2026 01:00:00 GMT", 0.7), ("Mon, 02 Mar 2026 00:59:00 GMT", 60.7), ("nonsense", None), ("", None),
     ("Mon, 02 Mar 2026 01:01:00 GMT", -59.3)],
)  # fmt: skip
def test_a_date_of_whole_seconds_tells_no_more_than_it_can(date: str, seconds: float | None) -> None:
    ahead = ahead_of(date, NOW + timedelta(milliseconds=700))
    expected = None if seconds is None else timedelta() if 0 <= seconds < 1 else timedelta(seconds=seconds)
    assert ahead == expected


def test_the_tail_is_walked_to_its_first_break(tmp_path: Path) -> None:
    journal_with(tmp_path, 20).close()
    assert see_journal(tmp_path, tail=5) == JournalSeen(20, clock().read().at, 5)
    db = sqlite3.connect(tmp_path / FILE)
    raws = [bytes(raw) for (raw,) in db.execute("SELECT raw FROM facts ORDER BY seq")]
    db.close()
    assert (len(walk_tail(raws)[0]), walk_tail(raws)[1]) == (20, "")
    assert walk_tail([*raws[:5], *raws[6:]])[1] == "第 7 条与前一条接不上"
    assert walk_tail([*raws[:5], raws[5].replace(b"punch", b"pinch")])[1] == ""
    assert walk_tail([*raws[:5], raws[5].replace(b"punch", b"pinch"), raws[6]])[1] == "第 7 条与前一条接不上"
    assert walk_tail([*raws[:5], b"{"])[1] == "第 5 条之后无法读取"


def test_a_probe_leaves_nothing_and_takes_some_time(tmp_path: Path) -> None:
    seen = see_disk(tmp_path, 0)
    assert (seen.fault, seen.read_only, seen.reserve, seen.sync_ms > 0) == ("", False, True, True)
    assert list(tmp_path.iterdir()) == []


def test_who_has_a_file_open_is_found(tmp_path: Path) -> None:
    held = tmp_path / "port"
    held.touch()
    process = subprocess.Popen(["sleep", "60"], stdin=held.open())
    try:
        rest = threading.Event()
        while not (found := holders_of(held)) or found[0][1] != "sleep":
            rest.wait(0.01)
        assert found == ((process.pid, "sleep"),)
    finally:
        process.kill()
        process.wait()


def test_a_by_id_name_of_the_same_device_is_offered(tmp_path: Path) -> None:
    (tmp_path / "usb-FTDI_1").symlink_to("/dev/null")
    seen = see_port("/dev/null", tmp_path, tmp_path)
    assert (seen.kind, seen.allowed, seen.better) == ("device", True, str(tmp_path / "usb-FTDI_1"))
    assert see_port(seen.better, tmp_path, tmp_path).better == ""
    assert see_port("/dev/nothing-here", tmp_path, tmp_path).found[0] == seen.better


# ---- the command, under real conditions


Lines = dict[str, list[dict[str, str]]]


def commanded(station: EnrolledStation, *before: str) -> tuple[int, Lines]:
    """The exit status of `zaigang doctor --json`, and its lines by name."""
    command = [*before, *COMMAND, "doctor", "--json", "--folder", str(station.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert said["well"] is (done.returncode == 0)
    return done.returncode, _by_name(said["lines"])


def examined(station: EnrolledStation) -> tuple[int, Lines]:
    """The same without the command's start: 1 when a line is ✗, and the lines by name."""
    lines = [asdict(line) for line in examine(station.folder)]
    return int(any(line["mark"] == "✗" for line in lines)), _by_name(lines)


def _by_name(lines: list[dict[str, str]]) -> Lines:
    named: Lines = {}
    for line in lines:
        named.setdefault(line["name"], []).append(line)
    return named


@pytest.fixture
def station(tmp_path: Path) -> Iterator[EnrolledStation]:
    made = EnrolledStation(tmp_path)
    yield made
    made.close()


class Hub(HTTPServer):
    """A hub's door: it says that it is well, at a time that a test may move."""

    ahead = timedelta()


class Door(BaseHTTPRequestHandler):
    """Answers like a hub's health page."""

    server: Hub

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return (datetime.now(UTC) + self.server.ahead).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def joined_to(station: EnrolledStation, hub: Hub) -> None:
    known = json.loads((station.folder / "hub.json").read_text())
    known["url"] = f"http://127.0.0.1:{hub.server_port}"
    (station.folder / "hub.json").write_text(json.dumps(known))


def only(lines: Lines, name: str) -> dict[str, str]:
    (line,) = lines[name]
    return line


def test_all_well_is_status_zero(station: EnrolledStation, hub: Hub) -> None:
    joined_to(station, hub)
    status, lines = commanded(station)
    assert status == 0, lines
    assert only(lines, "指纹机")["words"].startswith("ZFM")
    assert only(lines, "中枢")["mark"] == "✓"
    assert not {line["mark"] for group in lines.values() for line in group} - {"✓", "!"}


def test_a_running_station_answers_for_its_module(station: EnrolledStation) -> None:
    assert station.enrol("刘明", "a")[0] == 0
    station.run()
    status, lines = examined(station)
    assert only(lines, "指纹机")["words"] == "ZFM，已录 1/1000 枚"
    assert only(lines, "指纹位置")["mark"] == "✓"
    assert (status, only(lines, "中枢")["mark"]) == (1, "✗"), "its hub is not there"
    assert "连不上" in only(lines, "中枢")["words"]
    station.module.fault("gone")
    _, lines = examined(station)
    assert only(lines, "指纹机")["mark"] == "✗"


def test_places_that_disagree_with_the_facts(station: EnrolledStation) -> None:
    assert station.enrol("刘明", "a")[0] == 0
    station.module.enrol("somebody", 9)
    _, lines = examined(station)
    assert "位置 9" in only(lines, "指纹位置")["words"]
    station.module.brain.flash.templates.clear()
    status, lines = examined(station)
    assert (status, "位置 0" in only(lines, "指纹位置")["words"]) == (1, True)


def with_settings(station: EnrolledStation, text: str) -> None:
    (station.folder / "station.toml").write_text(text, encoding="utf-8")


def test_ports_that_cannot_be(station: EnrolledStation, tmp_path: Path) -> None:
    with_settings(station, f'[reader]\nport = "{tmp_path}/ttyNONE"\n')
    status, lines = examined(station)
    assert (status, "ttyNONE" in only(lines, "端口")["words"], "指纹机" in lines) == (1, True, False)
    (tmp_path / "file").touch()
    with_settings(station, f'[reader]\nport = "{tmp_path}/file"\n')
    assert "不是串口" in only(examined(station)[1], "端口")["words"]


def test_a_port_that_may_not_be_opened_names_the_group(station: EnrolledStation) -> None:
    real = str(Path(station.module.port).resolve())
    calls = "?access,faccessat,?faccessat2,openat"
    deny = ("strace", "-f", "-qq", "-o", "/dev/null", "-P", real, "-e", f"inject={calls}:error=EACCES")
    status, lines = commanded(station, *deny)
    assert (status, "usermod -aG" in only(lines, "端口")["remedy"]) == (1, True)


def test_a_port_that_another_program_holds_names_it(station: EnrolledStation) -> None:
    reader = open_reader("zfm", port=station.module.port)
    status, lines = commanded(station)
    reader.close()
    assert (status, f"{os.getpid()}（" in only(lines, "端口")["words"]) == (1, True)


def test_a_silent_module_is_told_within_the_time_of_its_handshake(station: EnrolledStation) -> None:
    station.module.fault("silent")
    status, lines = examined(station)
    assert (status, "没有回应" in only(lines, "指纹机")["words"]) == (1, True)


def test_the_second_choice_of_driver_is_named(station: EnrolledStation) -> None:
    with_settings(station, f'[reader]\nport = "{station.module.port}"\ndriver = "pyfingerprint"\n')
    assert "pyfingerprint" in only(examined(station)[1], "驱动")["words"]


def test_a_folder_that_cannot_be_written(station: EnrolledStation) -> None:
    probe = str(station.folder / "checkup.probe")
    deny = ("strace", "-f", "-qq", "-o", "/dev/null", "-P", probe, "-e", "inject=openat:error=EROFS")
    status, lines = commanded(station, *deny)
    assert (status, only(lines, "磁盘")["words"]) == (1, "文件系统是只读的")


def test_a_hub_whose_clock_differs(station: EnrolledStation, hub: Hub) -> None:
    joined_to(station, hub)
    hub.ahead = timedelta(seconds=100)
    status, lines = examined(station)
    assert (status, "慢" in only(lines, "校时")["words"]) == (1, True)


def test_a_hub_that_lets_connect_and_says_nothing_does_not_hold_the_check_up(station: EnrolledStation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        known = json.loads((station.folder / "hub.json").read_text())
        known["url"] = f"http://127.0.0.1:{mute.getsockname()[1]}"
        (station.folder / "hub.json").write_text(json.dumps(known))
        assert "超时" in only(examined(station)[1], "中枢")["words"]


def test_old_papers_are_named_by_their_age(station: EnrolledStation) -> None:
    write_papers(station.folder, confirmed=datetime.now(UTC) - timedelta(days=5))
    assert "已 5 天" in only(examined(station)[1], "名单")["words"]


def test_a_journal_whose_tail_does_not_hold(station: EnrolledStation) -> None:
    journal_with(station.folder, 5).close()
    db = sqlite3.connect(station.folder / FILE)
    db.execute("UPDATE facts SET raw = CAST(replace(raw, '\"place\":3', '\"place\":4') AS BLOB) WHERE seq = 3")
    db.commit()
    db.close()
    status, lines = examined(station)
    assert (status, only(lines, "账本")["words"]) == (1, "第 4 条与前一条接不上")


def test_a_clock_before_the_newest_fact(station: EnrolledStation) -> None:
    with Journal(station.folder, clock(datetime.now(UTC) + timedelta(days=400))) as journal:
        journal.append(punch())
    status, lines = examined(station)
    assert (status, "早于账本" in lines["时钟"][0]["words"]) == (1, True)


def test_a_station_that_hangs_is_told_apart(station: EnrolledStation) -> None:
    with bind(station.folder):
        _, lines = examined(station)
    assert "没有回答" in only(lines, "指纹机")["words"]


def test_settings_with_faults_are_told_and_nothing_else(station: EnrolledStation) -> None:
    with_settings(station, "[reader]\nprot = 1\n")
    status, lines = examined(station)
    assert (status, list(lines), "reader.port" in only(lines, "设置")["words"]) == (1, ["设置"], True)


def test_a_folder_that_is_not_there_is_bad_use(tmp_path: Path) -> None:
    command = [*COMMAND, "doctor", "--folder", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_the_lines_for_people_carry_their_remedy(station: EnrolledStation) -> None:
    told = station.zaigang("doctor").stdout.splitlines()
    assert told[0].startswith("✓ 设置：")
    at = next(number for number, line in enumerate(told) if line.startswith("✗ 中枢"))
    assert told[at + 1].startswith("    → 打卡照常")
