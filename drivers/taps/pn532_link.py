"""Commands to a PN532: each acknowledged, each answer tied to its command, each wait with an end."""

import contextlib

from config.words import say
from drivers.errors import BadPacket, DeviceGone, DeviceRefused, NoAnswer
from drivers.port import Line
from drivers.taps.pn532_packets import ACK, FROM_CHIP, TO_CHIP, WAKE, Frame, FrameParser, encode

ACK_S = 1.5  # nfcpy's limit on a Pi with a USB port, where the first one may come a second late
THINK_S = 1.0
QUIET_S = 0.03


class Pn532Link:
    """The command line to one chip over one `Line`. Not for two threads at once."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._parser = FrameParser()
        self._doubt = False

    def wake(self) -> None:
        """Wake the chip's serial port: it sleeps after power-up and takes the first bytes for the alarm only."""
        self.line.write(WAKE, self.line.now() + ACK_S)
        self._doubt = True

    def ask(self, command: int, data: bytes = b"", think: float = THINK_S) -> bytes:
        """The answer's data. A damaged one is asked for once more.

        `NoAnswer` at the deadline, `BadPacket` for damage twice, `DeviceRefused` when the chip calls the command wrong.
        """
        try:
            return self._exchange(command, data, think)
        except NoAnswer:
            raise
        except BadPacket:
            return self._exchange(command, data, think)

    def close(self) -> None:
        """Stop what the chip is doing, and let go of the line."""
        with contextlib.suppress(DeviceGone):
            self.line.write(ACK, self.line.now() + QUIET_S)
        self.line.close()

    def _exchange(self, command: int, data: bytes, think: float) -> bytes:
        self._settle()
        sent = encode(bytes((TO_CHIP, command)) + data)
        wire = (len(sent) + 300) * self.line.byte_time
        self.line.write(sent, self.line.now() + ACK_S)
        self._doubt = True  # until the answer is here whole
        self._await_ack(self.line.now() + ACK_S)
        answer = self._await_answer(command, self.line.now() + think + wire)
        self._doubt = False
        return answer

    def _settle(self) -> None:
        """After doubt: an ACK aborts what the chip is doing; then what is still coming is thrown away."""
        quiet = 0.0
        if self._doubt:
            self.line.write(ACK, self.line.now() + ACK_S)
            quiet = QUIET_S + 10 * self.line.byte_time
        limit = self.line.now() + ACK_S
        while self.line.read(self.line.now() + quiet):
            if self.line.now() > limit:
                raise BadPacket(say("读卡器一直在乱发数据，请检查连线和速率"))
        self._parser.reset()

    def _await_ack(self, deadline: float) -> None:
        frame = self._next(deadline)
        if frame.kind == "nack":
            raise BadPacket(say("读卡器没有收清命令"))
        if frame.kind != "ack":
            raise BadPacket(say("读卡器的回应对不上命令"))

    def _await_answer(self, command: int, deadline: float) -> bytes:
        while True:
            frame = self._next(deadline)
            if frame.kind == "error":
                raise DeviceRefused(say("读卡器不认识这条命令"), command)
            if frame.data[:2] == bytes((FROM_CHIP, command + 1)):
                return frame.data[2:]

    def _next(self, deadline: float) -> Frame:
        broken = self._parser.broken
        while (frame := self._parser.pull()) is None or frame.data[:1] == bytes((TO_CHIP,)):  # an echo is no answer
            if self._parser.broken > broken:
                raise BadPacket(say("读卡器的数据在线路上损坏了"))
            data = self.line.read(deadline)
            if not data or self.line.now() > deadline:
                raise NoAnswer(say("读卡器没有在规定时间内回应"))
            self._parser.push(data)
        return frame
