"""Faster for a while: 115200 baud and 256-byte packets, and back.

Both live in the module's flash. If the power goes in between, the module is found again by the probe of all rates, and
the packet size is read when it is opened; so nothing has to be put right by hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from config.words import say
from drivers.errors import BadPacket, DeviceGone
from drivers.fingerprint.codes import Op
from drivers.fingerprint.link import Link
from drivers.fingerprint.module import SystemPage

BAUD_REGISTER, PACKET_REGISTER = 4, 6
FAST_BAUD = 115200
FAST_PACKET = 256


@contextmanager
def bulk(link: Link, page: SystemPage) -> Iterator[SystemPage]:
    """The module at its fastest; yields the page that holds meanwhile. Both settings are restored at the end."""
    set_packet_size(link, FAST_PACKET)
    set_baud(link, FAST_BAUD, page.baud)
    try:
        yield replace(page, baud=FAST_BAUD, packet_size=FAST_PACKET)
    finally:
        set_baud(link, page.baud, FAST_BAUD)
        set_packet_size(link, page.packet_size)


def set_packet_size(link: Link, size: int) -> None:
    """32, 64, 128 or 256 bytes of data a packet."""
    link.tell(Op.SET_SYS_PARA, bytes((PACKET_REGISTER, (size // 32).bit_length() - 1)))


def set_baud(link: Link, baud: int, before: int) -> None:
    """Change the rate at both ends: the module acknowledges at the old rate, then switches.

    When the acknowledgement is lost the new rate is tried, then the old one again.
    """
    if baud == before:
        return
    try:
        link.tell(Op.SET_SYS_PARA, bytes((BAUD_REGISTER, baud // 9600)))
    except BadPacket:
        link.out_of_step = True
    for rate in (baud, before):
        link.line.set_baud(rate)
        try:
            link.exchange(link.probe, strays=True)
        except BadPacket:
            continue
        link.out_of_step = False
        return
    raise DeviceGone(say("改换波特率后模块没有回应，将重新查找"))
