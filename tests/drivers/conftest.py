"""Simulators and readers that end with their test."""

import time
from collections.abc import Callable, Iterator

import pytest

from drivers.catalogue import open_reader
from drivers.contract import FingerReader, NoMatch, Step, Touch
from drivers.sim.zfm import ZfmSimulator

Plug = Callable[..., ZfmSimulator]
Open = Callable[..., FingerReader]


@pytest.fixture
def plug() -> Iterator[Plug]:
    """Starts simulators; all are stopped at the end."""
    running: list[ZfmSimulator] = []

    def start(*args: object, **settings: object) -> ZfmSimulator:
        simulator = ZfmSimulator(*args, **settings)  # type: ignore[arg-type]
        running.append(simulator.start())
        return simulator

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens readers by name; all are closed at the end."""
    readers: list[FingerReader] = []

    def start(name: str, port: str, **settings: object) -> FingerReader:
        reader = open_reader(name, port=port, poll_seconds=0.02, **settings)
        readers.append(reader)
        return reader

    yield start
    for reader in readers:
        reader.close()


def touch(reader: FingerReader, seconds: float = 20.0) -> Touch | NoMatch | None:
    """What a finger on the glass gives within `seconds`."""
    return reader.wait_touch(time.monotonic() + seconds)


def lifted(reader: FingerReader, simulator: ZfmSimulator) -> None:
    """Lift the finger and let the reader see the empty glass."""
    simulator.lift()
    assert reader.wait_touch(time.monotonic() + 0.1) is None


def enrol(reader: FingerReader, simulator: ZfmSimulator, name: str, place: int) -> list[Step]:
    """Enrol a finger as its person would, doing what each step asks."""
    steps = []
    for one in reader.enrol(place):
        steps.append(one.step)
        if one.step is Step.PUT:
            simulator.finger(name)
        elif one.step is Step.LIFT:
            simulator.lift()
    simulator.lift()
    return steps
