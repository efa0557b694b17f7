"""What is proposed and what is scored: nothing without its clause, nothing below the floor."""

from datetime import date
from fractions import Fraction

import pytest

from config.policy import load_policy
from config.policy_outcomes import Accumulation
from station.rules.assessment import Entry, above_free, counts_as_leave, score, warnings
from station.rules.calendar import DayTable, state_council
from station.rules.consequences import Breach, accumulation_proposal, ladder_proposals, measures, months_before
from station.rules.month import accumulated_days, decimal_string, sheet_due

TODAY = date(2026, 11, 20)


def breaches(kind: str, *days: str) -> list[Breach]:
    return [Breach(kind, date.fromisoformat(day), f"r{index}") for index, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "words", "nth"),
    [(["2026-11-01"], "告诫谈话、责令改正", 1), (["2026-03-01", "2026-11-01"], "通报批评", 2),
     (["2026-01-01", "2026-03-01", "2026-11-01"], "退回原单位", 3),
     (["2025-12-01", "2026-01-01", "2026-03-01", "2026-11-01"], "退回原单位", 4),
     (["2025-11-20", "2026-11-01"], "告诫谈话、责令改正", 1), (["2025-11-21", "2026-11-01"], "通报批评", 2)],
)  # fmt: skip
def test_minor_breaches_climb_within_a_year(days: list[str], words: str, nth: int) -> None:
    (proposal,) = ladder_proposals(load_policy("wanzhou"), breaches("shirking", *days), TODAY)
    assert (proposal.words, proposal.nth, proposal.decided_by) == (words, nth, "supervision")
    assert proposal.clauses == ("wanzhou:accountability:3.1", "assumed")
    assert len(proposal.evidence) == nth


def test_what_the_ladder_does_not_list_proposes_nothing() -> None:
    assert ladder_proposals(load_policy("wanzhou"), breaches("hygiene", "2026-11-01"), TODAY) == ()
    assert ladder_proposals(load_policy("taigu"), breaches("shirking", "2026-11-01"), TODAY) == ()


@pytest.mark.parametrize(("times", "words"), [(1, "通报批评"), (2, "通报批评"), (3, "建议调离岗位")])
def test_xinglings_third_unexplained_absence(times: int, words: str) -> None:
    found = breaches("left_post", *(f"2026-11-0{day}" for day in range(1, times + 1)))
    (proposal,) = ladder_proposals(load_policy("xingling"), found, TODAY)
    assert proposal.words == words
    assert "xingling:attendance:3" in proposal.clauses


def test_shanxi_gives_five_measures_to_choose_from() -> None:
    found = measures(load_policy("shanxi"))
    assert len(found) == 5
    assert [each.clauses for each in found] == [(f"shanxi:attendance:9.{nth}",) for nth in range(1, 6)]


def test_accumulation_is_a_proposal_with_its_evidence() -> None:
    wanzhou = load_policy("wanzhou")
    assert accumulation_proposal(wanzhou, 3, ["a"]) is None
    assert accumulation_proposal(load_policy("taigu"), 9, ["a"]) is None
    proposal = accumulation_proposal(wanzhou, 4, ["a", "b"])
    assert proposal is not None
    assert (proposal.evidence, proposal.clauses) == (("a", "b"), ("wanzhou:attendance:5", "assumed"))


