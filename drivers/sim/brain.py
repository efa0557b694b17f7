"""A module of the ZFM family from the inside: instructions to answers, without a line and without a clock.

Each instruction is a small program (a generator) that yields what the module does next: think, answer, send data, wait
for a finger. Whoever drives it supplies the time. Sources: ZFM-20 and R30x manuals, R503 manual 1.2.2, Synochip AS608
command set.
"""

import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass
from random import Random

from drivers.sim import fingers
from drivers.sim.flash import Flash
from drivers.sim.models import Model

COMMAND, DATA, ACK, LAST = 1, 2, 7, 8
OK, RECEIVE_ERROR, NO_FINGER = 0x00, 0x01, 0x02
NO_MATCH, NOT_FOUND, MERGE_FAILED, BAD_PAGE, UNREADABLE = 0x08, 0x09, 0x0A, 0x0B, 0x0C
WRONG_PASSWORD, NO_PICTURE, BAD_REGISTER, BAD_VALUE, BAD_NOTE = 0x13, 0x15, 0x1A, 0x1B, 0x1C
FULL, WRONG_ADDRESS, LOCKED, EMPTY_PLACE, TIMEOUT, DUPLICATE = 0x1F, 0x20, 0x21, 0x22, 0x26, 0x27
FINGER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Think:
    """The module is busy for `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement: confirmation code and results."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Data packets, the last one marked."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Bare:
    """Bytes outside any frame."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Await:
    """Wait until a finger lies there (or is gone); the answer is whether it happened within `seconds`."""

    finger: bool
    seconds: float


Act = Think | Answer | Send | Bare | Await
Program = Generator[Act, bool, None]
Handler = Callable[[bytes], Program]

# Seconds a real module takes (manuals: capture < 0.2 s, features < 0.5 s, R503 search < 10 ms a finger).
REAL_THINK = {0x01: 0.1, 0x02: 0.2, 0x04: 0.15, 0x05: 0.1, 0x06: 0.05, 0x0C: 0.05, 0x0D: 0.2, 0x1B: 0.1}


