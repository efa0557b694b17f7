"""Running the demonstration: everything in its order, and everything stopped at the end."""

import random
import shutil
import signal
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import click

from config.errors import Refused
from config.settings import load_station
from config.words import say
from drivers.sim.camera import CameraSimulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from drivers.sim.zfm import ZfmSimulator
from station.papers import Checkpoint
from station.progress import counted
from station.rules.calendar import state_council
from station.wiring import kiosk_address
from web.demo.cast import ZONE, Actor, cast
from web.demo.console import Console, Tags
from web.demo.founding import LOGINS, holder
from web.demo.hall import MARK, Hall
from web.demo.life import PAST_DAYS, SMALL_PAST_DAYS, arrived, days_to_play
from web.demo.past import Cast, last_fact_at, play
from web.demo.patrol import card_of
from web.people.room import ROLE_WORDS
from web.services.hub import Hub

BEFORE = timedelta(seconds=5)  # the past ends so long before the present begins


def run(folder: Path, host: str, port: int, kiosk_port: int, fresh: bool, small: bool = False) -> None:
    """Run the demonstration until Ctrl-C. `small`: a dozen people and a short past, ready sooner."""
    hall = Hall(folder, host, port, kiosk_port)
    if fresh:
        _empty(hall.folder)
    for wanted in (port, kiosk_port):
        _refuse_taken(wanted)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` ends it in order, like Ctrl-C
    with ExitStack() as stack:
        camera = stack.enter_context(CameraSimulator(fps=5))
        hall.camera = camera.stream
        hub, given, module = _prepare(hall, small)
        tags = stack.enter_context(Rdm6300Simulator(link=hall.tags_port))
        stack.callback(hub.close)
        stack.callback(module.stop)
        stack.callback(hall.stop_all)
        hall.start_hub()
        hall.join(hub)
        hall.start_station()
        _introduce(hall, hub, given.actors)
        cards = {point.name: card_of(number) for number, point in enumerate(_points(given), start=1)}
        Console(hall, module, Tags(tags, cards), arrived(given.actors, hub.now()), random.Random()).run()  # noqa: S311  # guards nothing


def _points(given: Cast) -> Sequence[Checkpoint]:
    return given.beat.papers.checkpoints if given.beat else ()


def _prepare(hall: Hall, small: bool) -> tuple[Hub, Cast, ZfmSimulator]:
    """Hub, people, past: everything that must stand before the processes start. The module is the live one, started."""
    hall.module_port.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    last = last_fact_at(hall.station_folder)
    starts = hall.set_clock()
    days = days_to_play(starts, last, state_council(), SMALL_PAST_DAYS if small else PAST_DAYS)
    hub = hall.open_hub(cast(small=small), days[0])
    given = hall.cast(hub)
    with (
        ZfmSimulator(link=hall.module_port, state=hall.flash) as module,
        counted(say("正在准备演示大厅的过去")) as progress,
    ):
        play(hall.station_folder, days, starts - BEFORE, given, module, progress)
    return hub, given, ZfmSimulator(link=hall.module_port, state=hall.flash, pace=True, think=0.3).start()


def _introduce(hall: Hall, hub: Hub, actors: Sequence[Actor]) -> None:
    handed = hall.handed(hub)
    lines = [
        say(
            "演示大厅已开门（数据与设备均为模拟，时钟从 {at} 起走）", at=f"{hub.now().astimezone(ZONE):%Y-%m-%d %H:%M}"
        ),
        say("  今日页   http://127.0.0.1:{port}/", port=hall.port),
        *(_login(login, word, actors) for login, word in handed.passwords.items()),
        say("  PIN      {pins}", pins="   ".join(f"{name} {pin}" for name, pin in handed.pins.items())),
        say("  打卡屏   {address}", address=kiosk_address(load_station(hall.station_folder))),
        say("  数据     {folder}（重新开始：按 Ctrl+C 停下，再运行 make run FRESH=1）", folder=hall.folder),
    ]
    for line in lines:
        click.echo(line)


def _login(login: str, word: str, actors: Sequence[Actor]) -> str:
    role = LOGINS[login]
    who = "" if role == "admin" else f" {holder(actors, role).name}"
    return say(
        "  登录名   {login:<8} 一次性密码 {word}   {role}{who}", login=login, word=word, role=ROLE_WORDS[role], who=who
    )


def _empty(folder: Path) -> None:
    """Empty a demonstration's folder, and no other."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARK).exists():
        raise Refused(
            say("{folder} 不是演示数据，没有清空", folder=folder), remedy=say("请换一个目录，或自行核对后删除")
        )
    for name in ("hub", "station", "module"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / MARK).unlink()


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(
                say("端口 {port} 已被占用", port=port), remedy=say("请先停止占用它的程序（也许演示已在运行）")
            ) from error
