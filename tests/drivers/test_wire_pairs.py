"""The driver as a conversation: for every command, the bytes that go out and the bytes that come back."""

from collections.abc import Callable
from typing import Any

import pytest

from drivers.contract import Light
from drivers.errors import BadPacket, DeviceRefused, NoAnswer
from drivers.fingerprint.bulk import bulk
from drivers.fingerprint.link import SETTLE, Link
from drivers.fingerprint.module import Found
from drivers.fingerprint.zfm import Dialect, ZfmModule
from tests.drivers.scripted import ScriptedLine, script

HEAD = "EF01FFFFFFFF"
VERIFY = (HEAD + "0100071300000000001B", HEAD + "07000300000A")
READ_PAGE = (HEAD + "0100030F0013", HEAD + "070013000004000003E80003FFFFFFFF000200060510")
PRODUCT = (
    HEAD + "0100033C0040",
    HEAD + "07003100523530330000000000000000000000003030303153494D3030303031010053494D474C41535300C000C0060000C8086F",
)
WELL = HEAD + "07000300000A"
INDEX_1 = HEAD + "0100041F010025"
USED_258 = HEAD + "070023000400000000000000000000000000000000000000000000000000000000000000002E"
NONE_USED = HEAD + "070023000000000000000000000000000000000000000000000000000000000000000000002A"
DATA_32 = HEAD + "02002261626162616261626162616261626162616261626162616261626162616261620C54"
LAST_4 = HEAD + "0800066364656601A0"
TEMPLATE = b"ab" * 16 + b"cdef"

Work = Callable[[ZfmModule], Any]


def module(*pairs: tuple[str, str], dialect: Dialect = "zfm") -> tuple[ZfmModule, ScriptedLine]:
    """A module that was opened, and goes on with these pairs."""
    opening = [VERIFY, READ_PAGE] + ([PRODUCT] if dialect == "grow" else [])
    line = ScriptedLine(script(*opening, *pairs))
    return ZfmModule(line, dialect=dialect), line


GEN_IMG, IMG2TZ_1, MATCH = HEAD + "010003010005", HEAD + "01000402010008", HEAD + "010003030007"
FAST, SLOW = HEAD + "0100081B01000003E80110", HEAD + "0100080401000003E800F9"
FOUND = HEAD + "07000700000700BB00D0"
STORE_258, DELETE_258 = HEAD + "010006060101020011", HEAD + "0100070C010200010018"
LOAD_258, MERGE = HEAD + "010006070201020013", HEAD + "010003050009"

# Name, pairs after opening, what is done, what it gives.
CASES: list[tuple[str, list[tuple[str, str]], Work, Any]] = [
    ("capture, finger", [(GEN_IMG, WELL)], lambda one: one.capture(), 0),
    ("capture, no finger", [(GEN_IMG, HEAD + "07000302000C")], lambda one: one.capture(), 2),
    ("features", [(IMG2TZ_1, WELL)], lambda one: one.features(1), 0),
    ("search, found", [(FAST, FOUND)], lambda one: one.search(1), Found(7, 187)),
    ("search, long refusal", [(FAST, HEAD + "07000709000000000017")], lambda one: one.search(1), None),
    ("search, short refusal", [(FAST, HEAD + "070003090013")], lambda one: one.search(1), None),
    (
        "search, no fast search",
        [(FAST, HEAD + "07000313001D"), (SLOW, FOUND)],
        lambda one: one.search(1),
        Found(7, 187),
    ),
    ("merge", [(MERGE, WELL)], lambda one: one.merge(), None),
    ("store", [(STORE_258, WELL)], lambda one: one.store(258), None),
    (
        "read back",
        [(INDEX_1, USED_258), (LOAD_258, WELL), (MATCH, HEAD + "0700050000640070")],
        lambda one: one.read_back(258),
        None,
    ),
    ("delete", [(DELETE_258, WELL)], lambda one: one.delete(258), None),
    (
        "delete what is gone",
        [(DELETE_258, HEAD + "07000310001A"), (INDEX_1, NONE_USED)],
        lambda one: one.delete(258),
        None,
    ),
    (
        "places",
        [
            (HEAD + "0100041F000024", NONE_USED),
            (INDEX_1, USED_258),
            (HEAD + "0100041F020026", NONE_USED),
            (HEAD + "0100041F030027", NONE_USED),
        ],
        lambda one: one.places(),
        frozenset({258}),
    ),
    ("stored", [(HEAD + "0100031D0021", HEAD + "0700050000050011")], lambda one: one.describe().stored, 5),
    (
        "template down, twice while its size is unknown",
        [(HEAD + "0100040801000E", WELL + DATA_32 + LAST_4)] * 2,
        lambda one: one.read_template(1),
        TEMPLATE,
    ),
    ("light, none", [], lambda one: one.light(Light.GOOD), False),
    (
        "locked after a power cycle",
        [(GEN_IMG, HEAD + "07000321002B"), VERIFY, (GEN_IMG, WELL)],
        lambda one: one.capture(),
        0,
    ),
    ("power-up byte and wake notice", [(GEN_IMG, "55" + HEAD + "070003FF0109" + WELL)], lambda one: one.capture(), 0),
    ("echoed command", [(GEN_IMG, GEN_IMG + WELL)], lambda one: one.capture(), 0),
    ("01 first, then really", [(GEN_IMG, HEAD + "07000301000B" + WELL)], lambda one: one.capture(), 0),
    ("the same answer twice", [(FAST, FOUND + FOUND)], lambda one: one.search(1), Found(7, 187)),
    (
        "asked again after damage",
        [(GEN_IMG, WELL[:-1] + "B"), READ_PAGE, (GEN_IMG, WELL)],
        lambda one: one.capture(),
        0,
    ),
    (
        "asked again after trailing bytes, and twice from then on",
        [(FAST, FOUND + "D0"), READ_PAGE, (FAST, FOUND), (FAST, FOUND)],
        lambda one: one.search(1),
        Found(7, 187),
    ),
    (
        "asked again after a foreign answer",
        [(GEN_IMG, WELL.replace("FFFFFFFF", "00000005")), READ_PAGE, (GEN_IMG, WELL)],
        lambda one: one.capture(),
        0,
    ),
]


