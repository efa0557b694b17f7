"""One session's verdict: rules in their order, each naming its clauses and the evidence that decided."""

from collections.abc import Iterable
from typing import NamedTuple

from station.rules.excuse import FOREVER, Away, excused, is_excused, overlapping, unexcused
from station.rules.hours import Day, Law, Span, Stretch
from station.rules.punches import Mark

ASSUMED = ("assumed",)
BLANK: tuple[str, ...] = ()
MISSING = frozenset(("missing_in", "missing_out", "missing_both"))


class Verdict(NamedTuple):
    """One session judged. `came`, `left`: its in and out; minutes net of what is excused; `kept`: sides made good."""

    session: str
    verdict: str
    came: Mark | None
    left: Mark | None
    late: int = 0
    early: int = 0
    ready: bool | None = None
    leave_kind: str | None = None
    provisional: bool = False
    evidence: tuple[str, ...] = BLANK
    clauses: tuple[str, ...] = BLANK
    kept: tuple[str, ...] = BLANK


class Known(NamedTuple):
    """What is known of a person, with its minutes; of a day, when narrowed to one."""

    approved: tuple[Away, ...]
    undecided: tuple[Away, ...]
    findings: tuple[tuple[int, str], ...]
    exits: tuple[tuple[int, int | None, str], ...]
    outages: tuple[tuple[int, int, str], ...]
    posting: Stretch


class Case(NamedTuple):
    """One session with all that its verdict may follow from. `before`: the end of the session before it, if any."""

    law: Law
    day: Day
    span: Span
    before: int | None
    last: bool
    due: bool
    excuses: tuple[Stretch, ...]
    needed: Stretch | None
    approved: tuple[Away, ...]
    undecided: bool
    came: Mark | None
    left: Mark | None
    pressed: bool
    known: Known


def verdict_of(case: Case) -> Verdict:
    """The verdict of the first rule that applies."""
    for rule in ORDER:
        found = rule(case)
        if found is not None:
            return found
    return _said(case, "present")


def _on_leave(case: Case) -> Verdict | None:
    if case.needed is not None:
        return None
    kind = _kind(case.approved, case.span)
    clauses = next((source for kinds, source in case.law.grounds if not kinds or kind in kinds), ASSUMED)
    ids = tuple(each.absence.id for each in case.approved)
    return Verdict(case.span.name, "leave", case.came, case.left, leave_kind=kind, evidence=ids, clauses=clauses)


def _kind(approved: Iterable[Away], span: Span) -> str | None:
    """The kind that covers most minutes of the session; of equals the one whose first covered minute is earliest."""
    by_kind: dict[str, list[Away]] = {}
    for each in approved:
        by_kind.setdefault(each.absence.kind, []).append(each)
    covered = {kind: excused(span, aways, FOREVER) for kind, aways in by_kind.items()}
    ranked = sorted(covered, key=lambda kind: (-sum(e - s for s, e in covered[kind]), covered[kind][0].start))
    return ranked[0] if ranked else None


def _left_post(case: Case) -> Verdict | None:
    since, left, law = _here_since(case), case.left, case.law
    if not case.known.findings or not law.left_post_is_absent or since is None or not case.day.known:
        return None
    acting = tuple(
        finding
        for minute, finding in case.known.findings
        if case.span.start <= minute < case.span.end
        and since <= minute
        and (left is None or minute < left.minute)
        and not is_excused(minute, case.excuses)
        and not is_excused(minute, case.day.breaks)
        and not any(_just_out(minute, start, end, law.exit) for start, end, _ in case.known.exits)
    )
    return _said(case, "absent", evidence=acting, clauses=law.clauses["left_post"]) if acting else None


def _here_since(case: Case) -> int | None:
    """The minute from which the punches say present; an inner in that nobody presses counts from the start."""
    if case.came is not None:
        return case.came.minute
    return case.span.start if _inner_in(case) else None


def _just_out(minute: int, start: int, end: int | None, allowed: int) -> bool:
    return start <= minute < start + allowed and (end is None or minute < end)


def _not_yet(case: Case) -> Verdict | None:
    if case.due or (not _lacks(case) and (case.left is None or case.left.minute >= case.span.end)):
        return None
    return _said(case, "pending", late=_late(case))


def _lacks(case: Case) -> bool:
    return (case.came is None and not _inner_in(case)) or (case.left is None and not _inner_out(case))


def _made_good(case: Case) -> Verdict | None:
    if case.came is not None or case.left is not None:
        return None
    ins, outs = _kept_in(case), _kept_out(case)
    if ins is not None and outs is not None and (ins or outs):
        evidence = tuple(dict.fromkeys((*ins, *outs)))
        return _said(case, "outage", evidence=evidence, clauses=_kept_clauses(case, evidence), kept=("in", "out"))
    return None


