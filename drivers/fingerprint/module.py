"""What a module can do for the reader, whichever backend speaks to it, and the arithmetic of its pages."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from drivers.contract import Light, ModuleInfo

PAGE_PLACES = 256


class Found(NamedTuple):
    """A template that fits: its place and the module's score."""

    place: int
    score: int


class Module(Protocol):
    """One connected module. Called by one thread only; every call may raise a `DeviceFault`.

    `capture` and `features` return confirmation codes (0 well, 2 no finger, others say why the print is unusable).
    """

    captures: int

    def describe(self) -> ModuleInfo: ...

    def capture(self) -> int: ...

    def features(self, buffer: int) -> int: ...

    def search(self, buffer: int) -> Found | None: ...

    def merge(self) -> None: ...

    def store(self, place: int) -> None: ...

    def read_back(self, place: int) -> None: ...

    def delete(self, place: int) -> None: ...

    def places(self) -> frozenset[int]: ...

    def light(self, mood: Light) -> bool: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SystemPage:
    """The answer to ReadSysPara: 16 bytes, big-endian (R503 manual 1.2.2, section 5.2.2.4).

    Status bits: 0 busy, 1 last search matched, 2 password verified, 3 image valid. `packet_size` and `baud` are
    given here in bytes and bits a second.
    """

    status: int
    system_id: int
    capacity: int
    security: int
    address: int
    packet_size: int
    baud: int

    @classmethod
    def read(cls, results: bytes) -> "SystemPage":
        """Take the 16 bytes apart; a packet-size code above 3 counts as 3."""
        words = [int.from_bytes(results[at : at + 2]) for at in range(0, 16, 2)]
        return cls(
            status=words[0],
            system_id=words[1],
            capacity=words[2],
            security=words[3],
            address=words[4] << 16 | words[5],
            packet_size=32 << min(words[6], 3),
            baud=words[7] * 9600,
        )


def index_pages(capacity: int) -> int:
    """How many index pages a library of this size has."""
    return -(-capacity // PAGE_PLACES)


def used_places(page: int, bits: bytes, capacity: int) -> frozenset[int]:
    """Places marked in one index page: byte k bit j (least significant first) is place 256 page + 8 k + j."""
    used = (
        page * PAGE_PLACES + 8 * byte + bit
        for byte, value in enumerate(bits)
        if value
        for bit in range(8)
        if value >> bit & 1
    )
    return frozenset(place for place in used if place < capacity)