@pytest.mark.parametrize(("pairs", "work", "gives"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_pairs(pairs: list[tuple[str, str]], work: Work, gives: Any) -> None:
    one, line = module(*pairs)
    assert work(one) == gives
    assert len(line.sent) == 2 + len(pairs), "one write a command, and every pair used"


def test_template_up_is_read_back_once_in_its_own_packets() -> None:
    """DownChar, the data packets of this module's size (128 bytes), then one reading."""
    body = HEAD + "080026" + TEMPLATE.hex() + "0DF0"
    one, line = module((HEAD + "01000409020010", WELL), (body, ""), (HEAD + "0100040802000F", WELL + DATA_32 + LAST_4))
    one.write_template(2, TEMPLATE)
    assert len(line.sent) == 5


def test_template_up_that_reads_back_differently_is_an_error() -> None:
    other = HEAD + "0800066364656701A1"
    body = HEAD + "080026" + TEMPLATE.hex() + "0DF0"
    one, _ = module((HEAD + "01000409020010", WELL), (body, ""), (HEAD + "0100040802000F", WELL + DATA_32 + other))
    with pytest.raises(BadPacket):
        one.write_template(2, TEMPLATE)


def test_a_packet_that_vanished_without_trace_is_noticed() -> None:
    """Only the length tells: two readings that differ, and later one that is not as long as the others."""
    fetch = HEAD + "0100040801000E"
    one, _ = module((fetch, WELL + DATA_32 + LAST_4), (fetch, WELL + LAST_4))
    with pytest.raises(BadPacket):
        one.read_template(1)
    one, _ = module(*[(fetch, WELL + DATA_32 + LAST_4)] * 2, (fetch, WELL + LAST_4))
    assert one.read_template(1) == TEMPLATE
    with pytest.raises(BadPacket):
        one.read_template(1)


def test_light_of_a_grow_module() -> None:
    one, _ = module((HEAD + "01000735022003020064", WELL), dialect="grow")
    assert one.light(Light.GOOD)
    assert (one.captures, one.template_size, one.dialect) == (6, 1536, "grow")


def test_bulk_changes_both_ends_and_restores_them() -> None:
    one, line = module(
        (HEAD + "0100050E0603001D", WELL), (HEAD + "0100050E040C0024", WELL), READ_PAGE, (GEN_IMG, WELL),
        (HEAD + "0100050E0406001E", WELL), READ_PAGE, (HEAD + "0100050E0602001C", WELL),
    )  # fmt: skip
    with bulk(one.link, one.page) as page:
        assert (page.baud, page.packet_size) == (115200, 256)
        assert line.byte_time == 10 / 115200
        assert one.capture() == 0
    assert line.byte_time == 10 / 57600


REFUSALS = [
    ("merge", [(MERGE, HEAD + "0700030A0014")], lambda one: one.merge(), 0x0A),
    ("store", [(STORE_258, HEAD + "070003180022")], lambda one: one.store(258), 0x18),
    ("read back, place empty", [(INDEX_1, NONE_USED)], lambda one: one.read_back(258), 0x23),
    (
        "read back, other template",
        [(INDEX_1, USED_258), (LOAD_258, WELL), (MATCH, HEAD + "070003080012")],
        lambda one: one.read_back(258),
        0x08,
    ),
    ("delete", [(DELETE_258, HEAD + "07000310001A"), (INDEX_1, USED_258)], lambda one: one.delete(258), 0x10),
]


@pytest.mark.parametrize(("pairs", "work", "code"), [case[1:] for case in REFUSALS], ids=[one[0] for one in REFUSALS])
def test_refusals_carry_their_code_and_words(pairs: list[tuple[str, str]], work: Work, code: int) -> None:
    one, _ = module(*pairs)
    with pytest.raises(DeviceRefused) as refusal:
        work(one)
    assert refusal.value.code == code
    assert str(refusal.value)


@pytest.mark.parametrize(
    ("command", "work"),
    [
        (STORE_258, lambda one: one.store(258)),
        (MERGE, lambda one: one.merge()),
    ],
    ids=["store", "merge"],
)
def test_what_changes_the_module_is_never_sent_twice(command: str, work: Work) -> None:
    """The answer comes damaged: nothing is repeated, the index table is read instead where it can tell."""
    after = [READ_PAGE, (INDEX_1, NONE_USED)] if command == STORE_258 else []
    one, line = module((command, WELL[:-1] + "B"), *after)
    with pytest.raises(BadPacket):
        work(one)
    assert line.sent.count(bytes.fromhex(command)) == 1


@pytest.mark.parametrize("answer", [HEAD + "07000301000B", FOUND + WELL], ids=["not understood", "one too many"])
def test_a_deletion_in_doubt_is_looked_up_not_repeated(answer: str) -> None:
    one, line = module((DELETE_258, answer), READ_PAGE, (INDEX_1, USED_258))
    with pytest.raises(BadPacket):
        one.delete(258)
    assert line.sent.count(bytes.fromhex(DELETE_258)) == 1


@pytest.mark.parametrize(
    ("command", "work"),
    [(FAST, lambda one: one.search(1)), (MERGE, lambda one: one.merge()), (STORE_258, lambda one: one.store(258))],
    ids=["search", "merge", "store"],
)
def test_a_restart_in_the_middle_starts_all_over(command: str, work: Work) -> None:
    """The module wants its password: what its buffers held is gone, so nothing is built on them."""
    after = [(INDEX_1, NONE_USED)] if command == STORE_258 else []
    one, _ = module((command, HEAD + "07000321002B"), VERIFY, *after)
    with pytest.raises(BadPacket):
        work(one)


def test_a_place_the_module_does_not_have_is_no_place() -> None:
    one, _ = module((FAST, HEAD + "07000700" + "03E8" + "00BB" + "01B4"))
    with pytest.raises(BadPacket):
        one.search(1)


def test_silence_that_never_comes_is_an_error_not_a_wait() -> None:
    line = ScriptedLine(lambda data: [(0.01 * number, b"\x55") for number in range(300)])
    line.write(b"", 0)
    start = line.now()
    with pytest.raises(BadPacket):
        Link(line).hush()
    assert line.now() - start <= SETTLE / 2 + 0.02


def test_a_store_whose_answer_was_lost_is_looked_up() -> None:
    one, line = module((STORE_258, ""), READ_PAGE, (INDEX_1, USED_258))
    one.store(258)
    assert line.sent.count(bytes.fromhex(STORE_258)) == 1


def test_a_late_well_never_becomes_a_finger() -> None:
    """GenImg's 00 comes 2.6 s late, while the next calls are under way: none of them takes it for its own."""
    answers = {
        VERIFY[0]: [(0.001, VERIFY[1])],
        READ_PAGE[0]: [(0.001, READ_PAGE[1])],
        GEN_IMG: [(2.6, WELL)],
    }
    line = ScriptedLine(lambda data: [(at, bytes.fromhex(back)) for at, back in answers[data.hex().upper()]])
    one = ZfmModule(line, dialect="zfm")
    with pytest.raises(NoAnswer):
        one.capture()
    line.answer = _in_order(line, bytes.fromhex(READ_PAGE[1]), bytes.fromhex(HEAD + "07000302000C"))
    assert one.capture() == 2, "what the module says now: no finger"
    assert one.capture() == 2


def _in_order(line: ScriptedLine, page: bytes, no_finger: bytes) -> Callable[[bytes], list[tuple[float, bytes]]]:
    """A module that is still busy with the first command until 2.6 s after it, and answers in order."""
    busy_until = line.now() + 2.6 - 1.01

    def answer(data: bytes) -> list[tuple[float, bytes]]:
        wait = max(busy_until - line.now(), 0) + 0.001
        return [(wait, page if data[9] == 0x0F else no_finger)]

    return answer
