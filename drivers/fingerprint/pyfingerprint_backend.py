"""The pyfingerprint library behind the same contract: the second choice, and a peer to test against.

The library keeps its own idea of packets, but its serial object is ours: commands leave in one write, answers come with
a deadline, whole, checked and tied to their commands. What it still cannot do is the named list `DEBTS`.
"""

from collections.abc import Callable
from typing import Any, Final

from pyfingerprint.pyfingerprint import PyFingerprint

from config.words import say
from drivers.contract import Light, ModuleInfo
from drivers.errors import BadPacket, DeviceFault, DeviceRefused
from drivers.fingerprint import recovery, transfer
from drivers.fingerprint.codes import NO_MATCH, OK, TRAITS, Op, words_for
from drivers.fingerprint.link import Link
from drivers.fingerprint.module import PAGE_PLACES, Found, SystemPage, index_pages
from drivers.fingerprint.packets import ACK, ANYONE, COMMAND, DATA, LAST, FrameParser, encode
from drivers.fingerprint.reader import POLL_SECONDS, SCORE_FLOOR, ModuleReader
from drivers.port import Line, Port

DEBTS: Final = {
    "places beyond 1024": "the library refuses index pages above 3, so only the first 1024 places are used",
    "search in one round trip": "the library fetches the system page before every search, load, store and delete",
    "six captures": "the library knows two character buffers, so an R503 enrols with two presses",
    "light": "the library has no instruction for it",
    "fast search": "the library has no HiSpeedSearch",
    "pictures of 192x192": "the library's picture is 256x288 always; pictures are not part of the contract",
}

REACH = 1024
CAPTURES = 2


def open_pyfingerprint(
    port: str,
    baud: int = 57600,
    password: int = 0,
    address: int = ANYONE,
    score_floor: int = SCORE_FLOOR,
    poll_seconds: float = POLL_SECONDS,
) -> ModuleReader:
    """Open the module on `port` with pyfingerprint; settings and errors as `open_zfm`."""

    def connect() -> PyfingerprintModule:
        line = Port(port, baud)
        try:
            return PyfingerprintModule(line, port, baud, password, address, score_floor)
        except BaseException:
            line.close()
            raise

    return ModuleReader(connect, port=port, score_floor=score_floor, poll_seconds=poll_seconds)


class StandIn:
    """What the library takes for its serial port: bytes in, bytes out, over our link.

    Bytes written gather into whole frames; a command is asked through the link when the library reads, and its
    answer is handed out byte by byte. `code` is the last confirmation code.
    """

    def __init__(self, link: Link) -> None:
        self.code = OK
        self._link = link
        self._asked = FrameParser(link.address)
        self._answer = b""
        self._more = False  # data packets follow

    def write(self, data: bytes) -> int:
        """Take a byte of a frame."""
        self._asked.push(data)
        return len(data)

    def read(self, size: int = 1) -> bytes:
        """The next bytes of the answer; asks first when a command waits. Never empty: no answer is a fault."""
        while (frame := self._asked.pull()) is not None:
            if frame.pid == COMMAND:
                self._ask(Op(frame.payload[0]), frame.payload[1:])
            else:
                self._link.send(frame.pid, frame.payload, self._link.line.now() + transfer.GAP)
        if not self._answer and self._more:
            self._answer = self._data()
        if not self._answer:
            raise BadPacket(say("指纹模块的回应不完整，请再试一次"))
        head, self._answer = self._answer[:size], self._answer[size:]
        return head

    def isOpen(self) -> bool:  # noqa: N802 - pyserial's old name, which the library calls
        """The link looks after the port, not the library."""
        return False

    def _ask(self, op: Op, params: bytes) -> None:
        payload = self._link.ask(op, params)
        self.code = payload[0]
        self._more = op is Op.UP_CHAR and self.code == OK
        self._answer = encode(ACK, payload, self._link.address)

    def _data(self) -> bytes:
        data = transfer.receive_data(self._link)
        self._more = False
        size = 128
        ends = range(0, len(data), size)
        return b"".join(
            encode(LAST if at + size >= len(data) else DATA, data[at : at + size], self._link.address) for at in ends
        )