class Brain:
    """Memory, settings and instructions of one simulated module."""

    def __init__(
        self,
        model: Model,
        flash: Flash,
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
        self._presses = 0
        self._chance = Random(20)  # noqa: S311 - a simulator repeats itself
        self.power_up()
        self._table = self._instructions()

    def power_up(self) -> None:
        """Forget all that is not in flash."""
        self._image: bytes | None = None
        self._buffers: dict[int, bytes] = {}
        self._unlocked = self.flash.password == 0
        self._matched = False
        self._filling: int | None = None  # the character buffer (0: the image) that data packets go to
        self._filled = b""
        self.address = self.flash.address
        self.baud_code = self.flash.baud_code

    def put(self, name: str) -> None:
        """A finger comes to lie on the glass."""
        self.finger = fingers.digest_of(name)
        self._presses += 1

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
            return _just(*([] if self.quiet_to_strangers else [Answer(bytes((WRONG_ADDRESS,)))]))
        if not sound or not payload:
            return _code(RECEIVE_ERROR)
        code, params = payload[0], payload[1:]
        if not self._unlocked and code != 0x13:
            return _code(LOCKED)
        return self._run(code, params)

    def data(self, payload: bytes, *, last: bool) -> None:
        """A data packet from the host goes where DownChar or DownImage said."""
        if self._filling is None:
            return
        self._filled += payload
        if last and self._filling == 0:
            self._image = self._filled
        elif last:
            self._buffers[self._filling] = self._filled
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
            yield Answer(bytes((self.model.unknown,)))
            return
        try:
            yield from handler(params)
        except (struct.error, IndexError):  # parameters cut short
            yield Answer(bytes((RECEIVE_ERROR,)))

    def _instructions(self) -> dict[int, Handler]:
        table: dict[int, Handler] = {
            0x01: self._gen_img, 0x02: self._img2tz, 0x03: self._match, 0x04: self._search, 0x05: self._reg_model,
            0x06: self._store, 0x07: self._load_char, 0x08: self._up_char, 0x09: self._down_char,
            0x0A: self._up_image, 0x0B: self._down_image, 0x0C: self._delet_char, 0x0D: self._empty,
            0x0E: self._set_sys_para, 0x0F: self._read_sys_para, 0x10: self._enroll, 0x11: self._identify,
            0x12: self._set_pwd, 0x13: self._vfy_pwd, 0x14: self._random, 0x15: self._set_adder,
            0x16: self._read_inf_page, 0x17: self._well, 0x18: self._write_note, 0x19: self._read_note,
            0x1B: self._search, 0x1D: self._template_num, 0x1F: self._read_index, 0x50: self._well,
            0x51: self._well, 0x52: self._gen_img, 0x53: lambda _: _code(0x55), 0x40: self._well,
        }  # fmt: skip
        if not self.model.fast_search:
            del table[0x1B]
        if self.model.dialect == "grow":
            table |= {
                0x28: self._gen_img, 0x30: self._well, 0x31: self._auto_enroll, 0x32: self._auto_identify,
                0x35: self._led, 0x36: self._well, 0x39: self._version, 0x3A: self._version,
                0x3C: self._prod_info, 0x3D: self._soft_reset,
            }  # fmt: skip
        if self.model.dialect == "zw":
            table |= {
                0x30: self._well, 0x31: self._zw_enroll, 0x32: self._zw_identify, 0x33: self._well,
                0x35: self._well, 0x3C: self._led,
            }  # fmt: skip
        return table

    # ---- pictures and features

    def _gen_img(self, _: bytes) -> Program:
        if self.finger is None:
            yield Answer(bytes((NO_FINGER,)))
            return
        self._image = self.finger
        yield Answer(b"\0")

    def _img2tz(self, params: bytes) -> Program:
        buffer = params[0]
        if self._image is None:
            return _code(NO_PICTURE)
        # Any other number stands for buffer 2 (ZFM-20 manual: "default is CharBuffer2").
        self._buffers[self._slot(buffer)] = self._features_now()
        return _code(OK)

    def _features_now(self) -> bytes:
        image = self._image or b""
        digest = image if len(image) == fingers.DIGEST else fingers.finger_in(image)
        return fingers.features(digest, self._presses, self.model.feature)

    def _slot(self, number: int) -> int:
        return number if 1 <= number <= self.model.buffers else 2

    def _reg_model(self, _: bytes) -> Program:
        captures = [self._buffers[slot] for slot in sorted(self._buffers)]
        if len(captures) < 2 or any(fingers.score(captures[0], other) < self._threshold for other in captures[1:]):
            return _code(MERGE_FAILED)
        model = fingers.merged(captures, self.model.template)
        self._buffers = {1: model, 2: model}
        return _code(OK)

    @property
    def _threshold(self) -> int:
        return 30 + 12 * self.flash.security

    # ---- comparing

    def _match(self, _: bytes) -> Program:
        one, other = self._buffers.get(1), self._buffers.get(2)
        points = fingers.score(one, other) if one and other else 0
        if points < self._threshold:
            return self._refuse(NO_MATCH, 2)
        return _just(Answer(b"\0" + struct.pack(">H", points)))

    def _search(self, params: bytes) -> Program:
        slot, start, count = struct.unpack(">BHH", params[:5])
        best = self._best(self._buffers.get(self._slot(slot), b""), start, count)
        self._matched = best is not None
        if best is None:
            return self._refuse(NOT_FOUND, 4)
        return _just(Answer(b"\0" + struct.pack(">HH", *best)))

    def _best(self, probe: bytes, start: int = 0, count: int = 0xFFFF) -> tuple[int, int] | None:
        """Place and score of the template that fits best; the lowest place among equals."""
        scored = (
            (place, fingers.score(probe, template))
            for place, template in sorted(self.flash.templates.items())
            if start <= place < start + count
        )
        found = max(scored, key=lambda one: one[1], default=(0, 0))
        return found if found[1] >= self._threshold else None

    def _refuse(self, code: int, results: int) -> Program:
        """Not found, not alike: the manual pads with zeros, some modules send the code alone."""
        return _just(Answer(bytes((code,)) + bytes(0 if self.short_refusals else results)))

    # ---- the library

    def _store(self, params: bytes) -> Program:
        slot, place = struct.unpack(">BH", params[:3])
        template = self._buffers.get(self._slot(slot))
        if place >= self.model.capacity:
            return _code(BAD_PAGE)
        if template is None:
            return _code(EMPTY_PLACE)
        self.flash.templates[place] = template
        self.flash.save()
        return _code(OK)

    def _load_char(self, params: bytes) -> Program:
        slot, place = struct.unpack(">BH", params[:3])
        if place >= self.model.capacity:
            return _code(BAD_PAGE)
        if place not in self.flash.templates:
            return _code(UNREADABLE)
        self._buffers[self._slot(slot)] = self.flash.templates[place]
        return _code(OK)

    def _delet_char(self, params: bytes) -> Program:
        start, count = struct.unpack(">HH", params[:4])
        if start >= self.model.capacity or start + count > self.model.capacity:
            return _code(BAD_PAGE)
        for place in range(start, start + count):
            self.flash.templates.pop(place, None)
        self.flash.save()
        return _code(OK)

    def _empty(self, _: bytes) -> Program:
        self.flash.templates.clear()
        self.flash.save()
        return _code(OK)

    def _template_num(self, _: bytes) -> Program:
        return _just(Answer(b"\0" + struct.pack(">H", len(self.flash.templates))))

    def _read_index(self, params: bytes) -> Program:
        page = params[0]
        if page * 256 >= max(self.model.capacity, 1024):
            return _code(BAD_PAGE)
        bits = bytearray(32)
        for place in self.flash.templates:
            if place // 256 == page:
                bits[place % 256 // 8] |= 1 << place % 8
        return _just(Answer(b"\0" + bytes(bits)))

    # ---- data both ways

    def _up_char(self, params: bytes) -> Program:
        template = self._buffers.get(self._slot(params[0]))
        if template is None:
            return _code(0x0D)
        return _just(Answer(b"\0"), Send(template))

    def _down_char(self, params: bytes) -> Program:
        return self._fill(self._slot(params[0]))

    def _up_image(self, _: bytes) -> Program:
        if self._image is None:
            return _code(0x0F)
        image = self._image
        if len(image) == fingers.DIGEST:
            image = fingers.picture(image, self.model.width, self.model.height)
        return _just(Answer(b"\0"), Send(image))

    def _down_image(self, _: bytes) -> Program:
        return self._fill(0)

    def _fill(self, target: int) -> Program:
        self._filling, self._filled = target, b""
        yield Answer(b"\0")

    def _read_inf_page(self, _: bytes) -> Program:
        return _just(Answer(b"\0"), Send(self.model.name.encode("ascii").ljust(512, b"\0")))

    # ---- settings

    def _read_sys_para(self, _: bytes) -> Program:
        status = 2 * self._matched + 4 * self._unlocked + 8 * (self._image is not None)
        kept = self.flash
        page = struct.pack(
            ">HHHHIHH", status, self.model.system_id, self.model.capacity, kept.security, kept.address,
            kept.packet_code, kept.baud_code,
        )  # fmt: skip
        return _just(Answer(b"\0" + page))

    def _set_sys_para(self, params: bytes) -> Program:
        number, value = params[0], params[1]
        allowed = {4: (1, 2, 4, 6, 12) if self.model.dialect == "grow" else range(1, 13), 5: range(1, 6), 6: range(4)}
        if number not in allowed:
            yield Answer(bytes((BAD_REGISTER,)))
            return
        if value not in allowed[number]:
            yield Answer(bytes((BAD_VALUE,)))
            return
        setattr(self.flash, {4: "baud_code", 5: "security", 6: "packet_code"}[number], value)
        self.flash.save()
        yield Answer(b"\0")
        self.baud_code = self.flash.baud_code  # only after the acknowledgement has gone out at the old rate

    def _set_pwd(self, params: bytes) -> Program:
        (self.flash.password,) = struct.unpack(">I", params[:4])
        self.flash.save()
        return _code(OK)

    def _vfy_pwd(self, params: bytes) -> Program:
        (told,) = struct.unpack(">I", params[:4])
        self._unlocked = self._unlocked or told == self.flash.password
        return _code(OK if told == self.flash.password else WRONG_PASSWORD)

    def _set_adder(self, params: bytes) -> Program:
        (self.flash.address,) = struct.unpack(">I", params[:4])
        self.flash.save()
        self.address = self.flash.address  # the acknowledgement carries the new address already
        return _code(OK)

    def _random(self, _: bytes) -> Program:
        return _just(Answer(b"\0" + self._chance.randbytes(4)))

    def _write_note(self, params: bytes) -> Program:
        page, note = params[0], params[1:]
        if page >= 16 or len(note) != 32:
            return _code(BAD_NOTE)
        self.flash.notepad[page] = note
        self.flash.save()
        return _code(OK)

    def _read_note(self, params: bytes) -> Program:
        if params[0] >= 16:
            return _code(BAD_NOTE)
        return _just(Answer(b"\0" + self.flash.notepad[params[0]]))

    def _well(self, _: bytes) -> Program:
        return _code(OK)

    # ---- what only some modules know

    def _enroll(self, _: bytes) -> Program:
        """AS608: one press, stored at the first free place."""
        place = self._free_place()
        if self.finger is None or place is None:
            yield Answer(bytes((0x1E, 0, 0)))
            return
        self._image = self.finger
        self.flash.templates[place] = self._features_now()
        self.flash.save()
        yield Answer(b"\0" + struct.pack(">H", place))

    def _identify(self, _: bytes) -> Program:
        if self.finger is None:
            return self._refuse(NO_FINGER, 4)
        self._image = self.finger
        best = self._best(self._features_now())
        if best is None:
            return self._refuse(NOT_FOUND, 4)
        return _just(Answer(b"\0" + struct.pack(">HH", *best)))

    def _free_place(self) -> int | None:
        free = (place for place in range(self.model.capacity) if place not in self.flash.templates)
        return next(free, None)

    def _led(self, params: bytes) -> Program:
        if len(params) < 4:
            return _code(BAD_VALUE)
        self.light = params
        return _code(OK)

    def _version(self, _: bytes) -> Program:
        return _just(Answer(b"\0" + b"SIM 1.0".ljust(32, b"\0")))

    def _prod_info(self, _: bytes) -> Program:
        model = self.model
        info = model.name.upper().encode("ascii").ljust(16, b"\0") + b"0001" + b"SIM00001" + bytes((1, 0))
        info += b"SIMGLASS" + struct.pack(">HHHH", model.width, model.height, model.template, model.capacity)
        return _just(Answer(b"\0" + info))

    def _soft_reset(self, _: bytes) -> Program:
        yield Answer(b"\0")
        self.power_up()
        yield Think(self.model.boot)
        yield Bare(b"\x55")

    def _auto_enroll(self, params: bytes) -> Program:
        """R503: six presses; steps 1..12 alternate capture and features, then duplicate check, merge, store."""
        place, overwrite, duplicates, steps, leave = params[:5]
        if place >= self.model.capacity:
            yield Answer(bytes((BAD_PAGE, 0, place)))
        elif place in self.flash.templates and not overwrite:
            yield Answer(bytes((EMPTY_PLACE, 0, place)))
        else:
            yield from self._enrol_presses(place, 6, bool(duplicates), bool(steps), bool(leave))

    def _enrol_presses(self, place: int, presses: int, duplicates: bool, steps: bool, leave: bool) -> Program:
        captures: list[bytes] = []
        for press in range(presses):
            if press and leave and not (yield Await(False, FINGER_SECONDS)):
                yield Answer(bytes((TIMEOUT, 2 * press + 1, place)))
                return
            if not (yield Await(True, FINGER_SECONDS)) or self.finger is None:
                yield Answer(bytes((TIMEOUT, 2 * press + 1, place)))
                return
            self._image = self.finger
            captures.append(self._features_now())
            for step in (2 * press + 1, 2 * press + 2) if steps else ():
                yield Answer(bytes((OK, step, place)))
        yield from self._enrol_end(place, captures, duplicates, steps)

    def _enrol_end(self, place: int, captures: list[bytes], duplicates: bool, steps: bool) -> Program:
        step = 2 * len(captures) + 1
        if not duplicates and self._best(captures[0]) is not None:
            yield Answer(bytes((DUPLICATE, step, place)))
            return
        if any(fingers.score(captures[0], other) < self._threshold for other in captures):
            yield Answer(bytes((MERGE_FAILED, step + 1, place)))
            return
        self.flash.templates[place] = fingers.merged(captures, self.model.template)
        self.flash.save()
        for done in (step, step + 1) if steps else ():
            yield Answer(bytes((OK, done, place)))
        yield Answer(bytes((OK, step + 2, place)))

    def _auto_identify(self, params: bytes) -> Program:
        """R503: waits for a finger and searches; each step answers when asked for."""
        _security, start, count, steps, _errors = params[:5]
        none = bytes(4)
        if not (yield Await(True, FINGER_SECONDS)) or self.finger is None:
            yield Answer(bytes((TIMEOUT, 1)) + none)
            return
        self._image = self.finger
        for step in (1, 2) if steps else ():
            yield Answer(bytes((OK, step)) + none)
        best = self._best(self._features_now(), start, count or 0xFFFF)
        yield Answer(bytes((NOT_FOUND, 3)) + none if best is None else b"\0\x03" + struct.pack(">HH", *best))

    def _zw_enroll(self, params: bytes) -> Program:
        """Synochip dialect: page u16, number of captures, flags (bit 2 no steps, 3 overwrite, 4 refuse duplicates,
        5 no lift)."""
        place, presses, flags = struct.unpack(">HBH", params[:5])
        if place >= self.model.capacity:
            yield Answer(bytes((BAD_PAGE, 0, 0)))
        elif place in self.flash.templates and not flags & 8:
            yield Answer(bytes((EMPTY_PLACE, 0, 0)))
        else:
            yield from self._enrol_presses(place, presses or 2, not flags & 16, not flags & 4, not flags & 32)

    def _zw_identify(self, params: bytes) -> Program:
        """Synochip dialect: level u8, page u16 (FFFF: all), flags u16 (bit 2: no steps)."""
        _level, page, flags = struct.unpack(">BHH", params[:5])
        none = bytes(4)
        if not (yield Await(True, FINGER_SECONDS)) or self.finger is None:
            yield Answer(bytes((TIMEOUT, 1)) + none)
            return
        self._image = self.finger
        if not flags & 4:
            yield Answer(b"\0\x01" + none)
        best = self._best(self._features_now(), *((0, 0xFFFF) if page == 0xFFFF else (page, 1)))
        yield Answer(bytes((NOT_FOUND, 5)) + none if best is None else b"\0\x05" + struct.pack(">HH", *best))


def _just(*acts: Act) -> Program:
    for act in acts:  # noqa: UP028 - a tuple takes no answers, so `yield from` would break
        yield act


def _code(code: int) -> Program:
    yield Answer(bytes((code,)))
