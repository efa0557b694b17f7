"""The inside of a simulated module in time: bytes arrive, programs run, answers leave, each when it is due.

Nothing here waits or owns a thread: whoever does calls `step` when `next_wait` says so, or when bytes came.
"""

import time
from collections import deque
from random import Random

from drivers.sim import framing
from drivers.sim.acts import ACK, COMMAND, DATA, LAST, Act, Answer, Await, Bare, Program, Send, Think
from drivers.sim.brain import Brain
from drivers.sim.faults import FAULTS, Outgoing
from drivers.sim.line import Pacer, Pty, Socket

PARTIAL_SECONDS = 0.5  # a command that was begun is dropped after this
FINGER_CHECK = 0.02  # seconds between two looks for a finger that an instruction waits for
CANCEL = b"\x30"


class Works:
    """One module's brain on one line. `pace`: bytes take 10 bits each, both ways."""

    def __init__(self, brain: Brain, *, pace: bool, seed: int) -> None:
        self.brain = brain
        self.line: Pty | Socket | None = None
        self.bytes_in = 0
        self.bytes_out = 0
        self.chunks_in = 0
        self.fault: str | None = None
        self.fault_times = 0  # frames the fault is still for; below 0: until healed
        self._pace = pace
        self._chance = Random(seed)  # noqa: S311 - faults must happen the same way again
        self._pacer = Pacer()
        self._ear = framing.Ear()
        self._arriving: deque[tuple[float, bytes]] = deque()
        self._arrived_at = 0.0
        self._todo: deque[tuple[float, framing.Heard]] = deque()  # when its last byte came, what it is
        self._program: Program | None = None
        self._program_due = 0.0  # the program's own time, which a late thread does not shift
        self._await: tuple[bool, float] | None = None
        self._command = b""
        self._deaf_until = 0.0

    def unplug(self) -> None:
        """Close the line and lose what was on it."""
        if self.line is not None:
            self.line.close()
            self.line = None
        self._pacer.clear()
        self._forget()

    def power_up(self, now: float) -> None:
        """Power comes: memory is empty, and the module is deaf until it has started."""
        self._forget()
        self.brain.power_up()
        self._deaf_until = now + self.brain.model.boot
        if self.brain.model.announces:
            self._pacer.queue(b"\x55", self._deaf_until, self._byte_time)

    @property
    def baud(self) -> int:
        """The rate the module speaks at now."""
        return self.brain.baud_code * 9600

    def _forget(self) -> None:
        self._ear.forget()
        self._arriving.clear()
        self._todo.clear()
        self._program, self._await = None, None

    @property
    def _byte_time(self) -> float:
        return 10 / self.baud if self._pace else 0.0

    def _mismatched(self) -> bool:
        return self.line is not None and self.line.host_baud() not in (0, self.baud)

    def take(self, now: float) -> None:
        """Bytes from the host; on a paced line they are here only when they have all come through."""
        data = self.line.read() if self.line is not None else b""
        if not data:
            return
        self.bytes_in += len(data)
        self.chunks_in += 1
        if self._mismatched():
            return
        self._arrived_at = max(self._arrived_at, now) + len(data) * self._byte_time
        self._arriving.append((self._arrived_at, data))

    def next_wait(self, now: float) -> float | None:
        """Seconds until something is due; None when only bytes or people can change anything."""
        dues = [self._arriving[0][0]] if self._arriving else []
        due = self._pacer.due(now)
        if due is not None:
            dues.append(max(due, now + 0.002) if self._pacer.stuck else due)
        if self._program is not None:
            dues.append(min(self._await[1], now + FINGER_CHECK) if self._await else self._program_due)
        return max(min(dues) - now, 0) if dues else None

    def step(self, now: float) -> None:
        """Everything whose time has come."""
        while self._arriving and self._arriving[0][0] <= now:
            at, data = self._arriving.popleft()
            if now - at > PARTIAL_SECONDS:
                self._ear.forget()
            if now >= self._deaf_until:
                self._todo.extend((at, heard) for heard in self._ear.hear(data))
        self._pump(now)
        while not self._pacer.busy:  # it does one thing at a time: speak first, then go on
            if self._program is None:
                if not self._todo:
                    break
                self._begin(*self._todo.popleft())
            elif not self._run(now):
                break
            self._pump(now)

    def _pump(self, now: float) -> None:
        if self.line is not None:
            self._pacer.pump(self.line, now, self._mismatched())

    def _begin(self, at: float, heard: framing.Heard) -> None:
        if heard.pid in (DATA, LAST):
            if heard.sound:
                self.brain.data(heard.payload, last=heard.pid == LAST)
        elif heard.pid == COMMAND:
            self._command = heard.raw
            self._program = self.brain.command(heard.address, heard.payload, sound=heard.sound)
            self._program_due, self._await = at, None
            self._resume(None)

    def _run(self, now: float) -> bool:
        """Go on with the program if it can; whether it did."""
        if self._await is not None:
            wanted, until = self._await
            here = (self.brain.finger is not None) == wanted
            cancelled = any(heard.payload[:1] == CANCEL for _, heard in self._todo)
            if not here and now < until and not cancelled:
                return False
            self._await, self._program_due = None, now
            self._resume(here)
            return True
        if now < self._program_due:
            return False
        self._resume(False)
        return True

    def _resume(self, answer: bool | None) -> None:
        assert self._program is not None
        try:
            act = next(self._program) if answer is None else self._program.send(answer)
        except StopIteration:
            self._program = None
            return
        self._do(act)

    def _do(self, act: Act) -> None:
        match act:
            case Think(seconds):
                self._program_due += seconds
            case Await(finger, seconds):
                self._await = (finger, self._program_due + seconds)
            case Bare(data):
                self._program_due = self._speak(data, self._program_due)
            case Answer(payload):
                self._program_due = self._frame(ACK, payload)
            case Send(data):
                size = self.brain.packet_size
                for start in range(0, max(len(data), 1), size):
                    last = start + size >= len(data)
                    self._program_due = self._frame(LAST if last else DATA, data[start : start + size])

    def _frame(self, pid: int, payload: bytes) -> float:
        """Send one frame, through the fault if there is one; when its last byte is out."""
        frame = framing.frame(self.brain.address, pid, payload)
        if self.fault is None or self.fault_times == 0:
            return self._speak(frame, self._program_due)
        self.fault_times -= 1
        end = self._program_due
        for delay, piece in FAULTS[self.fault](Outgoing(frame, self._command, self._chance)):
            end = self._speak(piece, self._program_due, delay)
        return end

    def speak(self, data: bytes) -> None:
        """Put bytes on the line that nobody asked for, after what is on it."""
        self._speak(data, time.monotonic())

    def _speak(self, data: bytes, at: float, delay: float = 0.0) -> float:
        """Put bytes on the line from `at` on, after what is on it; when the last one will be out."""
        self.bytes_out += len(data)
        return self._pacer.queue(data, at, self._byte_time, delay)
