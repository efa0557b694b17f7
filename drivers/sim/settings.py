"""Instructions of a simulated module that read and change its settings and small memory."""

import struct

from drivers.sim.acts import BAD_NOTE, BAD_REGISTER, BAD_VALUE, OK, WRONG_PASSWORD, Answer, Program, code_only, just
from drivers.sim.brain import Brain


def read_sys_para(brain: Brain, _: bytes) -> Program:
    """The system page."""
    status = 2 * brain.matched + 4 * brain.unlocked + 8 * (brain.image is not None)
    kept = brain.flash
    page = struct.pack(
        ">HHHHIHH", status, brain.model.system_id, brain.model.capacity, kept.security, kept.address,
        kept.packet_code, kept.baud_code,
    )  # fmt: skip
    return just(Answer(b"\0" + page))


def set_sys_para(brain: Brain, params: bytes) -> Program:
    """Baud, security level or packet size; all kept in flash."""
    number, value = params[0], params[1]
    allowed = {4: (1, 2, 4, 6, 12) if brain.model.dialect == "grow" else range(1, 13), 5: range(1, 6), 6: range(4)}
    if number not in allowed:
        yield Answer(bytes((BAD_REGISTER,)))
        return
    if value not in allowed[number]:
        yield Answer(bytes((BAD_VALUE,)))
        return
    setattr(brain.flash, {4: "baud_code", 5: "security", 6: "packet_code"}[number], value)
    brain.flash.save()
    yield Answer(b"\0")
    brain.baud_code = brain.flash.baud_code  # only after the acknowledgement has gone out at the old rate


def set_pwd(brain: Brain, params: bytes) -> Program:
    """A new password, from the next power-up on."""
    (brain.flash.password,) = struct.unpack(">I", params[:4])
    brain.flash.save()
    return code_only(OK)


def vfy_pwd(brain: Brain, params: bytes) -> Program:
    """The password unlocks everything else."""
    (told,) = struct.unpack(">I", params[:4])
    brain.unlocked = brain.unlocked or told == brain.flash.password
    return code_only(OK if told == brain.flash.password else WRONG_PASSWORD)


def set_adder(brain: Brain, params: bytes) -> Program:
    """A new address, from this answer on."""
    (brain.flash.address,) = struct.unpack(">I", params[:4])
    brain.flash.save()
    brain.address = brain.flash.address  # the acknowledgement carries the new address already
    return code_only(OK)


def random(brain: Brain, _: bytes) -> Program:
    """Four bytes of chance."""
    return just(Answer(b"\0" + brain.chance.randbytes(4)))


def write_note(brain: Brain, params: bytes) -> Program:
    """One page of the notepad."""
    page, note = params[0], params[1:]
    if page >= 16 or len(note) != 32:
        return code_only(BAD_NOTE)
    brain.flash.notepad[page] = note
    brain.flash.save()
    return code_only(OK)


def read_note(brain: Brain, params: bytes) -> Program:
    """One page of the notepad."""
    if params[0] >= 16:
        return code_only(BAD_NOTE)
    return just(Answer(b"\0" + brain.flash.notepad[params[0]]))
