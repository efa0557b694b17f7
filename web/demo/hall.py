"""The demonstration hall as it runs: hub and station as processes of their own, the module and its fingers in here."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
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
from station.photos import FOLDER as PHOTOS
from station.photos import Photos
from station.rules.calendar import state_council
from web.demo.cast import HALL, STATION, ZONE, Actor, cast
from web.demo.founding import Handed, found
from web.demo.life import opening
from web.demo.past import Cast, last_fact_at
from web.demo.patrol import CAMERA, READER, Beat
from web.ledger.migrate import upgrade
from web.services import accounts, papers, people, stations
from web.services.hub import Hub, begin, open_hub

MARK = "demo.json"  # says that a folder is a demonstration's, and may be emptied
WAIT_S = 30


class Hall:
    """One demonstration under `folder`: `hub/`, `station/`, `module/`."""

    def __init__(self, folder: Path, host: str, port: int, kiosk_port: int) -> None:
        self.folder, self.host, self.port, self.kiosk_port = folder.absolute(), host, port, kiosk_port
        self.hub_folder, self.station_folder = self.folder / "hub", self.folder / "station"
        self.module_port = self.folder / "module" / "port"
        self.flash = self.folder / "module" / "flash.json"
        self.tags_port = self.folder / "module" / "tags"
        self.camera = ""  # its address, once it is there
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
        hub = f'{shared}policy = "demo"\nhost = "{self.host}"\nport = {self.port}\n'
        station = (
            f'{shared}name = "{STATION}"\n[reader]\nport = "{self.module_port}"\n[kiosk]\nport = {self.kiosk_port}\n'
            f'[taps.{READER}]\ndriver = "rdm6300"\nport = "{self.tags_port}"\n'
        )
        if self.camera:
            station += f'[cameras.{CAMERA}]\ndriver = "http"\nport = "{self.camera}"\n'
        write_durably(self.hub_folder / "hub.toml", hub.encode())
        write_durably(self.station_folder / "station.toml", station.encode())

    def open_hub(self, actors: Sequence[Actor], since: date) -> Hub:
        """The hub; on the first run begun and set up with these actors, who are there from a day on."""
        settings = load_hub(self.hub_folder)
        if (self.folder / MARK).exists():
            upgrade(settings.database_url())
            return open_hub(settings)
        hub = begin(settings, HALL)
        handed = found(hub, actors, since)
        write_durably(self.folder / MARK, json.dumps(asdict(handed), ensure_ascii=False).encode())
        return hub

    def people(self, hub: Hub) -> dict[str, str]:
        """Number → person id."""
        with hub.ledger.reading() as session:
            return {row.number: row.id for row in people.everybody(session) if row.number}

    def cast(self, hub: Hub) -> Cast:
        """Who of the whole cast is at this hub: a small hall stays small on its next run."""
        known = self.people(hub)
        with hub.ledger.reading() as session:
            names = {(row.number, row.name) for row in people.everybody(session)}
            held = papers.draw_up(session, hub, "")
        beat = Beat(held, Photos(self.station_folder / PHOTOS))
        return Cast([actor for actor in cast() if (actor.number, actor.name) in names], known, beat)

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

    def handed(self, hub: Hub) -> Handed:
        """The one-time passwords that still are such, else a word that they are not; and the PINs as set up."""
        said = Handed(**json.loads((self.folder / MARK).read_text()))
        with hub.ledger.reading() as session:
            once = {row.name for row, _ in accounts.listed(session) if row.must_change}
        changed = say("（已修改，用您自己设的密码）")
        return Handed({name: word if name in once else changed for name, word in said.passwords.items()}, said.pins)

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
