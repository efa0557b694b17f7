"""The one thread that owns a source: opens it when a picture is wanted, keeps it warm for a while, closes it."""

import threading
import time
from dataclasses import dataclass

from config.words import say
from drivers.camera.quality import STILL_S
from drivers.camera.sources import PATIENCE_S, Source
from drivers.errors import DeviceFault, DeviceGone, NoAnswer

WARM_S = 15.0  # how long a stream stays open after a picture: a retake comes within seconds


@dataclass(frozen=True, slots=True)
class Shot:
    """A whole JPEG, when it had come, and whether the stream gave the same bytes half a second before."""

    jpeg: bytes
    at_monotonic_ns: int
    stuck: bool


class Grabber:
    """Pictures from one source. `settle`: pictures thrown away after opening, while exposure finds its level."""

    def __init__(self, source: Source, settle: int, warm_s: float = WARM_S) -> None:
        self._source, self._settle, self._warm_s = source, settle, warm_s
        self._turn = threading.Condition()
        self._wanted, self._asked = False, 0.0
        self._answer: Shot | DeviceFault | None = None
        self._earlier: tuple[float, bytes] | None = None  # a picture of the open stream that is a while ago
        threading.Thread(target=self._run, name="grab", daemon=True).start()

    def shot(self, until: float) -> Shot:
        """A picture that came after this call began; a fault of its own class, `NoAnswer` at `until`."""
        with self._turn:
            self._wanted, self._answer, self._asked = True, None, time.monotonic()
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._answer is not None, max(until - time.monotonic(), 0))
            self._wanted, answer = False, self._answer
        if answer is None:
            raise NoAnswer(say("摄像头没有在规定时间内给出画面"))
        if isinstance(answer, DeviceFault):
            raise answer
        return answer

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._wanted)
            began = time.monotonic()
            try:
                self._serve()
            except DeviceFault as fault:
                self._tell_fault(fault, began)
            except Exception as error:  # a library's own: the next picture opens the source anew
                self._tell_fault(DeviceGone(say("摄像头出错：{reason}", reason=error)), began)
            finally:
                self._source.close()

    def _serve(self) -> None:
        """Open, then picture after picture while they are wanted or it is kept warm."""
        source = self._source
        source.open(time.monotonic() + PATIENCE_S)
        self._earlier = None
        for _ in range(self._settle if source.streams else 0):
            source.grab(time.monotonic() + PATIENCE_S)
        last = time.monotonic()
        while self._wanted or (source.streams and time.monotonic() - last < self._warm_s):
            source.grab(time.monotonic() + PATIENCE_S)
            if self._wanted:
                self._tell(source.picture())
                last = time.monotonic()

    def _tell(self, jpeg: bytes) -> None:
        now = time.monotonic()
        earlier = self._earlier
        stuck = earlier is not None and now - earlier[0] >= STILL_S and earlier[1] == jpeg
        if earlier is None or now - earlier[0] >= STILL_S:
            self._earlier = now, jpeg
        self._put(Shot(jpeg, time.monotonic_ns(), stuck))

    def _tell_fault(self, fault: DeviceFault, began: float) -> None:
        """What broke before it was asked for is no answer: the source is opened anew first, it may be well."""
        if began >= self._asked:
            self._put(fault)

    def _put(self, answer: Shot | DeviceFault) -> None:
        with self._turn:
            if self._wanted:
                self._answer, self._wanted = answer, False
                self._turn.notify_all()
