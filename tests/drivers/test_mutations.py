"""Every damage of every kind of answer: what comes out is the right answer or an error, never a wrong answer.

The module on the scripted line answers each command rightly, except the first time it is asked the one under test.
"""

from collections.abc import Iterator
from random import Random

import pytest

from drivers.errors import DeviceFault
from drivers.fingerprint.codes import Op
from drivers.fingerprint.link import Link
from drivers.fingerprint.packets import ACK, encode
from tests.drivers.scripted import Answers, ScriptedLine

PAGE = bytes.fromhex("000004000003E80003FFFFFFFF00020006")
PRODUCT = b"\0" + b"R503".ljust(16, b"\0") + b"0001SIM00001\1\0SIMGLASS" + bytes.fromhex("00C000C0060000C8")
INDEX = b"\0" + bytes(range(32))

# Every kind of answer the driver reads: the instruction, its parameters, the payload that is right.
KINDS = [
    ("picture taken", Op.GEN_IMG, b"", b"\0"),
    ("no finger", Op.GEN_IMG, b"", b"\2"),
    ("features", Op.IMG2TZ, b"\1", b"\0"),
    ("messy", Op.IMG2TZ, b"\1", b"\6"),
    ("found", Op.HISPEED_SEARCH, b"\1\0\0\3\xe8", b"\0\0\7\0\xbb"),
    ("found where the sum reads itself", Op.HISPEED_SEARCH, b"\1\0\0\3\xe8", b"\0\0\x0a\0\x0a"),
    ("not found", Op.HISPEED_SEARCH, b"\1\0\0\3\xe8", b"\x09\0\0\0\0"),
    ("not found, short", Op.SEARCH, b"\1\0\0\3\xe8", b"\x09"),
    ("match", Op.MATCH, b"", b"\0\0\x64"),
    ("no match", Op.MATCH, b"", b"\x08\0\0"),
    ("merged", Op.REG_MODEL, b"", b"\0"),
    ("not merged", Op.REG_MODEL, b"", b"\x0a"),
    ("stored", Op.STORE, b"\1\0\7", b"\0"),
    ("loaded", Op.LOAD_CHAR, b"\2\0\7", b"\0"),
    ("deleted", Op.DELET_CHAR, b"\0\7\0\1", b"\0"),
    ("system page", Op.READ_SYS_PARA, b"", PAGE),
    ("password", Op.VFY_PWD, bytes(4), b"\0"),
    ("wrong password", Op.VFY_PWD, bytes(4), b"\x13"),
    ("count", Op.TEMPLATE_NUM, b"", b"\0\0\5"),
    ("index", Op.READ_INDEX, b"\0", INDEX),
    ("product", Op.PROD_INFO, b"", PRODUCT),
    ("parameter set", Op.SET_SYS_PARA, b"\6\3", b"\0"),
]  # fmt: skip

Kind = tuple[str, Op, bytes, bytes]
LATE = (0.9, 1.2, 2.0, 2.6)


def single_bytes(raw: bytes) -> Iterator[Answers]:
    """Each byte changed to each other value."""
    for at, byte in enumerate(raw):
        for value in range(256):
            if value != byte:
                yield [(0, raw[:at] + bytes((value,)) + raw[at + 1 :])]


def cuts(raw: bytes) -> Iterator[Answers]:
    """The end missing, the start missing, each byte missing."""
    for at in range(len(raw)):
        yield [(0, raw[:at])]
        yield [(0, raw[at + 1 :])]
        yield [(0, raw[:at] + raw[at + 1 :])]


def insertions(raw: bytes) -> Iterator[Answers]:
    """Each value slipped in at each place, and each byte doubled."""
    for at in range(len(raw) + 1):
        for value in range(256):
            yield [(0, raw[:at] + bytes((value,)) + raw[at:])]


def delays(raw: bytes) -> Iterator[Answers]:
    """The whole answer late, or a part of it."""
    for late in LATE:
        yield [(late, raw)]
        for at in range(1, len(raw)):
            yield [(0, raw[:at]), (late, raw[at:])]


def duplicates(raw: bytes) -> Iterator[Answers]:
    """The answer again, at once or a little later, or the start of it again."""
    for later in (0, 0.0005, 0.002, 0.01, 0.03, 0.5):
        yield [(0, raw), (later, raw)]
    for at in range(1, len(raw)):
        yield [(0, raw + raw[:at])]


