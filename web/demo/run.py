"""Running the demonstration: everything in its order, and everything stopped at the end."""

import random
import shutil
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import click

from config.errors import Refused
from config.settings import load_station
from config.words import say
from drivers.sim.zfm import ZfmSimulator
from station.rules.calendar import state_council
from station.wiring import kiosk_address
from web.demo.cast import ZONE, past_days
from web.demo.console import Console
from web.demo.hall import LOGIN, MARK, Hall
from web.demo.past import last_fact_at, play
from web.services.hub import Hub


def run(folder: Path, host: str, port: int, kiosk_port: int, fresh: bool) -> None:
    """Run the demonstration until Ctrl-C."""
    hall = Hall(folder, host, port, kiosk_port)
    if fresh:
        _empty(hall.folder)
    for wanted in (port, kiosk_port):
        _refuse_taken(wanted)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` ends it in order, like Ctrl-C
    with ExitStack() as stack:
        module = _prepare(hall)
        stack.callback(module.stop)
        stack.callback(hall.stop_all)
        hall.start_hub()
        hub = hall.open_hub()
        stack.callback(hub.close)
        hall.join(hub)
        hall.start_station()
        _introduce(hall, hub)
        Console(hall, module, random.Random()).run()  # noqa: S311  # who comes next guards nothing


def _prepare(hall: Hall) -> ZfmSimulator:
    """Hub, people, past: everything that must stand before the processes start. Answers the live module, started."""
    hall.module_port.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    last = last_fact_at(hall.station_folder)
    today = hall.set_clock().date()
    days = past_days(today, last.astimezone(ZONE).date() if last else None, state_council())
    hub = hall.open_hub(days[0] if days else today)
    with ZfmSimulator(link=hall.module_port, state=hall.flash) as module:
        play(hall.station_folder, days, hall.people(hub), module)
    hub.close()
    return ZfmSimulator(link=hall.module_port, state=hall.flash, pace=True, think=0.3).start()


def _introduce(hall: Hall, hub: Hub) -> None:
    lines = (
        say(
            "演示大厅已开门（数据与设备均为模拟，时钟从 {at} 起走）", at=f"{hub.now().astimezone(ZONE):%Y-%m-%d %H:%M}"
        ),
        say("  今日页   http://127.0.0.1:{port}/", port=hall.port),
        say("           登录名 {login}   一次性密码 {password}", login=LOGIN, password=hall.password(hub)),
        say("  打卡屏   {address}", address=kiosk_address(load_station(hall.station_folder))),
        say("  数据     {folder}（make run FRESH=1 重新开始）", folder=hall.folder),
    )
    for line in lines:
        click.echo(line)


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
