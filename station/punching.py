"""A finger at the reader: the fact first, then the word and the name."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from config.words import say
from drivers.contract import NoMatch, Touch
from station.display import Display, Shown
from station.duty_day import DutyDay, absences_of, posting_of, rules_for
from station.facts import Exit, Fact, Punch, SignIn, Unmatched
from station.journal import Journal, Reader
from station.papers import Papers, Person
from station.places import Places
from station.rules.given import Punch as Press
from station.rules.glance import Chosen, Glance, glance, no_match
from station.rules.hours import moment

REASONS = {"unknown": "not_found", "weak": "low_score", "unclear": "unclear"}
TOGETHER = timedelta(minutes=1)  # failed presses further apart are not one person trying
EXPECTED_S = 20.0  # how long an act waits for its press
_UNKNOWN_NAME = "—"

Act = Callable[[str, Touch], Shown]  # the person and the press; makes its own fact durable, answers what to show


@dataclass
class Expected:
    """One press that an act waits for: the next matched one captured in [`since_ns`, `until_ns`] (monotonic)."""

    act: Act
    since_ns: int
    until_ns: int
    state: Literal["waiting", "done", "failed", "cancelled"] = "waiting"

    def left_s(self, now_ns: int) -> float:
        """Seconds for which a press still counts; 0 when none does any longer."""
        return max(0.0, (self.until_ns - now_ns) / 1e9) if self.state == "waiting" else 0.0


class Punching:
    """What the station does with each press. One thread presses; others may wait for a press, or record one's like.

    A press that nobody waits for is a punch.
    """

    def __init__(
        self,
        journal: Journal,
        facts: Reader,
        places: Places,
        papers: Callable[[], Papers | None],
        display: Display,
        now: Callable[[], datetime],
        waiting: Callable[[str], int] = lambda _person: 0,
    ) -> None:
        """`waiting`: how many questions wait for a person's word (see `station.answering`)."""
        self._journal, self._places, self._papers, self._waiting = journal, places, papers, waiting
        self._display, self._now = display, now
        self._day = DutyDay(facts)
        self._lock = threading.RLock()  # an act that got its press records its fact under the same lock
        self._failed: list[datetime] = []
        self._expected: Expected | None = None

    def expect(self, act: Act, seconds: float = EXPECTED_S) -> Expected:
        """Hand the next matched press to `act`; whatever waited before is cancelled."""
        with self._lock:
            self.cancel(self._expected)
            now = time.monotonic_ns()
            self._expected = Expected(act, now, now + int(seconds * 1e9))
            return self._expected

    def cancel(self, expected: Expected | None) -> None:
        """Wait no longer; one that got its press already is left as it is."""
        with self._lock:
            if expected is not None and expected.state == "waiting":
                expected.state = "cancelled"
            if self._expected is expected:
                self._expected = None

    def record(self, body: SignIn | Exit, chosen: Chosen | None = None) -> Shown:
        """Record what stands for a press, and answer with the word for it. NotDurable when it could not be."""
        with self._lock:
            return self._recorded(body.person, body, chosen, 0)

    def person(self, person_id: str) -> Person | None:
        """Who that is by the papers; None if they do not say."""
        held = self._papers()
        return held.person(person_id) if held else None

    def came(self, person_id: str) -> datetime | None:
        """When somebody first pressed here today (UTC); None when they did not."""
        person = self.person(person_id)
        rules = rules_for(self._papers(), person.group if person else "window", self._now())
        with self._lock:
            presses = self._day.presses(person_id, rules.day.date, rules.law)
        return presses[0].at if presses else None

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
        words = say("未能记录"), say("请改用签到表"), say("本机磁盘写不进，请通知管理员")
        self._display.show(Shown("red", *words, f"{now:%H:%M:%S}", 0, kind="not_kept"))

    def due_words(self) -> str:
        """Which punch is due at this hour for window staff; empty on a rest day."""
        now = self._now()
        rules = rules_for(self._papers(), "window", now)
        if not rules.day.worked:
            return say("今日休息，打卡只作记录")
        for index, span in enumerate(rules.day.spans):
            start, end = moment(span.start, rules.law.zone), moment(span.end, rules.law.zone)
            part = say("上午") if index == 0 else say("下午")
            if now < start:
                return say("{part}上班打卡（{at} 上班）", part=part, at=f"{start:%H:%M}")
            if now < end:
                return say("{part}工作时间（{at} 下班）", part=part, at=f"{end:%H:%M}")
        return say("下班打卡")

    def _touched(self, touch: Touch) -> Shown:
        person_id = self._places.person_at(touch.place)
        if person_id is None:
            body = Unmatched(reason="unknown_place", place=touch.place, score=touch.score)
            return self._nobody(body, touch.at_monotonic_ns)
        expected = self._taken(touch)
        if expected is None:
            punch = Punch(person=person_id, place=touch.place, score=touch.score)
            shown = self._recorded(person_id, punch, None, touch.at_monotonic_ns)
        else:
            expected.state = "failed"  # until the act is through
            shown = expected.act(person_id, touch)
            expected.state = "done"
        self._failed.clear()
        return shown

    def _taken(self, touch: Touch) -> Expected | None:
        """The act that waits for this press, taken out; None when none does."""
        expected = self._expected
        if expected is None or touch.at_monotonic_ns < expected.since_ns:
            return None
        self._expected = None
        if touch.at_monotonic_ns > expected.until_ns:
            expected.state = "cancelled"
            return None
        return expected

    def _recorded(self, person_id: str, body: Punch | SignIn | Exit, chosen: Chosen | None, touched_ns: int) -> Shown:
        held = self._papers()
        person = held.person(person_id) if held else None
        rules = rules_for(held, person.group if person else "window", self._now())
        earlier = list(self._day.presses(person_id, rules.day.date, rules.law))
        fact = self._journal.append(body)
        if isinstance(body, Exit):  # says where somebody is, and is no press of theirs
            press, earlier = Press(fact.at, None, fact.clock != "unsynced", fact.id), []
        else:
            press = self._day.add(fact)
        word = glance(
            earlier,
            press,
            rules.day,
            rules.law,
            absences_of(held, person_id),
            posting_of(person, rules.law.zone),
            chosen,
        )
        return self._shown(word, fact, person, touched_ns)

    def _nobody(self, body: Unmatched, touched_ns: int) -> Shown:
        fact = self._journal.append(body)
        now = self._now()
        self._failed = [at for at in self._failed if now - at < TOGETHER] + [now]
        word = no_match(len(self._failed))
        return Shown(word.colour, say("没有识别"), word.words, "", f"{now:%H:%M:%S}", fact.seq, touched_ns, word.kind)

    def _shown(self, word: Glance, fact: Fact, person: Person | None, touched_ns: int) -> Shown:
        at = fact.at.astimezone(self._now().tzinfo)
        name = person.name if person else _UNKNOWN_NAME
        unit = person.unit if person else say("名单中没有此人，已记录")
        shown = Shown(word.colour, name, word.words, unit, f"{at:%H:%M:%S}", fact.seq, touched_ns, word.kind)
        return replace(shown, also=self._also(fact.body["person"]))

    def _also(self, person_id: str) -> str:
        """The line for a person whose word on a finding is waited for; empty for most."""
        waiting = self._waiting(person_id)
        if not waiting:
            return ""
        if self._display.frame.touch:
            return say("您有 {n} 条巡查问题待说明，请点“请假 / 说明”", n=waiting)
        return say("您有 {n} 条巡查问题待说明，请告诉本单位考勤员", n=waiting)
