"""The thread that listens to the fingerprint module and hands each touch on. Kept dumb on purpose."""

import time
from collections.abc import Callable

import structlog

from config.words import say
from drivers.contract import Cancel, FingerReader, NoMatch, Touch
from drivers.errors import BadPacket, DeviceBusy, DeviceGone, DeviceRefused
from station.display import Display, Light
from station.errors import NotDurable
from station.journal import Journal
from station.loops.turns import State, Turns
from station.punching import Punching

REOPEN_S = (0.5, 1.0, 2.0)  # the last one repeats; with 2 s to find a module, one that is back works within 5 s
LOOK_S = 5.0  # a wait for a finger this long, then a look at what is still to be recorded
log = structlog.get_logger("listen")


class Listen:
    """Opens the reader, waits for fingers, and reopens it when it is gone."""

    def __init__(
        self,
        open_reader: Callable[[], FingerReader],
        punching: Punching,
        journal: Journal,
        display: Display,
    ) -> None:
        self._open, self._punching, self._display = open_reader, punching, display
        self._turns = Turns(journal, "reader")
        self.reader: FingerReader | None = None

    def run(self, stop: Cancel) -> None:
        """Until told to stop. The class of an error decides what follows."""
        tries = 0
        while not stop.is_set():
            try:
                self.reader = self._open()
                self._turn("ready", say("指纹机正常"), str(self.reader.info().model))
                tries = 0
                self._listen(self.reader, stop)
            except (DeviceGone, DeviceBusy) as error:
                self._turn("gone", say("指纹机断开，请用签到"), str(error))
            except (BadPacket, DeviceRefused) as error:
                self._turn("fault", say("指纹机故障，请用签到"), str(error))
            finally:
                self._close()
            stop.wait(REOPEN_S[min(tries, len(REOPEN_S) - 1)])
            tries += 1

    def _listen(self, reader: FingerReader, stop: Cancel) -> None:
        bad_in_a_row = 0
        while not stop.is_set():
            try:
                heard = reader.wait_touch(time.monotonic() + LOOK_S, stop)
            except BadPacket as error:
                bad_in_a_row += 1
                log.warning("bad packet", error=str(error), in_a_row=bad_in_a_row)
                if bad_in_a_row >= 3:  # noise comes alone; a port that only makes noise is opened anew
                    raise
                continue
            bad_in_a_row = 0
            self._turns.record_due()
            if heard is not None:
                self._hand_on(heard)

    def _hand_on(self, heard: Touch | NoMatch) -> None:
        try:
            shown = self._punching.heard(heard)
            log.info("feedback", seq=shown.seq, verdict=shown.verdict)
        except NotDurable as error:
            self._punching.not_kept()
            log.error("not durable", error=str(error))

    def _turn(self, state: State, words: str, detail: str) -> None:
        """A fact once for each turn; then the screen."""
        self._turns.turn(state, detail)
        self._display.set_reader(Light(state == "ready", words))

    def _close(self) -> None:
        reader, self.reader = self.reader, None
        if reader is not None:
            reader.close()
