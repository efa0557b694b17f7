"""Reading fast accepts and refuses exactly what `station.facts.parse` does."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from station.clock import DrivenClock
from station.errors import BadFact
from station.facts import Fact, Punch, Request, Started, canonical, compose, parse
from tests.web.halls import ANYBODY
from web.services.reading import read_fact

CLOCK = DrivenClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
PUNCH = compose(ANYBODY, 7, "0" * 64, ANYBODY, CLOCK.read(), Punch(person=ANYBODY, place=3, score=120)).raw
LEAVE = Request(person="刘明", asks="leave", fields={"days": 1, "why": '"},"boot":"'})
ASKED = compose(ANYBODY, 8, "0" * 64, ANYBODY, CLOCK.read(), LEAVE).raw
STARTED = compose(ANYBODY, 1, "0" * 64, ANYBODY, CLOCK.read(), Started(version="0.1")).raw
SAMPLES = (PUNCH, ASKED, STARTED)

# Bytes that are nearly a fact: each once as the fast way sees them.
NEARLY = [
    PUNCH.replace(b'"score":120', b'"score":120.0'),
    PUNCH.replace(b'"score":120', b'"score":1e2'),
    PUNCH.replace(b'"score":120', b'"score":NaN'),
    PUNCH.replace(b'"score":120', b'"score":9223372036854775808'),
    PUNCH.replace(b'"score":120', b'"score":9223372036854775807'),
    PUNCH.replace(b'"score":120', b'"score":-0'),
    PUNCH.replace(b'"score":120', b'"score":120,"score":121'),
    PUNCH.replace(b'"place":3', b'"place":03'),
    PUNCH.replace(b'"place":3', b'"place":-3'),
    PUNCH.replace(b'"place":3', b'"place":true'),
    PUNCH.replace(b'"direction":null', b'"direction":"out"'),
    PUNCH.replace(b'"direction":null', b'"direction":""'),
    PUNCH.replace(b'"direction":null,', b""),
    PUNCH.replace(b'"place"', '"位置"'.encode()),
    PUNCH.replace(b'"place":3', b'"place":"\\u4f4d"'),
    PUNCH.replace(b'"place":3', b'"place":"\\ud800"'),
    PUNCH.replace(b'"place":3', b'"place":[3,{"a":1.5}]'),
    PUNCH.replace(b'"place":3', b'"place":[3,{"a":[]}]'),
    PUNCH.replace(b'"seq":7', b'"seq":0'),
    PUNCH.replace(b'"seq":7', b'"seq":7.0'),
    PUNCH.replace(b'"seq":7', b'"seq":true'),
    PUNCH.replace(b'"seq":7', b'"seq":999999999999999999'),
    PUNCH.replace(b'"v":1', b'"v":1,"w":1'),
    PUNCH.replace(b'"kind":"punch"', b'"kind":""'),
    PUNCH.replace(b'"kind":"punch"', b'"kind":"\xe5\x8d\xa1"'),
    PUNCH.replace(b"2026-03-02", b"2026-13-02"),
    PUNCH.replace(b"2026-03-02", b"0000-03-02"),
    PUNCH.replace(b"T01:00", b"T24:00"),
    PUNCH.replace(b'"simulated"', b'"perfect"'),
    PUNCH.replace(b'"monotonic_ns":0', b'"monotonic_ns":-5'),
    PUNCH.replace(ANYBODY.encode(), ANYBODY.upper().encode()),
    PUNCH + b" ",
    b" " + PUNCH,
    PUNCH.replace(b":", b": ", 1),
    PUNCH.replace(b'"body":{', b'"body":{}, "bod":{', 1),
    PUNCH.replace(b'"boot":"', b'"boot":"\\"'),
    PUNCH.decode().encode("utf-16"),
    b"\xff" + PUNCH,
    b"",
    b"[]",
    b"x" * 70_000,
]


def outcome(reader: object, raw: bytes) -> Fact | str:
    try:
        return reader(raw)  # type: ignore[operator,no-any-return]
    except BadFact:
        return "BadFact"


def test_samples_are_read_alike() -> None:
    for raw in SAMPLES:
        assert read_fact(raw) == parse(raw)


def test_near_misses_are_judged_alike() -> None:
    for raw in NEARLY:
        assert outcome(read_fact, raw) == outcome(parse, raw), raw[:200]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_any_few_bytes_changed_are_judged_alike(raw: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(raw) - 1))
    width = data.draw(st.integers(0, 3))
    put = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b",", b"{", b"}", b"0", b"1.5", b"\\"])))
    changed = raw[:place] + put + raw[place + width :]
    assert outcome(read_fact, changed) == outcome(parse, changed)


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.dictionaries(st.text(max_size=8), BODIES, max_size=4))
def test_any_body_is_judged_alike(body: dict[str, object]) -> None:
    whole = {**json.loads(PUNCH), "body": body}
    raw = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert outcome(read_fact, raw) == outcome(parse, raw)
    assert canonical(json.loads(PUNCH)) == PUNCH
