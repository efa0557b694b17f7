"""The instructions every simulated module knows, and the table of those a model knows."""

import struct
from collections.abc import Mapping

from drivers.sim import extras, fingers, settings
from drivers.sim.acts import (
    BAD_PAGE,
    EMPTY_PLACE,
    MERGE_FAILED,
    NO_FINGER,
    NO_MATCH,
    NO_PICTURE,
    NOT_FOUND,
    OK,
    UNREADABLE,
    Answer,
    Program,
    Send,
    code_only,
    just,
)
from drivers.sim.brain import Brain, Handler
from drivers.sim.models import Model


def gen_img(brain: Brain, _: bytes) -> Program:
    """Take a picture if a finger lies there."""
    if brain.finger is None:
        yield Answer(bytes((NO_FINGER,)))
        return
    brain.image = brain.finger
    yield Answer(b"\0")


def img2tz(brain: Brain, params: bytes) -> Program:
    """Features of the picture into a character buffer."""
    buffer = params[0]
    if brain.image is None:
        return code_only(NO_PICTURE)
    # Any other number stands for buffer 2 (ZFM-20 manual: "default is CharBuffer2").
    brain.buffers[brain.slot(buffer)] = brain.features_now()
    return code_only(OK)


def reg_model(brain: Brain, _: bytes) -> Program:
    """One template from all character buffers; they must be of one finger."""
    captures = [brain.buffers[slot] for slot in sorted(brain.buffers)]
    if len(captures) < 2 or any(fingers.score(captures[0], other) < brain.threshold for other in captures[1:]):
        return code_only(MERGE_FAILED)
    model = fingers.merged(captures, brain.model.template)
    brain.buffers = {1: model, 2: model}
    return code_only(OK)


def match(brain: Brain, _: bytes) -> Program:
    """Compare buffers 1 and 2."""
    one, other = brain.buffers.get(1), brain.buffers.get(2)
    points = fingers.score(one, other) if one and other else 0
    if points < brain.threshold:
        return brain.refuse(NO_MATCH, 2)
    return just(Answer(b"\0" + struct.pack(">H", points)))


def search(brain: Brain, params: bytes) -> Program:
    """The best place in a range of the library."""
    slot, start, count = struct.unpack(">BHH", params[:5])
    best = brain.best(brain.buffers.get(brain.slot(slot), b""), start, count)
    brain.matched = best is not None
    if best is None:
        return brain.refuse(NOT_FOUND, 4)
    return just(Answer(b"\0" + struct.pack(">HH", *best)))


def store(brain: Brain, params: bytes) -> Program:
    """A buffer into flash."""
    slot, place = struct.unpack(">BH", params[:3])
    template = brain.buffers.get(brain.slot(slot))
    if place >= brain.model.capacity:
        return code_only(BAD_PAGE)
    if template is None:
        return code_only(EMPTY_PLACE)
    brain.flash.templates[place] = template
    brain.flash.save()
    return code_only(OK)


def load_char(brain: Brain, params: bytes) -> Program:
    """A template from flash into a buffer."""
    slot, place = struct.unpack(">BH", params[:3])
    if place >= brain.model.capacity:
        return code_only(BAD_PAGE)
    if place not in brain.flash.templates:
        return code_only(UNREADABLE)
    brain.buffers[brain.slot(slot)] = brain.flash.templates[place]
    return code_only(OK)


def delet_char(brain: Brain, params: bytes) -> Program:
    """Forget some places in a row."""
    start, count = struct.unpack(">HH", params[:4])
    if start >= brain.model.capacity or start + count > brain.model.capacity:
        return code_only(BAD_PAGE)
    for place in range(start, start + count):
        brain.flash.templates.pop(place, None)
    brain.flash.save()
    return code_only(OK)


def empty(brain: Brain, _: bytes) -> Program:
    """Forget all places."""
    brain.flash.templates.clear()
    brain.flash.save()
    return code_only(OK)


