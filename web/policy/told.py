"""A trial in words: one sentence for the hall, one line for each person whose month would end otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from station.rules.month import Totals
from web.attendance.lines import shown_days
from web.ledger.people import PersonRow
from web.services import trials
from web.services.trials import Changed, Trial
from web.words import _

MOST = 200
HALF = Fraction(1, 2)
COUNTED = (("late", "迟到"), ("early", "早退"), ("missing", "缺卡"), ("unready", "未提前到岗"))


@dataclass(frozen=True, slots=True)
class PersonTold:
    """One person: days of absence before and after, and what else differs."""

    person: PersonRow
    before: str
    after: str
    more: str
    worse: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The trial as the page shows it. `left_out`: people changed beyond those listed."""

    sentence: str
    beside: list[str]
    people: list[PersonTold]
    left_out: int


def told(trial: Trial, absent_word: str) -> Told:
    """The trial in words."""
    if not trial.days:
        return Told(_("%(month)s 月还没有可以试算的工作日", month=trial.first.month), [], [], 0)
    shown = trial.changed[:MOST]
    return Told(
        _sentence(trial, absent_word),
        list(_beside(trial, absent_word)),
        [_person(each) for each in shown],
        len(trial.changed) - len(shown),
    )


def _sentence(trial: Trial, absent_word: str) -> str:
    after, before = trials.accumulated(trial.after), trials.accumulated(trial.before)
    each = {one.accumulated_absent_days for one in (*trial.after, *trial.before) if one.accumulated_absent_days}
    month, word = trial.first.month, _(absent_word)
    if each <= {HALF}:
        return _(
            "按此设置，%(month)s 月有 %(after)s 人按%(word)s半天；现行 %(before)s 人",
            month=month, after=after[0], word=word, before=before[0],
        )  # fmt: skip
    return _(
        "按此设置，%(month)s 月有 %(after)s 人累计折算%(word)s共 %(days)s 天；现行 %(before)s 人共 %(now)s 天",
        month=month, after=after[0], word=word, days=shown_days(after[1]), before=before[0], now=shown_days(before[1]),
    )  # fmt: skip


def _beside(trial: Trial, absent_word: str) -> Sequence[str]:
    after, before = trials.absent(trial.after), trials.absent(trial.before)
    said = []
    if after != before:
        values = {
            "word": _(absent_word),
            "after": after[0],
            "days": shown_days(after[1]),
            "before": before[0],
            "now": shown_days(before[1]),
        }
        said.append(_("未到岗记%(word)s：%(after)s 人 %(days)s 天；现行 %(before)s 人 %(now)s 天", **values))
    for name, words in COUNTED:
        was, will = (sum(getattr(each, name) for each in totals) for totals in (trial.before, trial.after))
        if was != will:
            said.append(_("%(what)s：%(after)s 次；现行 %(before)s 次", what=_(words), after=will, before=was))
    return said


def _person(changed: Changed) -> PersonTold:
    before, after = changed.before, changed.after
    more = [
        _("%(what)s %(before)s → %(after)s 次", what=_(words), before=getattr(before, name), after=getattr(after, name))
        for name, words in COUNTED
        if getattr(before, name) != getattr(after, name)
    ]
    return PersonTold(changed.person, _days(before), _days(after), _("；").join(more), worse=changed.days > 0)


def _days(totals: Totals) -> str:
    return shown_days(trials.absence(totals))
