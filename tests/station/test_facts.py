"""A fact's bytes, their canonical form, and what is refused."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from station.clock import Reading
from station.errors import BadFact
from station.facts import (
    KINDS,
    Body,
    Punch,
    canonical,
    compose,
    first_prev,
    instant,
    parse,
    read_body,
    read_instant,
)
from tests.builders import FACT_ID, LINEAGE, LIU, MONDAY

READING = Reading(MONDAY, "boot-1", 42, "synced")
BYTES = (
    b'{"at":"2026-03-02T00:58:59.000000Z","body":{"direction":null,"person":"01931c7a-0000-7000-8000-00000000a001",'
    b'"place":7,"score":120},"boot":"boot-1","clock":"synced","id":"01931c7a-0000-7000-8000-000000000002",'
    b'"kind":"punch","lineage":"01931c7a-0000-7000-8000-000000000001","monotonic_ns":42,"prev":"'
    + hashlib.sha256(LINEAGE.encode()).hexdigest().encode()
    + b'","seq":1,"v":1}'
)

portable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def a_fact() -> Any:
    return compose(LINEAGE, 1, first_prev(LINEAGE), FACT_ID, READING, Punch(person=LIU, place=7, score=120))


def test_a_punch_has_exactly_these_bytes() -> None:
    fact = a_fact()
    assert fact.raw == BYTES
    assert fact.hash == hashlib.sha256(BYTES).hexdigest()


def test_reading_the_bytes_gives_the_fact_back() -> None:
    assert parse(BYTES) == a_fact()


@settings(derandomize=True, max_examples=300)
@given(st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), portable, max_size=6))
def test_canonical_form_is_that_of_rfc_8785(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_a_clock_that_ran_for_a_year_still_fits() -> None:
    year = 365 * 86_400 * 10**9
    assert str(year) in canonical({"monotonic_ns": year}).decode()


@pytest.mark.parametrize("value", [{"a": 1.5}, {"钥": 1}, {"a": [{"b": 2.0}]}, {"a": 2**63}, {1: 2}])
def test_what_other_readers_could_misread_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(BadFact):
        canonical(value)


def changed(**fields: Any) -> bytes:
    value = {**json.loads(BYTES), **fields}
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        BYTES + b" ",
        BYTES.replace(b",", b", ", 1),
        BYTES[:-1],
        changed(seq=0),
        changed(seq=True),
        changed(seq="1"),
        changed(v=0),
        changed(extra=1),
        changed(at="2026-03-02T00:58:59Z"),
        changed(at="2026-13-02T00:58:59.000000Z"),
        changed(prev="0" * 63),
        changed(id="7"),
        changed(lineage="7"),
        changed(clock="atomic"),
        changed(body=[]),
        changed(body={"x": "y" * 70_000}),
    ],
)
def test_a_broken_envelope_is_no_fact(raw: bytes) -> None:
    with pytest.raises(BadFact):
        parse(raw)


@settings(derandomize=True, max_examples=300)
@given(st.binary(max_size=300))
def test_noise_is_refused_and_never_raises_anything_else(raw: bytes) -> None:
    with pytest.raises(BadFact):
        parse(raw)


@pytest.mark.parametrize(
    ("fields", "understood"),
    [
        ({}, True),
        ({"kind": "dance"}, False),
        ({"v": 2}, False),
        ({"body": {"person": LIU}}, False),
        ({"body": {"person": LIU, "place": 7, "score": 120, "mood": "good"}}, True),
    ],
)
def test_a_body_is_read_leniently_or_left_alone(fields: dict[str, Any], understood: bool) -> None:
    assert (read_body(parse(changed(**fields))) is not None) is understood


@settings(derandomize=True, max_examples=100)
@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_come_back_as_they_went(at: datetime) -> None:
    assert read_instant(instant(at)) == at


@pytest.mark.parametrize("text", ["2026-03-02T00:58:59.000000+00:00", "2026-03-02 00:58:59.000000Z", "", "x"])
def test_an_instant_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_instant(text)


@pytest.mark.parametrize(("kind", "model"), [(kind, model) for kind, (_, model) in KINDS.items()])
def test_every_kind_has_words_and_a_frozen_body(kind: str, model: type[Body]) -> None:
    assert model.__doc__
    assert model.model_config["frozen"]
    assert kind.isascii()
