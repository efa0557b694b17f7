"""Frames: known vectors, then anything at all."""

import gc
import tracemalloc
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.fingerprint.packets import ACK, COMMAND, DATA, LAST, MAX_PAYLOAD, Frame, FrameParser, encode

# Vectors of the manuals and of other libraries' tests, each checked by hand.
VECTORS = [
    ("VfyPwd 0", COMMAND, "1300000000", "EF01FFFFFFFF01000713 00000000 001B"),
    ("GenImg", COMMAND, "01", "EF01FFFFFFFF010003010005"),
    ("Img2Tz 1", COMMAND, "0201", "EF01FFFFFFFF01000402010008"),
    ("Match", COMMAND, "03", "EF01FFFFFFFF010003030007"),
    ("HiSpeedSearch 1, 0, 100", COMMAND, "1B0100000064", "EF01FFFFFFFF0100081B01000000640089"),
    ("HandShake", COMMAND, "40", "EF01FFFFFFFF010003400044"),
    ("well", ACK, "00", "EF01FFFFFFFF07000300000A"),
    ("wrong password", ACK, "13", "EF01FFFFFFFF07000313001D"),
    ("wake notice", ACK, "FF", "EF01FFFFFFFF070003FF0109"),
]

frames = st.builds(Frame, st.sampled_from([COMMAND, DATA, ACK, LAST]), st.binary(max_size=MAX_PAYLOAD))
addresses = st.one_of(st.just(0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))


@pytest.mark.parametrize(("_", "pid", "payload", "wire"), VECTORS, ids=[vector[0] for vector in VECTORS])
def test_vectors_both_ways(_: str, pid: int, payload: str, wire: str) -> None:
    raw = bytes.fromhex(wire)
    assert encode(pid, bytes.fromhex(payload)) == raw
    assert FrameParser().feed(raw) == [Frame(pid, bytes.fromhex(payload))]


def test_a_payload_that_fits_no_frame_is_not_sent() -> None:
    with pytest.raises(ValueError, match="257"):
        encode(DATA, bytes(257))


@settings(derandomize=True, max_examples=150, deadline=None)
@given(frames, addresses)
def test_what_is_encoded_is_found_again(frame: Frame, address: int) -> None:
    assert FrameParser(address).feed(encode(frame.pid, frame.payload, address)) == [frame]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(frames, max_size=6), st.data())
def test_it_does_not_matter_how_bytes_are_cut(sent: list[Frame], data: st.DataObject) -> None:
    wire = b"".join(encode(frame.pid, frame.payload) for frame in sent)
    parser, found, at = FrameParser(), [], 0
    while at < len(wire):
        step = data.draw(st.integers(1, 60))
        found += parser.feed(wire[at : at + step])
        at += step
    assert found == sent
    assert parser.skipped == 0
    assert parser.broken == 0


@settings(derandomize=True, max_examples=150, deadline=None)
@given(frames, st.binary(max_size=40).filter(lambda noise: b"\xef" not in noise))
def test_noise_before_a_frame_hides_nothing(frame: Frame, noise: bytes) -> None:
    parser = FrameParser()
    assert parser.feed(noise + encode(frame.pid, frame.payload)) == [frame]
    assert parser.skipped == len(noise)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.binary(max_size=400), frames)
def test_after_any_garbage_a_frame_is_found_once_the_wreck_has_passed(garbage: bytes, frame: Frame) -> None:
    """A false start can claim at most 267 bytes; after that many more, every frame is seen."""
    parser = FrameParser()
    parser.feed(garbage)
    parser.feed(bytes(270))
    assert parser.feed(encode(frame.pid, frame.payload))[-1:] == [frame]


@settings(derandomize=True, max_examples=100, deadline=None)
@given(frames, st.integers(0, 0xFFFFFFFE))
def test_another_address_is_another_module(frame: Frame, address: int) -> None:
    assert FrameParser().feed(encode(frame.pid, frame.payload, address)) == []


def test_missing_says_how_many_bytes_must_still_come() -> None:
    wire = encode(ACK, bytes(17))
    for cut in range(len(wire)):
        parser = FrameParser()
        parser.push(wire[:cut])
        assert parser.pull() is None
        still = len(wire) - cut
        assert parser.missing == (still if cut >= 9 else 12 - cut if cut else 0)
    assert parser.held == len(wire) - 1
    parser.reset()
    assert parser.held == 0


def test_fuzz_nothing_is_invented() -> None:
    """Random damage to random traffic: every frame that comes out was sent, in its order."""
    chance = Random(4711)
    for _ in range(1500):
        sent = [Frame(ACK, chance.randbytes(chance.choice((1, 3, 5, 17, 33)))) for _ in range(5)]
        wire = bytearray(b"".join(encode(frame.pid, frame.payload) for frame in sent))
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(wire))
            match chance.randrange(3):
                case 0:
                    wire[at] ^= 1 << chance.randrange(8)
                case 1:
                    del wire[at : at + chance.randrange(1, 20)]
                case _:
                    wire[at:at] = chance.randbytes(chance.randrange(1, 4))
            if not wire:
                break
        remaining = iter(sent)
        whole = [frame for frame in FrameParser().feed(bytes(wire)) if frame in sent]
        assert all(frame in remaining for frame in whole)


def flow(count: int) -> tuple[int, int]:
    """Push `count` frames with noise between some of them; frames found, and bytes of memory grown after a warm-up."""
    parser, found, grown = FrameParser(), 0, 0
    piece = b"".join(encode(ACK, bytes((code, 0, code, 0, code))) for code in range(100))
    noisy = piece[:700] + b"\x55\xef\x01" + piece[700:-1] + bytes((piece[-1] ^ 1,))
    tracemalloc.start()
    try:
        for turn in range(count // 100):
            found += len(parser.feed(noisy if turn % 10 == 9 else piece))
            if turn == 100:
                gc.collect()
                before = tracemalloc.get_traced_memory()[0]
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    return found, grown


def lost_in(count: int) -> int:
    """Each noisy piece breaks one frame by its last byte and one by the noise in its middle."""
    return count // 1000


@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_many_frames_in_flat_memory(count: int) -> None:
    found, grown = flow(count)
    assert count - 2 * lost_in(count) <= found <= count - lost_in(count)
    assert grown < 4096
