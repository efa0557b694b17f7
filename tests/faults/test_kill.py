"""kill -9 at any instant: what was acknowledged is there, the chain holds, at most one fact more."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from station.facts import Fact, first_prev, parse
from station.journal import FILE, Reader

KILLS = 40


def presses_until_killed(folder: Path, after: int, seconds: float) -> int:
    """Let a fresh process press until `after` acknowledgements and then `seconds` more; the last seq it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.press_forever", str(folder)], stdout=subprocess.PIPE, bufsize=0
    )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(after + 1)]
        signal.sigtimedwait((), seconds)  # an exact short wait; the instant of the kill falls where it falls
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    whole = b"".join(lines) + rest
    acked = whole[: whole.rfind(b"\n") + 1].split()
    return int(acked[-1])


def chain(folder: Path) -> list[Fact]:
    reader = Reader(folder / FILE)
    facts = [parse(raw) for raw in reader.all_raw()]
    reader.close()
    return facts


def test_kills_at_any_instant_lose_nothing_and_invent_nothing(tmp_path: Path) -> None:
    dice = random.Random(20260302)
    for _ in range(KILLS):
        acked = presses_until_killed(tmp_path, dice.randrange(1, 6), dice.uniform(0, 0.004))
        facts = chain(tmp_path)
        assert acked <= len(facts) <= acked + 1
        assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
        prevs = [first_prev(facts[0].lineage), *(fact.hash for fact in facts[:-1])]
        assert [fact.prev for fact in facts] == prevs
