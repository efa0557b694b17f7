"""What integrators ask and get: every field that leaves the hub is named here, and no other does.

No telephone number, no PIN, no place of a finger. Times carry their offset, dates are the hall's.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST = 200
MOST_OF_A_MONTH = 50


class Shape(BaseModel):
    """Frozen, and closed to fields that are not named."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid")

    unit: str | None = Field(None, max_length=100, description="只要这个单位的人")
    cursor: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$", description="上一页答复里的 next，原样带回")
    limit: int = Field(100, ge=1, le=MOST, description="一页最多几个人")


class AskedOfPerson(Asked):
    """The same, and of one person alone."""

    person: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$", description="只要这一个人，写人员编号")


class AskedOfMonth(AskedOfPerson):
    """Of a month, fewer at a time."""

    limit: int = Field(MOST_OF_A_MONTH, ge=1, le=MOST_OF_A_MONTH, description="一页最多几个人")


class DayPath(BaseModel):
    """Which day."""

    day: date = Field(description="日期，如 2026-03-02")


class MonthPath(BaseModel):
    """Which month."""

    month: str = Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="月份，如 2026-03")


class Person(Shape):
    """Who."""

    id: str = Field(description="人员编号，不变")
    number: str = Field(description="工号")
    name: str = Field(description="姓名")
    unit: str = Field(description="派驻单位")
    window: str = Field(description="窗口编号")


class Posted(Person):
    """Somebody of the register."""

    group: Literal["window", "back_office", "other"] = Field(description="窗口前台、窗口后台、其他")
    posted_from: date | None = Field(description="入驻日期")
    posted_to: date | None = Field(description="最后一天；没有就是在册")


class Session(Shape):
    """One half of a working day, judged."""

    session: str = Field(description="morning 上午、afternoon 下午")
    verdict: str = Field(
        description="结论：present 出勤、late 迟到、early 早退、late_and_early 迟到并早退、missing_in 缺上班卡、"
        "missing_out 缺下班卡、missing_both 缺卡、absent 旷工、leave 请假、outage 设备故障、rest 休息、"
        "pending 未到时、not_posted 未入驻"
    )
    words: str = Field(description="本大厅对这一结论的说法")
    came: datetime | None = Field(description="上班打卡时间")
    left: datetime | None = Field(description="下班打卡时间")
    late_minutes: int = Field(description="迟到分钟")
    early_minutes: int = Field(description="早退分钟")
    leave_kind: str | None = Field(description="请假种类")
    provisional: bool = Field(description="请假还在审批，结论可能改变")
    clauses: list[str] = Field(description="依据的条款")


class PersonDay(Shape):
    """Somebody's day."""

    person: Person
    sessions: list[Session]


class Day(Shape):
    """A day of the hall."""

    day: date
    worked: bool = Field(description="是否工作日")
    closed: bool = Field(description="当天是否已定；未定的日子没有结论，请看 presence")
    items: list[PersonDay]
    next: str | None = Field(description="还有下一页时的 cursor")


class Totals(Shape):
    """A month's sums. Days are exact decimals, written as text."""

    late: int = Field(description="迟到次数")
    early: int = Field(description="早退次数")
    missing: int = Field(description="缺卡次数")
    unready: int = Field(description="未提前到岗次数")
    rest_day_sessions: int = Field(description="休息日出勤的半天数")
    absent_days: str = Field(description="旷工天数")
    provisional_absent_days: str = Field(description="请假还在审批、可能算旷工的天数，不在上一项里")
    accumulated_absent_days: str = Field(description="迟到早退累计折算的旷工天数")
    leave_days: dict[str, str] = Field(description="请假种类和天数")


class JudgedDay(Shape):
    """One day of a month."""

    day: date
    sessions: list[Session]


class PersonMonth(Shape):
    """Somebody's month."""

    person: Person
    totals: Totals
    days: list[JudgedDay]


class Month(Shape):
    """A month of the hall, as far as its days are closed."""

    month: str
    closed_days: list[date] = Field(description="已定的日子；合计只含这些")
    items: list[PersonMonth]
    next: str | None = Field(description="还有下一页时的 cursor")


class Here(Shape):
    """Where somebody is now."""

    person: Person
    presence: Literal["not_due", "not_come", "here", "out", "left", "leave", "rest"] = Field(
        description="not_due 未到时、not_come 未到、here 在岗、out 暂离、left 已离、leave 请假、rest 休息"
    )
    came: datetime | None = Field(description="今天首次打卡")
    missing_minutes: int = Field(description="应到未到已有几分钟")


class Now(Shape):
    """The hall at this moment."""

    at: datetime
    worked: bool = Field(description="今天是否工作日")
    items: list[Here]
    next: str | None = Field(description="还有下一页时的 cursor")


class People(Shape):
    """The register."""

    items: list[Posted]
    next: str | None = Field(description="还有下一页时的 cursor")


class StationHealth(Shape):
    """How a station is."""

    id: str
    name: str
    location: str
    online: bool = Field(description="一分钟内有联系")
    last_contact: datetime | None
    reader: Literal["ready", "gone", "fault", ""] = Field(description="指纹机；空：没有报过")
    backlog: int | None = Field(description="还没上传的记录条数")
    missing: int = Field(description="中枢缺的记录条数")
    drift_ms: int | None = Field(description="时钟比中枢快多少毫秒")
    disk_percent: int | None = Field(description="磁盘已用百分比")
    held: bool = Field(description="有新账本等待批准")
    alarms: int = Field(description="告警条数")


class Stations(Shape):
    """All stations in use."""

    at: datetime
    items: list[StationHealth]


class Fault(Shape):
    """What went wrong: what happened, what was saved, what to do."""

    error: str
