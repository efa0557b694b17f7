"""How a finding goes on (wanzhou:patrol:6): what its steps make of it by a day, and who may take the next one.

Two ways run beside each other. What is said of a person is confirmed or refused by supervision, after they were heard;
what is wrong at a place is put right by whose it is and verified by an officer. Nothing of it is recorded as a state.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

from config.policy import Policy
from station.rules.calendar import DayTable
from station.rules.patrol import follow_up, may_confirm, rectify_by

Step = Literal["answer", "confirm", "refuse", "withdraw", "assign", "rectify", "verify", "reopen", "report", "hear",
               "refer"]  # fmt: skip
Judged = Literal["plain", "open", "confirmed", "refused"]
Mending = Literal["noted", "open", "overdue", "rectified", "closed", "dropped"]
OFFICER = "patrol_officer"
JUDGING = ("confirm", "refuse", "withdraw")
ASSIGNERS = ("supervision", "duty_leader")


class Act(NamedTuple):
    """A step that was taken: by whom, on which of the hall's days; `person`: whom it names, empty for nobody."""

    step: Step
    by: str
    day: date
    person: str = ""


class Seen(NamedTuple):
    """What a finding is about. `accuses`: it says something of a person, so it wants confirming; `mends`: it is more
    than a reminder given on the spot, so it has to be put right."""

    day: date
    accuses: bool
    mends: bool


class Following(NamedTuple):
    """How a finding stands. `due`: the last day to put it right in time, None where nothing is to be done any more.

    `assigned`: whom it was given to, `rectified_by`: who put it right last, `named`: whom its confirmation names.
    `reported`: it went to the office leader (wanzhou:patrol:7), `heard`: and was dealt with there; `referred`: it went
    on to accountability (wanzhou:patrol:7b).
    """

    judged: Judged
    mending: Mending
    due: date | None
    assigned: str = ""
    rectified_by: str = ""
    named: str = ""
    reported: bool = False
    heard: bool = False
    referred: bool = False


class Parties(NamedTuple):
    """Who has to do with a finding. `about`: the person it concerns, empty for nobody; `officers`: who found it;
    `answerable`: whose it is to put right; `clerks`: who may answer for the person."""

    about: str
    officers: frozenset[str]
    answerable: frozenset[str]
    clerks: frozenset[str]


def follow(policy: Policy, seen: Seen, acts: Iterable[Act], table: DayTable, today: date) -> Following:
    """How a finding stands on a day, its steps given in the order of time."""
    taken = list(acts)
    judged = _judged(seen, taken)
    named = next((act.person for act in reversed(taken) if act.step == "confirm" and act.person), "")
    steps = {act.step for act in taken}
    assigned = next((act.person for act in reversed(taken) if act.step == "assign"), "")
    stands = Following(judged, "noted", None, named=named, reported="report" in steps, heard="hear" in steps,
                       referred="refer" in steps)  # fmt: skip
    if judged == "refused":
        return stands._replace(mending="dropped", assigned=assigned)
    if not seen.mends and not steps & {"assign", "rectify", "reopen"}:
        return stands
    since = next((act.day for act in reversed(taken) if act.step == "reopen"), seen.day)
    due = rectify_by(policy, since, table)
    last = next((act for act in reversed(taken) if act.step in ("rectify", "verify", "reopen")), None)
    done = last is not None and last.step != "reopen"
    mending: Mending = follow_up(due, today, rectified=done, verified=last is not None and last.step == "verify")
    by = next((act.by for act in reversed(taken) if act.step == "rectify"), "") if done else ""
    left = due if mending in ("open", "overdue") else None
    return stands._replace(mending=mending, due=left, assigned=assigned, rectified_by=by)


def open_steps(stands: Following) -> frozenset[Step]:
    """The steps that how it stands leaves open, whoever takes them."""
    found: set[Step] = set()
    if stands.judged == "open":
        found |= {"answer", "confirm", "refuse"}
    if stands.judged == "plain":
        found |= {"refuse"}
    if stands.judged in ("confirmed", "refused"):
        found |= {"withdraw"}
    if stands.mending in ("noted", "open", "overdue"):
        found |= {"assign"}
    if stands.mending in ("open", "overdue"):
        found |= {"rectify"}
    if stands.mending in ("rectified", "closed"):
        found |= {"reopen"}
    if stands.mending == "rectified":
        found |= {"verify"}
    if stands.judged != "refused":
        found |= {"report"} if not stands.reported else set()
        found |= {"refer"} if stands.judged != "open" and not stands.referred else set()
    if stands.reported and not stands.heard:
        found |= {"hear"}
    return frozenset(found)


def may_take(policy: Policy, step: Step, person: str, roles: Collection[str], parties: Parties,
             stands: Following) -> bool:  # fmt: skip
    """Whether this person may take this step, as far as the step is open. Nobody decides about themselves, no officer
    on what they found, nobody on what they put right."""
    rules, own = policy.patrol, person == parties.about
    if step == "answer":
        return own or person in parties.clerks
    if step in JUDGING:
        return not own and may_confirm(policy, person, roles, parties.officers)
    if step == "assign":
        return not own and (person in parties.answerable or not set(ASSIGNERS).isdisjoint(roles))
    if step == "rectify":
        return person == stands.assigned or person in parties.answerable
    if step in ("verify", "reopen"):
        return OFFICER in roles and not own and person not in (stands.rectified_by, stands.assigned)
    if step == "report":
        return not own and (OFFICER in roles or rules.confirmed_by in roles)
    if step == "hear":
        return not own and rules.refusal_to in roles
    return not own and rules.confirmed_by in roles and person not in parties.officers


def may_now(policy: Policy, person: str, roles: Collection[str], parties: Parties,
            stands: Following) -> frozenset[Step]:  # fmt: skip
    """Every step that this person may take now."""
    return frozenset(step for step in open_steps(stands) if may_take(policy, step, person, roles, parties, stands))


def clauses_of(policy: Policy, step: Step) -> tuple[str, ...]:
    """What asks for a step, as the policy's sources say."""
    key = {
        "confirm": "confirmed_by", "refuse": "confirmed_by", "withdraw": "confirmed_by", "report": "refusal_to",
        "hear": "refusal_to", "refer": "serious_to",
    }.get(step, "rectify_working_days")  # fmt: skip
    return tuple(policy.patrol.clauses(key))


def _judged(seen: Seen, taken: Sequence[Act]) -> Judged:
    last = next((act.step for act in reversed(taken) if act.step in JUDGING), "withdraw")
    if last == "confirm":
        return "confirmed"
    if last == "refuse":
        return "refused"
    return "open" if seen.accuses else "plain"
