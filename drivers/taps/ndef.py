"""The address in a tag's memory: NDEF messages with a URI record (NFC Forum NDEF 1.0, URI RTD 1.0, Type 2 Tag)."""

from typing import Final

TERMINATOR: Final = 0xFE
MESSAGE: Final = 0x03
NULL: Final = 0x00
_PREFIXES: Final = (
    "", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:", "ftp://anonymous:anonymous@",
    "ftp://ftp.", "ftps://", "sftp://", "smb://", "nfs://", "ftp://", "dav://", "news:", "telnet://", "imap:",
    "rtsp://", "urn:", "pop:", "sip:", "sips:", "tftp:", "btspp://", "btl2cap://", "btgoep://", "tcpobex://",
    "irdaobex://", "file://", "urn:epc:id:", "urn:epc:tag:", "urn:epc:pat:", "urn:epc:raw:", "urn:epc:", "urn:nfc:",
)  # fmt: skip
_WELL_KNOWN: Final = 1


def message_end(memory: bytes) -> int | None:
    """How many bytes of a Type 2 tag's memory (from page 4) its message reaches to.

    None: more bytes are needed to know; 0: it holds no message.
    """
    at = 0
    while at < len(memory) and memory[at] not in (MESSAGE, TERMINATOR):
        if memory[at] == NULL:
            at += 1
            continue
        value = _value_at(memory, at)
        if value is None:
            return None
        at = value[1]
    if at >= len(memory):
        return None
    value = _value_at(memory, at) if memory[at] == MESSAGE else (0, 0)
    return None if value is None else value[1]


def message_in(memory: bytes) -> bytes:
    """The message in a Type 2 tag's memory; empty when there is none or it is cut off."""
    end = message_end(memory)
    if not end or end > len(memory):
        return b""
    at = 0
    while memory[at] != MESSAGE:
        found = _value_at(memory, at) if memory[at] != NULL else (at, at + 1)
        at = found[1] if found else len(memory)
    start = _value_at(memory, at)
    return memory[start[0] : end] if start else b""


def url_of(message: bytes) -> str:
    """The first address of a message; empty when it holds none or is damaged."""
    at = 0
    while at + 3 <= len(message):
        header, type_size = message[at], message[at + 1]
        short, has_id = header & 0x10, header & 0x08
        size_bytes = 1 if short else 4
        size = int.from_bytes(message[at + 2 : at + 2 + size_bytes])
        body = at + 2 + size_bytes
        id_size = message[body] if has_id and body < len(message) else 0
        body += 1 if has_id else 0
        kind = message[body : body + type_size]
        payload = message[body + type_size + id_size : body + type_size + id_size + size]
        if header & 0x07 == _WELL_KNOWN and kind == b"U" and len(payload) == size > 0:
            return _spelled(payload)
        at = body + type_size + id_size + size
    return ""


def message_of(url: str) -> bytes:
    """A message of one URI record (simulators write it; tags are written by phones)."""
    code = max((n for n, prefix in enumerate(_PREFIXES) if url.startswith(prefix)), key=lambda n: len(_PREFIXES[n]))
    payload = bytes((code,)) + url.removeprefix(_PREFIXES[code]).encode()
    if len(payload) < 256:
        return bytes((0xD1, 1, len(payload))) + b"U" + payload
    return bytes((0xC1, 1)) + len(payload).to_bytes(4) + b"U" + payload


def memory_of(url: str) -> bytes:
    """A Type 2 tag's memory from page 4 on that holds this address."""
    message = message_of(url)
    size = bytes((len(message),)) if len(message) < 255 else b"\xff" + len(message).to_bytes(2)
    return bytes((MESSAGE,)) + size + message + bytes((TERMINATOR,))


def _value_at(memory: bytes, at: int) -> tuple[int, int] | None:
    """Where the value of the block at `at` begins and ends; None while its length is not known."""
    if at + 1 >= len(memory):
        return None
    if memory[at + 1] != 0xFF:
        return at + 2, at + 2 + memory[at + 1]
    if at + 3 >= len(memory):
        return None
    return at + 4, at + 4 + int.from_bytes(memory[at + 2 : at + 4])


def _spelled(payload: bytes) -> str:
    code = payload[0]
    if code >= len(_PREFIXES):
        return ""
    try:
        return _PREFIXES[code] + payload[1:].decode()
    except UnicodeDecodeError:
        return ""