class PyfingerprintModule:
    """One connected module, spoken to by the library. For one thread."""

    captures = CAPTURES

    def __init__(
        self,
        line: Line,
        name: str = "",
        baud: int = 57600,
        password: int = 0,
        address: int = ANYONE,
        score_floor: int = SCORE_FLOOR,
    ) -> None:
        self.link, self._greeting = recovery.find_module(line, baud, password, address)
        self.link.unlock = lambda: recovery.verify_password(self.link, self._greeting.password)
        self._name = name
        self._floor = score_floor
        self._serial = StandIn(self.link)
        self._library = _library_on(self._serial, self._greeting)
        self.page = SystemPage.read(self.link.tell(Op.READ_SYS_PARA))

    def describe(self) -> ModuleInfo:
        """What the module said when it was opened, and how many templates it holds now."""
        return ModuleInfo(
            driver="pyfingerprint",
            port=self._name,
            model="ZFM",
            dialect="zfm",
            capacity=self._reach,
            stored=self._must(self._library.getTemplateCount),
            packet_size=self.page.packet_size,
            baud=self._greeting.baud,
            security=self.page.security,
            address=self._greeting.address,
            captures=self.captures,
            score_floor=self._floor,
        )

    def capture(self) -> int:
        """Take a picture into the module's own memory."""
        return self._code(self._library.readImage)

    def features(self, buffer: int) -> int:
        """Make the picture's features into a character buffer."""
        return self._code(lambda: self._library.convertImage(buffer))

    def search(self, buffer: int = 1) -> Found | None:
        """Search the library; twice, and alike, when an answer was lost lately."""
        found = self._search_once()
        if self.link.wary and self._search_once() != found:
            raise BadPacket(say("两次比对的结果不一致，已作废，请再按一次"))
        return found

    def merge(self) -> None:
        """One template from both buffers."""
        self._sure(self._library.createTemplate)

    def store(self, place: int) -> None:
        """Store buffer 1; when the answer is lost the index table tells whether it was done."""
        try:
            self._must(lambda: self._library.storeTemplate(place, 1))
        except BadPacket:
            if place not in self._page_places(place // PAGE_PLACES):
                raise

    def read_back(self, place: int) -> None:
        """The place is marked used, its template loads, and it matches what buffer 1 holds."""
        if place not in self._page_places(place // PAGE_PLACES):
            raise DeviceRefused(words_for(0x23), 0x23)
        self._must(lambda: self._library.loadTemplate(place, 2))
        if not self._must(self._library.compareCharacteristics):
            raise DeviceRefused(words_for(NO_MATCH), NO_MATCH)

    def delete(self, place: int) -> None:
        """Delete one place; when the answer is lost the index table tells whether it was done."""
        try:
            self._sure(lambda: self._library.deleteTemplate(place))
        except (BadPacket, DeviceRefused):
            if place in self._page_places(place // PAGE_PLACES):
                raise

    def places(self) -> frozenset[int]:
        """All places in use within the library's reach."""
        return frozenset().union(*map(self._page_places, range(index_pages(self._reach))))

    def light(self, mood: Light) -> bool:
        """The library has no light."""
        return False

    def close(self) -> None:
        """Let go of the line."""
        self.link.line.close()

    @property
    def _reach(self) -> int:
        return min(self.page.capacity, REACH)

    def _search_once(self) -> Found | None:
        try:
            place, score = self._must(self._library.searchTemplate)
        except DeviceRefused as refusal:
            if refusal.code in TRAITS[Op.SEARCH].says:
                return None
            raise
        if place >= self.page.capacity:
            raise BadPacket(say("模块报告的位置超出容量，已作废，请再按一次"))
        return None if place < 0 else Found(place, score)

    def _page_places(self, page: int) -> frozenset[int]:
        used = self._must(lambda: self._library.getTemplateIndex(page))
        return frozenset(page * PAGE_PLACES + at for at, taken in enumerate(used) if taken)

    def _code(self, work: Callable[[], Any]) -> int:
        """The confirmation code of a call, whatever the library makes of it."""
        try:
            work()
        except DeviceFault:
            raise
        except Exception as fault:
            if self._serial.code == OK:
                raise BadPacket(say("pyfingerprint 没有看懂模块的回应")) from fault
        return self._serial.code

    def _must(self, work: Callable[[], Any]) -> Any:
        """The result of a call; the library's bare exceptions become faults with a remedy."""
        try:
            return work()
        except DeviceFault:
            raise
        except Exception as fault:
            code = self._serial.code
            if code != OK:
                raise DeviceRefused(words_for(code), code) from fault
            raise BadPacket(say("pyfingerprint 没有看懂模块的回应")) from fault

    def _sure(self, work: Callable[[], Any]) -> None:
        if not self._must(work):
            raise DeviceRefused(words_for(self._serial.code), self._serial.code)


def _library_on(serial: StandIn, greeting: recovery.Greeting) -> Any:
    """A library object on our port: its constructor would open one of its own."""
    library = PyFingerprint.__new__(PyFingerprint)
    library._PyFingerprint__serial = serial
    library._PyFingerprint__address = greeting.address
    library._PyFingerprint__password = greeting.password
    return library
