"""A line without a port: answers come from a function, time passes only when somebody waits."""

from collections.abc import Callable

Answers = list[tuple[float, bytes]]


class ScriptedLine:
    """A `drivers.port.Line` in virtual time. `answer` maps bytes written to (seconds later, bytes) pieces."""

    def __init__(self, answer: Callable[[bytes], Answers], baud: int = 57600) -> None:
        self.answer = answer
        self.byte_time = 10 / baud
        self.sent: list[bytes] = []
        self._now = 1000.0
        self._coming: list[tuple[float, bytes]] = []

    def now(self) -> float:
        return self._now

    def write(self, data: bytes, deadline: float) -> None:
        self.sent.append(data)
        self._coming += [(self._now + delay, piece) for delay, piece in self.answer(data)]
        self._coming.sort(key=lambda one: one[0])

    def read(self, deadline: float) -> bytes:
        if not self._coming or self._coming[0][0] > deadline:
            self._now = max(self._now, deadline)
            return b""
        self._now = max(self._now, self._coming[0][0])
        here = [piece for at, piece in self._coming if at <= self._now]
        self._coming = self._coming[len(here) :]
        return b"".join(here)

    def pause(self, seconds: float) -> None:
        self._now += seconds

    def set_baud(self, baud: int) -> None:
        self.byte_time = 10 / baud

    def close(self) -> None:
        self._coming.clear()


def script(*pairs: tuple[str, str]) -> Callable[[bytes], Answers]:
    """Answers for a fixed conversation in hex: what must be written, and what comes back. Anything else fails."""
    left = [(bytes.fromhex(out), bytes.fromhex(back)) for out, back in pairs]

    def answer(data: bytes) -> Answers:
        assert left, f"nothing more was expected, but {data.hex(' ')} was sent"
        out, back = left.pop(0)
        assert data == out, f"sent {data.hex(' ')}, expected {out.hex(' ')}"
        return [(0.001, back)] if back else []

    return answer