def template_num(brain: Brain, _: bytes) -> Program:
    """How many places are used."""
    return just(Answer(b"\0" + struct.pack(">H", len(brain.flash.templates))))


def read_index(brain: Brain, params: bytes) -> Program:
    """One page of the index table."""
    page = params[0]
    if page * 256 >= max(brain.model.capacity, 1024):
        return code_only(BAD_PAGE)
    bits = bytearray(32)
    for place in brain.flash.templates:
        if place // 256 == page:
            bits[place % 256 // 8] |= 1 << place % 8
    return just(Answer(b"\0" + bytes(bits)))


def up_char(brain: Brain, params: bytes) -> Program:
    """A buffer to the host."""
    template = brain.buffers.get(brain.slot(params[0]))
    if template is None:
        return code_only(0x0D)
    return just(Answer(b"\0"), Send(template))


def down_char(brain: Brain, params: bytes) -> Program:
    """A buffer from the host."""
    return brain.fill(brain.slot(params[0]))


def up_image(brain: Brain, _: bytes) -> Program:
    """The picture to the host."""
    if brain.image is None:
        return code_only(0x0F)
    image = brain.image
    if len(image) == fingers.DIGEST:
        image = fingers.picture(image, brain.model.width, brain.model.height)
    return just(Answer(b"\0"), Send(image))


def down_image(brain: Brain, _: bytes) -> Program:
    """A picture from the host."""
    return brain.fill(0)


def read_inf_page(brain: Brain, _: bytes) -> Program:
    """512 bytes about the module."""
    return just(Answer(b"\0"), Send(brain.model.name.encode("ascii").ljust(512, b"\0")))


def well(_: Brain, __: bytes) -> Program:
    """An instruction that changes nothing a host could see."""
    return code_only(OK)


def echo(_: Brain, __: bytes) -> Program:
    """GetEcho: the code itself says that all is well."""
    return code_only(0x55)


BASIC: Mapping[int, Handler] = {
    0x01: gen_img, 0x02: img2tz, 0x03: match, 0x04: search, 0x05: reg_model, 0x06: store, 0x07: load_char,
    0x08: up_char, 0x09: down_char, 0x0A: up_image, 0x0B: down_image, 0x0C: delet_char, 0x0D: empty,
    0x0E: settings.set_sys_para, 0x0F: settings.read_sys_para, 0x10: extras.enroll, 0x11: extras.identify,
    0x12: settings.set_pwd, 0x13: settings.vfy_pwd, 0x14: settings.random, 0x15: settings.set_adder,
    0x16: read_inf_page, 0x17: well, 0x18: settings.write_note, 0x19: settings.read_note, 0x1B: search,
    0x1D: template_num, 0x1F: read_index, 0x40: well, 0x50: well, 0x51: well, 0x52: gen_img, 0x53: echo,
}  # fmt: skip
GROW: Mapping[int, Handler] = {
    0x28: gen_img, 0x30: well, 0x31: extras.auto_enroll, 0x32: extras.auto_identify, 0x35: extras.led, 0x36: well,
    0x39: extras.version, 0x3A: extras.version, 0x3C: extras.prod_info, 0x3D: extras.soft_reset,
}  # fmt: skip
SYNOCHIP: Mapping[int, Handler] = {
    0x30: well, 0x31: extras.zw_enroll, 0x32: extras.zw_identify, 0x33: well, 0x35: well, 0x3C: extras.led,
}  # fmt: skip
DIALECTS: Mapping[str, Mapping[int, Handler]] = {"zfm": {}, "grow": GROW, "zw": SYNOCHIP}


def table_for(model: Model) -> Mapping[int, Handler]:
    """The instructions a model knows, by code."""
    table = {**BASIC, **DIALECTS[model.dialect]}
    return {code: handler for code, handler in table.items() if code not in model.lacks}
