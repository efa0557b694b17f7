"""Finding a module on its port: its baud rate, its address, its password, its dialect.

A module keeps rate, address and password in flash, so one that was used elsewhere, or whose settings were being
changed when the power went, answers somewhere else than expected.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from config.words import say
from drivers.errors import BadPacket, DeviceGone, DeviceRefused, NoAnswer
from drivers.fingerprint.codes import OK, WRONG_ADDRESS, WRONG_PASSWORD, Op, words_for
from drivers.fingerprint.link import Link
from drivers.fingerprint.packets import ACK, ANYONE, COMMAND, START, FrameParser, encode
from drivers.port import Line

RATES = (57600, 115200, 9600, 19200, 38400)
FIRST_THINK = 0.5  # a module that was just powered is deaf for up to 0.5 s (R30x), so the first rate is tried twice
OTHER_THINK = 0.15
PROBE_THINK = 0.15


@dataclass(frozen=True, slots=True)
class Greeting:
    """Where a module answered."""

    baud: int
    address: int
    password: int


def find_module(line: Line, baud: int, password: int, address: int) -> tuple[Link, Greeting]:
    """A link to the module, its password verified. `DeviceGone` when nothing answers at any rate, `DeviceRefused`
    when the password is wrong. Ends within 2 s on a silent port."""
    for rate, think in _attempts(baud):
        line.set_baud(rate)
        for candidate in dict.fromkeys((address, ANYONE)):
            link = Link(line, candidate)
            code = _greet(link, password, think)
            if code in (None, WRONG_ADDRESS) and (real := _overheard(link, password, think)) is not None:
                link.readdress(real)
                code = _greet(link, password, think)
            if code is not None and code != WRONG_ADDRESS:
                return link, Greeting(rate, link.address, _settle_password(link, code, password))
    raise DeviceGone(say("串口上的指纹模块没有回应，请检查连线、供电和波特率"))


def product_info(link: Link) -> bytes | None:
    """The 46 bytes of ReadProdInfo, which only Grow modules (R50x) give; None from all others.

    Asked without parameters, the same code is refused by modules of the other dialect (there it drives the light).
    """
    try:
        return link.tell(Op.PROD_INFO, think=PROBE_THINK)
    except (BadPacket, DeviceRefused):
        return None


def verify_password(link: Link, password: int) -> None:
    """VfyPwd; anything but well is `DeviceRefused`."""
    code = link.exchange(Op.VFY_PWD, password.to_bytes(4))[0]
    if code != OK:
        raise DeviceRefused(words_for(code), code)


def _attempts(baud: int) -> Iterator[tuple[int, float]]:
    yield baud, FIRST_THINK
    yield baud, FIRST_THINK
    for rate in RATES:
        if rate != baud:
            yield rate, OTHER_THINK


def _greet(link: Link, password: int, think: float) -> int | None:
    """Code of VfyPwd, or None when nothing that makes sense came back."""
    try:
        return link.exchange(Op.VFY_PWD, password.to_bytes(4), think=think)[0]
    except DeviceRefused as refusal:
        return refusal.code
    except BadPacket:
        return None


def _overheard(link: Link, password: int, think: float) -> int | None:
    """The address in an answer that was not meant for ours, if there is one."""
    if link.parser.skipped == 0:
        return None
    line = link.line
    line.write(encode(COMMAND, bytes((Op.VFY_PWD,)) + password.to_bytes(4), link.address), line.now() + think)
    heard, deadline = b"", line.now() + min(think, OTHER_THINK)
    while line.now() < deadline:
        heard += line.read(deadline)
    at = heard.find(START)
    while at >= 0:
        address = int.from_bytes(heard[at + 2 : at + 6])
        if any(frame.pid == ACK for frame in FrameParser(address).feed(heard[at:])):
            return address
        at = heard.find(START, at + 1)
    return None


def _settle_password(link: Link, code: int, password: int) -> int:
    """The password that holds: the one configured, else the factory's 0."""
    if code == WRONG_PASSWORD and password != 0:
        with contextlib.suppress(NoAnswer):
            code = link.exchange(Op.VFY_PWD, bytes(4))[0]
            password = 0
    if code != OK:
        raise DeviceRefused(words_for(code), code)
    return password
