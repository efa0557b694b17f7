"""The thread that listens to one tap reader and hands each tap on; the class of an error decides what follows."""

import time
from collections.abc import Callable

import structlog

from config.words import say
from drivers.contract import Cancel, TapReader
from drivers.errors import BadPacket, DeviceBusy, DeviceGone, DeviceRefused
from station.display import Display
from station.errors import NotDurable
from station.journal import Journal
from station.loops.turns import Turns
from station.tapping import Tapping

REOPEN_S = (0.5, 1.0, 2.0)  # the last one repeats
LOOK_S = 5.0
BAD_IN_A_ROW = 3  # noise comes alone; a port that only makes noise is opened anew
log = structlog.get_logger("tap")


class TapListen:
    """Opens the reader called `name`, waits for tags, and reopens it when it is gone."""

    def __init__(
        self, name: str, open_reader: Callable[[], TapReader], tapping: Tapping, journal: Journal, display: Display
    ) -> None:
        self._name, self._open, self._tapping, self._display = name, open_reader, tapping, display
        self._turns = Turns(journal, "tap", name)

    def run(self, stop: Cancel) -> None:
        """Until told to stop."""
        tries = 0
        while not stop.is_set():
            reader = None
            try:
                reader = self._open()
                self._turns.turn("ready", say("读卡器正常"))
                self._display.set_alarm("", f"tap:{self._name}")
                tries = 0
                self._listen(reader, stop)
            except (DeviceGone, DeviceBusy, BadPacket, DeviceRefused) as error:
                gone = isinstance(error, (DeviceGone, DeviceBusy))
                self._turns.turn("gone" if gone else "fault", str(error))
                words = say("读卡器 {name} 用不了，巡查请在列表里选巡查点（{reason}）", name=self._name, reason=error)
                self._display.set_alarm(words, f"tap:{self._name}")
            finally:
                if reader is not None:
                    reader.close()
            stop.wait(REOPEN_S[min(tries, len(REOPEN_S) - 1)])
            tries += 1

    def _listen(self, reader: TapReader, stop: Cancel) -> None:
        bad = 0
        while not stop.is_set():
            try:
                tap = reader.wait_tap(time.monotonic() + LOOK_S, stop)
            except BadPacket as error:
                bad += 1
                log.warning("bad packet", name=self._name, error=str(error), in_a_row=bad)
                if bad >= BAD_IN_A_ROW:
                    raise
                continue
            bad = 0
            self._turns.record_due()
            if tap is None:
                continue
            try:
                shown = self._tapping.heard(tap, self._name)
                log.info("tap", name=self._name, seq=shown.seq, verdict=shown.verdict)
            except NotDurable as error:
                log.error("not durable", error=str(error))
                self._display.set_alarm(say("磁盘写不进，标签没有记录，请用纸质巡查表"), f"tap:{self._name}")
