"""Many presses under every fault at random: a touch is always the finger that lies there, or there is none."""

import time
from random import Random

import pytest

from drivers.catalogue import READERS
from drivers.contract import FingerReader, NoMatch, Touch
from drivers.errors import DeviceFault
from drivers.sim.faults import FAULTS
from drivers.sim.zfm import ZfmSimulator
from tests.drivers.conftest import Open, Plug

PEOPLE = {"anna": 3, "bert": 40, "carl": 41}
QUICK = [name for name in FAULTS if name not in ("silent", "late", "cut")]  # those cost a deadline each


def press(reader: FingerReader, simulator: ZfmSimulator, seconds: float) -> Touch | NoMatch | None:
    """What the station's loop gets from one press, whatever goes wrong on the way."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if (event := reader.wait_touch(time.monotonic() + 0.1)) is not None:
                return event
        except DeviceFault:
            continue
    return None


def soak(reader: FingerReader, simulator: ZfmSimulator, presses: int, kinds: list[str], seed: int) -> list[str]:
    """Press after press under random faults; the presses that were taken for somebody else, and those not seen at
    all after healing."""
    chance, wrong = Random(seed), []
    for number in range(presses):
        name = chance.choice([*PEOPLE, "stranger"])
        simulator.fault(chance.choice(kinds), times=chance.randrange(1, 4))
        simulator.finger(name)
        seen = press(reader, simulator, 0.5)
        simulator.heal()
        seen = seen or press(reader, simulator, 8)
        place = seen.place if isinstance(seen, Touch) else None
        if seen is None or place != PEOPLE.get(name):
            wrong.append(f"{number}: {name} was taken for {seen}")
        simulator.lift()
        press(reader, simulator, 0.05)
    return wrong


@pytest.mark.parametrize("backend", list(READERS))
def test_no_fault_makes_anybody_else(backend: str, plug: Plug, opened: Open) -> None:
    simulator = plug(pace=True, baud=115200)
    for name, place in PEOPLE.items():
        simulator.enrol(name, place)
    assert soak(opened(backend, simulator.port, baud=115200), simulator, 12, QUICK, seed=5) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("backend", list(READERS))
def test_no_fault_of_any_kind_makes_anybody_else(backend: str, plug: Plug, opened: Open) -> None:
    simulator = plug(pace=True, baud=115200)
    for name, place in PEOPLE.items():
        simulator.enrol(name, place)
    assert soak(opened(backend, simulator.port, baud=115200), simulator, 120, list(FAULTS), seed=6) == []
