"""The thread that looks after clock and disk: says what is wrong, and writes down the true time once it is known."""

import structlog

from config.settings import DiskSettings
from config.words import say
from drivers.contract import Cancel
from station.clock import AGREEMENT, Clock
from station.display import Display
from station.errors import NotDurable
from station.journal import ACKED, Journal, Reader
from station.lineage import WHY
from station.reserve import used_percent
from station.true_time import due_fixes, offsets_of

EVERY_S = 2.0
log = structlog.get_logger("watch")


class Watch:
    """Looks every two seconds until told to stop."""

    def __init__(self, journal: Journal, facts: Reader, clock: Clock, display: Display, disk: DiskSettings) -> None:
        self._journal, self._facts, self._clock = journal, facts, clock
        self._display, self._disk = display, disk

    def run(self, stop: Cancel) -> None:
        """Until told to stop."""
        while not stop.is_set():
            self.look()
            stop.wait(EVERY_S)

    def look(self) -> None:
        """Look once."""
        self._fix_clock()
        self._display.set_alarm(clock_words(self._clock), "clock")
        self._display.set_alarm(disk_words(used_percent(self._journal.path.parent), self._disk), "disk")
        self._display.set_alarm(journal_words(self._journal), "set_aside")
        reserve = self._journal.reserve
        if not reserve.held and reserve.room_to_fill() and reserve.fill():
            log.info("reserve made again")

    def _fix_clock(self) -> None:
        unsynced = self._journal.unsynced()
        if not unsynced:
            return
        fixed = offsets_of(self._facts.of_kinds("clock_fix"))
        try:
            for fix in due_fixes(self._clock.read(), self._clock.ahead(), unsynced, fixed):
                self._journal.append(fix)
                log.info("clock fix", boot=fix.boot, offset_us=fix.offset_us)
        except NotDurable as error:
            log.error("not durable", error=str(error))


def clock_words(clock: Clock) -> str:
    """What people must know of the clock; empty when it is right."""
    trust, ahead = clock.read().trust, clock.ahead()
    if ahead is not None and abs(ahead) > AGREEMENT:
        seconds = round(ahead.total_seconds())
        way = say("快") if seconds > 0 else say("慢")
        return say("时钟比中枢{way} {n} 秒，打卡照记，时间自动校正", way=way, n=abs(seconds))
    return say("时间待校准，打卡照记，联网后自动校正") if trust == "unsynced" else ""


def disk_words(percent: int, disk: DiskSettings) -> str:
    """What people must know of the disk; empty below the first bound."""
    if percent >= disk.full_percent:
        return say("磁盘已用 {percent}%，即将写满，打卡照常，请立即通知管理员", percent=percent)
    if percent >= disk.warn_percent:
        return say("磁盘已用 {percent}%，请通知管理员清理", percent=percent)
    return ""


def journal_words(journal: Journal) -> str:
    """Says that the journal was set aside or forked, until the hub has taken the new one."""
    why = journal.get_state(WHY)
    if why is None or journal.get_state(ACKED):
        return ""
    if why == "broken":
        return say("账本损坏，已另存并换了新账本，能读出的记录都在；请通知管理员")
    return say("账本与中枢不一致，已封存并换了新账本；请管理员在中枢批准")
