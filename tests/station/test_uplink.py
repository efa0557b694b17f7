"""What the uplink believes, when it tries again, and what it makes of nonsense: answers over a real socket."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from station import wire
from station.facts import first_prev, parse
from station.joining import Joined
from station.journal import Journal
from station.keys import Key
from station.uplink import FIRST_DELAY_S, HEARTBEAT_S, LONGEST_DELAY_S, Acked, Outcome, Uplink, after
from tests.builders import clock, journal_with

# Outcome → seconds until the next exchange, at the longest jitter, after no and after many failures before it.
AFTER = [
    (Outcome("went", more=True), 0.0, 0.0),
    (Outcome("went"), HEARTBEAT_S, HEARTBEAT_S),
    (Outcome("waiting"), FIRST_DELAY_S, FIRST_DELAY_S),
    (Outcome("held"), HEARTBEAT_S, HEARTBEAT_S),
    (Outcome("away"), FIRST_DELAY_S, LONGEST_DELAY_S),
    (Outcome("refused"), FIRST_DELAY_S, LONGEST_DELAY_S),
    (Outcome("fork"), FIRST_DELAY_S, LONGEST_DELAY_S),
]


class Longest(random.Random):
    """Dice that always throw the most."""

    def uniform(self, a: float, b: float) -> float:
        """The upper bound."""
        return b


@pytest.mark.parametrize(("outcome", "at_first", "in_the_end"), AFTER, ids=lambda value: getattr(value, "state", ""))
def test_when_to_try_again(outcome: Outcome, at_first: float, in_the_end: float) -> None:
    assert after(outcome, 0, Longest()) == at_first
    assert after(outcome, 50, Longest()) == in_the_end


@given(st.sampled_from(["away", "refused", "fork"]), st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_backoff_stays_within_its_bounds_and_never_ends(state: Any, failures: int, jitter: random.Random) -> None:
    delay = after(Outcome(state), failures, jitter)
    assert 0.75 * FIRST_DELAY_S <= delay <= LONGEST_DELAY_S
    if failures >= 6:
        assert delay >= 0.75 * LONGEST_DELAY_S


@given(st.integers(0, 9), st.randoms(use_true_random=False))
def test_backoff_grows(failures: int, jitter: random.Random) -> None:
    assert after(Outcome("away"), failures, Longest()) <= after(Outcome("away"), failures + 1, Longest())


Given = tuple[int, bytes, dict[str, str]]


class Hub:
    """Something at the other end that answers as the test says, and remembers what came."""

    def __init__(self) -> None:
        self.key = Key(Ed25519PrivateKey.generate())
        self.answer: Callable[[dict[str, str], bytes], Given] = lambda *_: (500, b"", {})
        self.came: list[dict[str, str]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                headers = dict(self.headers.items())
                body = self.rfile.read(int(headers.get("Content-Length", "0")))
                hub.came.append(headers)
                status, content, more = hub.answer(headers, body)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def signed(self, lineage: str, mark: int, hash_there: str, **changes: str) -> Given:
        """An answer in due form."""
        content = json.loads(wire.answer_bytes(self.key.public, lineage, mark, hash_there, datetime.now(UTC), "n"))
        raw = json.dumps(content | changes).encode()
        return 200, raw, {wire.SIGNATURE: self.key.sign(wire.answer_message(raw))}


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with journal_with(tmp_path, 8) as made:
        yield made


@pytest.fixture
def uplink(hub: Hub, journal: Journal, tmp_path: Path) -> Uplink:
    joined = Joined(hub.url, "station", hub.key.public, "厅")
    return Uplink(joined, Key(Ed25519PrivateKey.generate()), journal, clock(), tmp_path)


def hash_at(uplink: Uplink, seq: int) -> str:
    found = uplink._reader.hash_at(seq)
    assert found is not None
    return found


OTHER = Key(Ed25519PrivateKey.generate())
Nonsense = Callable[[Hub, str, str], Given]


def _other_key(hub: Hub, lineage: str, head: str) -> Given:
    status, raw, _ = hub.signed(lineage, 8, head)
    return status, raw, {wire.SIGNATURE: OTHER.sign(wire.answer_message(raw))}


def _turned(hub: Hub, lineage: str, head: str) -> Given:
    status, raw, headers = hub.signed(lineage, 7, head)
    return status, raw.replace(b"7", b"8", 1), headers


def _own_form(hub: Hub, raw: bytes) -> Given:
    return 200, raw, {wire.SIGNATURE: hub.key.sign(wire.answer_message(raw))}


NONSENSE: dict[str, Nonsense] = {
    "a portal's page": lambda *_: (200, b"<html>log in first</html>", {"Content-Type": "text/html"}),
    "nothing": lambda *_: (200, b"", {}),
    "no signature": lambda hub, lineage, head: (200, hub.signed(lineage, 8, head)[1], {}),
    "a signature that is no hex": lambda hub, lineage, head: (
        200, hub.signed(lineage, 8, head)[1], {wire.SIGNATURE: "zz"}
    ),
    "another hub's signature": _other_key,
    "a byte turned": _turned,
    "cut off, though signed": lambda hub, lineage, head: _own_form(hub, hub.signed(lineage, 8, head)[1][:40]),
    "a list": lambda hub, *_: _own_form(hub, b"[]"),
    "a number in words": lambda hub, lineage, head: hub.signed(lineage, 8, head, upto="8"),
    "another hub's name": lambda hub, lineage, head: hub.signed(lineage, 8, head, hub=OTHER.public),
    "another lineage": lambda hub, lineage, head: hub.signed("01931c7a-0000-7000-8000-000000000009", 8, head),
    "a time of another form": lambda hub, lineage, head: hub.signed(lineage, 8, head, time="yesterday"),
    "an inner fault": lambda *_: (500, b"<h1>Internal Server Error</h1>", {}),
    "busy": lambda *_: (503, b'{"error": "\xe5\xbf\x99"}', {"Retry-After": "5"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_no_answer_and_changes_nothing(hub: Hub, uplink: Uplink, journal: Journal, kind: str) -> None:
    before = (uplink.acked, journal.lineage, journal.head)
    hub.answer = lambda *_: NONSENSE[kind](hub, journal.lineage, journal.head.hash)
    outcome = uplink.step()
    assert (outcome.state, bool(outcome.words)) == ("away", True)
    assert (uplink.acked, journal.lineage, journal.head) == before
    assert uplink.backlog() == 8


@pytest.mark.parametrize(
    ("status", "conflict", "state"),
    [(403, "", "waiting"), (400, "", "refused"), (401, "", "refused"), (409, "held", "held"),
     (409, "simulated", "refused"), (409, "", "refused")],
)  # fmt: skip
def test_refusals_are_shown_and_change_nothing(
    hub: Hub, uplink: Uplink, journal: Journal, status: int, conflict: str, state: str
) -> None:
    lineage = journal.lineage
    hub.answer = lambda *_: (status, json.dumps({"error": "不收", "conflict": conflict}).encode(), {})
    outcome = uplink.step()
    assert (outcome.state, bool(outcome.words)) == (state, True)
    assert (journal.lineage, uplink.backlog()) == (lineage, 8)


def test_what_is_believed_is_kept_for_the_next_start(
    hub: Hub, uplink: Uplink, journal: Journal, tmp_path: Path
) -> None:
    hub.answer = lambda *_: hub.signed(journal.lineage, 5, hash_at(uplink, 5))
    assert uplink.step() == Outcome("went", more=True)
    again = Uplink(uplink.joined, Key(Ed25519PrivateKey.generate()), journal, clock(), tmp_path)
    assert again.acked == Acked(5, hash_at(uplink, 5))
    hub.answer = lambda *_: hub.signed(journal.lineage, 8, journal.head.hash)
    assert again.step() == Outcome("went")
    assert (hub.came[-1][wire.FIRST], hub.came[-1][wire.LAST]) == ("6", "8")


def test_a_lower_mark_is_sent_from_again(hub: Hub, uplink: Uplink, journal: Journal) -> None:
    for upto in (8, 3):
        there = hash_at(uplink, upto)
        hub.answer = lambda *_, upto=upto, there=there: hub.signed(journal.lineage, upto, there)
        uplink.step()
    assert uplink.acked.upto == 3
    hub.answer = lambda *_: hub.signed(journal.lineage, 0, first_prev(journal.lineage))
    uplink.step()
    uplink.step()
    assert hub.came[-1][wire.FIRST] == "1"


def test_a_hub_that_takes_nothing_is_not_asked_in_a_circle(hub: Hub, uplink: Uplink, journal: Journal) -> None:
    hub.answer = lambda *_: hub.signed(journal.lineage, 0, first_prev(journal.lineage))
    assert uplink.step().state == "refused"


def test_a_refusal_alone_is_no_fork_the_signed_word_is(hub: Hub, uplink: Uplink, journal: Journal) -> None:
    lineage = journal.lineage

    def contradicts(headers: dict[str, str], body: bytes) -> Given:
        if body:
            return 409, b'{"error": "x", "conflict": "fork"}', {}
        return hub.signed(lineage, 4, hash_at(uplink, 4))

    hub.answer = contradicts
    assert uplink.step() == Outcome("went", more=True)
    assert journal.lineage == lineage


def test_the_last_common_fact_is_found_however_much_the_hub_forgot(hub: Hub, uplink: Uplink, journal: Journal) -> None:
    """The hub acknowledged all eight, was restored to five, and holds another's sixth to ninth since."""
    lineage = journal.lineage
    hub.answer = lambda *_: hub.signed(lineage, 8, journal.head.hash)
    uplink.step()

    def other_history(headers: dict[str, str], body: bytes) -> Given:
        if body and int(headers[wire.LAST]) > 5:
            return 409, b'{"error": "x", "conflict": "fork"}', {}
        return hub.signed(lineage, 9, "f" * 64)

    hub.answer = other_history
    assert uplink.step().state == "fork"
    again = [parse(raw) for raw in uplink._reader.all_raw()]
    assert [fact.body["was"]["seq"] for fact in again[1:]] == [6, 7, 8]
    assert again[0].body["was"] == lineage
    assert uplink.backlog() == 4
