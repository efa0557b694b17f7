"""A module of the ZFM family from the inside: instructions to answers, without a line and without a clock.

Each instruction is a small program (a generator) that yields what the module does next: think, answer, send data, wait
for a finger. Whoever drives it supplies the time. Sources: ZFM-20 and R30x manuals, R503 manual 1.2.2, Synochip AS608
command set.
"""

import struct
from collections.abc import Callable, Mapping
from random import Random

from drivers.sim import fingers
from drivers.sim.acts import FLASH_ERROR, LOCKED, RECEIVE_ERROR, WRONG_ADDRESS, Answer, Program, Think, code_only, just
from drivers.sim.flash import Flash
from drivers.sim.models import Model

# Seconds a real module takes (manuals: capture < 0.2 s, features < 0.5 s, R503 search < 10 ms a finger).
REAL_THINK = {0x01: 0.1, 0x02: 0.2, 0x04: 0.15, 0x05: 0.1, 0x06: 0.05, 0x0C: 0.05, 0x0D: 0.2, 0x1B: 0.1}


class Brain:
    """Memory, settings and instructions of one simulated module."""

    def __init__(
        self,
        model: Model,
        flash: Flash,
        table: Mapping[int, "Handler"],
        *,
        short_refusals: bool = False,
        think: float = 0.0,
        quiet_to_strangers: bool = False,
    ) -> None:
        self.model = model
        self.flash = flash
        self.short_refusals = short_refusals
        self.think = think
        self.quiet_to_strangers = quiet_to_strangers
        self.finger: bytes | None = None
        self.light: bytes = b""
        self.presses = 0
        self.chance = Random(20)  # noqa: S311 - a simulator repeats itself
        self.power_up()
        self._table = table

    def power_up(self) -> None:
        """Forget all that is not in flash."""
        self.image: bytes | None = None  # a finger's digest (drawn when asked for), or a picture from the host
        self.buffers: dict[int, bytes] = {}
        self.unlocked = self.flash.password == 0
        self.matched = False
        self._filling: int | None = None  # the character buffer (0: the image) that data packets go to
        self._filled = b""
        self.address = self.flash.address
        self.baud_code = self.flash.baud_code

    def put(self, name: str) -> None:
        """A finger comes to lie on the glass."""
        self.finger = fingers.digest_of(name)
        self.presses += 1

    def lift(self) -> None:
        """The glass is empty."""
        self.finger = None

    def enrol(self, name: str, place: int) -> None:
        """Store a finger's template at a place, as if it had been enrolled long ago."""
        if not 0 <= place < self.model.capacity:
            raise ValueError(f"place {place} is not in 0..{self.model.capacity - 1}")
        digest = fingers.digest_of(name)
        captures = [fingers.features(digest, press, self.model.feature) for press in (1, 2, 3)]
        self.flash.templates[place] = fingers.merged(captures, self.model.template)
        self.flash.save()

    def command(self, address: int, payload: bytes, *, sound: bool) -> Program:
        """What the module does about one command frame."""
        if address != self.address:
            return just(*([] if self.quiet_to_strangers else [Answer(bytes((WRONG_ADDRESS,)))]))
        if not sound or not payload:
            return code_only(RECEIVE_ERROR)
        code, params = payload[0], payload[1:]
        if not self.unlocked and code != 0x13:
            return code_only(LOCKED)
        return self._run(code, params)

    def data(self, payload: bytes, *, last: bool) -> None:
        """A data packet from the host goes where DownChar or DownImage said."""
        if self._filling is None:
            return
        self._filled += payload
        if last and self._filling == 0:
            self.image = self._filled
        elif last:
            self.buffers[self._filling] = self._filled
        if last:
            self._filling = None

    @property
    def packet_size(self) -> int:
        """Bytes of data a packet."""
        return 32 << self.flash.packet_code

    def _run(self, code: int, params: bytes) -> Program:
        self._filling = None
        if self.think:
            yield Think(REAL_THINK.get(code, 0.002) * self.think)
        handler = self._table.get(code)
        if handler is None:
            if self.model.unknown is not None:
                yield Answer(bytes((self.model.unknown,)))
            return
        try:
            yield from handler(self, params)
        except (struct.error, IndexError):  # parameters cut short
            yield Answer(bytes((RECEIVE_ERROR,)))
        except OSError:  # the file that stands for the flash
            yield Answer(bytes((FLASH_ERROR,)))

    def features_now(self) -> bytes:
        """Features of the picture in memory."""
        image = self.image or b""
        digest = image if len(image) == fingers.DIGEST else fingers.finger_in(image)
        return fingers.features(digest, self.presses, self.model.feature)

    def slot(self, number: int) -> int:
        """The character buffer a number means; what is none means the second (ZFM-20 manual)."""
        return number if 1 <= number <= self.model.buffers else 2

    @property
    def threshold(self) -> int:
        """The least score that is a match at the security level set."""
        return 30 + 12 * self.flash.security

    def best(self, probe: bytes, start: int = 0, count: int = 0xFFFF) -> tuple[int, int] | None:
        """Place and score of the template that fits best; the lowest place among equals."""
        scored = (
            (place, fingers.score(probe, template))
            for place, template in sorted(self.flash.templates.items())
            if start <= place < start + count
        )
        found = max(scored, key=lambda one: one[1], default=(0, 0))
        return found if found[1] >= self.threshold else None

    def refuse(self, code: int, results: int) -> Program:
        """Not found, not alike: the manual pads with zeros, some modules send the code alone."""
        return just(Answer(bytes((code,)) + bytes(0 if self.short_refusals else results)))

    def fill(self, target: int) -> Program:
        """Take data packets into a character buffer, or into the picture (0)."""
        self._filling, self._filled = target, b""
        yield Answer(b"\0")


Handler = Callable[[Brain, bytes], Program]
"""One instruction: what the module does about its parameters."""
