"""Instructions that only some modules know: AS608, Grow R50x, and the Synochip dialect."""

import struct

from drivers.sim import fingers
from drivers.sim.acts import (
    BAD_PAGE,
    BAD_VALUE,
    DUPLICATE,
    EMPTY_PLACE,
    FINGER_SECONDS,
    MERGE_FAILED,
    NO_FINGER,
    NOT_FOUND,
    OK,
    TIMEOUT,
    Answer,
    Await,
    Bare,
    Program,
    Think,
    code_only,
    just,
)
from drivers.sim.brain import Brain


def enroll(brain: Brain, _: bytes) -> Program:
    """AS608: one press, stored at the first free place."""
    place = _free_place(brain)
    if brain.finger is None or place is None:
        yield Answer(bytes((0x1E, 0, 0)))
        return
    brain.image = brain.finger
    brain.flash.templates[place] = brain.features_now()
    brain.flash.save()
    yield Answer(b"\0" + struct.pack(">H", place))


def identify(brain: Brain, _: bytes) -> Program:
    """AS608: one press, searched at once."""
    if brain.finger is None:
        return brain.refuse(NO_FINGER, 4)
    brain.image = brain.finger
    best = brain.best(brain.features_now())
    if best is None:
        return brain.refuse(NOT_FOUND, 4)
    return just(Answer(b"\0" + struct.pack(">HH", *best)))


def _free_place(brain: Brain) -> int | None:
    free = (place for place in range(brain.model.capacity) if place not in brain.flash.templates)
    return next(free, None)


def led(brain: Brain, params: bytes) -> Program:
    """The light is set; nothing answers but the code."""
    if len(params) < 4:
        return code_only(BAD_VALUE)
    brain.light = params
    return code_only(OK)


def version(_: Brain, __: bytes) -> Program:
    """A 32-byte text."""
    return just(Answer(b"\0" + b"SIM 1.0".ljust(32, b"\0")))


def prod_info(brain: Brain, _: bytes) -> Program:
    """The 46 bytes that tell a Grow module."""
    model = brain.model
    info = model.name.upper().encode("ascii").ljust(16, b"\0") + b"0001" + b"SIM00001" + bytes((1, 0))
    info += b"SIMGLASS" + struct.pack(">HHHH", model.width, model.height, model.template, model.capacity)
    return just(Answer(b"\0" + info))


def soft_reset(brain: Brain, _: bytes) -> Program:
    """Acknowledged, then everything but flash is forgotten, then the bare 55."""
    yield Answer(b"\0")
    brain.power_up()
    yield Think(brain.model.boot)
    yield Bare(b"\x55")


def auto_enroll(brain: Brain, params: bytes) -> Program:
    """R503: six presses; steps 1..12 alternate capture and features, then duplicate check, merge, store."""
    place, overwrite, duplicates, steps, leave = params[:5]
    if place >= brain.model.capacity:
        yield Answer(bytes((BAD_PAGE, 0, place)))
    elif place in brain.flash.templates and not overwrite:
        yield Answer(bytes((EMPTY_PLACE, 0, place)))
    else:
        yield from _enrol_presses(brain, place, 6, bool(duplicates), bool(steps), bool(leave))


def _enrol_presses(brain: Brain, place: int, presses: int, duplicates: bool, steps: bool, leave: bool) -> Program:
    captures: list[bytes] = []
    for press in range(presses):
        if press and leave and not (yield Await(False, FINGER_SECONDS)):
            yield Answer(bytes((TIMEOUT, 2 * press + 1, place)))
            return
        if not (yield Await(True, FINGER_SECONDS)) or brain.finger is None:
            yield Answer(bytes((TIMEOUT, 2 * press + 1, place)))
            return
        brain.image = brain.finger
        captures.append(brain.features_now())
        for step in (2 * press + 1, 2 * press + 2) if steps else ():
            yield Answer(bytes((OK, step, place)))
    yield from _enrol_end(brain, place, captures, duplicates, steps)


def _enrol_end(brain: Brain, place: int, captures: list[bytes], duplicates: bool, steps: bool) -> Program:
    step = 2 * len(captures) + 1
    if not duplicates and brain.best(captures[0]) is not None:
        yield Answer(bytes((DUPLICATE, step, place)))
        return
    if any(fingers.score(captures[0], other) < brain.threshold for other in captures):
        yield Answer(bytes((MERGE_FAILED, step + 1, place)))
        return
    brain.flash.templates[place] = fingers.merged(captures, brain.model.template)
    brain.flash.save()
    for done in (step, step + 1) if steps else ():
        yield Answer(bytes((OK, done, place)))
    yield Answer(bytes((OK, step + 2, place)))


def auto_identify(brain: Brain, params: bytes) -> Program:
    """R503: waits for a finger and searches; each step answers when asked for."""
    _security, start, count, steps, _errors = params[:5]
    none = bytes(4)
    if not (yield Await(True, FINGER_SECONDS)) or brain.finger is None:
        yield Answer(bytes((TIMEOUT, 1)) + none)
        return
    brain.image = brain.finger
    for step in (1, 2) if steps else ():
        yield Answer(bytes((OK, step)) + none)
    best = brain.best(brain.features_now(), start, count or 0xFFFF)
    yield Answer(bytes((NOT_FOUND, 3)) + none if best is None else b"\0\x03" + struct.pack(">HH", *best))


def zw_enroll(brain: Brain, params: bytes) -> Program:
    """Synochip dialect: page u16, number of captures, flags (bit 2 no steps, 3 overwrite, 4 refuse duplicates,
    5 no lift)."""
    place, presses, flags = struct.unpack(">HBH", params[:5])
    if place >= brain.model.capacity:
        yield Answer(bytes((BAD_PAGE, 0, 0)))
    elif place in brain.flash.templates and not flags & 8:
        yield Answer(bytes((EMPTY_PLACE, 0, 0)))
    else:
        yield from _enrol_presses(brain, place, presses or 2, not flags & 16, not flags & 4, not flags & 32)


def zw_identify(brain: Brain, params: bytes) -> Program:
    """Synochip dialect: level u8, page u16 (FFFF: all), flags u16 (bit 2: no steps)."""
    _level, page, flags = struct.unpack(">BHH", params[:5])
    none = bytes(4)
    if not (yield Await(True, FINGER_SECONDS)) or brain.finger is None:
        yield Answer(bytes((TIMEOUT, 1)) + none)
        return
    brain.image = brain.finger
    if not flags & 4:
        yield Answer(b"\0\x01" + none)
    best = brain.best(brain.features_now(), *((0, 0xFFFF) if page == 0xFFFF else (page, 1)))
    yield Answer(bytes((NOT_FOUND, 5)) + none if best is None else b"\0\x05" + struct.pack(">HH", *best))
