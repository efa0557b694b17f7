"""Templates over the line, both ways. The manuals' "upload" is module → host; here it is reading and writing.

A template stays inside this package: the public contract has no call that hands one out.
"""

from config.words import say
from drivers.errors import BadPacket
from drivers.fingerprint.codes import Op
from drivers.fingerprint.link import Link
from drivers.fingerprint.packets import DATA, LAST, OVERHEAD

GAP = 0.5  # seconds the module may think between two data packets
GATHERED = 1024  # bytes that may wait for us in the line's buffer; the smallest of them (a terminal's) holds 4096
LONGEST = 65_536  # bytes; a stream without an end is damage


def read_template(link: Link, buffer: int, packet_size: int, *, size: int | None = None) -> bytes:
    """The template in a character buffer; `size` is what this module's templates have, when that is known.

    A packet that vanished whole leaves no trace but the length, so without a size the template is read twice and
    must come alike.
    """
    expected = _wire_bytes(size, packet_size) if size else 0
    first = _read_again(link, buffer, expected)
    if size is None:
        second = _read_again(link, buffer, expected)
        if first != second:
            raise BadPacket(say("两次读出的指纹模板不一致，请再试一次"))
    elif len(first) != size:
        raise BadPacket(say("读出的指纹模板长度不对，请再试一次"))
    return first


def write_template(link: Link, buffer: int, template: bytes, packet_size: int) -> None:
    """Put a template into a character buffer and read it back once; what differs is `BadPacket`."""
    link.tell(Op.DOWN_CHAR, bytes((buffer,)))
    send_data(link, template, packet_size)
    if _read_once(link, buffer, _wire_bytes(len(template), packet_size)) != template:
        raise BadPacket(say("写入模块的指纹模板与原件不一致，请再试一次"))


def send_data(link: Link, data: bytes, packet_size: int) -> None:
    """Data packets of `packet_size` bytes, the last one marked; the module gives no acknowledgement."""
    deadline = link.line.now() + 2 * _wire_bytes(len(data), packet_size) * link.line.byte_time + GAP
    for start in range(0, max(len(data), 1), packet_size):
        last = start + packet_size >= len(data)
        link.send(LAST if last else DATA, data[start : start + packet_size], deadline)


def receive_data(link: Link, expected: int = 0) -> bytes:
    """Data packets until the marked one. Damage, a gap or uneven packets are `BadPacket`.

    `expected`: bytes on the wire that are surely coming, 0 when nobody knows. They gather while this sleeps.
    """
    parts: list[bytes] = []
    total, skipped = 0, link.parser.skipped
    while total <= LONGEST:
        longest = (len(parts[0]) if parts else 256) + OVERHEAD
        coming = min(max(expected - total - OVERHEAD * len(parts), OVERHEAD + 1), GATHERED)
        deadline = link.line.now() + (longest + coming) * link.line.byte_time + GAP
        frame = link.next_frame(deadline, coming=coming)
        if frame is None:
            raise link.no_answer()
        if link.parser.skipped != skipped or (parts and len(frame.payload) > len(parts[0])):
            break
        if frame.pid == LAST:
            return b"".join((*parts, frame.payload))
        if frame.pid != DATA or (parts and len(frame.payload) != len(parts[0])):
            break
        parts.append(frame.payload)
        total += len(frame.payload)
    link.out_of_step = True
    raise BadPacket(say("指纹模板在线路上损坏了，请再试一次"))


def _wire_bytes(size: int, packet_size: int) -> int:
    """What so many bytes of data weigh on the wire."""
    return size + OVERHEAD * -(-size // packet_size)


def _read_once(link: Link, buffer: int, expected: int) -> bytes:
    link.tell(Op.UP_CHAR, bytes((buffer,)))
    return receive_data(link, expected)


def _read_again(link: Link, buffer: int, expected: int) -> bytes:
    """Read, and once more when it came damaged: reading changes nothing."""
    try:
        return _read_once(link, buffer, expected)
    except BadPacket:
        link.out_of_step = True
        return _read_once(link, buffer, expected)
