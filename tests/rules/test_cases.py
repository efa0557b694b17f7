"""Every case of the tables, judged as `zaigang judge` judges it."""

import pytest

from tests.rules.tables import Row, check, judged, rows

ALL = rows("*.toml")


@pytest.mark.zone
@pytest.mark.parametrize("case", [case for _, case in ALL], ids=[name for name, _ in ALL])
def test_the_table_holds(case: Row) -> None:
    check(case, judged(case))


def test_there_is_a_case_for_every_line_of_the_rules() -> None:
    assert len(ALL) >= 200
