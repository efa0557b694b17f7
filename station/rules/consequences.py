"""What is proposed, never done: a person with the role decides, and the record keeps evidence, clause, decision."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from config.policy import Policy
from config.policy_outcomes import Ladder


class Breach(NamedTuple):
    """A breach found: what, when, and the record that shows it."""

    kind: str
    on: date
    evidence: str


class Proposal(NamedTuple):
    """What is put before `decided_by`: the n-th time, the measure, its clauses and the records behind it."""

    key: str
    words: str
    nth: int
    decided_by: str
    clauses: tuple[str, ...]
    evidence: tuple[str, ...]


def ladder_proposals(policy: Policy, breaches: Iterable[Breach], today: date) -> tuple[Proposal, ...]:
    """The step that each ladder of the policy has reached for one person's breaches, counted back from `today`."""
    listed = sorted(breaches, key=lambda breach: (breach.on, breach.evidence))
    found = (_step(policy, ladder, listed, today) for ladder in policy.consequences.ladders)
    return tuple(each for each in found if each is not None)


def _step(policy: Policy, ladder: Ladder, breaches: Iterable[Breach], today: date) -> Proposal | None:
    since = months_before(today, ladder.months)
    counted = [each for each in breaches if each.kind in ladder.breaches and since < each.on <= today]
    if not counted:
        return None
    words = ladder.steps[min(len(counted), len(ladder.steps)) - 1]
    clauses = tuple(dict.fromkeys((*ladder.source, *ladder.months_source)))
    evidence = tuple(each.evidence for each in counted)
    return Proposal(ladder.key, words, len(counted), policy.consequences.decided_by, clauses, evidence)


def measures(policy: Policy) -> tuple[Proposal, ...]:
    """The measures that may be chosen from; none is proposed by itself."""
    return tuple(
        Proposal(row.key, row.name, 0, policy.consequences.decided_by, row.source, ())
        for row in policy.consequences.measures
    )


def accumulation_proposal(policy: Policy, count: int, evidence: Iterable[str]) -> Proposal | None:
    """What a month's late and early add up to; None below the threshold or where the policy knows no such rule."""
    rule = policy.consequences.accumulation
    if rule is None or count < rule.threshold:
        return None
    decided_by = policy.consequences.decided_by
    return Proposal("accumulation", "累计折算旷工", count, decided_by, rule.source, tuple(evidence))


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))
