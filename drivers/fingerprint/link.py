"""Questions and answers: each answer tied to its question, each wait with an end.

The module answers in order and never on its own, apart from the bare 55 after power-up and the wake notice FF. So an
answer that does not fit the question means that the two sides are out of step, and nothing more is believed until
they are in step again.
"""

from collections.abc import Callable
from functools import lru_cache

from config.words import say
from drivers.errors import BadPacket, DeviceGone, DeviceRefused, NoAnswer
from drivers.fingerprint.codes import LOCKED, OK, PACKET_ERROR, TRAITS, WAKE, Op, Traits, words_for
from drivers.fingerprint.packets import ACK, ANYONE, COMMAND, OVERHEAD, Frame, FrameParser, encode
from drivers.port import Line

SLACK = 0.02  # adapters gather bytes up to 16 ms (FTDI's default latency timer)
QUIET = 0.04  # silence that counts as the end of whatever was still coming
SETTLE = 1.9  # how long a module may stay mute before it is given up
WARY = 5.0  # after a lost answer, searches are asked twice for this long
WRECK = 8  # this many bytes of no frame are a damaged one, not a stray 55
MOST_AFTER = 128  # bytes after an answer that are looked at; a repeated answer is shorter
AIM = 0.00005  # seconds past the end of an answer; waking for its last byte alone costs as much as the whole exchange
TRAILING_BYTES = 3  # byte times of silence that must follow an answer with results


_command = lru_cache(maxsize=256)(encode)  # the same few commands, many times a second
_WAKE = Frame(ACK, bytes((WAKE,)))


class OutOfStep(BadPacket):
    """An answer too many was seen, so an earlier answer may have been taken for another: ask again from the start."""


