"""A set of rules in a few words: hours, what lateness adds up to, when rounds are, and whose papers it follows."""

from dataclasses import dataclass

from config.policy import Policy, Raw, as_data, load_policy
from config.words import series
from web.words import _

PARTS = {"morning": "上午", "afternoon": "下午"}


@dataclass(frozen=True, slots=True)
class Preset:
    """What is offered: the name under which it stands, its title, and lines about it."""

    name: str
    title: str
    lines: list[str]
    documents: str
    data: Raw


def preset_of(name: str) -> Preset:
    """The hall or pack of that name."""
    policy = load_policy(name)
    rounds = series(_clock(each.at) for each in policy.patrol.rounds)
    lines = [_hours(policy), _sum(policy), _("定时巡查 %(times)s", times=rounds) if rounds else _("没有定时巡查")]
    return Preset(name, _(policy.title), lines, _documents(policy), as_data(name))


def _hours(policy: Policy) -> str:
    spans = (
        f"{_(PARTS.get(each.name, each.name))} {_clock(each.start)}–{_clock(each.end)}"
        for each in policy.attendance.sessions
    )
    return _("，").join(spans)


def _sum(policy: Policy) -> str:
    rule = policy.consequences.accumulation
    if rule is None:
        return _("迟到早退不折算旷工")
    return _("一个月迟到早退满 %(n)s 次按旷工 %(days)s 天", n=rule.threshold, days=rule.days)


def _documents(policy: Policy) -> str:
    """Whose papers the two sections that people meet daily come from."""
    attendance, patrol = (load_policy(policy.origins[part].pack).title for part in ("attendance", "patrol"))
    return _("考勤依%(attendance)s，巡查依%(patrol)s", attendance=attendance, patrol=patrol)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
