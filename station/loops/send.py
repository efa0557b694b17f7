"""The thread that sends: facts when there are any, a heartbeat when not, papers and advice in between."""

import random
import time
from typing import Literal

import structlog

from config.words import say
from drivers.contract import Cancel
from station.display import Display, Light
from station.errors import BadPapers, NotDurable
from station.hub_line import HubAway, HubRefused
from station.journal import Journal
from station.photos import Photos
from station.pins import Pins
from station.sealed import BadSeal
from station.sun_keys import SunKeys
from station.uplink import HEARTBEAT_S, Outcome, Uplink, after

PAPERS_EVERY_S = 60.0
PHOTOS_S = 10.0  # between two exchanges: facts are never far behind
log = structlog.get_logger("send")


class Send:
    """Runs an uplink until told to stop. The reader's loop never waits for it."""

    def __init__(
        self, uplink: Uplink, journal: Journal, display: Display, pins: Pins | None = None,
        photos: Photos | None = None, sun_keys: SunKeys | None = None,
    ) -> None:  # fmt: skip
        self._uplink, self._journal, self._display = uplink, journal, display
        self._sealed: dict[Literal["pins", "sun"], Pins | SunKeys | None] = {"pins": pins, "sun": sun_keys}
        self._photos = photos
        self._papers_due = 0.0
        self._damaged: set[str] = set()

    def run(self, stop: Cancel) -> None:
        """Exchange, show how it went, wait for the next time or the next fact."""
        failures, jitter = 0, random.Random()  # noqa: S311  # spreads stations out, guards nothing
        while not stop.is_set():
            self._journal.appended.clear()
            began = time.monotonic()
            outcome = self._exchange()
            self._display.set_sync(light(outcome, self._uplink.backlog()))
            failures = 0 if outcome.state == "went" else failures + 1
            delay = after(outcome, failures - 1, jitter)
            if outcome.state == "went" and not outcome.more and self._send_photos(stop):
                delay = 0.0
            self._rest(stop, began, delay, outcome.state == "went")

    def _exchange(self) -> Outcome:
        held = self._uplink.acked.upto
        try:
            outcome = self._uplink.step()
            if self._photos and self._uplink.acked.upto < held:  # the hub lost facts, so it may have lost photos too
                for photo in self._photos.sent():
                    self._photos.mark_waiting(photo.sha256)
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
                self._fetch_sealed()
                self._papers_due = time.monotonic() + PAPERS_EVERY_S
            self._uplink.fetch_advice()
            self._display.set_arrived(arrived(self._uplink.advice))
        except (HubAway, HubRefused, BadPapers) as error:
            log.warning("papers", error=str(error))

    def _fetch_sealed(self) -> None:
        for part, holder in self._sealed.items():
            content = self._uplink.fetch_sealed(part) if holder else None
            if holder and content is not None:
                try:
                    holder.take(content)
                except (BadSeal, OSError) as error:  # what was held before goes on
                    log.warning(part, error=str(error))

    def _send_photos(self, stop: Cancel) -> bool:
        """Send photos for a while, the oldest first; whether to go on at once. Facts that come meanwhile go first."""
        until = time.monotonic() + PHOTOS_S
        for photo in self._photos.waiting() if self._photos else []:
            if stop.is_set() or self._journal.appended.is_set() or time.monotonic() > until:
                return not stop.is_set()
            if photo.sha256 not in self._damaged and not self._send_photo(photo.sha256):
                return False
        return False

    def _send_photo(self, sha256: str) -> bool:
        """Send one; False when the way is closed for now."""
        assert self._photos is not None
        try:
            came_to = self._uplink.send_photo(self._photos, sha256)
        except (HubAway, HubRefused, OSError) as error:
            log.warning("photo", sha256=sha256, error=str(error))
            return False
        log.info("photo", sha256=sha256, state=came_to)
        if came_to == "damaged":
            self._damaged.add(sha256)
            words = say("有 {n} 张照片的文件损坏，无法上传，请通知管理员", n=len(self._damaged))
            self._display.set_alarm(words, "photos")
        return True

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
    return Light(False, outcome.words)


def arrived(advice: dict[str, object]) -> str:
    """How many of those due have come, as the hub knew it, with its time."""
    if not {"arrived", "expected", "at"} <= advice.keys():
        return ""
    return say("今日已到 {arrived}/{expected}（{at} 同步）", **advice)
