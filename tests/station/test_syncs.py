"""One fact, one sync: what the display says is on the disk, and the card is not worn for nothing."""

from tests.bench.journal import syncs_a_fact


def test_a_fact_costs_exactly_one_sync() -> None:
    assert syncs_a_fact() == 1
