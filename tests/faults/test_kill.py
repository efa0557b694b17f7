"""kill -9 at any instant: what was acknowledged is there, the chain holds, at most one fact more."""

import random
from pathlib import Path

from station.facts import Fact, first_prev, parse
from station.journal import FILE, Reader
from tests.faults.killing import Killing
from tests.station.counters import CHEN, F1, LIU, ZHAO, Counter, papers, question
from tests.station.walkers import MORNING, Walkers

KILLS = 40
KILLS_OF_A_ROUND = 6


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


def test_a_round_goes_on_after_every_kill_and_is_signed_whole(tmp_path: Path) -> None:
    dice, acked = random.Random(20260302), set[int]()
    with Killing() as killing:
        for _ in range(KILLS_OF_A_ROUND):
            acked |= set(killing.strike("walked", tmp_path, dice.randrange(1, 6), dice.uniform(0, 0.004)))
    hall = Walkers(tmp_path / "station")
    try:
        checks = hall.of("check", "addition")
        assert acked <= {fact.seq for fact in checks}
        assert len(checks) <= len(acked) + KILLS_OF_A_ROUND  # one more at most for each kill
        assert len(hall.of("round_opened")) == 1
        assert all(hall.photos.has(digest) for fact in checks for digest in fact.body["photos"])
        walk = hall.patrolling.need(MORNING)
        assert (hall.patrolling.under_way(), len(walk.visits)) == (MORNING, 4)
        assert sum(1 + visit.added for visit in walk.visits.values()) == len(checks)
        for officer in (CHEN, ZHAO):
            hall.patrolling.sign(MORNING, officer, "finger")
        assert hall.patrolling.need(MORNING).closed
    finally:
        hall.close()


def test_an_answer_that_the_screen_told_of_is_there_after_every_kill(tmp_path: Path) -> None:
    dice, acked = random.Random(20260302), set[int]()
    with Killing() as killing:
        for _ in range(KILLS_OF_A_ROUND):
            acked |= set(killing.strike("answered", tmp_path, dice.randrange(1, 6), dice.uniform(0, 0.004)))
    counter = Counter(tmp_path / "station", papers(questions=[question()]))
    try:
        answers = counter.of("request")
        assert acked <= {fact.seq for fact in answers}
        assert len(answers) <= len(acked) + KILLS_OF_A_ROUND  # one more at most for each kill
        assert all(fact.body["fields"]["finding"] == F1 for fact in answers)
        (asked,) = counter.answering.asked(LIU)
        assert (len(asked.said), counter.answering.waiting(LIU)) == (len(answers), 0)
    finally:
        counter.close()