def foreign(raw: bytes) -> Iterator[Answers]:
    """The answer of another module: each bit of the address turned."""
    for bit in range(32):
        address = 0xFFFFFFFF ^ 1 << bit
        yield [(0, raw[:2] + address.to_bytes(4) + raw[6:])]


MUTATIONS = [single_bytes, cuts, insertions, delays, duplicates, foreign]


class Damaged:
    """A module on a line: the first answer to one instruction comes as told, all others are right."""

    def __init__(self, op: Op, right: bytes, first: Answers) -> None:
        self._op, self._right, self._first = op, right, first
        self._free_at = 0.0
        self.line = ScriptedLine(self.answer)
        self.link = Link(self.line)

    def answer(self, command: bytes) -> Answers:
        """What comes back; a module that is late with one answer is late with the next."""
        busy = max(self._free_at - self.line.now(), 0)
        if command[9] == self._op and self._first:
            pieces, self._first = self._first, []
            self._free_at = self.line.now() + max((at for at, _ in pieces), default=0)
            return [(at + 0.001, piece) for at, piece in pieces]
        right = self._right if command[9] == self._op else PAGE
        return [(busy + 0.001, encode(ACK, right))]


def outcome(one: Damaged, op: Op, params: bytes) -> bytes | None:
    """The payload that was believed, or None when it ended in a fault."""
    try:
        return one.link.ask(op, params)
    except DeviceFault:
        return None


def judged(kind: Kind, answers: Iterator[Answers]) -> tuple[int, int, list[Answers]]:
    """How many cases, how many ended in a fault, and those where a wrong answer was believed now or next."""
    _, op, params, right = kind
    count, faults, wrong = 0, 0, []
    for first in answers:
        one = Damaged(op, right, first)
        now = outcome(one, op, params)
        following = outcome(one, op, params)
        count += 1
        faults += now is None
        if now not in (None, right) or following != right:
            wrong.append(first)
    return count, faults, wrong


@pytest.mark.parametrize("kind", KINDS, ids=[kind[0] for kind in KINDS])
def test_no_damage_makes_a_wrong_answer(kind: Kind) -> None:
    raw = encode(ACK, kind[3])
    for mutate in MUTATIONS:
        _, _, wrong = judged(kind, mutate(raw))
        assert wrong == [], f"{mutate.__name__}: {len(wrong)} wrong"


def test_there_are_enough_cases() -> None:
    count = sum(sum(1 for _ in mutate(encode(ACK, kind[3]))) for kind in KINDS for mutate in MUTATIONS)
    assert count >= 100_000


def bad_sums(raw: bytes, chance: Random, count: int) -> Iterator[Answers]:
    """Two to eight bytes changed anywhere, as long as the sum no longer holds."""
    made = 0
    while made < count:
        damaged = bytearray(raw)
        for at in chance.sample(range(len(raw)), chance.randrange(2, 9)):
            damaged[at] = chance.randrange(256)
        size = int.from_bytes(damaged[7:9])
        holds = sum(damaged[6:-2]) & 0xFFFF == int.from_bytes(damaged[-2:]) and size == len(raw) - 9
        if not holds:
            made += 1
            yield [(0, bytes(damaged))]


@pytest.mark.parametrize("kind", KINDS, ids=[kind[0] for kind in KINDS])
def test_many_bytes_changed_with_a_bad_sum(kind: Kind) -> None:
    _, _, wrong = judged(kind, bad_sums(encode(ACK, kind[3]), Random(7), 500))
    assert wrong == []


# A clock-in is three commands; an answer doubled anywhere must not shift the others by one.
WHOLE = [(Op.GEN_IMG, b"", b"\0"), (Op.IMG2TZ, b"\1", b"\6"), (Op.HISPEED_SEARCH, b"\1\0\0\3\xe8", b"\0\0\7\0\xbb")]


@pytest.mark.parametrize("later", [0.0, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005])
def test_a_doubled_answer_never_hides_a_refusal(later: float) -> None:
    """The picture is messy (06), but the 00 before it comes twice: the search may not be reached with 00."""
    right = {op: payload for op, _, payload in WHOLE} | {Op.READ_SYS_PARA: PAGE}

    def answer(command: bytes) -> Answers:
        raw = encode(ACK, right[Op(command[9])])
        again = [(0.001 + later, raw)] if command[9] == Op.GEN_IMG else []
        return [(0.001, raw), *again]

    link = Link(ScriptedLine(answer))
    believed = []
    try:
        for op, params, _ in WHOLE:
            believed.append(link.ask(op, params))
            if believed[-1][0] != 0:
                break
    except DeviceFault:
        return
    assert believed[-1] == b"\6"