@pytest.mark.parametrize(
    ("every", "count", "days"),
    [(None, 3, "0"), (None, 4, "1/2"), (None, 12, "1/2"), (4, 3, "0"), (4, 4, "1/2"), (4, 7, "1/2"), (4, 8, "1"),
     (4, 12, "3/2")],
)  # fmt: skip
def test_accumulation_may_repeat(every: int | None, count: int, days: str) -> None:
    rule = Accumulation.model_validate({"threshold": 4, "days": "0.5", "every": every, "source": "assumed"})
    assert accumulated_days(count, rule) == Fraction(days)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [("2026-11-20", 12, "2025-11-20"), ("2024-02-29", 12, "2023-02-28"), ("2026-01-15", 1, "2025-12-15"),
     ("2026-03-31", 1, "2026-02-28"), ("2026-05-31", 1, "2026-04-30")],
)  # fmt: skip
def test_months_are_counted_back(day: str, months: int, before: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


MUNICIPAL = load_policy("municipal")


@pytest.mark.parametrize(
    ("key", "units", "total"),
    [("late_or_early", "3", "17"), ("left_post", "1", "37/2"), ("absent", "2", "16"),
     ("unregistered_exit", "1", "199/10"), ("empty_window", "1", "19"), ("head_no_fingerprint", "1", "19"),
     ("leave_overrun", "2", "98/5"),
     ("assembly_late", "1", "19"), ("assembly_absent", "1", "37/2"), ("discipline", "1", "18"),
     ("absent", "11", "0"), ("late_or_early", "0", "20")],
)  # fmt: skip
def test_municipal_points_are_exact_and_never_below_nought(key: str, units: str, total: str) -> None:
    assert score(MUNICIPAL, {key: Fraction(units)}).total == Fraction(total)


def test_every_line_of_a_score_names_its_clause_and_author() -> None:
    found = score(MUNICIPAL, {"left_post": Fraction(1)}, {"unapproved_change": Entry(Fraction(1), "王主任")})
    assert [(line.key, line.clauses, line.author) for line in found.lines] == [
        ("left_post", ("municipal:assessment:7.1.1#2",), None),
        ("unapproved_change", ("municipal:assessment:7.1.4",), "王主任"),
    ]
    assert found.total == Fraction("17.5")


def test_he_county_counts_half_days_in_proportion() -> None:
    found = score(load_policy("hexian"), {"absent": Fraction(1, 2), "uncovered_sick": Fraction(2)})
    assert (found.full, found.total) == (25, Fraction("20.5"))


@pytest.mark.parametrize(
    ("key", "months", "people", "units"),
    [("leave_days", ["4"], 2, 0), ("leave_days", ["6"], 2, 1), ("leave_days", ["5.9"], 2, 0),
     ("leave_days", ["9", "3"], 1, 8), ("leave_times", ["8"], 2, 0), ("leave_times", ["10"], 2, 1),
     ("leave_days", ["9"], 0, 0)],
)  # fmt: skip
def test_averages_a_head_cost_only_what_is_above_the_free(key: str, months: list[str], people: int, units: int) -> None:
    assert above_free(MUNICIPAL, key, [Fraction(month) for month in months], people) == units


def test_surveys_and_annual_leave_do_not_count_towards_the_average() -> None:
    kinds = ("field_visit", "annual", "personal", "sick")
    assert [counts_as_leave(MUNICIPAL, kind) for kind in kinds] == [False, False, True, True]


@pytest.mark.parametrize(
    ("totals", "ranks", "said"),
    [
        ([60], [4], (False, False, False)),
        ([59], [4], (True, False, False)),
        ([59, 80], [4, 4], (False, False, False)),
        ([59, 80, 59], [4, 4, 4], (True, False, True)),
        ([80, 80, 80], [3, 1, 2], (False, True, False)),
        ([80, 80, 80], [3, 4, 2], (False, False, False)),
        ([80, 80], [1, 1], (False, False, False)),
    ],
)
def test_what_a_row_of_scores_calls_for(totals: list[int], ranks: list[int], said: tuple[bool, bool, bool]) -> None:
    found = warnings(MUNICIPAL, [Fraction(total) for total in totals], ranks)
    assert (found.failed, found.last_in_a_row, found.failed_in_a_year) == said
    assert bool(found.clauses) == any(said)


@pytest.mark.parametrize(
    ("month", "due"), [((2026, 2), "2026-03-06"), ((2026, 9), "2026-10-13"), ((2025, 12), "2026-01-08")]
)
def test_the_sheet_is_due_within_five_working_days(month: tuple[int, int], due: str) -> None:
    assert sheet_due(load_policy("default"), *month, state_council()) == date.fromisoformat(due)


def test_a_year_that_the_hall_confirms_is_known() -> None:
    table = state_council().confirmed(2031, [date(2031, 1, 1)], [date(2031, 1, 4)])
    assert table.is_known(date(2031, 6, 1))
    assert not table.is_workday(date(2031, 1, 1))
    assert table.is_workday(date(2031, 1, 4))
    assert not DayTable().is_known(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("days", "text"),
    [("0", "0.0"), ("1/2", "0.5"), ("1", "1.0"), ("7/4", "1.75"), ("21/2", "10.5"), ("1/3", "1/3"), ("-1/2", "-0.5")],
)
def test_days_are_exact_decimals(days: str, text: str) -> None:
    assert decimal_string(Fraction(days)) == text
