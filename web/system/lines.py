"""What the hub stands on, line by line in the shape of a station's check-up: how each thing is and what to do."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line, Mark
from web.services.station_health import Board
from web.stations.points import FULL_PERCENT, WARN_PERCENT, lines_of
from web.words import _

SOON = timedelta(days=30)  # before a certificate's end, so that there is time for a visit
MARKS: dict[str, Mark] = {"red": WRONG, "amber": WORTH_A_LOOK, "grey": WORTH_A_LOOK, "blue": WELL, "green": WELL}
MB = 1024**2


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """The disk under the hub's folder."""

    percent: int
    free_mb: int


def see_disk(folder: Path) -> DiskSeen:
    """Look at the disk; nothing is written."""
    space = shutil.disk_usage(folder)
    return DiskSeen(round(100 * space.used / max(1, space.used + space.free)), space.free // MB)


def hall_line(name: str, zone: str, version: str) -> Line:
    """Whose hub it is, and which version of the programme."""
    return Line(WELL, _("大厅"), _("%(name)s，时区 %(zone)s，版本 %(version)s", name=name, zone=zone, version=version))


def ledger_line(*, sqlite: bool, held: int) -> Line:
    """Which database, and how large; `held`: bytes."""
    kind = f"SQLite {sqlite3.sqlite_version}" if sqlite else "PostgreSQL"
    return Line(WELL, _("数据库"), _("%(kind)s，%(n)s MB", kind=kind, n=f"{held / MB:.1f}"))


def disk_line(seen: DiskSeen) -> Line:
    """How much room is left for records and photos."""
    words = _("已用 %(percent)s%%，剩 %(free)s MB", percent=seen.percent, free=seen.free_mb)
    if seen.percent >= FULL_PERCENT:
        return Line(WRONG, _("磁盘"), words, _("请立即清理或更换中枢的磁盘；写满后中枢收不下新记录，考勤站会先存着"))
    if seen.percent >= WARN_PERCENT:
        return Line(WORTH_A_LOOK, _("磁盘"), words, _("请清理中枢的磁盘"))
    return Line(WELL, _("磁盘"), words)


def clock_line(now: datetime, zone: ZoneInfo, *, demo: bool, synced: bool) -> Line:
    """The clock by which everything here is dated."""
    name, at = _("时钟"), f"{now.astimezone(zone):%Y-%m-%d %H:%M}"
    if demo:
        return Line(WELL, name, _("演示时钟 %(at)s", at=at))
    if synced:
        return Line(WELL, name, _("%(at)s，已与时间源同步", at=at))
    remedy = _("请在中枢上启用对时（chrony），各考勤站以中枢的时间为准")
    return Line(WORTH_A_LOOK, name, _("%(at)s，没有与时间源同步", at=at), remedy)


def door_line(*, secure: bool, certified: bool, port: int) -> Line:
    """Whether what is read and typed here travels encrypted."""
    name = _("访问方式")
    if secure:
        return Line(WELL, name, _("本页以 https 打开，传输加密"))
    words = _("本页以 http 打开，密码和记录在网络上不加密")
    if certified:
        remedy = _("请改用 https 开头、端口 %(port)s 的地址；每台设备先信任一次本厅证书", port=port)
    else:
        remedy = _("请在中枢上运行 zaigang hub tls 加中枢的内网地址，再重启中枢；此前只在大厅内网使用")
    return Line(WORTH_A_LOOK, name, words, remedy)


def certificate_line(until: datetime | None, now: datetime, zone: ZoneInfo, *, broken: bool = False) -> Line:
    """How long browsers will take the hub's certificate; `broken`: there is one that cannot be read."""
    name, renew = _("本厅证书"), _("请在中枢上再运行一次 zaigang hub tls，再重启中枢；手机不用重新信任")
    if broken:
        return Line(WRONG, name, _("证书文件读不出来"), renew)
    if until is None:
        remedy = _("要用 https，请在中枢上运行 zaigang hub tls，再重启中枢")
        return Line(WORTH_A_LOOK, name, _("还没有本厅证书"), remedy)
    day = f"{until.astimezone(zone):%Y-%m-%d}"
    if until <= now:
        return Line(WRONG, name, _("已于 %(day)s 到期", day=day), renew)
    words = _("有效至 %(day)s", day=day)
    return Line(WORTH_A_LOOK, name, words, renew) if until - now < SOON else Line(WELL, name, words)


def station_lines(board: Board, now: datetime) -> list[tuple[str, Line]]:
    """A line a station, beside its id ("": of them all), the worst first; what waits for an administrator before."""
    name = _("考勤站")
    found: list[tuple[str, Line]] = []
    if board.waiting:
        words = _("%(n)s 个等待核对确认", n=len(board.waiting))
        found.append(("", Line(WORTH_A_LOOK, name, words, _("请打开“考勤站”核对两边的文字"))))
    elif not board.conditions:
        found.append(("", Line(WORTH_A_LOOK, name, _("还没有考勤站接入"), _("请打开“考勤站”生成接入码"))))
    for line in lines_of(board.conditions, now):
        seen = line.notable
        mark = max((MARKS[point.tone] for point in seen), key=(WELL, WORTH_A_LOOK, WRONG).index)
        remedies = [point.remedy for point in seen if point.remedy and MARKS[point.tone] != WELL]
        remedy = "" if mark == WELL else (remedies or [_("请打开这个考勤站查看")])[0]
        row = line.condition.row
        found.append((row.id, Line(mark, row.name, _("，").join(point.words for point in seen), remedy)))
    return found
