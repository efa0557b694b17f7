"""Enrolling and forgetting at the terminal, alone and through the running station, with a real module's bytes."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import LIU, WANG
from tests.station.enrolled_station import COMMAND, EnrolledStation


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[EnrolledStation]:
    made = EnrolledStation(tmp_path)
    yield made
    made.close()


@pytest.fixture
def runs(alone: EnrolledStation) -> EnrolledStation:
    alone.run()
    return alone


STEPS = [
    "请按手指（第 1 次，共 2 次）",
    "好，第 1 次完成",
    "请抬起手指",
    "请按手指（第 2 次，共 2 次）",
    "好，第 2 次完成",
    "正在核对",
    "正在记录",
]


@pytest.mark.parametrize("way", ["alone", "runs"])
def test_a_finger_is_enrolled_with_its_consent_first(way: str, request: pytest.FixtureRequest) -> None:
    station: EnrolledStation = request.getfixturevalue(way)
    status, lines, said = station.enrol("liuming", "a")
    assert (status, said) == (0, "")
    assert lines == [*STEPS, "已录入：刘明 右手食指"]
    consent, enrolled = station.facts("consent", "enrolled")
    assert (consent.body["person"], consent.body["given"], consent.body["form"]) == (LIU, True, "F-7")
    assert (enrolled.body["person"], enrolled.body["place"], enrolled.body["finger"]) == (LIU, 0, "右手食指")
    status, _, said = station.enrol("0013", "a")
    assert (status, "刘明" in said, len(said.splitlines())) == (2, True, 1), said
    assert len(station.facts("enrolled")) == 1
    assert set(station.module.brain.flash.templates) == {0}


@pytest.mark.parametrize("way", ["alone", "runs"])
@pytest.mark.parametrize("upto", ["第 1 次", "抬起"])
def test_ctrl_c_midway_frees_the_place_and_the_module(way: str, upto: str, request: pytest.FixtureRequest) -> None:
    station: EnrolledStation = request.getfixturevalue(way)
    status, _, said = station.enrol("刘明", "a", upto)
    assert (status, "Traceback" in said) == (130, False), said
    assert station.enrol("0013", "b")[0] == 0, "the next one is not kept waiting"
    assert [fact.body["person"] for fact in station.facts("enrolled")] == [WANG]
    assert set(station.module.brain.flash.templates) == {0}


@pytest.mark.parametrize("way", ["alone", "runs"])
def test_ctrl_c_at_the_very_end_leaves_a_finger_and_its_fact_or_neither(
    way: str, request: pytest.FixtureRequest
) -> None:
    station: EnrolledStation = request.getfixturevalue(way)
    station.enrol("刘明", "a", "正在核对")
    assert station.enrol("0013", "b")[0] == 0
    assert set(station.module.brain.flash.templates) == {fact.body["place"] for fact in station.facts("enrolled")}


def at_a_terminal(station: EnrolledStation, answer: str) -> tuple[int, str]:
    """Enrol 刘明 at a real terminal, answering the question of consent; the exit status and what the screen showed."""
    ours, theirs = os.openpty()
    command = [*COMMAND, "station", "enrol", "刘明", "--folder", str(station.folder)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, done = "", dict[str, int]()
    while True:
        try:
            shown += os.read(ours, 65536).decode(errors="ignore")
        except OSError:  # the terminal hung up: the process is over
            break
        for word, act in (
            ("同意录入指纹吗", lambda: os.write(ours, f"{answer}\n".encode())),
            ("第 1 次，共", lambda: station.module.finger("a")),
            ("抬起", station.module.lift),
            ("第 2 次，共", lambda: station.module.finger("a")),
        ):
            if word in shown and word not in done:
                done[word] = 1
                act()
    os.close(ours)
    return process.wait(30), shown


def test_consent_is_asked_at_the_terminal_and_a_bar_shows_how_far_it_is(alone: EnrolledStation) -> None:
    status, shown = at_a_terminal(alone, "y")
    assert (status, "刘明（医疗保障局）本人同意录入指纹吗" in shown, "━" in shown) == (0, True, True), shown
    (consent,) = alone.facts("consent")
    assert (consent.body["given"], consent.body["form"]) == (True, "")
    assert len(alone.facts("enrolled")) == 1


def test_who_does_not_agree_is_not_enrolled(alone: EnrolledStation) -> None:
    status, shown = at_a_terminal(alone, "n")
    assert (status, "没有同意" in shown, "PIN" in shown) == (2, True, True)
    assert alone.module.brain.flash.templates == {}
    assert not (alone.folder / "journal.sqlite3").exists()


def test_what_cannot_be_begun_is_one_line_and_status_two(alone: EnrolledStation, tmp_path: Path) -> None:
    twins = alone.zaigang("station", "enrol", "王芳", "--consent", "F-7")
    assert (twins.returncode, "0013" in twins.stderr, "0014" in twins.stderr) == (2, True, True)
    nobody = alone.zaigang("station", "enrol", "赵六", "--consent", "F-7")
    assert (nobody.returncode, "赵六" in nobody.stderr) == (2, True)
    unasked = alone.zaigang("station", "enrol", "刘明")
    assert (unasked.returncode, "本人同意" in unasked.stderr) == (2, True)
    (alone.folder / "hub.json").unlink()
    unknown = alone.zaigang("station", "enrol", "刘明", "--consent", "F-7")
    assert (unknown.returncode, "名单" in unknown.stderr) == (2, True)
    assert not (alone.folder / "journal.sqlite3").exists()
    for done in (twins, nobody, unasked, unknown):
        assert len(done.stderr.splitlines()) == 1


def test_a_module_that_goes_midway_is_status_one(runs: EnrolledStation) -> None:
    assert runs.enrol("刘明", "a")[0] == 0
    runs.module.fault("gone")
    done = runs.zaigang("station", "enrol", "0013", "--consent", "F-8")
    assert done.returncode in (1, 2), done.stderr
    assert "指纹" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [fact.body["person"] for fact in runs.facts("enrolled")] == [LIU]


@pytest.mark.parametrize("way", ["alone", "runs"])
def test_forgetting_deletes_in_the_module_and_says_so_in_a_fact(way: str, request: pytest.FixtureRequest) -> None:
    station: EnrolledStation = request.getfixturevalue(way)
    assert station.enrol("刘明", "a")[0] == 0
    done = station.zaigang("station", "forget", LIU)
    assert (done.returncode, done.stdout.strip()) == (0, "已删除 1 枚指纹")
    assert station.module.brain.flash.templates == {}
    assert [fact.body["person"] for fact in station.facts("forgotten")] == [LIU]
    again = station.zaigang("station", "forget", "刘明")
    assert (again.returncode, again.stdout.strip()) == (0, "此人在本站没有指纹")


def test_the_service_manager_hears_that_it_is_ready_lives_and_stops(
    alone: EnrolledStation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        alone.run()
        assert [manager.recv(64), manager.recv(64)] == [b"READY=1", b"WATCHDOG=1"]
        assert alone.zaigang("station", "stop").returncode == 0
        while (last := manager.recv(64)) == b"WATCHDOG=1":
            pass
    assert last == b"STOPPING=1"


def test_a_running_station_tells_how_it_is_and_stops_when_told(runs: EnrolledStation) -> None:
    told = runs.zaigang("station", "status").stdout
    assert "指纹机：指纹机正常" in told
    assert "运行：正在运行" in told
    assert "断网" in told
    done = runs.zaigang("station", "stop")
    assert (done.returncode, runs.ended()) == (0, 0)
    assert runs.facts("started", "stopped")[-1].body["reason"] == "asked"
    assert not (runs.folder / "control.sock").exists()
    assert "运行：没有在运行" in runs.zaigang("station", "status").stdout
    nobody = runs.zaigang("station", "stop")
    assert (nobody.returncode, len(nobody.stderr.splitlines())) == (2, 1)
