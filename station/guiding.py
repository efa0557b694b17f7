"""An enrolment at the screen: runs in a thread of its own, and tells at any time how far it is and what to do next."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import structlog

from config.errors import Refused
from config.words import say
from drivers.contract import EnrolStep, FingerReader, Step
from drivers.errors import BadPacket, DeviceFault, DeviceGone
from station.enrolling import enrol
from station.errors import NotDurable
from station.journal import Journal
from station.papers import Person
from station.places import Places

log = structlog.get_logger("enrol")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an enrolment is. `words`: what to do now, or what came of it; `remedy`: what to do after a failure.

    `pressed` of `of` presses are in. `mark` grows with each change.
    """

    person: Person
    finger: str
    state: Literal["running", "stopping", "done", "failed"] = "running"
    words: str = ""
    remedy: str = ""
    pressed: int = 0
    of: int = 0
    mark: int = 0


class Guiding:
    """The enrolment of the moment; one at a time."""

    def __init__(
        self, journal: Journal, places: Places, reader: Callable[[], FingerReader | None],
        name_of: Callable[[str], str],
    ) -> None:  # fmt: skip
        self._journal, self._places, self._reader, self._name_of = journal, places, reader, name_of
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.progress: Progress | None = None
        self.ended = threading.Event()  # set while none is under way

    def begin(self, person: Person, finger: str) -> None:
        """Start with the consent, which the person has just given. Refused without a module or during another one."""
        reader = self._reader()
        if reader is None:
            raise Refused(say("指纹机没有连接"), remedy=say("请检查指纹机的线，恢复后再录"))
        with self._lock:
            if self.progress is not None and self.progress.state in ("running", "stopping"):
                raise Refused(say("正在给{name}录指纹", name=self.progress.person.name), remedy=say("请等它结束"))
            self._stop.clear()
            self.ended.clear()
            self.progress = Progress(person, finger, words=say("请稍候"))
        threading.Thread(target=self._run, args=(person, finger, reader), name="enrol", daemon=True).start()

    def stop(self) -> None:
        """End it; the module stops looking at once, and the place is free again."""
        with self._lock:
            if self.progress is not None and self.progress.state == "running":
                self._stop.set()
                self._turn(state="stopping", words=say("正在停止，请暂时不要按手指"))

    def _run(self, person: Person, finger: str, reader: FingerReader) -> None:
        steps = enrol(
            person.id, finger, journal=self._journal, reader=reader, places=self._places, name_of=self._name_of,
            cancel=self._stop,
        )  # fmt: skip
        try:
            for step in steps:
                with self._lock:
                    self._turn(**told(step))
            ended: dict[str, object] = {"state": "done", "words": say("录入成功"), "remedy": ""}
        except Exception as error:  # whatever it was, the person must learn that it is over
            ended = _stopped() if self._stop.is_set() else _failed(error)
            log.warning("enrolment ended", error=str(error), kind=type(error).__name__)
        with self._lock:
            self._turn(**ended)
        self.ended.set()

    def _turn(self, **changed: object) -> None:
        assert self.progress is not None
        self.progress = replace(self.progress, mark=self.progress.mark + 1, **changed)  # type: ignore[arg-type]


def told(step: EnrolStep) -> dict[str, object]:
    """A step in words, with how many presses of how many are in: `words`, `pressed`, `of`."""
    words = {
        Step.PUT: say("请按手指（第 {n} 次，共 {of} 次）", n=step.capture, of=step.of),
        Step.UNCLEAR: say("没有看清，请擦净手指再按一次"),
        Step.CAPTURED: say("好，第 {n} 次完成", n=step.capture),
        Step.LIFT: say("请抬起手指"),
        Step.STORED: say("正在核对"),
        Step.VERIFIED: say("正在记录"),
    }[step.step]
    pressed = step.capture - 1 if step.step in (Step.PUT, Step.UNCLEAR) else step.capture
    return {"words": words, "pressed": pressed, "of": step.of}


def _stopped() -> dict[str, object]:
    return {"state": "failed", "words": say("已停止，没有录入"), "remedy": say("需要时请重新录入")}


def _failed(error: Exception) -> dict[str, object]:
    """What happened and what to do, by the class of the error; the place is free again in every case."""
    words, remedy = say("录入时出了故障"), say("没有录入，请再试一次；仍不行请改用 PIN")
    if isinstance(error, Refused):
        words, remedy = error.what, error.remedy
    elif isinstance(error, NotDurable):
        words, remedy = say("本机磁盘写不进，没有录入"), say("请通知管理员")
    elif isinstance(error, DeviceGone):
        words, remedy = say("指纹机断开，没有录入"), say("请检查指纹机的线，恢复后再录")
    elif isinstance(error, BadPacket):
        words, remedy = say("指纹机答复不清楚，没有录入"), say("请再录一次")
    elif isinstance(error, DeviceFault):
        words, remedy = str(error), say("没有录入，请再录一次，每次按同一枚手指")
    return {"state": "failed", "words": words, "remedy": remedy}
