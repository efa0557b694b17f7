"""Pictures in a multipart stream (multipart/x-mixed-replace), without a socket.

A part is: boundary line, headers, empty line, body. Where a part tells its length exactly so many bytes are its body,
and the next boundary must follow; where it does not, the body ends at the next boundary.
"""

from typing import Final

LONGEST: Final = 12 * 1024 * 1024  # bytes of one picture, as the photo store takes them
_HEADERS: Final = 4096


class PartParser:
    """Finds parts in a stream. `broken` counts parts that were given up: too long, without end, or of a wrong length.

    Memory stays below one longest part and what was pushed and not pulled yet.
    """

    def __init__(self, boundary: str) -> None:
        self._mark = b"--" + boundary.strip('"').removeprefix("--").encode()
        self._buffer = bytearray()
        self.broken = 0

    def push(self, data: bytes) -> None:
        """Take bytes as they came."""
        self._buffer += data

    def pull(self) -> bytes | None:
        """The body of the next part, or None while more bytes are needed. Its content is not looked at."""
        while self._to_mark():
            head_end = self._buffer.find(b"\r\n\r\n")
            if head_end < 0 or head_end > _HEADERS:
                if len(self._buffer) <= _HEADERS:
                    return None
                self._leave()
                continue
            length = _length(bytes(self._buffer[:head_end]))
            body = self._told(head_end + 4, length) if length is not None else self._until_mark(head_end + 4)
            if body is None:
                return None
            if body:
                return body
        return None

    def _told(self, start: int, length: int) -> bytes | None:
        """A body whose length is told; empty when what follows is no boundary."""
        end = start + length
        if not 0 < length <= LONGEST:
            return self._leave()
        after = bytes(self._buffer[end : end + 2 + len(self._mark)]).lstrip(b"\r\n")
        if len(self._buffer) < end:
            if self._buffer.find(b"\r\n" + self._mark, start) >= 0:
                return self._leave()  # the next part began before this one was whole
            return None
        if after and not (self._mark.startswith(after) or after.startswith(self._mark[: len(after)])):
            return self._leave()
        body = bytes(self._buffer[start:end])
        if self._mark in body:
            return self._leave()
        del self._buffer[:end]
        return body

    def _until_mark(self, start: int) -> bytes | None:
        end = self._buffer.find(b"\r\n" + self._mark, start)
        if end < 0:
            return self._leave() if len(self._buffer) - start > LONGEST else None
        body = bytes(self._buffer[start:end])
        del self._buffer[: end + 2]
        return body or self._leave()

    def _to_mark(self) -> bool:
        """Bring a boundary to the front; False when there is none yet."""
        at = self._buffer.find(self._mark)
        if at < 0:
            del self._buffer[: max(len(self._buffer) - len(self._mark), 0)]
            return False
        del self._buffer[:at]
        return True

    def _leave(self) -> bytes:
        self.broken += 1
        del self._buffer[: len(self._mark)]
        return b""


def boundary_of(content_type: str) -> str | None:
    """The boundary that a Content-Type names; None when it is no multipart."""
    kind, *fields = content_type.split(";")
    if not kind.strip().lower().startswith("multipart/"):
        return None
    named = [field.split("=", 1)[1].strip() for field in fields if field.strip().lower().startswith("boundary=")]
    return named[0] if named and named[0] else None


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None
