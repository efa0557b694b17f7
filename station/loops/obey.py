"""The thread that carries out the papers' commands as soon as the module is there."""

import structlog

from drivers.contract import Cancel
from drivers.errors import DeviceFault
from station.errors import NotDurable
from station.obeying import Obeying

EVERY_S = 2.0
log = structlog.get_logger("obey")


class Obey:
    """Looks for commands until told to stop; what fails is tried again."""

    def __init__(self, obeying: Obeying) -> None:
        self._obeying = obeying

    def run(self, stop: Cancel) -> None:
        """Look, carry out, rest."""
        while not stop.is_set():
            try:
                for fact in self._obeying.step():
                    log.info("forgotten", seq=fact.seq, place=fact.body["place"], reason=fact.body["reason"])
            except (DeviceFault, NotDurable) as error:
                log.warning("command waits", error=str(error))
            stop.wait(EVERY_S)
