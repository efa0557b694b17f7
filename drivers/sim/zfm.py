"""A simulated fingerprint module on a pty or a loopback socket, speaking the real bytes at the real pace."""

import contextlib
import os
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from config.errors import Refused
from config.words import say
from drivers.sim import framing
from drivers.sim.acts import ACK, COMMAND, DATA, LAST, Act, Answer, Await, Bare, Program, Send, Think
from drivers.sim.brain import Brain
from drivers.sim.faults import FAULTS, WAKE_NOTICE, Outgoing
from drivers.sim.flash import Flash
from drivers.sim.instructions import table_for
from drivers.sim.line import Pacer, Pty, Socket, wait
from drivers.sim.models import MODELS, Model

PARTIAL_SECONDS = 0.5  # a command that was begun is dropped after this
FINGER_CHECK = 0.02
GONE = "gone"


class ZfmSimulator:
    """One simulated module with its own thread. Use it as a context manager, or `start()` and `stop()`.

    `model` names an entry of `drivers.sim.models`; `capacity`, `template_size`, `packet_size`, `baud`, `password` and
    `address` override it where the flash file does not say otherwise. `pace`: bytes take 10 bits each on the wire,
    both ways. `think`: 0 answers at once, 1 takes a real module's time. `state`: file that keeps the flash. `link`: a
    stable name for the port. `tcp`: a loopback port (0: any free one) instead of a pty.
    """

    def __init__(
        self,
        model: str = "zfm20",
        *,
        link: Path | str | None = None,
        state: Path | str | None = None,
        baud: int = 57600,
        pace: bool = False,
        think: float = 0.0,
        capacity: int | None = None,
        template_size: int | None = None,
        packet_size: int | None = None,
        password: int = 0,
        address: int = 0xFFFFFFFF,
        short_refusals: bool = False,
        quiet_to_strangers: bool = False,
        tcp: int | None = None,
        seed: int = 1,
    ) -> None:
        self.model = _shaped(model, capacity, template_size)
        fresh = Flash(baud // 9600, 3, _packet_code(packet_size, self.model), address, password)
        flash = Flash.load(Path(state), fresh=fresh) if state is not None else fresh
        self.brain = Brain(
            self.model,
            flash,
            table_for(self.model),
            short_refusals=short_refusals,
            think=think,
            quiet_to_strangers=quiet_to_strangers,
        )
        self.bytes_in = 0
        self.bytes_out = 0
        self.chunks_in = 0
        self._link = Path(link).absolute() if link is not None else None
        self._pace, self._tcp = pace, tcp
        self._chance = Random(seed)  # noqa: S311 - faults must happen the same way again
        self._line: Pty | Socket | None = None
        self._port = ""
        self._pacer = Pacer()
        self._ear = framing.Ear()
        self._arriving: deque[tuple[float, bytes]] = deque()
        self._arrived_at = 0.0
        self._todo: deque[framing.Heard] = deque()
        self._program: Program | None = None
        self._program_due = 0.0
        self._await: tuple[bool, float] | None = None
        self._command = b""
        self._deaf_until = 0.0
        self._fault: str | None = None
        self._fault_times = 0
        self._lock = threading.RLock()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._stopping = False
        self._thread: threading.Thread | None = None

    # ---- life

    @property
    def port(self) -> str:
        """Where to open the module: the stable name if there is one, else the pty or socket."""
        return str(self._link) if self._link is not None and self._tcp is None else self._port

    def start(self) -> Self:
        """Open the port, power the module up and return when it is ready to be asked."""
        with self._lock:
            self._plug_in()
        self._thread = threading.Thread(target=self._work, name="sim-zfm", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and end the thread. Stopping twice is well."""
        self._stopping = True
        self._nudge()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            os.close(self._wake_read)
            os.close(self._wake_write)
        with self._lock:
            self._unplug()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    # ---- what people do to it

    def finger(self, name: str) -> None:
        """Put the finger called `name` on the glass."""
        with self._lock:
            self.brain.put(name)
            if self.model.wakes and self._line is not None:
                self._speak(WAKE_NOTICE)
        self._nudge()

    def lift(self) -> None:
        """Take the finger off."""
        with self._lock:
            self.brain.lift()
        self._nudge()

    def enrol(self, name: str, place: int) -> None:
        """Store the finger called `name` at `place`, as if it had been enrolled long ago."""
        with self._lock:
            self.brain.enrol(name, place)

    def fault(self, kind: str, times: int | None = None) -> None:
        """Break something until `heal()`, or for the next `times` frames: a name of `drivers.sim.faults.FAULTS`, or
        `gone` (unplugged)."""
        if kind != GONE and kind not in FAULTS:
            known = "、".join((*FAULTS, GONE))
            raise Refused(say("没有名为 {kind} 的故障", kind=kind), remedy=say("可用的有：{known}", known=known))
        with self._lock:
            if kind == GONE:
                self._unplug()
            else:
                self._fault, self._fault_times = kind, -1 if times is None else times
        self._nudge()

    def heal(self) -> None:
        """Undo the fault; after `gone` the module is plugged in again, on a new pty, and powers up."""
        with self._lock:
            self._fault = None
            if self._line is None:
                self._plug_in(patiently=False)
        self._nudge()

    def power_cycle(self) -> None:
        """Take its power for a moment: memory is lost, flash stays, the port stays."""
        with self._lock:
            self._power_up(time.monotonic())
        self._nudge()

    # ---- inside

    def _plug_in(self, *, patiently: bool = True) -> None:
        self._line = Socket(self._tcp) if self._tcp is not None else Pty(self._link, self._baud)
        self._port = self._line.port
        if isinstance(self._line, Socket):
            self._tcp = self._line.number  # it comes back at the same number
        if patiently:
            self.brain.power_up()
        else:
            self._power_up(time.monotonic())

    def _unplug(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        self._pacer.clear()
        self._forget()

    def _power_up(self, now: float) -> None:
        self._forget()
        self.brain.power_up()
        self._deaf_until = now + self.model.boot
        if self.model.announces:
            self._pacer.queue(b"\x55", self._deaf_until, self._byte_time)

    def _forget(self) -> None:
        self._ear.forget()
        self._arriving.clear()
        self._todo.clear()
        self._program, self._await = None, None

    @property
    def _baud(self) -> int:
        return self.brain.baud_code * 9600

    @property
    def _byte_time(self) -> float:
        return 10 / self._baud if self._pace else 0.0

    def _mismatched(self) -> bool:
        return self._line is not None and self._line.host_baud() not in (0, self._baud)

    def _nudge(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"\0")

    def _work(self) -> None:
        while not self._stopping:
            with self._lock:
                self._step(time.monotonic())
                fds = self._line.fds() if self._line is not None else []
                seconds = self._next_wait(time.monotonic())
            try:
                ready = wait([*fds, self._wake_read], seconds)
            except (OSError, ValueError):
                continue  # unplugged meanwhile
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
            if any(fd in ready for fd in fds):
                with self._lock:
                    self._take(time.monotonic())

    def _take(self, now: float) -> None:
        """Bytes from the host; on a paced line they are here only when they have all come through."""
        data = self._line.read() if self._line is not None else b""
        if not data:
            return
        self.bytes_in += len(data)
        self.chunks_in += 1
        if self._mismatched():
            return
        self._arrived_at = max(self._arrived_at, now) + len(data) * self._byte_time
        self._arriving.append((self._arrived_at, data))

    def _next_wait(self, now: float) -> float | None:
        dues = [self._arriving[0][0]] if self._arriving else []
        due = self._pacer.due(now)
        if due is not None:
            dues.append(max(due, now + 0.002) if self._pacer.stuck else due)
        if self._program is not None:
            dues.append(min(self._await[1], now + FINGER_CHECK) if self._await else self._program_due)
        return max(min(dues) - now, 0) if dues else None

    def _step(self, now: float) -> None:
        """Everything whose time has come."""
        while self._arriving and self._arriving[0][0] <= now:
            at, data = self._arriving.popleft()
            if now - at > PARTIAL_SECONDS:
                self._ear.forget()
            if now >= self._deaf_until:
                self._todo.extend(self._ear.hear(data))
        self._pump(now)
        while not self._pacer.busy:  # it does one thing at a time: speak first, then go on
            if self._program is None:
                if not self._todo:
                    break
                self._begin(self._todo.popleft())
            elif not self._run(now):
                break
            self._pump(now)

    def _pump(self, now: float) -> None:
        if self._line is not None:
            self._pacer.pump(self._line, now, self._mismatched())

    def _begin(self, heard: framing.Heard) -> None:
        if heard.pid in (DATA, LAST):
            if heard.sound:
                self.brain.data(heard.payload, last=heard.pid == LAST)
        elif heard.pid == COMMAND:
            self._command = heard.raw
            self._program = self.brain.command(heard.address, heard.payload, sound=heard.sound)
            self._program_due, self._await = 0.0, None
            self._resume(None)

    def _run(self, now: float) -> bool:
        """Go on with the program if it can; whether it did."""
        if self._await is not None:
            wanted, until = self._await
            here = (self.brain.finger is not None) == wanted
            cancelled = any(heard.payload[:1] == b"\x30" for heard in self._todo)
            if not here and now < until and not cancelled:
                return False
            self._await = None
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
        self._do(act, time.monotonic())

    def _do(self, act: Act, now: float) -> None:
        self._program_due = now
        match act:
            case Think(seconds):
                self._program_due = now + seconds
            case Await(finger, seconds):
                self._await = (finger, now + seconds)
            case Bare(data):
                self._program_due = self._speak(data)
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
        now = time.monotonic()
        if self._fault is None or self._fault_times == 0:
            return self._speak(frame)
        self._fault_times -= 1
        end = now
        for delay, piece in FAULTS[self._fault](Outgoing(frame, self._command, self._chance)):
            end = self._speak(piece, delay)
        return end

    def _speak(self, data: bytes, delay: float = 0.0) -> float:
        self.bytes_out += len(data)
        return self._pacer.queue(data, time.monotonic(), self._byte_time, delay)


def _shaped(name: str, capacity: int | None, template: int | None) -> Model:
    """The model of that name with its sizes changed."""
    if name not in MODELS:
        raise Refused(
            say("没有名为 {name} 的模拟模块", name=name), remedy=say("可用的有：{known}", known="、".join(MODELS))
        )
    model = MODELS[name]
    feature = model.feature if template is None else min(model.feature, template)
    return replace(model, capacity=capacity or model.capacity, template=template or model.template, feature=feature)


def _packet_code(size: int | None, model: Model) -> int:
    if size is None:
        return model.packet_code
    if size not in (32, 64, 128, 256):
        raise Refused(say("数据包只能是 32、64、128 或 256 字节，不能是 {size}", size=size))
    return (size // 32).bit_length() - 1