class Link:
    """The command line to one module over one `Line`. Not for two threads at once."""

    def __init__(self, line: Line, address: int = ANYONE) -> None:
        self.line = line
        self.address = address
        self.parser = FrameParser(address)
        self.unlock: Callable[[], None] | None = None  # what to do when the module wants its password
        self.probe: Op = Op.READ_SYS_PARA  # the question that shows whether both sides are in step
        self.out_of_step = False
        self._paced: bool | None = None  # whether bytes take their time here, as on a wire; a socket is faster
        self._last = Frame(ACK, b"")  # the last answer that was believed
        self._wary_until = float("-inf")

    @property
    def wary(self) -> bool:
        """Whether an answer was lost lately, so that what matters is asked twice."""
        return self.line.now() < self._wary_until

    def readdress(self, address: int) -> None:
        """Speak to, and listen to, this module address from now on."""
        self.address = address
        self.parser = FrameParser(address)

    def ask(self, op: Op, params: bytes = b"", *, think: float | None = None) -> bytes:
        """Confirmation code and results of one instruction.

        Damaged answers are asked for once more where that changes nothing. Raises `NoAnswer` at the deadline (time on
        the wire + think time), `BadPacket` for damage or answers out of step, `DeviceGone` when the line breaks or
        the module stays mute. Refusals are returned, not raised.
        """
        self.settle()
        try:
            payload = self.exchange(op, params, think=think)
        except NoAnswer:
            raise
        except BadPacket as damage:
            if not TRAITS[op].again or (isinstance(damage, OutOfStep) and TRAITS[op].follows):
                raise
            self.settle()
            payload = self.exchange(op, params, think=think)
        if payload[0] == LOCKED and self.unlock is not None:
            self.unlock()  # the module went through a power cycle or sleep: it did nothing yet
            if TRAITS[op].follows:
                raise OutOfStep(say("指纹模块中途重启过，请从头再来"))
            payload = self.exchange(op, params, think=think)
        return payload

    def tell(self, op: Op, params: bytes = b"", *, think: float | None = None) -> bytes:
        """Results of an instruction that must succeed; any other code is `DeviceRefused` with its words."""
        payload = self.ask(op, params, think=think)
        if payload[0] != OK:
            raise DeviceRefused(words_for(payload[0]), payload[0])
        return payload[1:]

    def settle(self) -> None:
        """Come back in step after a lost or surplus answer.

        Waits for silence, then asks for the system page: its 16 results cannot be a late answer to anything a finger
        did, and the module answers in order, so whatever was late has passed when it comes.
        """
        if not self.out_of_step:
            return
        payload = self._probe()
        if payload[0] == LOCKED and self.unlock is not None:
            self.hush()
            self.unlock()
            payload = self._probe()
        if payload[0] != OK:
            raise DeviceRefused(words_for(payload[0]), payload[0])
        self.out_of_step = False

    def _probe(self) -> bytes:
        self.hush()
        try:
            return self.exchange(self.probe, think=SETTLE - QUIET, strays=True, sure=True)
        except NoAnswer as error:
            raise DeviceGone(say("指纹模块没有回应，请检查连线和供电")) from error

    def hush(self) -> None:
        """Throw away what comes until the line is quiet; a line that babbles on is `BadPacket`."""
        limit = self.line.now() + SETTLE / 2
        quiet = max(QUIET, 20 * self.line.byte_time)
        while self.line.read(self.line.now() + quiet):
            if self.line.now() > limit:
                raise self._doubt(_babble())
        self.parser.reset()

    def send(self, pid: int, payload: bytes, deadline: float) -> None:
        """One frame in one write."""
        self.line.write(encode(pid, payload, self.address), deadline)

    def next_frame(self, deadline: float, *, hasty: bool = True, coming: int = 0) -> Frame | None:
        """The next whole frame of any kind, or None at the deadline.

        `coming` bytes are on their way already. While the rest of a frame is known to be on the wire this sleeps
        instead of reading byte after byte. If `hasty`, wreckage followed by silence ends the wait early with
        `BadPacket`.
        """
        parser, line = self.parser, self.line
        broken, skipped = parser.broken, parser.skipped
        if self._paced and coming > parser.held:
            line.pause((coming - parser.held) * line.byte_time)
        while (frame := parser.pull()) is None:
            now, missing = line.now(), parser.missing
            if missing > 1:
                line.pause(min(missing * line.byte_time, max(deadline - now, 0)))
            hurt = (
                hasty and not missing and (parser.broken > broken or parser.skipped - skipped >= WRECK)
            )  # nothing is begun, and what came was no frame
            data = line.read(min(deadline, now + SLACK + 3 * line.byte_time) if hurt else deadline)
            if not data and hurt:
                raise self._doubt(say("指纹模块的数据在线路上损坏了"))
            if not data or now >= deadline:  # a line that babbles must not hold us past the deadline
                return None
            parser.push(data)
        return frame

    def exchange(
        self, op: Op, params: bytes = b"", *, think: float | None = None, strays: bool = False, sure: bool = False
    ) -> bytes:
        """One question, one answer, no second try, no settling first.

        `strays`: answers that do not fit may come before the one that does; otherwise they are `OutOfStep`. `sure`:
        refusals do not fit either, apart from the wish for the password: they may be another instruction's.
        """
        traits, line = TRAITS[op], self.line
        self._drain(strays=strays)
        command = _command(COMMAND, bytes((op,)) + params, self.address)
        wire = (len(command) + OVERHEAD + 1 + traits.results) * line.byte_time
        start = line.now()
        deadline = start + wire + (traits.think if think is None else think)
        line.write(command, deadline)
        if self._paced:
            line.pause(wire + AIM)
        payload, surplus = self._await(traits, deadline, sure)
        if payload[0] == PACKET_ERROR:
            payload = self._second_thought(traits)
        elif surplus and not strays:
            raise self._shifted()
        if len(payload) > 1:
            self._nothing_after(payload)
        if self._paced is None:
            least = (len(command) + OVERHEAD + len(payload)) * line.byte_time
            self._paced = line.now() - start >= 0.95 * least
        self._last = Frame(ACK, payload)
        return payload

    def no_answer(self) -> NoAnswer:
        """The fault of an answer that did not come, noted for the next call."""
        self._doubt("")
        return NoAnswer(say("指纹模块没有在规定时间内回应"))

    def _doubt(self, words: str) -> BadPacket:
        self.out_of_step = True
        self._wary_until = self.line.now() + WARY
        return BadPacket(words)

    def _await(self, traits: Traits, deadline: float, sure: bool) -> tuple[bytes, bool]:
        """The first fitting answer, and whether others came before it."""
        stray = b""
        while (frame := self.next_frame(deadline, hasty=traits.again)) is not None:
            if frame.pid != ACK or frame.payload == bytes((WAKE,)):
                continue
            if traits.fits(frame.payload) and (not sure or frame.payload[0] in (OK, LOCKED)):
                return frame.payload, bool(stray)
            stray = frame.payload or b"\0"
        silent = self.no_answer()
        if len(stray) == 1 and stray[0] != OK:
            raise DeviceRefused(words_for(stray[0]), stray[0])
        raise silent

    def _second_thought(self, traits: Traits) -> bytes:
        """Some optical modules say 01 and then the real answer (CircuitPython library, thread 31)."""
        wait = self.line.now() + QUIET + (OVERHEAD + 1 + traits.results) * self.line.byte_time
        while (frame := self.next_frame(wait)) is not None:
            if frame.pid == ACK and traits.fits(frame.payload) and frame.payload[0] != PACKET_ERROR:
                return frame.payload
        raise self._doubt(words_for(PACKET_ERROR))

    def _nothing_after(self, payload: bytes) -> None:
        """An answer with results counts only if the line is silent after it: a byte slipped in can make another sum
        that holds, but then a byte is left over. The same answer once more is well."""
        while data := self.line.read(self.line.now() + TRAILING_BYTES * self.line.byte_time):
            self.parser.push(data)
            if self.parser.held > MOST_AFTER:
                break
        if self.parser.held == 0:
            return
        skipped = self.parser.skipped
        frames = self.parser.feed(b"")
        same = frames and all(frame == Frame(ACK, payload) for frame in frames)
        if not same or self.parser.held or self.parser.skipped != skipped:
            raise self._doubt(say("指纹模块的回应后面还有多余数据，已作废重问"))

    def _drain(self, *, strays: bool) -> None:
        """Leftovers of the past are nobody's answer.

        The answer that was believed last may come once more (some modules repeat themselves). Any other whole answer
        shows that the believed one was not the last command's own.
        """
        line, parser = self.line, self.parser
        start = line.now()
        data = line.read(start)
        if not data and not parser.held:
            return
        while data:
            parser.push(data)
            if line.now() > start + QUIET:
                raise self._doubt(_babble())
            data = line.read(line.now())
        left = parser.feed(b"")
        limit = line.now() + SLACK + 12 * line.byte_time
        while parser.held and (data := line.read(limit)) and line.now() < limit:
            left += parser.feed(data)
        parser.reset()
        if not strays and any(frame.pid == ACK and frame not in (_WAKE, self._last) for frame in left):
            raise self._shifted()

    def _shifted(self) -> OutOfStep:
        return OutOfStep(str(self._doubt(say("指纹模块的回应与提问对不上，已重新核对"))))


def _babble() -> str:
    return say("串口上一直有杂乱数据，请检查连线、波特率和干扰")
