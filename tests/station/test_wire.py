"""A batch's bytes, what a request's signature covers, and answers that are not believed."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station import wire
from station.errors import BadFact

SIGNED = wire.Signed("POST", "/api/v1/stations/s/facts", "s", "ab", "lineage", 3, 7)


def test_a_signature_covers_exactly_these_bytes() -> None:
    assert SIGNED.message() == b"zaigang-request\nPOST\n/api/v1/stations/s/facts\ns\nlineage\n3\n7\n\nab"


def test_headers_carry_what_was_signed() -> None:
    heard, signature = wire.signed_of("POST", SIGNED.path, SIGNED.headers("sig"), b"")
    assert signature == "sig"
    assert (heard.station, heard.lineage, heard.first, heard.last) == ("s", "lineage", 3, 7)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {wire.STATION: "s"},
        {wire.SIGNATURE: "x"},
        {wire.STATION: "s", wire.SIGNATURE: "x", wire.FIRST: "one"},
        {wire.STATION: "s", wire.SIGNATURE: "x", wire.FIRST: "5", wire.LAST: "4"},
        {wire.STATION: "s", wire.SIGNATURE: "x", wire.FIRST: "-1", wire.LAST: "4"},
    ],
)
def test_headers_that_are_missing_or_strange_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".*"):
        wire.signed_of("POST", "/", headers, b"")


@settings(derandomize=True, max_examples=100)
@given(st.lists(st.binary(min_size=1).filter(lambda raw: b"\n" not in raw), min_size=1, max_size=20))
def test_a_batch_comes_out_as_it_went_in(raws: list[bytes]) -> None:
    assert wire.unpack(wire.pack(raws)) == raws
    assert wire.pack(raws) == wire.pack(list(raws))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain",
        gzip.compress(b"no end of line"),
        gzip.compress(b"x\n" * (wire.BATCH + 1)),
        gzip.compress(b"\0" * (wire.MAX_LINES + 2)),
        wire.pack([b"x" * 100])[:-9],
    ],
    ids=["nothing", "no gzip", "no end of line", "too many", "too large", "cut off"],
)
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(BadFact):
        wire.unpack(body)


def test_a_damaged_batch_never_raises_anything_else() -> None:
    body = bytearray(wire.pack([b'{"a":1}' * 40] * 5))
    for at in range(len(body)):
        damaged = bytes(body[:at]) + bytes([body[at] ^ 0xFF]) + bytes(body[at + 1 :])
        try:
            wire.unpack(damaged)
        except BadFact:
            continue


def test_an_answer_is_read_back_as_given() -> None:
    now = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
    answer = wire.read_answer(wire.answer_bytes("hub", "lineage", 9, "ab" * 32, now, "n"))
    assert (answer.upto, answer.at()) == (9, now)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"hub":"h","lineage":"l","upto":"9"}', b"[]"])
def test_what_is_no_answer_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        wire.read_answer(content)
