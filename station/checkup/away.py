"""What comes from elsewhere: the hub, and the papers it gave."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import requests

from config.words import say
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line
from station.joining import Joined
from station.papers import OLD

TIMEOUT_S = (2.0, 2.0)  # to connect, and between bytes
DATE_STEP = timedelta(seconds=1)  # an HTTP date has whole seconds
NOTABLE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class HubSeen:
    """The hub as this station reaches it. `ahead`: how far this clock is ahead of the hub's, to the second."""

    url: str = ""
    reached: bool = False
    reason: str = ""
    ahead: timedelta | None = None
    confirmed: Literal["yes", "waiting", "unknown"] = "unknown"
    backlog: int = 0


def see_hub(joined: Joined | None, confirmed: Literal["yes", "waiting", "unknown"], backlog: int) -> HubSeen:
    """Ask the hub's door for its health and its time; nothing is sent to it."""
    if joined is None:
        return HubSeen()
    try:
        response = requests.get(f"{joined.url}/healthz", timeout=TIMEOUT_S)
    except requests.RequestException as error:
        return HubSeen(joined.url, reason=_reason(error), confirmed=confirmed, backlog=backlog)
    reason = "" if response.ok else say("答复 {status}", status=response.status_code)
    ahead = ahead_of(response.headers.get("Date", ""), datetime.now(UTC))
    return HubSeen(joined.url, response.ok, reason, ahead, confirmed, backlog)


def ahead_of(date: str, now: datetime) -> timedelta | None:
    """How far `now` is ahead of an HTTP date, zero within that date's second; None for no date."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return None
    ahead = now - theirs
    return timedelta() if timedelta() <= ahead < DATE_STEP else ahead


def hub_lines(seen: HubSeen) -> list[Line]:
    """What to say of the way to the hub."""
    name = say("中枢")
    if not seen.url:
        remedy = say("请在中枢生成接入码，再运行 zaigang station join")
        return [Line(WORTH_A_LOOK, name, say("尚未接入"), remedy)]
    lines = [_reached_line(seen, name)]
    if seen.confirmed == "waiting":
        remedy = say("请管理员在中枢“考勤站”页核对文字后确认")
        lines.append(Line(WORTH_A_LOOK, say("接入"), say("等待管理员确认"), remedy))
    if seen.ahead is not None and abs(seen.ahead) > NOTABLE:
        seconds = round(seen.ahead.total_seconds())
        way = say("快") if seconds > 0 else say("慢")
        words = say("本机比中枢{way} {n} 秒", way=way, n=abs(seconds))
        lines.append(Line(WRONG, say("校时"), words, say("请让 chrony 以中枢为时间源；打卡时间会自动校正")))
    return lines


def _reached_line(seen: HubSeen, name: str) -> Line:
    waiting = say("待上传 {n} 条", n=seen.backlog)
    if seen.reached:
        return Line(WELL, name, say("{url} 可达，{waiting}", url=seen.url, waiting=waiting))
    words = say("联系不上 {url}（{reason}），{waiting}", url=seen.url, reason=seen.reason, waiting=waiting)
    return Line(WRONG, name, words, say("打卡照常，恢复后自动补传；请检查网线、交换机和中枢"))


@dataclass(frozen=True, slots=True)
class PapersSeen:
    """The papers as held: for how many people, and when the hub last said that they are current."""

    joined: bool
    people: int | None = None
    confirmed: datetime | None = None


def papers_line(seen: PapersSeen, now: datetime) -> Line:
    """What to say of the papers."""
    name = say("名单")
    if seen.people is None:
        remedy = say("管理员确认本站后会自动下发") if seen.joined else say("请先接入中枢")
        return Line(WORTH_A_LOOK, name, say("还没有；只按默认制度记录打卡"), remedy)
    age = now - seen.confirmed if seen.confirmed else timedelta()
    words = say("{people} 人，{hours} 小时前与中枢核对", people=seen.people, hours=max(0, age // timedelta(hours=1)))
    if age < OLD:
        return Line(WELL, name, words)
    words = say("{people} 人，已 {days} 天未与中枢核对", people=seen.people, days=age.days)
    return Line(WORTH_A_LOOK, name, words, say("旧名单照常使用；请恢复与中枢的连接"))


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return say("证书不被信任或已过期")
    return say("超时") if isinstance(error, requests.Timeout) else say("连不上")
