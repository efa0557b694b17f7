"""The terminal's side of enrolling, forgetting and asking: through the running station, or alone when none runs."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from config.errors import Refused
from config.settings import load_station
from config.words import say
from drivers.errors import DeviceFault
from station import control
from station.console import Console
from station.control import NobodyRuns, NotDone
from station.errors import JournalBroken, NotDurable
from station.finding import find_one
from station.joining import load_joined
from station.papers import Person, load

Json = dict[str, Any]
Tell = Callable[[Json], None]


def person_of(folder: Path, typed: str) -> Person:
    """Whom the papers in `folder` know by `typed`; Refused without papers, without or with several such people."""
    joined = load_joined(folder)
    held = load(folder, joined.hub_key) if joined else None
    if held is None:
        raise Refused(say("本站还没有名单"), remedy=say("请先接入中枢，等管理员确认后名单会自动下发"))
    return find_one(held.papers.people, typed)


def agreed(person: Person, form: str) -> None:
    """The person's own consent, given now at the terminal or before on the form of that number; Refused without."""
    if form.strip():
        return
    if not sys.stdin.isatty():
        raise Refused(say("录指纹须经本人同意"), remedy=say("请在终端上录入，或用 --consent 写明已签同意书的编号"))
    click.echo(say("指纹只存在本站的指纹机里，只用于打卡；不同意也可以用姓名加 PIN 签到，离岗后会删除。"))
    if not click.confirm(
        say("{name}（{unit}）本人同意录入指纹吗？", name=person.name, unit=person.unit or person.number)
    ):
        raise Refused(say("本人没有同意，没有录入"), remedy=say("可以改用姓名加 PIN 签到"))


def enrol(folder: Path, person: Person, finger: str, form: str, tell: Tell) -> None:
    """Enrol; `tell` hears each step. Refused and NotDone as it goes."""
    asked = {"ask": "enrol", "person": person.id, "finger": finger, "form": form}
    _do(folder, asked, tell, lambda console: console.enrol(asked, _Here(tell)))


def forget(folder: Path, person_id: str) -> int:
    """Forget every finger of a person here; how many there were."""
    asked = {"ask": "forget", "person": person_id}
    answer = _do(folder, asked, lambda _: None, lambda console: console.forget(asked, _Here(lambda _: None)))
    return int(answer["forgotten"])


@contextlib.contextmanager
def progress() -> Iterator[Tell]:
    """Hears an enrolment's steps: a bar on a terminal, plain lines elsewhere."""
    if not sys.stdout.isatty():
        yield lambda said: click.echo(said["words"])
        return
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(BarColumn(), TextColumn("{task.description}")) as bar:
        task = bar.add_task("", total=None)
        yield lambda said: bar.update(task, total=said["of"], completed=said["pressed"], description=said["words"])


class _Here:
    """An asker who sits at this process's own terminal: Ctrl-C reaches the enrolment by itself."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def step(self, said: Json) -> None:
        self._tell(said)

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float | None = None) -> bool:
        return False


def _do(folder: Path, asked: Json, tell: Tell, alone: Callable[[Console], Json]) -> Json:
    try:
        answer: Json = {}
        for said in control.ask(folder, asked):
            if "step" in said:
                tell(said["step"])
            answer = said.get("done", answer)
    except NobodyRuns:
        return _alone(folder, alone)
    return answer


def _alone(folder: Path, act: Callable[[Console], Json]) -> Json:
    """Nobody runs: take the folder and open the module ourselves."""
    try:
        with _console(folder) as console:
            return act(console)
    except DeviceFault as error:
        raise NotDone(say("指纹机没有完成：{reason}", reason=error)) from error
    except (NotDurable, JournalBroken) as error:
        raise NotDone(say("账本用不了：{reason}；没有完成，请先运行 zaigang doctor", reason=error)) from error


@contextlib.contextmanager
def _console(folder: Path) -> Iterator[Console]:
    from station.wiring import Station

    station = Station(load_station(folder))
    try:
        reader = station.open_reader()
        try:
            yield Console(
                station.journal, station.places, station.settings.reader.driver, station.papers, lambda: reader,
                dict, lambda: None,
            )  # fmt: skip
        finally:
            reader.close()
    finally:
        station.close()
