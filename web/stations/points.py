"""A station's health in words: one line for each thing looked at, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from web.services.station_health import Condition
from web.words import _

WORST_FIRST = ("red", "amber", "blue", "grey", "green")
SIGNS = {"red": "bad", "amber": "warn", "blue": "note", "grey": "note", "green": "ok"}
DRIFT_MS = 2000  # the agreement that a station's clock counts as right within
WARN_PERCENT, FULL_PERCENT = 90, 97
OLD = timedelta(days=3)  # the station's own screen names papers older than this
LATE = timedelta(minutes=10)  # ten fetches of a station that is heard


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at. `what`: its name; `remedy`: what to do about it, empty where nothing is needed."""

    what: str
    tone: str
    words: str
    remedy: str = ""

    @property
    def sign(self) -> str:
        """The sign beside the words."""
        return SIGNS[self.tone]

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return WORST_FIRST.index(self.tone)


@dataclass(frozen=True, slots=True)
class Line:
    """A station with its points, the worst first."""

    condition: Condition
    points: tuple[Point, ...]

    @property
    def notable(self) -> list[Point]:
        """What a list shows: contact and reader, and whatever else is known not to be well."""
        return [each for each in self.points if each.tone in ("red", "amber", "blue") or each.what in _always()]


def lines_of(found: Iterable[Condition], now: datetime) -> list[Line]:
    """Every station's line, the worst first, then by name."""
    return sorted(
        (line_of(each, now) for each in found),
        key=lambda line: ([point.rank for point in line.points], line.condition.row.name),
    )


def line_of(one: Condition, now: datetime) -> Line:
    """A station's line."""
    return Line(one, tuple(sorted(points(one, now), key=lambda point: point.rank)))


def points(one: Condition, now: datetime) -> list[Point]:
    """Everything looked at, in the order of a check-up."""
    return [
        _contact(one), _reader(one), *_waiting(one), _backlog(one), _drift(one), _disk(one),
        _age(_("名单"), one.row.papers_checked, one, now), _age("PIN", one.row.pins_checked, one, now),
    ]  # fmt: skip


def _always() -> tuple[str, ...]:
    return _("联系"), _("指纹机")


def _contact(one: Condition) -> Point:
    what, health = _("联系"), one.health
    if health.online:
        return Point(what, "green", _("在线"))
    remedy = _("打卡照常并存在考勤站上；请检查它的电源和网线")
    if health.silent is None:
        return Point(what, "grey", _("尚未联系"), _("请启动考勤站，并检查它的网线"))
    minutes = int(health.silent / timedelta(minutes=1))
    words = _("%(n)s 分钟没有联系", n=minutes) if minutes < 120 else _("%(n)s 小时没有联系", n=minutes // 60)
    return Point(what, "red", words, remedy)


def _reader(one: Condition) -> Point:
    what = _("指纹机")
    if one.health.reader == "ready":
        return Point(what, "green", _("指纹机正常"))
    if not one.health.reader:
        return Point(what, "grey", _("指纹机情况未知"))
    return Point(what, "red", _("指纹机故障"), _("签到已自动打开；请检查指纹机的线，仍不行请更换"))


def _waiting(one: Condition) -> list[Point]:
    found = []
    if any(each.row.state == "held" for each in one.undecided):
        words = _("新账本等待批准")
        found.append(Point(_("账本"), "red", words, _("批准之前它的新记录都留在考勤站上")))
    if one.missing:
        words = _("缺 %(n)s 条记录", n=one.missing)
        remedy = _("考勤站会自动补传；一小时后还缺，请在考勤站上运行 zaigang verify")
        found.append(Point(_("连续"), "red", words, remedy))
    if one.alarms:
        found.append(Point(_("告警"), "amber", _("%(n)s 条告警", n=len(one.alarms)), _("请看下面的告警")))
    if one.orders:
        found.append(Point(_("指令"), "blue", _("%(n)s 条指令待执行", n=len(one.orders))))
    return found


def _backlog(one: Condition) -> Point:
    what, count = _("待传"), one.row.backlog
    if count is None:
        return Point(what, "grey", _("待传条数未知"))
    return Point(what, "amber", _("待传 %(n)s 条", n=count)) if count else Point(what, "green", _("已全部上传"))


def _drift(one: Condition) -> Point:
    what, drift = _("时钟"), one.row.drift_ms
    if drift is None:
        return Point(what, "grey", _("时钟偏差未知"))
    way = _("快") if drift > 0 else _("慢")
    words = _("时钟%(way)s %(n)s 秒", way=way, n=f"{abs(drift) / 1000:.1f}")
    if abs(drift) <= DRIFT_MS:
        return Point(what, "green", words)
    return Point(what, "amber", words, _("打卡时间会自动校正；请让考勤站以中枢为时间源"))


def _disk(one: Condition) -> Point:
    what, percent = _("磁盘"), one.row.disk_percent
    if percent is None:
        return Point(what, "grey", _("磁盘情况未知"))
    words = _("磁盘已用 %(n)s%%", n=percent)
    if percent < WARN_PERCENT:
        return Point(what, "green", words)
    return Point(what, "red" if percent >= FULL_PERCENT else "amber", words, _("请清理考勤站的磁盘，打卡记录不会被删"))


def _age(what: str, checked: datetime | None, one: Condition, now: datetime) -> Point:
    """How long ago the station had its papers, or PINs, confirmed as the present ones."""
    if checked is None:
        return Point(what, "grey", _("%(what)s尚未领取", what=what))
    age = max(timedelta(), now - checked)
    words = _("%(what)s %(n)s 分钟前核对", what=what, n=int(age / timedelta(minutes=1)))
    if age >= timedelta(hours=2):
        words = _("%(what)s %(n)s 小时前核对", what=what, n=int(age / timedelta(hours=1)))
    if age >= OLD or (one.health.online and age >= LATE):
        return Point(what, "amber", words, _("旧的照常使用；请恢复它与中枢的连接，或重启考勤站"))
    return Point(what, "green", words)
