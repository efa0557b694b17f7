"""The thread that sends: facts when there are any, a heartbeat when not, papers and advice in between."""

import random
import time

import structlog

from config.words import say
from drivers.contract import Cancel
from station.display import Display, Light
from station.errors import BadPapers, NotDurable
from station.hub_line import HubAway, HubRefused
from station.journal import Journal
from station.pins import Pins
from station.sealed import BadSeal
from station.uplink import HEARTBEAT_S, Outcome, Uplink, after

PAPERS_EVERY_S = 60.0
log = structlog.get_logger("send")


class Send:
    """Runs an uplink until told to stop. The reader's loop never waits for it."""

    def __init__(self, uplink: Uplink, journal: Journal, display: Display, pins: Pins | None = None) -> None:
        self._uplink, self._journal, self._display, self._pins = uplink, journal, display, pins
        self._papers_due = 0.0

    def run(self, stop: Cancel) -> None:
        """Exchange, show how it went, wait for the next time or the next fact."""
        failures, jitter = 0, random.Random()  # noqa: S311  # spreads stations out, guards nothing
        while not stop.is_set():
            self._journal.appended.clear()
            began = time.monotonic()
            outcome = self._exchange()
            self._display.set_sync(light(outcome, self._uplink.backlog()))
            failures = 0 if outcome.state == "went" else failures + 1
            self._rest(stop, began, after(outcome, failures - 1, jitter), outcome.state == "went")

    def _exchange(self) -> Outcome:
        try:
            outcome = self._uplink.step()
        except NotDurable as error:
            outcome = Outcome("refused", say("本机磁盘写不进：{reason}", reason=error))
        log.info("exchange", state=outcome.state, words=outcome.words, backlog=self._uplink.backlog())
        if outcome.state == "went" and not outcome.more:
            self._fetch()
        return outcome

    def _fetch(self) -> None:
        try:
            if time.monotonic() >= self._papers_due:
                self._uplink.fetch_papers()
                self._fetch_pins()
                self._papers_due = time.monotonic() + PAPERS_EVERY_S
            self._uplink.fetch_advice()
            self._display.set_arrived(arrived(self._uplink.advice))
        except (HubAway, HubRefused, BadPapers) as error:
            log.warning("papers", error=str(error))

    def _fetch_pins(self) -> None:
        content = self._uplink.fetch_pins() if self._pins else None
        if self._pins and content is not None:
            try:
                self._pins.take(content)
            except (BadSeal, OSError) as error:  # the ones held before go on
                log.warning("pins", error=str(error))

    def _rest(self, stop: Cancel, began: float, delay: float, went: bool) -> None:
        """Wait out the delay; a new fact ends it, but tries are never closer than a heartbeat while the hub is away."""
        due = began + delay
        while not stop.is_set() and (left := due - time.monotonic()) > 0:
            if self._journal.appended.wait(min(left, 1.0)):
                self._journal.appended.clear()
                due = min(due, time.monotonic() if went else began + HEARTBEAT_S)


def light(outcome: Outcome, backlog: int) -> Light:
    """How the way to the hub is, in the words of the screen's foot."""
    if outcome.state == "went":
        return Light(True, say("已同步") if backlog == 0 else say("正在上传，还有 {n} 条", n=backlog))
    if outcome.state == "away":
        return Light(False, say("断网，已存本机 {n} 条", n=backlog) if backlog else say("断网，照常打卡"))
    if outcome.state == "waiting":
        return Light(False, say("等待管理员确认本站"))
    return Light(False, outcome.words)


def arrived(advice: dict[str, object]) -> str:
    """How many of those due have come, as the hub knew it, with its time."""
    if not {"arrived", "expected", "at"} <= advice.keys():
        return ""
    return say("今日已到 {arrived}/{expected}（{at} 同步）", **advice)
