"""Tap readers: byte pairs, anything at all on the line, and the drivers on real ptys and a pipe."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import Refused
from drivers.contract import Tap, TapReader
from drivers.errors import BadPacket, DeviceGone, DeviceRefused
from drivers.sim.pn532 import Pn532Simulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from drivers.taps import ndef, pn532_packets, rdm6300
from drivers.taps.cards import uid_from
from drivers.taps.keyboard import DOWN, EV_KEY, KEYS, RECORD, UP, KeyParser, open_keyboard
from drivers.taps.pn532 import Pn532, open_pn532, read_target
from drivers.taps.pn532_packets import Frame
from drivers.taps.rdm6300 import AWAY_S, Card, Rdm6300, open_rdm6300
from tests.drivers.scripted import ScriptedLine, script

URL = "https://hub.example.cn/t/9f3a?picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086"
NTAG = "04DE5F1EACC040"
FREELY = settings(derandomize=True, max_examples=50, deadline=None)
cards = st.builds(Card, st.integers(0, 255), st.integers(0, 2**32 - 1))
chip_frames = st.binary(min_size=1, max_size=299).map(lambda rest: Frame("data", b"\xd5" + rest))


# ---- the wire


def test_the_frame_of_the_page_both_ways() -> None:
    wire = b"\x026200E3086CE5\x03"
    assert rdm6300.encode(Card(0x62, 0x00E3086C)) == wire
    parser = rdm6300.FrameParser()
    parser.push(wire)
    assert parser.pull() == Card(0x62, 0x00E3086C)


# UM0701-02 and nfcpy's own bytes.
PN532_VECTORS = [
    ("GetFirmwareVersion", "D402", "0000FF02FED4022A00"),
    ("its answer", "D50332010607", "0000FF06FAD50332010607E800"),
    ("SAMConfiguration", "D414010000", "0000FF05FBD4140100001700"),
    ("SetSerialBaudRate 921600", "D41007", "0000FF03FDD410071500"),
    ("InListPassiveTarget", "D44A0100", "0000FF04FCD44A0100E100"),
]


@pytest.mark.parametrize(("_", "data", "wire"), PN532_VECTORS, ids=[vector[0] for vector in PN532_VECTORS])
def test_frames_of_the_pn532_both_ways(_: str, data: str, wire: str) -> None:
    assert pn532_packets.encode(bytes.fromhex(data)) == bytes.fromhex(wire)
    assert pulled(bytes.fromhex(wire)) == [Frame("data", bytes.fromhex(data))]


def test_short_frames_and_the_long_form() -> None:
    assert pulled(pn532_packets.ACK + pn532_packets.NACK + pn532_packets.ERROR) == [
        Frame("ack"), Frame("nack"), Frame("error"),
    ]  # fmt: skip
    long = b"\xd5\x01" + bytes(262)
    assert pn532_packets.encode(long)[:8] == bytes.fromhex("0000FFFFFF0108F7")
    short = pn532_packets.encode(b"\xd5\x4b\x00", extended=True)
    assert pulled(pn532_packets.encode(long) + short) == [Frame("data", long), Frame("data", b"\xd5\x4b\x00")]
    with pytest.raises(ValueError, match="301"):
        pn532_packets.encode(bytes(301))


def pulled(wire: bytes, cuts: tuple[int, ...] = ()) -> list[Frame]:
    parser, found = pn532_packets.FrameParser(), []
    for start, end in zip((0, *cuts), (*cuts, len(wire)), strict=True):
        parser.push(wire[start:end])
        while (frame := parser.pull()) is not None:
            found.append(frame)
    return found


def cards_in(wire: bytes, cuts: tuple[int, ...] = ()) -> list[Card]:
    parser, found = rdm6300.FrameParser(), []
    for start, end in zip((0, *cuts), (*cuts, len(wire)), strict=True):
        parser.push(wire[start:end])
        while (card := parser.pull()) is not None:
            found.append(card)
    return found


@FREELY
@given(st.lists(cards, max_size=5), st.binary(max_size=30).filter(lambda noise: b"\x02" not in noise), st.data())
def test_cards_are_found_however_bytes_are_cut_and_noise_hides_none(
    sent: list[Card], noise: bytes, data: st.DataObject
) -> None:
    wire = b"".join(noise + rdm6300.encode(card) for card in sent)
    cuts = tuple(sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6))))
    assert cards_in(wire, cuts) == sent


@FREELY
@given(st.lists(chip_frames, max_size=4), st.booleans(), st.data())
def test_chip_frames_are_found_however_bytes_are_cut(sent: list[Frame], long: bool, data: st.DataObject) -> None:
    wire = b"".join(b"\x00" * 3 + pn532_packets.encode(frame.data, extended=long) for frame in sent)
    cuts = tuple(sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6))))
    assert pulled(wire, cuts) == sent


@FREELY
@given(st.binary(max_size=200), chip_frames, cards)
def test_after_any_garbage_the_next_frame_but_one_is_found(garbage: bytes, frame: Frame, card: Card) -> None:
    """A false start can claim at most one longest frame."""
    wreck = garbage + bytes(pn532_packets.LONGEST + 20)
    assert pulled(wreck + pn532_packets.encode(frame.data))[-1:] == [frame]
    assert cards_in(garbage + bytes(14) + rdm6300.encode(card))[-1:] == [card]


def test_no_single_changed_byte_makes_another_card_or_answer() -> None:
    card, answer = Card(0x62, 0x00E3086C), b"\xd5\x4b\x01\x01\x00\x44\x00\x04\x01\x02\x03\x04"
    for spoilt in changed(rdm6300.encode(card)):
        assert cards_in(spoilt) in ([card], [])
    for spoilt in changed(pn532_packets.encode(answer)):
        assert [frame for frame in pulled(spoilt) if frame.kind == "data"] in ([Frame("data", answer)], [])


def changed(wire: bytes) -> Iterator[bytes]:
    """Each byte changed to each other value."""
    for at in range(len(wire)):
        for value in range(256):
            yield wire[:at] + bytes((value,)) + wire[at + 1 :]


@pytest.mark.parametrize(
    ("typed", "uid"),
    [
        ("0014878828", "00E3086C"), ("00E3086C", "00E3086C"), ("227,02156", "00E3086C"), ("00e3086c", "00E3086C"),
        (" 0014878828 ", "00E3086C"), ("4294967295", "FFFFFFFF"), ("4294967296", None), ("256,00001", None),
        ("1,65536", None), (NTAG, NTAG), ("hello", None), ("", None), ("123", None),
    ],
)  # fmt: skip
def test_one_card_has_one_spelling(typed: str, uid: str | None) -> None:
    assert uid_from(typed) == uid


def test_a_wedge_that_types_hex_says_so() -> None:
    assert (uid_from("00012345", "hex"), uid_from("00012345")) == ("00012345", "00003039")
    assert uid_from("00E3086C", "decimal") is None


@FREELY
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=120))
def test_an_address_written_to_a_tag_is_read_again(path: str) -> None:
    url = "https://hub.example.cn/t/" + path
    memory = ndef.memory_of(url)
    assert ndef.url_of(ndef.message_in(memory + bytes(20))) == url
    assert ndef.message_in(memory[:-3]) == b""


@FREELY
@given(st.binary(max_size=80))
def test_any_memory_can_be_read(memory: bytes) -> None:
    assert isinstance(ndef.url_of(ndef.message_in(memory)), str)
    assert isinstance(ndef.url_of(memory), str)


def test_lock_blocks_before_the_message_and_other_records_are_passed_over() -> None:
    text = bytes((0x91, 1, 5)) + b"T\x02zhab"
    uri = bytes((0x51, 1, 8)) + b"U\x04a.cn/t1"
    message = text + uri
    memory = b"\x01\x03\xa0\x10\x44\x00\x03" + bytes((len(message),)) + message + b"\xfe"
    assert ndef.url_of(ndef.message_in(memory)) == "https://a.cn/t1"
    assert ndef.message_in(b"\x03\x00\xfe") == b""
    assert ndef.message_end(b"") is None


# ---- RDM6300


def soon(reader: TapReader, seconds: float = 3.0) -> Tap | None:
    return reader.wait_tap(time.monotonic() + seconds)


@pytest.mark.parametrize("fault", [None, "split", "noise", "twice"])
def test_a_card_that_lies_there_is_one_tap_whatever_the_line_does(fault: str | None) -> None:
    with Rdm6300Simulator() as card_reader:
        if fault:
            card_reader.fault(fault)
        reader = open_rdm6300(card_reader.port)
        card_reader.tag("0014878828")
        tap = soon(reader)
        assert tap is not None
        assert (tap.uid, tap.medium) == ("00E3086C", "rfid")
        assert soon(reader, 0.4) is None, "it still lies there"
        card_reader.tag("00E3086D")
        other = soon(reader)
        assert other is not None
        assert other.uid == "00E3086D"
        reader.close()


def test_a_card_taken_away_and_laid_again_counts_again() -> None:
    line = ScriptedLine(lambda _: [])
    reader, frame = Rdm6300(line), rdm6300.encode(Card(0x62, 0xE3086C))
    line._coming = [(line.now() + at, frame) for at in (0.1, 0.2, 0.3, 0.4 + AWAY_S, 0.5 + AWAY_S)]
    taps = [tap for _ in range(30) if (tap := reader.look(line.now() + 0.1))]
    assert [tap.uid for tap in taps] == ["00E3086C"] * 2


def test_what_gathered_while_nobody_looked_is_no_tap_of_now() -> None:
    line = ScriptedLine(lambda _: [])
    reader = Rdm6300(line)
    line._coming = [(line.now() + 1, rdm6300.encode(Card(0x62, 7)))]
    line.pause(rdm6300.STALE_S + 1)
    assert reader.look(line.now() + 0.1) is None


def test_a_line_that_only_gives_broken_frames_blames_the_wiring() -> None:
    line = ScriptedLine(lambda _: [])
    reader, chance = Rdm6300(line), Random(3)
    spoilt = [bytearray(rdm6300.encode(Card(0x62, chance.randrange(2**32)))) for _ in range(rdm6300.NOISY)]
    for frame in spoilt:
        frame[3] = 0x47  # G is no hex digit
    line._coming = [(line.now() + 0.05 * at, bytes(frame)) for at, frame in enumerate(spoilt)]
    with pytest.raises(BadPacket, match="检查连线"):
        list(iter(lambda: reader.look(line.now() + 0.1), "never"))


# ---- PN532

WOKEN = (
    (pn532_packets.WAKE.hex(), ""),
    (pn532_packets.ACK.hex(), ""),  # abort whatever was under way
    ("0000FF05FBD4140114010200", "0000FF00FF00" "0000FF02FED5151600"),
    ("0000FF02FED4022A00", "0000FF00FF00" "0000FF06FAD50332010607E800"),
    ("0000FF06FAD43205FF0101F400", "0000FF00FF00" "0000FF02FED533F800"),
)  # fmt: skip
LOOK = "0000FF04FCD44A0100E100"
FOUND = "0000FF00FF00" + pn532_packets.encode(bytes.fromhex("D54B01010044000704DE5F1EACC040")).hex()


def test_the_conversation_with_a_chip_byte_by_byte() -> None:
    read4 = pn532_packets.encode(bytes.fromhex("D440013004")).hex()
    empty = pn532_packets.ACK.hex() + pn532_packets.encode(b"\xd5\x41\x00\x03\x00\xfe" + bytes(13)).hex()
    line = ScriptedLine(script(*WOKEN, (LOOK, FOUND), (read4, empty)), 115200)
    chip = Pn532(line)
    tap = chip.look(line.now() + 1)
    assert chip.firmware == (1, 6)
    assert tap is not None
    assert (tap.uid, tap.url) == (NTAG, "")


def test_a_damaged_answer_is_asked_for_once_more() -> None:
    spoilt = FOUND[:-6] + "00" + FOUND[-4:]
    none = pn532_packets.ACK.hex() + pn532_packets.encode(b"\xd5\x4b\x00").hex()
    line = ScriptedLine(script(*WOKEN, (LOOK, spoilt), (pn532_packets.ACK.hex(), ""), (LOOK, none)), 115200)
    assert Pn532(line).look(line.now() + 1) is None


@pytest.mark.parametrize("answer", ["0101004400", "02010044000401020304", "010100440005AABBCCDDEE", "0101004400FF"])
def test_a_target_whose_lengths_do_not_fit_is_no_target(answer: str) -> None:
    with pytest.raises(BadPacket):
        read_target(bytes.fromhex(answer))


def test_another_chip_is_refused() -> None:
    other = (WOKEN[3][0], "0000FF00FF00" + pn532_packets.encode(b"\xd5\x03\x07\x01\x06\x07").hex())
    with pytest.raises(DeviceRefused, match="不是 PN532"):
        Pn532(ScriptedLine(script(*WOKEN[:3], other, WOKEN[4]), 115200))


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("speaks4", [False, True], ids=["NTAG 21x", "NTAG 424"])
def test_a_tag_and_its_address(extended: bool, speaks4: bool) -> None:
    with Pn532Simulator(extended=extended, pace=True) as chip:
        reader = open_pn532(chip.port)
        chip.tag(NTAG, URL, speaks4=speaks4)
        tap = soon(reader)
        assert tap is not None
        assert (tap.uid, tap.medium, tap.url) == (NTAG, "nfc", URL)
        assert soon(reader, 0.3) is None, "it still lies there"
        reader.close()


@pytest.mark.parametrize("fault", ["garbled", "split", "noise", "cut", "late"])
def test_after_one_fault_the_tag_is_still_read(fault: str) -> None:
    with Pn532Simulator() as chip:
        reader = open_pn532(chip.port)
        chip.fault(fault, times=1)
        chip.tag(NTAG, URL)
        taps: list[Tap] = []
        while not taps:
            try:
                taps = [tap for tap in [soon(reader, 6)] if tap]
            except BadPacket:
                continue  # what a listening loop does: ask again
        assert (taps[0].uid, taps[0].url) == (NTAG, URL)
        reader.close()


def test_a_chip_that_lost_its_power_is_woken_again() -> None:
    with Pn532Simulator() as chip:
        reader = open_pn532(chip.port)
        assert soon(reader, 0.2) is None
        chip.power_cycle()
        chip.tag(NTAG)
        tap = soon(reader, 8)
        assert tap is not None
        assert tap.uid == NTAG
        reader.close()


def test_a_mute_port_is_gone_and_says_what_to_check() -> None:
    with Rdm6300Simulator(baud=115200) as deaf, pytest.raises(DeviceGone, match="HSU"):
        open_pn532(deaf.port)


# ---- keyboard


def typed(text: str) -> bytes:
    """The records of a wedge that types this, ENTER last."""
    by_char = {char: (code, shifted) for code, pair in reversed(KEYS.items()) for shifted, char in enumerate(pair)}
    records = []
    for char in text:
        code, shifted = by_char[char]
        records += [(42, DOWN)] * shifted + [(code, DOWN), (code, 2), (code, UP)] + [(42, UP)] * shifted
    records += [(28, DOWN), (28, UP)]
    return b"".join(RECORD.pack(1, 2, EV_KEY, code, value) + RECORD.pack(1, 2, 0, 0, 0) for code, value in records)


@FREELY
@given(st.lists(st.text("0123456789ABCDEFabcdef:/?&=_-.", min_size=1, max_size=60), max_size=3), st.data())
def test_lines_are_read_however_records_are_cut(lines: list[str], data: st.DataObject) -> None:
    wire, parser, found, at = b"".join(typed(line) for line in lines), KeyParser(), [], 0
    while at < len(wire):
        step = data.draw(st.integers(1, 2000))
        found += parser.feed(wire[at : at + step], 5.0)
        at += step
    assert found == lines


def test_a_line_that_stopped_is_dropped_and_so_is_one_without_end() -> None:
    parser, half = KeyParser(), typed("00148")[: -4 * RECORD.size]
    assert parser.feed(half, 1.0) == []
    assert parser.feed(typed("0014878828"), 1.5) == ["0014878828"]
    assert parser.feed(typed("1" * 300) + typed("0014878828"), 1.6) == ["0014878828"]
    lost = RECORD.pack(1, 2, 0, 3, 0)
    assert parser.feed(lost + typed("12345678") + typed("0014878828"), 1.7) == ["0014878828"]
    assert parser.dropped == 3


def test_a_wedge_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "event-kbd"
    os.mkfifo(pipe)
    keeper = os.open(pipe, os.O_RDWR)
    reader = open_keyboard(str(pipe))
    os.write(keeper, typed("0014878828") + typed("nonsense"))
    tap = soon(reader)
    assert tap is not None
    assert (tap.uid, tap.medium) == ("00E3086C", "rfid")
    os.write(keeper, typed("0014878828") + typed(URL))
    tap = soon(reader)
    assert tap is not None
    assert (tap.uid, tap.medium, tap.url) == ("", "qr", URL), "the card typed twice at once counts once"
    os.close(keeper)
    with pytest.raises(DeviceGone, match="断开"):
        soon(reader)
    reader.close()


def test_only_a_keyboards_event_device_is_taken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", Path("/dev/null")):
        with pytest.raises(DeviceRefused, match="event-kbd"):
            open_keyboard(str(path))


# ---- simulators for anyone


def test_what_nobody_can_simulate_is_refused_in_words() -> None:
    with Rdm6300Simulator() as card_reader, Pn532Simulator() as chip:
        for do, word in ((card_reader.tag, "xyz"), (chip.tag, "04"), (chip.fault, "fire")):
            with pytest.raises(Refused, match=r"可用的有|请写"):
                do(word)
