"""kill -9 at any instant: what was acknowledged is there, the chain holds, at most one fact more."""

import random
from pathlib import Path

from station.facts import Fact, first_prev, parse
from station.journal import FILE, Reader
from tests.faults.killing import Killing

KILLS = 40


def chain(folder: Path) -> list[Fact]:
    reader = Reader(folder / FILE)
    facts = [parse(raw) for raw in reader.all_raw()]
    reader.close()
    return facts


def test_kills_at_any_instant_lose_nothing_and_invent_nothing(tmp_path: Path) -> None:
    dice = random.Random(20260302)
    with Killing() as killing:
        for _ in range(KILLS):
            acked = killing.strike("forever", tmp_path, dice.randrange(1, 6), dice.uniform(0, 0.004))[-1]
            facts = chain(tmp_path / "station")
            assert acked <= len(facts) <= acked + 1
            assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
            prevs = [first_prev(facts[0].lineage), *(fact.hash for fact in facts[:-1])]
            assert [fact.prev for fact in facts] == prevs
