"""The demonstration hall as it runs: hub and station as processes of their own, the module and its fingers in here."""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import requests

from config.errors import Refused
from config.settings import load_hub
from config.words import say
from station.clock import SystemClock
from station.durable import write_durably
from station.joining import KEY, load_joined
from station.joining import join as join_hub
from station.keys import load_or_make
from station.rules.calendar import state_council
from web.demo.cast import CAST, HALL, STATION, ZONE, Actor, opening
from web.demo.past import last_fact_at
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

    def open_hub(self, posted_from: date | None = None) -> Hub:
        """The hub, begun with its administrator and people (posted from that day on) on the first run."""
        settings = load_hub(self.hub_folder)
        if (self.folder / MARK).exists():
            return open_hub(settings)
        hub = begin(settings, HALL)
        with hub.ledger.writing() as session:
            password = setup.first_admin(session, LOGIN, hub.now())
            people.add(session, [_new_person(actor, posted_from) for actor in CAST], hub.now())
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


def _new_person(actor: Actor, posted_from: date | None) -> people.NewPerson:
    group: people.Group = "window" if actor.window else "back_office"
    return people.NewPerson(
        name=actor.name, number=actor.number, unit=actor.unit, window=actor.window, group=group,
        roles=(actor.role,), posted_from=posted_from,
    )  # fmt: skip
