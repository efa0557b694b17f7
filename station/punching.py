"""A finger at the reader: the fact first, then the word and the name."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from config.words import say
from drivers.contract import NoMatch, Touch
from station.display import Display, Shown
from station.duty_day import DutyDay, absences_of, posting_of, rules_for
from station.facts import Fact, Punch, Unmatched
from station.journal import Journal, Reader
from station.papers import Papers, Person
from station.places import Places
from station.rules.glance import Glance, glance, no_match
from station.rules.hours import moment

REASONS = {"unknown": "not_found", "weak": "low_score", "unclear": "unclear"}
TOGETHER = timedelta(minutes=1)  # failed presses further apart are not one person trying
_UNKNOWN_NAME = "—"


class Punching:
    """What the station does with each press. One thread presses; others may ask which punch is due."""

    def __init__(
        self,
        journal: Journal,
        facts: Reader,
        places: Places,
        papers: Callable[[], Papers | None],
        display: Display,
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._places, self._papers = journal, places, papers
        self._display, self._now = display, now
        self._day = DutyDay(facts)
        self._lock = threading.Lock()
        self._failed: list[datetime] = []

    def heard(self, heard: Touch | NoMatch) -> Shown:
        """Record the press, then show its answer. NotDurable when it could not be recorded: nothing is shown."""
        with self._lock:
            if isinstance(heard, NoMatch):
                shown = self._nobody(Unmatched(reason=REASONS[heard.reason]), heard.at_monotonic_ns)
            else:
                shown = self._touched(heard)
        self._display.show(shown)
        return shown

    def not_kept(self) -> None:
        """Say that a press could not be recorded, so that nobody leaves believing it was."""
        now = self._now()
        words = say("未能记录"), say("请改用签到表"), say("本机磁盘写不进,请通知管理员")
        self._display.show(Shown("red", *words, f"{now:%H:%M:%S}", 0, kind="not_kept"))

    def due_words(self) -> str:
        """Which punch is due at this hour for window staff; empty on a rest day."""
        now = self._now()
        rules = rules_for(self._papers(), "window", now)
        if not rules.day.worked:
            return say("今日休息,打卡只作记录")
        for index, span in enumerate(rules.day.spans):
            start, end = moment(span.start, rules.law.zone), moment(span.end, rules.law.zone)
            part = say("上午") if index == 0 else say("下午")
            if now < start:
                return say("{part}上班打卡({at} 上班)", part=part, at=f"{start:%H:%M}")
            if now < end:
                return say("{part}工作时间({at} 下班)", part=part, at=f"{end:%H:%M}")
        return say("下班打卡")

    def _touched(self, touch: Touch) -> Shown:
        person_id = self._places.person_at(touch.place)
        if person_id is None:
            body = Unmatched(reason="unknown_place", place=touch.place, score=touch.score)
            return self._nobody(body, touch.at_monotonic_ns)
        held = self._papers()
        person = held.person(person_id) if held else None
        now = self._now()
        rules = rules_for(held, person.group if person else "window", now)
        earlier = list(self._day.presses(person_id, rules.day.date, rules.law))
        fact = self._journal.append(Punch(person=person_id, place=touch.place, score=touch.score))
        self._failed.clear()
        word = glance(
            earlier, self._day.add(fact), rules.day, rules.law, absences_of(held, person_id),
            posting_of(person, rules.law.zone),
        )  # fmt: skip
        return self._shown(word, fact, person, touch.at_monotonic_ns)

    def _nobody(self, body: Unmatched, touched_ns: int) -> Shown:
        fact = self._journal.append(body)
        now = self._now()
        self._failed = [at for at in self._failed if now - at < TOGETHER] + [now]
        word = no_match(len(self._failed))
        return Shown(word.colour, say("没有识别"), word.words, "", f"{now:%H:%M:%S}", fact.seq, touched_ns, word.kind)

    def _shown(self, word: Glance, fact: Fact, person: Person | None, touched_ns: int) -> Shown:
        at = fact.at.astimezone(self._now().tzinfo)
        name = person.name if person else _UNKNOWN_NAME
        unit = person.unit if person else say("名单中没有此人,已记录")
        return Shown(word.colour, name, word.words, unit, f"{at:%H:%M:%S}", fact.seq, touched_ns, word.kind)
