"""The thread that keeps the rounds' time: each second it shows what is due, and says it once."""

import json
from contextlib import suppress

import structlog

from drivers.contract import Cancel
from station.display import Display, Shown
from station.errors import NotDurable
from station.journal import Journal
from station.patrolling import Patrolling
from station.reminding import TONES, Reminder, reminders

TICK_S = 1.0
QUIET_TICKS = 4  # a press's answer is left on the screen for as long as it stands there
SAID = "rounds:said"  # state: what was said, so that neither a restart nor a clock put back says it again
REMEMBERED = 40
log = structlog.get_logger("rounds")


class Rounds:
    """Reminds of rounds. What is shown follows from the time alone; only what was said is remembered."""

    def __init__(self, patrolling: Patrolling, journal: Journal, display: Display) -> None:
        self._patrolling, self._journal, self._display = patrolling, journal, display
        self._said = self._remembered()
        self._shown: Shown | None = None
        self._quiet = QUIET_TICKS

    def run(self, stop: Cancel) -> None:
        """Until told to stop."""
        while not stop.is_set():
            self.tick()
            stop.wait(TICK_S)

    def tick(self) -> None:
        """Look once."""
        walks = {**self._patrolling.elsewhere(), **self._patrolling.rounds()}
        found = reminders(self._patrolling.plan(), walks, self._patrolling.drawn())
        self._display.set_patrol("；".join(f"{one.name}{one.words}" for one in found if not one.warns))
        self._display.set_alarm("；".join(f"{one.name}：{one.words}" for one in found if one.warns), "rounds")
        fresh = next((one for one in found if self._key(one) not in self._said), None)
        if fresh and self._is_quiet():
            self._say(fresh)

    def _is_quiet(self) -> bool:
        """Whether nobody's result has been on the screen for a while."""
        shown = self._display.frame.shown
        self._quiet = self._quiet + 1 if shown is self._shown else 0
        self._shown = shown
        return self._quiet >= QUIET_TICKS

    def _say(self, one: Reminder) -> None:
        self._said = [*self._said, self._key(one)][-REMEMBERED:]
        with suppress(NotDurable):  # then it is said once more after a restart
            self._journal.set_state(SAID, json.dumps(self._said))
        at = f"{self._display.now():%H:%M:%S}"
        tone = TONES.get(one.stage, "amber")
        self._display.show(Shown(tone, one.name, one.words, "", at, 0, kind=f"round_{one.stage}"))
        log.info("reminded", about=one.about, stage=one.stage)

    def _remembered(self) -> list[str]:
        with suppress(ValueError, TypeError):
            return [str(each) for each in json.loads(self._journal.get_state(SAID) or "[]")]
        return []

    @staticmethod
    def _key(one: Reminder) -> str:
        return f"{one.about} {one.stage}"
