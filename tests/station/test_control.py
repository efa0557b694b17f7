"""The control socket: who may ask, what an answer looks like, what a lost asker does."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.errors import DeviceGone
from station import control
from station.control import Json, NobodyRuns, NotDone
from station.errors import NotDurable
from station.loops.control import Asker, Control, Verb, account_of

WAIT_S = 10.0


def counts(question: Json, asker: Asker) -> Json:
    for number in range(question["upto"]):
        asker.step({"number": number})
    return {"upto": question["upto"]}


def raising(error: Exception) -> Verb:
    def verb(question: Json, asker: Asker) -> Json:
        raise error

    return verb


VERBS: dict[str, Verb] = {
    "count": counts,
    "refuses": raising(Refused("名单里没有此人", remedy="请先登记")),
    "gone": raising(DeviceGone("指纹模块的串口断开了")),
    "full": raising(NotDurable("database or disk is full")),
    "breaks": raising(KeyError("x")),
}
Serve = Callable[..., Path]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts controls; all are stopped at the end."""
    stop, threads = threading.Event(), list[threading.Thread]()

    def start(verbs: dict[str, Verb] = VERBS, folder: Path = tmp_path, **given: frozenset[int]) -> Path:
        thread = threading.Thread(target=Control(folder, verbs, **given).run, args=(stop,))
        thread.start()
        threads.append(thread)
        rest = threading.Event()
        while not _listens(folder):
            assert thread.is_alive()
            rest.wait(0.01)
        return folder

    yield start
    stop.set()
    for thread in threads:
        thread.join(WAIT_S)


def _listens(folder: Path) -> bool:
    try:
        control.done(folder, {"ask": "nothing"})
    except NobodyRuns:
        return False
    except Refused:
        return True
    return True


def test_steps_come_before_the_last_word(serve: Serve) -> None:
    said = list(control.ask(serve(), {"ask": "count", "upto": 2}))
    assert said == [{"step": {"number": 0}}, {"step": {"number": 1}}, {"done": {"upto": 2}}]


@pytest.mark.parametrize(
    ("ask", "kind", "words"),
    [
        ("refuses", Refused, "名单里没有此人。没有改动任何数据。请先登记"),
        ("dance", Refused, "不认识 dance"),
        ("gone", NotDone, "串口断开了"),
        ("full", NotDone, "磁盘"),
        ("breaks", NotDone, "故障"),
    ],
)
def test_a_refusal_arrives_as_what_it_was(serve: Serve, ask: str, kind: type[Exception], words: str) -> None:
    folder = serve()
    with pytest.raises(kind, match=words):
        control.done(folder, {"ask": ask})
    assert control.done(folder, {"ask": "count", "upto": 0}) == {"upto": 0}, "and the next one is answered"


@pytest.mark.parametrize("line", [b"\n", b"nonsense\n", b"[1]\n", b'{"ask"', b"x" * 70_000 + b"\n", b"\xff\n"])
def test_nonsense_is_refused_and_harms_nobody(serve: Serve, line: bytes) -> None:
    folder = serve()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(folder / control.FILE))
        try:
            link.sendall(line)
            link.shutdown(socket.SHUT_WR)
            said = json.loads(link.makefile("rb").readline() or b'{"status": 2}')
        except (BrokenPipeError, ConnectionResetError):
            said = {"status": 2}
    assert said["status"] == 2
    assert control.done(folder, {"ask": "count", "upto": 0}) == {"upto": 0}


def test_the_socket_is_its_owners_alone(serve: Serve) -> None:
    mode = (serve() / control.FILE).stat().st_mode
    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)


def test_a_foreign_account_gets_no_answer(serve: Serve) -> None:
    with pytest.raises(Refused, match="账号"):
        control.done(serve(accounts=frozenset({4_000_000})), {"ask": "count", "upto": 1})


def test_a_refusal_that_came_before_the_question_is_read(tmp_path: Path) -> None:
    """The station may hang up on a stranger before the stranger has spoken: the word is heard all the same."""

    def refuses(door: socket.socket) -> None:
        with door.accept()[0] as link:
            link.sendall('{"refused": "只有运行考勤站的账号", "status": 2}\n'.encode())

    with control.bind(tmp_path) as door:
        asked = control.ask(tmp_path, {"ask": "x" * 1_000_000})  # larger than the socket holds: the sending breaks
        station = threading.Thread(target=refuses, args=(door,))
        station.start()
        with pytest.raises(Refused, match="账号"):
            list(asked)
        station.join(WAIT_S)


def test_the_kernel_tells_who_asks(tmp_path: Path) -> None:
    with control.bind(tmp_path) as door, socket.socket(socket.AF_UNIX) as link:
        link.connect(str(tmp_path / control.FILE))
        assert account_of(door.accept()[0]) == os.getuid()


def test_hanging_up_cancels_what_was_asked(serve: Serve) -> None:
    begun, left = threading.Event(), threading.Event()

    def waits(question: Json, asker: Asker) -> Json:
        assert not asker.is_set()
        begun.set()
        while not asker.wait(WAIT_S):
            pass
        left.set()
        return {}

    folder = serve({"wait": waits})
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(folder / control.FILE))
        link.sendall(b'{"ask": "wait"}\n')
        assert begun.wait(WAIT_S)
        assert not left.is_set()
    assert left.wait(WAIT_S)


def test_nobody_runs_where_nothing_or_only_a_dead_socket_is(tmp_path: Path, serve: Serve) -> None:
    with pytest.raises(NobodyRuns):
        control.done(tmp_path, {"ask": "count"})
    control.bind(tmp_path).close()  # what a killed station leaves
    assert (tmp_path / control.FILE).exists()
    with pytest.raises(NobodyRuns):
        control.done(tmp_path, {"ask": "count"})
    assert control.done(serve(), {"ask": "count", "upto": 0}) == {"upto": 0}


def test_a_folder_deeper_than_a_socket_name_may_be(tmp_path: Path, serve: Serve) -> None:
    deep = tmp_path / ("站" * 40) / ("点" * 40)
    deep.mkdir(parents=True)
    assert len(str(deep).encode()) > 200
    assert control.done(serve(folder=deep), {"ask": "count", "upto": 0}) == {"upto": 0}


def test_a_silent_station_is_told_from_a_slow_one(tmp_path: Path) -> None:
    with control.bind(tmp_path), pytest.raises(NotDone, match="没有回答"):
        control.done(tmp_path, {"ask": "status"}, patience_s=0.05)


def test_the_client_needs_no_heavy_libraries() -> None:
    code = "import sys, station.control; print({'flask', 'pydantic', 'requests', 'structlog'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"
