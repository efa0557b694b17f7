"""Our own driver of the ZFM family (ZFM-20, R30x, R50x, AS608 and kin)."""

from typing import Literal

from config.words import say
from drivers.contract import Light, ModuleInfo
from drivers.errors import BadPacket, DeviceGone, DeviceRefused
from drivers.fingerprint import recovery, transfer
from drivers.fingerprint.codes import OK, TRAITS, UNKNOWN_INSTRUCTION, UNSUPPORTED, Op, words_for
from drivers.fingerprint.module import PAGE_PLACES, Found, SystemPage, index_pages, used_places
from drivers.fingerprint.packets import ANYONE
from drivers.fingerprint.reader import POLL_SECONDS, SCORE_FLOOR, ModuleReader
from drivers.port import Line, Port

Dialect = Literal["auto", "zfm", "grow"]

CAPTURES = {"zfm": 2, "grow": 6}  # R503 manual 1.2.2: six character buffers
BAUD = 57600

# AuraLedConfig: control (1 breathe, 2 flash, 3 on, 4 off), speed, colour (1 red, 2 blue, 3 purple), times (0 endless).
AURA = {
    Light.WAITING: bytes((1, 0x80, 2, 0)),
    Light.GOOD: bytes((2, 0x20, 3, 2)),
    Light.BAD: bytes((2, 0x20, 1, 3)),
    Light.OFF: bytes((4, 0, 1, 0)),
}


def open_zfm(
    port: str,
    baud: int = BAUD,
    password: int = 0,
    address: int = ANYONE,
    score_floor: int = SCORE_FLOOR,
    captures: int | None = None,
    capacity: int | None = None,
    dialect: Dialect = "auto",
    poll_seconds: float = POLL_SECONDS,
) -> ModuleReader:
    """Open the module on `port`.

    `capacity` is only for modules that do not tell theirs (R308); `captures` overrides the presses an enrolment
    takes; `poll_seconds` is the time between two looks for a finger. Raises `DeviceGone`, `DeviceBusy` or
    `DeviceRefused`.
    """

    def connect() -> ZfmModule:
        line = Port(port, baud)
        try:
            return ZfmModule(line, port, baud, password, address, captures, capacity, dialect, score_floor)
        except BaseException:
            line.close()
            raise

    return ModuleReader(connect, port=port, score_floor=score_floor, poll_seconds=poll_seconds)


