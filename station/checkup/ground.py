"""What the station stands on: its clock, its disk, its journal."""

import errno
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import DiskSettings
from config.words import say
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line
from station.errors import BadFact
from station.facts import Fact, parse
from station.journal import FILE
from station.reader import Reader
from station.reserve import FILE as RESERVE

RTC = Path("/sys/class/rtc/rtc0")
TAIL = 1000  # facts looked through
SLOW_SYNC_MS = 200.0
PROBE = "checkup.probe"


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """The board's clock: what the kernel says, whether it survives a power cut, and the newest time in the journal."""

    now: datetime
    synced: bool
    rtc: bool
    newest_fact: datetime | None


def clock_lines(seen: ClockSeen) -> list[Line]:
    """What to say of the clock; how far it is from the hub's is said with the hub."""
    name = say("时钟")
    if seen.newest_fact is not None and seen.now < seen.newest_fact:
        words = say("现在 {now:%Y-%m-%d %H:%M} 早于账本最近一条（{newest:%Y-%m-%d %H:%M}）",
                    now=seen.now, newest=seen.newest_fact)  # fmt: skip
        lines = [Line(WRONG, name, words, say("请校准系统时间：timedatectl set-ntp true，并检查 chrony"))]
    elif seen.synced:
        lines = [Line(WELL, name, say("已与时间源同步"))]
    else:
        remedy = say("接入中枢后会自动核对；请让 chrony 以中枢为时间源")
        lines = [Line(WORTH_A_LOOK, name, say("系统没有与时间源同步"), remedy)]
    if not seen.rtc:
        remedy = say("断电重启后到联网前，打卡会标“时间待校准”；建议加装带电池的时钟模块")
        lines.append(Line(WORTH_A_LOOK, say("硬件时钟"), say("没有"), remedy))
    return lines


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """The disk under the data folder. `fault`: why a write did not succeed; `sync_ms`: how long one took."""

    percent: int
    free_mb: int
    read_only: bool
    reserve: bool
    fault: str = ""
    sync_ms: float = 0.0


def see_disk(folder: Path, reserve_mb: int) -> DiskSeen:
    """Look at the disk, and write and sync four kilobytes once."""
    space = os.statvfs(folder)
    used = space.f_blocks - space.f_bfree
    percent = round(100 * used / max(1, used + space.f_bavail))
    free = space.f_bavail * space.f_frsize // 1024**2
    fault, sync_ms = _write_once(folder / PROBE)
    read_only = bool(space.f_flag & os.ST_RDONLY) or fault == os.strerror(errno.EROFS)
    return DiskSeen(percent, free, read_only, reserve_mb == 0 or (folder / RESERVE).exists(), fault, sync_ms)


def _write_once(path: Path) -> tuple[str, float]:
    try:
        with path.open("wb") as file:
            began = time.monotonic()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took = time.monotonic() - began
        path.unlink()
    except OSError as error:
        return error.strerror or str(error), 0.0
    return "", took * 1000


def disk_lines(seen: DiskSeen, disk: DiskSettings) -> list[Line]:
    """What to say of the disk."""
    name, words = say("磁盘"), say("已用 {percent}%，剩 {free} MB", percent=seen.percent, free=seen.free_mb)
    if seen.read_only:
        remedy = say("存储卡可能已损坏；打卡请改用签到表，并尽快更换")
        return [Line(WRONG, name, say("文件系统是只读的"), remedy)]
    if seen.fault:
        return [Line(WRONG, name, say("写不进：{reason}", reason=seen.fault), say("请检查剩余空间和数据目录的权限"))]
    if seen.percent >= disk.full_percent:
        return [Line(WRONG, name, words, say("请立即清理；打卡照常，照片暂停"))]
    lines = [Line(WELL, name, words)]
    if seen.percent >= disk.warn_percent:
        lines = [Line(WORTH_A_LOOK, name, words, say("请清理磁盘"))]
    if not seen.reserve:
        remedy = say("考勤站启动时会自动预留；若一直没有，请清理磁盘")
        lines.append(Line(WORTH_A_LOOK, say("预留空间"), say("没有"), remedy))
    return [*lines, _sync_line(seen.sync_ms)]


def _sync_line(sync_ms: float) -> Line:
    words = say("落盘一次 {ms:.1f} 毫秒", ms=sync_ms)
    if sync_ms < SLOW_SYNC_MS:
        return Line(WELL, say("写入"), words)
    return Line(WORTH_A_LOOK, say("写入"), words, say("存储卡偏慢；建议换用带断电保护的卡或固态盘"))


@dataclass(frozen=True, slots=True)
class JournalSeen:
    """The journal's end: how many facts, the newest one's time, where its tail does not hold, why it cannot be read."""

    head: int = 0
    newest: datetime | None = None
    checked: int = 0
    broken: str = ""
    fault: str = ""
    exists: bool = True


def see_journal(folder: Path, tail: int = TAIL) -> JournalSeen:
    """Read the last facts without disturbing whoever writes."""
    if not (folder / FILE).exists():
        return JournalSeen(exists=False)
    try:
        with closing(Reader(folder / FILE)) as reader:
            head = reader.head_seq()
            raws = reader.raw_after(max(0, head - tail), tail)
    except (sqlite3.Error, OSError, TypeError) as error:
        return JournalSeen(fault=str(error))
    facts, broken = walk_tail(raws)
    return JournalSeen(head, facts[-1].at if facts else None, len(facts), broken)


def walk_tail(raws: Sequence[bytes]) -> tuple[list[Fact], str]:
    """The facts up to the first that does not follow from the one before, and where that is (empty: nowhere)."""
    facts: list[Fact] = []
    for raw in raws:
        try:
            fact = parse(raw)
        except BadFact:
            return facts, say("第 {seq} 条之后无法读取", seq=facts[-1].seq if facts else 0)
        if facts and (fact.prev, fact.seq) != (facts[-1].hash, facts[-1].seq + 1):
            return facts, say("第 {seq} 条与前一条接不上", seq=fact.seq)
        facts.append(fact)
    return facts, ""


def journal_line(seen: JournalSeen) -> Line:
    """What to say of the journal."""
    name = say("账本")
    if not seen.exists:
        return Line(WORTH_A_LOOK, name, say("还没有"), say("首次运行 zaigang station run 时建立"))
    if seen.fault:
        return Line(
            WRONG, name, say("读不了：{reason}", reason=seen.fault), say("请检查磁盘，并保留原文件，通知管理员")
        )
    if seen.broken:
        return Line(WRONG, name, seen.broken, say("请保留原文件，运行 zaigang verify 查明，并通知管理员"))
    return Line(WELL, name, say("共 {head} 条，核对了最后 {checked} 条", head=seen.head, checked=seen.checked))
