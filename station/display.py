"""What the kiosk shows: one frame at a time, held here, painted elsewhere.

Verbs and loops put things on it; each change makes a new frame and wakes whoever waits for one.
"""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from config.words import say

Tone = Literal["green", "amber", "red", "blue"]
HELD_S = 4.0  # how long a result stays on the screen


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer to one press. `seq`: its fact; `touched_ns`: when the module answered (monotonic), 0 without one.

    `leads`: a page to which the screen goes on by itself. `also`: a line beneath, of what waits for the person.
    """

    tone: Tone
    name: str
    verdict: str
    note: str
    at: str  # HH:MM:SS in the hall's zone
    seq: int
    touched_ns: int = 0
    kind: str = ""  # of the glance (`late`, `no_match`, …), for light, beep and voice; empty: by tone alone
    leads: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Light:
    """A condition at the foot of the screen: well or not, in words."""

    well: bool
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything on the screen but the running clock. `version` grows by one with each change."""

    version: int
    station: str
    demo: bool
    shown: Shown | None = None
    reader: Light = field(default_factory=lambda: Light(False, say("指纹机连接中")))
    sync: Light = field(default_factory=lambda: Light(False, say("正在联系中枢")))
    due: str = ""
    patrol: str = ""
    arrived: str = ""
    alarm: str = ""
    signing: bool = False  # signing in was opened by hand, though the module may be well
    met: bool = False  # whether the module was looked for yet
    touch: bool = False  # whether buttons can be pressed on the screen

    def as_json(self) -> dict[str, Any]:
        """The frame as the page reads it."""
        return asdict(self)


class Display:
    """The present frame, shared by threads."""

    def __init__(self, station: str, demo: bool, now: Callable[[], datetime]) -> None:
        self._frame = Frame(1, station, demo)
        self._changed = threading.Condition()
        self._alarms: dict[str, str] = {}
        self.now = now  # the station's time in the hall's zone, for the running clock

    @property
    def frame(self) -> Frame:
        """The present frame."""
        return self._frame

    def show(self, shown: Shown) -> None:
        """Put a press's answer up; it replaces the one before at once."""
        self._change(shown=shown)

    def set_reader(self, light: Light) -> None:
        """How the fingerprint module is."""
        self._change(reader=light, met=True)

    def set_sync(self, light: Light) -> None:
        """How the way to the hub is."""
        self._change(sync=light)

    def set_due(self, words: str) -> None:
        """Which punch is due at this hour."""
        self._change(due=words)

    def set_patrol(self, words: str) -> None:
        """Which round is due at this minute; empty for none."""
        self._change(patrol=words)

    def set_arrived(self, words: str) -> None:
        """The hub's advice on how many have come, with its time."""
        self._change(arrived=words)

    def set_touch(self, touch: bool) -> None:
        """Whether buttons can be pressed on the screen."""
        self._change(touch=touch)

    def set_signing(self, opened: bool) -> None:
        """Whether the duty leader opened signing in by hand."""
        self._change(signing=opened)

    def set_alarm(self, words: str, about: str = "") -> None:
        """A condition that everybody at the station must know; empty: it is over.

        Conditions about different things stand side by side, the oldest first.
        """
        with self._changed:
            if words:
                self._alarms[about] = words
            else:
                self._alarms.pop(about, None)
            self._change(alarm="；".join(self._alarms.values()))

    def wait(self, version: int, timeout: float) -> Frame | None:
        """The first frame newer than `version`; None after `timeout` seconds without one."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame.version > version, timeout)
            return self._frame if self._frame.version > version else None

    def _change(self, **fields: Any) -> None:
        with self._changed:
            changed = replace(self._frame, **fields)
            if changed != self._frame or "shown" in fields:
                self._frame = replace(changed, version=self._frame.version + 1)
                self._changed.notify_all()