class ZfmModule:
    """One connected module: what it said of itself, and its commands. For one thread."""

    def __init__(
        self,
        line: Line,
        name: str = "",
        baud: int = BAUD,
        password: int = 0,
        address: int = ANYONE,
        captures: int | None = None,
        capacity: int | None = None,
        dialect: Dialect = "auto",
        score_floor: int = SCORE_FLOOR,
    ) -> None:
        self.link, self._greeting = recovery.find_module(line, baud, password, address)
        self.link.unlock = lambda: recovery.verify_password(self.link, self._greeting.password)
        self._name = name
        self._floor = score_floor
        self.page = self._read_page(capacity)
        self._product = recovery.product_info(self.link) if dialect != "zfm" else None
        self.dialect: Literal["zfm", "grow"] = "grow" if self._product or dialect == "grow" else "zfm"
        self.captures = captures or CAPTURES[self.dialect]
        self.template_size = int.from_bytes(self._product[42:44]) or None if self._product else None
        self._search_op = Op.HISPEED_SEARCH

    def describe(self) -> ModuleInfo:
        """What the module said when it was opened, and how many templates it holds now."""
        product = self._product or b""
        return ModuleInfo(
            driver="zfm",
            port=self._name,
            model=_text(product[:16]) or "ZFM",
            dialect=self.dialect,
            capacity=self.page.capacity,
            stored=int.from_bytes(self.link.tell(Op.TEMPLATE_NUM)),
            packet_size=self.page.packet_size,
            baud=self._greeting.baud,
            security=self.page.security,
            address=self._greeting.address,
            captures=self.captures,
            score_floor=self._floor,
            template_size=self.template_size,
            serial=_text(product[20:28]),
        )

    def capture(self) -> int:
        """GenImg: take a picture into the module's own memory."""
        return self.link.ask(Op.GEN_IMG)[0]

    def features(self, buffer: int) -> int:
        """Img2Tz: make the picture's features into a character buffer."""
        return self.link.ask(Op.IMG2TZ, bytes((buffer,)))[0]

    def search(self, buffer: int = 1) -> Found | None:
        """Search the whole library in one round trip; twice, and alike, when an answer was lost lately."""
        found = self._search_once(buffer)
        if self.link.wary and self._search_once(buffer) != found:
            raise BadPacket(say("两次比对的结果不一致，已作废，请再按一次"))
        return found

    def merge(self) -> None:
        """RegModel: one template from the character buffers."""
        self.link.tell(Op.REG_MODEL)

    def store(self, place: int) -> None:
        """Store buffer 1 at `place`. When the answer is lost the index table tells whether it was done."""
        try:
            self.link.tell(Op.STORE, b"\x01" + place.to_bytes(2))
        except BadPacket:
            if place not in self._page_places(place // PAGE_PLACES):
                raise

    def read_back(self, place: int) -> None:
        """The place is marked used, its template loads, and it matches what buffer 1 holds."""
        if place not in self._page_places(place // PAGE_PLACES):
            raise DeviceRefused(words_for(0x23), 0x23)
        self.link.tell(Op.LOAD_CHAR, b"\x02" + place.to_bytes(2))
        code = self.link.ask(Op.MATCH)[0]
        if code not in {OK} | UNKNOWN_INSTRUCTION:
            raise DeviceRefused(words_for(code), code)

    def delete(self, place: int) -> None:
        """DeletChar for one place. When the answer is lost the index table tells whether it was done."""
        try:
            self.link.tell(Op.DELET_CHAR, place.to_bytes(2) + b"\x00\x01")
        except (BadPacket, DeviceRefused):
            if place in self._page_places(place // PAGE_PLACES):
                raise

    def places(self) -> frozenset[int]:
        """All places in use, from every index page of this capacity."""
        return frozenset().union(*map(self._page_places, range(index_pages(self.page.capacity))))

    def light(self, mood: Light) -> bool:
        """AuraLedConfig on Grow modules; the same code is something else elsewhere, so it is not sent there."""
        if self.dialect != "grow":
            return False
        return self.link.ask(Op.AURA_LED, AURA[mood])[0] == OK

    def read_template(self, buffer: int) -> bytes:
        """The template in a character buffer. Only for this package and its measurements."""
        template = transfer.read_template(self.link, buffer, self.page.packet_size, size=self.template_size)
        self.template_size = len(template)
        return template

    def write_template(self, buffer: int, template: bytes) -> None:
        """Put a template into a character buffer, verified by one reading. Only for this package."""
        transfer.write_template(self.link, buffer, template, self.page.packet_size)

    def close(self) -> None:
        """Let go of the line."""
        self.link.line.close()

    def _read_page(self, capacity: int | None) -> SystemPage:
        """ReadSysPara; for a module that does not know it (R308), the capacity from the settings."""
        try:
            payload = self.link.exchange(Op.READ_SYS_PARA, strays=True)
        except BadPacket:
            payload = self._second_page() if capacity is None else bytes((UNSUPPORTED,))
        if payload[0] == OK:
            return SystemPage.read(payload[1:])
        if capacity is None:
            raise DeviceRefused(say("模块不报告容量，请在设置里写明 capacity"), payload[0])
        self.link.probe = Op.TEMPLATE_NUM
        return SystemPage(0, 0, capacity, 3, self._greeting.address, 128, self._greeting.baud)

    def _second_page(self) -> bytes:
        """ReadSysPara once more; a module that is silent to it, but not to other questions, does not know it."""
        try:
            return self.link.ask(Op.READ_SYS_PARA)
        except DeviceGone:
            self.link.exchange(Op.TEMPLATE_NUM, strays=True)
            return bytes((UNSUPPORTED,))

    def _page_places(self, page: int) -> frozenset[int]:
        return used_places(page, self.link.tell(Op.READ_INDEX, bytes((page,))), self.page.capacity)

    def _search_once(self, buffer: int) -> Found | None:
        params = bytes((buffer, 0, 0)) + self.page.capacity.to_bytes(2)
        payload = self.link.ask(self._search_op, params)
        if self._search_op is Op.HISPEED_SEARCH and payload[0] in UNKNOWN_INSTRUCTION:
            self._search_op = Op.SEARCH
            payload = self.link.ask(self._search_op, params)
        if payload[0] != OK:
            if payload[0] in TRAITS[Op.SEARCH].says:
                return None
            raise DeviceRefused(words_for(payload[0]), payload[0])
        found = Found(int.from_bytes(payload[1:3]), int.from_bytes(payload[3:5]))
        if found.place >= self.page.capacity:
            raise BadPacket(say("模块报告的位置超出容量，已作废，请再按一次"))
        return found


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("ascii", "replace").strip()
