"""The demonstration hall as it runs: hub and station as processes of their own, the module and its fingers in here."""

import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import requests

from config.errors import Refused
from config.settings import load_hub, load_station
from config.words import say
from drivers.sim.zfm import ZfmSimulator
from station.clock import SystemClock
from station.durable import write_durably
from station.keys import load_or_make
from station.rules.calendar import state_council
from station.uplink import KEY, load_joined
from station.uplink import join as join_hub
from station.wiring import kiosk_address
from web.demo.cast import CAST, HALL, STATION, ZONE, Actor, opening, past_days
from web.demo.console import Console
from web.demo.past import last_fact_at, play
from web.services import accounts, people, setup, stations
from web.services.hub import Hub, begin, open_hub

LOGIN = "admin"
MARK = "demo.json"  # says that a folder is a demonstration's, and may be emptied
WAIT_S = 30


class Hall:
    """One demonstration under `folder`: `hub/`, `station/`, `module/`."""

    def __init__(self, folder: Path, host: str, port: int, kiosk_port: int) -> None:
        self.folder, self.host, self.port, self.kiosk_port = folder.absolute(), host, port, kiosk_port
        self.hub_folder, self.station_folder = self.folder / "hub", self.folder / "station"
        self.module_port = self.folder / "module" / "port"
        self.flash = self.folder / "module" / "flash.json"
        self.url = f"http://127.0.0.1:{port}"
        self.offset = 0
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def set_clock(self) -> datetime:
        """Put the demonstration's clock, never before what the journal holds. Answers its time (hall's zone)."""
        now = SystemClock().read().at
        starts = opening(now, state_council())
        last = last_fact_at(self.station_folder)
        if last is not None and last >= starts.astimezone(UTC):
            starts = (last + timedelta(seconds=10)).astimezone(ZONE)
        self.offset = round((starts - now).total_seconds())
        self._write_settings()
        return starts

    def _write_settings(self) -> None:
        shared = f"demo = true\ndemo_clock_offset_s = {self.offset}\n"
        hub = f'{shared}host = "{self.host}"\nport = {self.port}\n'
        station = (
            f'{shared}name = "{STATION}"\n[reader]\nport = "{self.module_port}"\n[kiosk]\nport = {self.kiosk_port}\n'
        )
        write_durably(self.hub_folder / "hub.toml", hub.encode())
        write_durably(self.station_folder / "station.toml", station.encode())

    def open_hub(self) -> Hub:
        """The hub, begun with its administrator and people on the first run."""
        settings = load_hub(self.hub_folder)
        if (self.folder / MARK).exists():
            return open_hub(settings)
        hub = begin(settings, HALL)
        with hub.ledger.writing() as session:
            password = setup.first_admin(session, LOGIN, hub.now())
            people.add(session, [_new_person(actor) for actor in CAST], hub.now())
        write_durably(self.folder / MARK, json.dumps({"password": password}).encode())
        return hub

    def people(self, hub: Hub) -> dict[str, str]:
        """Number → person id."""
        with hub.ledger.reading() as session:
            return {row.number: row.id for row in people.everybody(session) if row.number}

    def join(self, hub: Hub) -> None:
        """Bring the station to the hub as an office would: code, words, confirmation. Needs the hub running."""
        if load_joined(self.station_folder):
            return
        with hub.ledger.writing() as session:
            code = stations.make_code(session, hub.now())
        key = load_or_make(self.station_folder / KEY)
        joined = join_hub(self.station_folder, self.url, code, STATION, key)
        with hub.ledger.writing() as session:
            stations.confirm(session, joined.station, None, hub.now())

    def password(self, hub: Hub) -> str:
        """The one-time password while it still is one, else a word that it is not."""
        with hub.ledger.reading() as session:
            row = next(row for row, _ in accounts.listed(session) if row.name == LOGIN)
        if not row.must_change:
            return say("（已修改，用您自己设的密码）")
        return str(json.loads((self.folder / MARK).read_text())["password"])

    def start(self, name: str, *arguments: str) -> None:
        """Start one of our own commands as a process; its log goes to a file beside its data."""
        command = [sys.executable, "-c", "from station.cli import main; main()", *arguments]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def start_hub(self) -> None:
        """Start the hub and wait until it answers."""
        self.start("hub", "hub", "serve", "--folder", str(self.hub_folder))
        self._await("hub", f"{self.url}/healthz")

    def start_station(self) -> None:
        """Start the station and wait until its screen answers."""
        self.start("station", "station", "run", "--folder", str(self.station_folder))
        self._await("station", f"http://127.0.0.1:{self.kiosk_port}/kiosk/static/kiosk.css")

    def stop(self, name: str) -> None:
        """Ask a process to end and wait for it."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        """End every process, the station first so that its last facts still find the hub."""
        for name in ("station", "hub"):
            self.stop(name)

    def _await(self, name: str, url: str) -> None:
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            if self.processes[name].poll() is not None:
                break
            try:
                requests.get(url, timeout=2)
            except requests.RequestException:
                threading.Event().wait(0.1)
            else:
                return
        raise Refused(
            say("{name} 没有启动起来", name=name),
            remedy=say("原因见 {log}", log=self.folder / f"{name}.log"),
        )


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
    hub = hall.open_hub()
    days = past_days(today, last.astimezone(ZONE).date() if last else None, state_council())
    with ZfmSimulator(link=hall.module_port, state=hall.flash) as module:
        play(hall.station_folder, days, hall.people(hub), module)
    hub.close()
    return ZfmSimulator(link=hall.module_port, state=hall.flash, pace=True, think=0.3).start()


def _new_person(actor: Actor) -> people.NewPerson:
    group: people.Group = "window" if actor.window else "back_office"
    return people.NewPerson(
        name=actor.name, number=actor.number, unit=actor.unit, window=actor.window, group=group,
        roles=(actor.role,),
    )  # fmt: skip


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
