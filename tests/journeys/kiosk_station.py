"""A whole station for journeys: its own process, a simulated module on a real pty, papers of a hub that is away."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from drivers.catalogue import open_reader
from drivers.contract import Step
from drivers.sim.zfm import ZfmSimulator
from station.clock import DrivenClock, SystemClock
from station.enrolling import enrol
from station.facts import Body, Fact, canonical
from station.joining import KEY, join
from station.journal import FILE, Journal, Reader
from station.keys import load_or_make
from station.papers import Papers, keep, read
from station.places import Places
from station.sealed import load_or_make_seal
from station.wire import papers_message
from tests.station.counters import CHEN, PEOPLE, SHANGHAI, ZHAO, papers, pins_content
from web.kiosk.guard import COOKIE

T = TypeVar("T")
NAMES = {each.name: each.id for each in PEOPLE}
CHEN_PIN, ZHAO_PIN, NEW_PIN = "204816", "640582", "975310"
PINS = {CHEN: CHEN_PIN, ZHAO: ZHAO_PIN}
OPENS = datetime(2026, 3, 2, 8, 50, tzinfo=SHANGHAI)  # the Monday morning on which every journey begins
RUN = "from station.cli import main; main()"


@dataclass(frozen=True)
class AtHub:
    """A hub that a station joins by a code before it starts: its people by name, and how it is confirmed there."""

    url: str
    code: str
    people: Mapping[str, str]
    confirm: Callable[[str], None]


@dataclass
class StationUnderWay:
    """A station that runs, and the module in front of which people stand."""

    module: ZfmSimulator
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def root(self) -> str:
        """Where its screen is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """The autostart address."""
        return f"{self.root}/kiosk?token={self.token}"

    @property
    def token(self) -> str:
        """What lets a browser in."""
        return (self.folder / "kiosk.token").read_text()

    @property
    def cookie(self) -> tuple[str, str]:
        """The cookie of a browser that was let in."""
        return COOKIE, self.token

    def press(self, name: str) -> None:
        """Somebody presses and lifts; the module looks several times a second."""
        self.module.finger(name)

    def lift(self) -> None:
        """The finger is gone."""
        self.module.lift()

    def of(self, *kinds: str) -> list[Fact]:
        """The facts of these kinds so far, in order."""
        reader = Reader(self.folder / FILE)
        try:
            return list(reader.of_kinds(*kinds))
        finally:
            reader.close()

    def wait_for(self, kinds: tuple[str, ...], count: int = 1) -> list[Fact]:
        """The facts of these kinds once there are so many; fails after half a minute."""
        return eventually(lambda: found if len(found := self.of(*kinds)) >= count else None)


@contextmanager
def station_under_way(
    folder: Path, enrolled: tuple[str, ...] = ("刘明",), held: Papers | None = None, touch: bool = True,
    opens: datetime = OPENS, devices: str = "", hub: AtHub | None = None, before: Sequence[Body] = (),
) -> Iterator[StationUnderWay]:  # fmt: skip
    """A station with these people's fingers, and PINs of 陈静 (she leads that Monday) and 赵强; its hub is away.

    `opens`: its time at the start; `devices`: settings of readers and cameras; `hub`: one that is there, whose papers
    and people it has instead; `before`: what it recorded at OPENS already.
    """
    folder.mkdir(parents=True)
    with ZfmSimulator(link=folder / "module") as module:
        port = free_port()
        _set_up(folder, module, port, held or papers(), touch)
        _set_clock(folder, opens, devices)
        if hub:
            _join(folder, hub)
        _enrol(folder, module, {name: (hub.people if hub else NAMES)[name] for name in enrolled}, before)
        with (folder / "log").open("wb") as log:
            command = [sys.executable, "-c", RUN, "station", "run", "--folder", str(folder)]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        station = StationUnderWay(module, folder, port, process)
        try:
            eventually(lambda: _ready(station) or None, 60)
            yield station
        finally:
            process.terminate()
            process.wait(timeout=30)


def eventually(look: Callable[[], T | None], seconds: float = 30) -> T:
    """What `look` finds once it finds something; fails after `seconds`."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if (found := look()) is not None:
            return found
        pause.wait(0.05)
    raise AssertionError("it did not happen")


def _set_up(folder: Path, module: ZfmSimulator, port: int, held: Papers, touch: bool) -> None:
    hub = load_or_make(folder.parent / "hub.key")
    content = canonical(
        held.model_copy(update={"hall": held.hall.model_copy(update={"hub_key": hub.public})}).model_dump(mode="json")
    )
    keep(folder, read(content, hub.sign(papers_message(content)), hub.public))
    joined = {"url": f"http://127.0.0.1:{free_port()}", "station": "s1", "hub_key": hub.public, "hall": "厅"}
    (folder / "hub.json").write_text(json.dumps(joined))
    key = load_or_make_seal(folder / "station.seal")
    (folder / "pins.sealed").write_bytes(pins_content(key, PINS))
    devices = f'[reader]\nport = "{module.port}"\n[kiosk]\nport = {port}\ntouch = {str(touch).lower()}\n'
    (folder / "station.toml").write_text(devices)


def _set_clock(folder: Path, opens: datetime, devices: str) -> None:
    offset = round((opens - SystemClock().read().at).total_seconds())
    settings = f'name = "一楼东门打卡站"\ndemo = true\ndemo_clock_offset_s = {offset}\n'
    written = (folder / "station.toml").read_text()
    (folder / "station.toml").write_text(settings + written + devices)


def _join(folder: Path, hub: AtHub) -> None:
    for name in ("papers.json", "pins.sealed"):
        (folder / name).unlink()
    hub.confirm(join(folder, hub.url, hub.code, "一楼东门打卡站", load_or_make(folder / KEY)).station)


def _enrol(folder: Path, module: ZfmSimulator, people: Mapping[str, str], before: Sequence[Body]) -> None:
    reader = open_reader("zfm", port=module.port, poll_seconds=0.005)
    with Journal(folder, DrivenClock(OPENS)) as journal:
        places = Places(Reader(journal.path).of_kinds("enrolled"))
        for name, person in people.items():
            for step in enrol(person, "右手食指", journal=journal, reader=reader, places=places):
                follow(module, name, step.step)
        for body in before:
            journal.append(body)
    module.lift()
    reader.close()


def follow(module: ZfmSimulator, name: str, step: Step) -> None:
    """Do what a step of an enrolment asks."""
    if step is Step.PUT:
        module.finger(name)
    elif step is Step.LIFT:
        module.lift()


def _ready(station: StationUnderWay) -> bool:
    assert station.process.poll() is None, (station.folder / "log").read_text()
    return any(fact.body["device"] == "reader" for fact in station.of("device")) and _answers(station.port)


def _answers(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])
