"""A device's turns between ready, gone and faulty: a fact once for each, however often it is tried meanwhile."""

from typing import Literal

import structlog

from station.errors import NotDurable
from station.facts import Device
from station.journal import Journal

State = Literal["ready", "gone", "fault"]
log = structlog.get_logger("device")


class Turns:
    """The turns of one device. `name`: its name in the settings, where there are several."""

    def __init__(self, journal: Journal, device: Literal["reader", "tap", "camera"], name: str = "") -> None:
        self._journal = journal
        self._device: Literal["reader", "tap", "camera"] = device
        self._name = name
        self._told: set[State] = set()  # states recorded since it last changed between ready and not
        self._due: list[Device] = []  # states that the disk did not take yet

    def turn(self, state: State, detail: str) -> None:
        """It is in this state now."""
        if (state == "ready") != (self._told == {"ready"}):
            self._told.clear()
        if state not in self._told:
            self._told.add(state)
            log.info(self._device, name=self._name, state=state, detail=detail)
            said = f"{self._name}：{detail}" if self._name else detail
            self._due.append(Device(device=self._device, state=state, detail=said))
        self.record_due()

    def record_due(self) -> None:
        """What could not be written when it happened is written as soon as the disk takes it."""
        try:
            while self._due:
                self._journal.append(self._due[0])
                del self._due[0]
        except NotDurable as error:
            log.error("not durable", error=str(error))
