"""Journal and hub intake under everything that can befall them, in any order: the union is there, nothing twice."""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from config.settings import HubSettings
from station.joining import Joined
from station.journal import Journal
from station.reader import Reader
from station.uplink import Uplink
from station.verify import files_of, verify_file
from tests.builders import clock, punch
from tests.web.halls import HallUnderTest, add_station, copy_hall
from web.ledger.facts import PunchRow
from web.ledger.stations import LineageRow
from web.services.hub import begin, open_hub
from web.services.lineages import approve as approve_lineage


class InProcess(requests.Session):
    """HTTP without a network: requests go to the hub's application; an answer may be lost on its way back."""

    def __init__(self, machine: "Stations") -> None:
        super().__init__()
        self._machine = machine
        self.lose = False

    def request(self, method: Any, url: Any, *rest: Any, **more: Any) -> requests.Response:
        """As the library does it."""
        got = self._machine.hall.client().open(url[4:], method=method, data=more["data"], headers=more["headers"])
        if self.lose:
            raise requests.ConnectionError("the answer was lost")
        response = requests.Response()
        response.status_code = got.status_code
        response._content = got.get_data()
        response.headers.update(dict(got.headers))
        return response


class Copy:
    """One folder of the station: the original or a clone of it."""

    def __init__(self, machine: "Stations", folder: Path) -> None:
        self.machine, self.folder = machine, folder
        self.open()

    def open(self) -> None:
        """Start."""
        self.journal = Journal(self.folder, clock())
        self.uplink = Uplink(self.machine.joined, self.machine.key, self.journal, clock(), self.folder)
        self.http = InProcess(self.machine)
        self.uplink._line.http = self.http

    def close(self) -> None:
        """Stop, or crash: the journal does the same in either."""
        self.uplink._reader.close()
        self.journal.close()


class Stations(RuleBasedStateMachine):
    """One station, its clones, and a hub that may be put back to an older state."""

    @initialize()
    def begin(self) -> None:
        self.work = Path(tempfile.mkdtemp())
        begin(HubSettings(folder=self.work / "template"), "测试大厅").close()
        self.hall: HallUnderTest = copy_hall(self.work / "template", self.work / "hub")
        made = add_station(self.hall, self.work / "copy0")
        made.reader.close()
        made.journal.close()
        self.key = made.key
        self.joined = Joined("hub:", made.id, self.hall.hub.key.public, "厅")
        self.copies = [Copy(self, self.work / "copy0")]
        self.pressed: set[str] = set()
        self.backup: Path | None = None

    @rule(which=st.integers(0, 2), times=st.integers(1, 4))
    def press(self, which: int, times: int) -> None:
        copy = self.copies[which % len(self.copies)]
        self.pressed |= {copy.journal.append(punch(place)).id for place in range(times)}

    @rule(which=st.integers(0, 2), lose=st.booleans())
    def sync(self, which: int, lose: bool) -> None:
        copy = self.copies[which % len(self.copies)]
        copy.http.lose = lose
        assert copy.uplink.step().state in (("away",) if lose else ("went", "fork", "held"))
        copy.http.lose = False

    @rule(which=st.integers(0, 2))
    def crash(self, which: int) -> None:
        copy = self.copies[which % len(self.copies)]
        copy.close()
        copy.open()

    @precondition(lambda self: len(self.copies) < 3)
    @rule(which=st.integers(0, 2))
    def clone(self, which: int) -> None:
        source = self.copies[which % len(self.copies)]
        source.close()
        folder = self.work / f"copy{len(self.copies)}"
        shutil.copytree(source.folder, folder)
        source.open()
        self.copies.append(Copy(self, folder))

    @rule()
    def save_hub(self) -> None:
        self.hall.hub.close()
        if self.backup:
            shutil.rmtree(self.backup)
        self.backup = self.work / "backup"
        shutil.copytree(self.work / "hub", self.backup)
        self._reopen_hub()

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore_hub(self) -> None:
        assert self.backup is not None
        self.hall.hub.close()
        shutil.rmtree(self.work / "hub")
        shutil.copytree(self.backup, self.work / "hub")
        self._reopen_hub()

    @rule()
    def approve(self) -> None:
        with self.hall.hub.ledger.writing() as session:
            for held in session.execute(select(LineageRow.id).where(LineageRow.state == "held")).scalars().all():
                approve_lineage(session, held, None, self.hall.hub.now())

    @invariant()
    def every_copy_knows_its_presses_once_and_in_a_chain(self) -> None:
        for copy in getattr(self, "copies", []):
            reader = Reader(copy.journal.path)
            known = [fact.id for fact in reader.of_kinds("punch")]
            reader.close()
            assert len(known) == len(set(known))
            assert set(known) <= self.pressed

    def teardown(self) -> None:
        if not hasattr(self, "copies"):
            return
        try:
            self._heal()
            with self.hall.hub.ledger.reading() as session:
                held = list(session.execute(select(PunchRow.id)).scalars())
            assert sorted(held) == sorted(self.pressed), "the union, nothing twice, nothing silently unsent"
            for copy in self.copies:
                for file in files_of(copy.folder):
                    assert verify_file(file).broken is None
        finally:
            for copy in self.copies:
                copy.close()
            self.hall.hub.close()
            shutil.rmtree(self.work)

    def _heal(self) -> None:
        """Nothing more goes wrong: a few rounds of sending and approving end in rest."""
        for _ in range(12):
            states = [copy.uplink.step() for copy in self.copies]
            self.approve()
            if all(one.state == "went" and not one.more for one in states):
                break
        assert [copy.uplink.backlog() for copy in self.copies] == [0] * len(self.copies)

    def _reopen_hub(self) -> None:
        given = HubSettings(folder=self.work / "hub", policy="wanzhou")
        self.hall = replace(self.hall, hub=open_hub(given, self.hall.clock))
        self.hall.clock.move_to(self.hall.clock.read().at + timedelta(seconds=1))


TestStations = Stations.TestCase
TestStations.settings = settings(
    max_examples=8, stateful_step_count=18, derandomize=True, deadline=None, phases=(Phase.generate,)
)
