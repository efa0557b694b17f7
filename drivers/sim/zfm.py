"""A simulated fingerprint module on a pty or a loopback socket, speaking the real bytes at the real pace."""

import contextlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from config.errors import Refused
from config.words import say
from drivers.sim.brain import Brain
from drivers.sim.faults import FAULTS, WAKE_NOTICE
from drivers.sim.flash import Flash
from drivers.sim.instructions import table_for
from drivers.sim.line import Pty, Socket, wait
from drivers.sim.models import MODELS, Model
from drivers.sim.works import Works

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
        self.works = Works(self.brain, pace=pace, seed=seed)
        self._link = Path(link).absolute() if link is not None else None
        self._tcp = tcp
        self._port = ""
        self._lock = threading.RLock()
        self._wake_read = self._wake_write = -1
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def bytes_in(self) -> int:
        """Bytes that came from the host so far."""
        return self.works.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes that were sent to the host so far."""
        return self.works.bytes_out

    @property
    def chunks_in(self) -> int:
        """How many times bytes came from the host."""
        return self.works.chunks_in

    # ---- life

    @property
    def port(self) -> str:
        """Where to open the module: the stable name if there is one, else the pty or socket."""
        return str(self._link) if self._link is not None and self._tcp is None else self._port

    def start(self) -> Self:
        """Open the port, power the module up and return when it is ready to be asked."""
        with self._lock:
            self._plug_in()
            self._wake_read, self._wake_write = os.pipe()
            os.set_blocking(self._wake_write, False)
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
        with self._lock:
            self.works.unplug()
            self._close_pipe()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    # ---- what people do to it

    def finger(self, name: str) -> None:
        """Put the finger called `name` on the glass."""
        with self._lock:
            self.brain.put(name)
            if self.model.wakes and self.works.line is not None:
                self.works.speak(WAKE_NOTICE)
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
                self.works.unplug()
            else:
                self.works.fault, self.works.fault_times = kind, -1 if times is None else times
        self._nudge()

    def heal(self) -> None:
        """Undo the fault; after `gone` the module is plugged in again, on a new pty, and powers up."""
        with self._lock:
            self.works.fault = None
            if self.works.line is None:
                self._plug_in(patiently=False)
        self._nudge()

    def power_cycle(self) -> None:
        """Take its power for a moment: memory is lost, flash stays, the port stays."""
        with self._lock:
            self.works.power_up(time.monotonic())
        self._nudge()

    # ---- inside

    def _plug_in(self, *, patiently: bool = True) -> None:
        line = Socket(self._tcp) if self._tcp is not None else Pty(self._link, self.works.baud)
        self._port = line.port
        if isinstance(line, Socket):
            self._tcp = line.number  # it comes back at the same number
        self.works.line = line
        if patiently:
            self.brain.power_up()
        else:
            self.works.power_up(time.monotonic())

    def _nudge(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            os.write(self._wake_write, b"\0")

    def _close_pipe(self) -> None:
        """Closed numbers are soon somebody else's file: they must not be written to again."""
        for fd in (self._wake_read, self._wake_write):
            if fd >= 0:
                os.close(fd)
        self._wake_read = self._wake_write = -1

    def _work(self) -> None:
        while not self._stopping:
            with self._lock:
                self.works.step(time.monotonic())
                fds = self.works.line.fds() if self.works.line is not None else []
                seconds = self.works.next_wait(time.monotonic())
            try:
                ready = wait([*fds, self._wake_read], seconds)
            except (OSError, ValueError):
                continue  # unplugged meanwhile
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
            if any(fd in ready for fd in fds):
                with self._lock:
                    self.works.take(time.monotonic())


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