def _nobody(case: Case) -> Verdict | None:
    if case.came is not None or case.left is not None:
        return None
    if _kept_in(case) is not None or _kept_out(case) is not None:
        return None
    if not case.day.known:
        return _said(case, "pending")
    stay = case.known.posting
    start, end = max(case.span.start, stay.start), min(case.span.end, stay.end)
    if overlapping(case.approved, start, end):
        return _said(case, "missing_both", clauses=case.law.clauses["missing"])
    return _said(case, "absent", clauses=case.law.clauses["absent"])


def _by_the_clock(case: Case) -> Verdict | None:
    """Both sides there: minutes late and early decide."""
    if case.came is None or case.left is None:
        return None
    late, early = _late(case), _early(case)
    return _said(case, _minutes_name(late, early), late=late, early=early, clauses=_minutes_clauses(case, late, early))


def _one_side(case: Case) -> Verdict | None:
    """One side there, or made good: the other is missing or kept, and the minutes of the side that is there count."""
    ins = _kept_in(case) if case.came is None else BLANK
    outs = _kept_out(case) if case.left is None else BLANK
    late, early = _late(case), _early(case)
    evidence = tuple(dict.fromkeys((*(ins or ()), *(outs or ()))))
    kept = tuple(
        side
        for side, mark, ids in (("in", case.came, ins), ("out", case.left, outs))
        if mark is None and ids is not None
    )
    name = "missing_in" if ins is None else "missing_out" if outs is None else _minutes_name(late, early)
    clauses = case.law.clauses["missing"] if name in MISSING else BLANK
    clauses += _minutes_clauses(case, late, early)
    if evidence:
        clauses += _kept_clauses(case, evidence)
    return _said(case, name, late=late, early=early, evidence=evidence, clauses=clauses, kept=kept)


def _minutes_clauses(case: Case, late: int, early: int) -> tuple[str, ...]:
    clauses = case.law.clauses["late"] if late else BLANK
    return clauses + case.law.clauses["early"] if early else clauses


def _minutes_name(late: int, early: int) -> str:
    if late and early:
        return "late_and_early"
    return "late" if late else "early" if early else "present"


ORDER = (_on_leave, _left_post, _not_yet, _by_the_clock, _made_good, _nobody, _one_side)


def _said(case: Case, name: str, *, late: int = 0, early: int = 0, evidence: tuple[str, ...] = BLANK,
          clauses: tuple[str, ...] = BLANK, kept: tuple[str, ...] = BLANK) -> Verdict:  # fmt: skip
    came, left = case.came, case.left
    ready = None if name in ("absent", "outage") else _ready(case)
    if ready is False and not late:
        clauses += case.law.clauses["ready"]
    provisional = (
        case.undecided
        or not case.day.known
        or (came is not None and not came.punch.synced)
        or (left is not None and not left.punch.synced)
    )
    if case.approved:
        evidence = tuple(each.absence.id for each in case.approved) + evidence
    if len(clauses) > 1:
        clauses = tuple(dict.fromkeys(clauses))
    return Verdict(case.span.name, name, came, left, late, early, ready, None, provisional, evidence, clauses, kept)


def _ready(case: Case) -> bool | None:
    came, ready = case.came, case.law.ready
    if came is None or not ready or not came.punch.synced or is_excused(case.span.start, case.excuses):
        return None
    return came.minute <= case.span.start - ready


def _late(case: Case) -> int:
    came = case.came
    if came is None or came.minute <= case.span.start or not came.punch.synced or _inner_in(case):
        return 0
    return unexcused(case.span.start, came.minute, case.excuses)


def _early(case: Case) -> int:
    left = case.left
    if left is None or left.minute >= case.span.end or not left.punch.synced or _inner_out(case):
        return 0
    return unexcused(left.minute, case.span.end, case.excuses)


def _inner_in(case: Case) -> bool:
    return case.law.per_day and case.before is not None and case.pressed


def _inner_out(case: Case) -> bool:
    return case.law.per_day and not case.last and case.pressed


def _kept_in(case: Case) -> tuple[str, ...] | None:
    """What keeps a missing in: ids of outages and exits; () when taken as kept; None when nothing does."""
    start, end = case.span.start, case.span.end
    since = start if case.before is None else case.before
    ids = _without_station(case, start - case.law.outage, start)
    ids += tuple(
        each for begun, back, each in case.known.exits if begun < start and back is not None and since <= back < end
    )
    return ids or (BLANK if _inner_in(case) else None)


def _kept_out(case: Case) -> tuple[str, ...] | None:
    """What keeps a missing out, as `_kept_in` does."""
    start, end = case.span.start, case.span.end
    ids = _without_station(case, end, end + case.law.outage)
    ids += tuple(each for gone, back, each in case.known.exits if start < gone <= end and (back is None or back > end))
    return ids or (BLANK if _inner_out(case) else None)


def _without_station(case: Case, start: int, end: int) -> tuple[str, ...]:
    return tuple(each for a, b, each in case.known.outages if a < end and b > start and a < b)


def _kept_clauses(case: Case, evidence: Iterable[str]) -> tuple[str, ...]:
    stations = {each for _, _, each in case.known.outages}
    return case.law.clauses["outage"] if stations.intersection(evidence) else ASSUMED
