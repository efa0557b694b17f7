"""A frame, as the page paints it: the same picture for the template and for the stream."""

import json
import math
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from config.words import say
from station.display import HELD_S, Frame, Shown

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
FITS = (4, 6, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 26, 30, 36)  # line widths the style sheet knows, in ems
_NARROW_EM = 0.62  # a bold digit or Latin letter beside a Chinese character's 1 em


@dataclass(frozen=True, slots=True)
class Face:
    """What stands in the middle of the screen. `key` tells one result from the next; the fits are width classes.

    `leads`: a page to which the screen goes on. `also`: a line beneath, of what waits for the person.
    """

    tone: Literal["green", "amber", "red", "blue", "idle", "down", "lost"]
    name: str
    verdict: str
    note: str
    name_fit: int
    verdict_fit: int
    key: str = ""
    leads: str = ""
    also: str = ""


def picture(frame: Frame, now: datetime, held_ms: int, page: str) -> dict[str, Any]:
    """Everything the page needs: lights, the face at rest, the last result with how long it stays (ms, 0: gone), time.

    `page` is the mark of this version of the page.
    """
    return {
        **{
            name: getattr(frame, name)
            for name in ("version", "station", "demo", "due", "patrol", "arrived", "alarm", "touch")
        },
        "signing": frame.signing or (frame.met and not frame.reader.well),
        "reader": asdict(frame.reader),
        "sync": asdict(frame.sync),
        "rest": asdict(at_rest(frame)),
        "result": asdict(result(frame.shown)) if frame.shown else None,
        "held_ms": held_ms if frame.shown else 0,
        "time": clock_face(now),
        "page": page,
    }


def result(shown: Shown) -> Face:
    """The answer to a press."""
    key = f"{shown.seq}/{shown.touched_ns}/{shown.at}"
    return replace(_face(shown.tone, shown.name, shown.verdict, note(shown), key), leads=shown.leads, also=shown.also)


def at_rest(frame: Frame) -> Face:
    """Between presses: asks for a finger while there is a module to read one, else says how to sign in without."""
    if frame.reader.well:
        return _face("idle", say("请按手指"), note=say("今天也可以点“签到”") if frame.signing and frame.touch else "")
    if not frame.met:
        return _face("down", say("指纹机连接中"), say("请稍候"))
    instead = say("请点“签到”") if frame.touch else say("请找值班长签到")
    return _face("down", say("指纹机故障"), instead, frame.reader.words)


def lost() -> Face:
    """While the page does not hear its station."""
    return _face("lost", say("正在重新连接"), note=say("考勤站恢复后自动继续；急需打卡请找值班长签到"))


def note(shown: Shown) -> str:
    """The small line under a verdict: the unit and the time, each once."""
    parts = [shown.note] if shown.at[:5] in shown.note else [shown.note, shown.at]
    return " · ".join(part for part in parts if part)


def clock_face(now: datetime) -> dict[str, Any]:
    """The station's time for the running clock: the hall's wall clock in ms (as if its zone were UTC), and the date."""
    wall = now.replace(tzinfo=UTC)
    date = say("{year}年{month}月{day}日", year=now.year, month=now.month, day=now.day)
    weekday = say(WEEKDAYS[now.weekday()])
    return {"wall_ms": int(wall.timestamp() * 1000), "clock": f"{now:%H:%M:%S}", "date": f"{date} {weekday}"}


def left_ms(shown: Shown | None, now: datetime, monotonic_ns: int) -> int:
    """How long a result that is already up should still stay, in ms: for a page that comes late to it.

    The age is taken from the module's answer where there is one, else from the time of day, in whole seconds.
    """
    if shown is None:
        return 0
    if shown.touched_ns:
        age_s = (monotonic_ns - shown.touched_ns) / 1e9
    else:
        hours, minutes, seconds = map(int, shown.at.split(":"))
        at = now.replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
        age_s = (now - at) % timedelta(days=1) / timedelta(seconds=1)
    return max(0, round((HELD_S - max(age_s, 0.0)) * 1000))


def fit(words: str) -> int:
    """The width class of a line: the smallest of FITS that holds `words` on one line; 0: it must wrap."""
    ems = math.ceil(sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else _NARROW_EM for char in words))
    return next((width for width in FITS if ems <= width), 0)


def event(kind: str, data: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _face(tone: Any, name: str, verdict: str = "", note: str = "", key: str = "") -> Face:
    return Face(tone, name, verdict, note, fit(name), fit(verdict), key)
