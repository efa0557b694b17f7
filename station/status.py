"""How a station stands, read from its folder without disturbing whoever runs it."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from config.errors import Refused
from config.words import say, series
from station.clock import Reading
from station.control import NobodyRuns, NotDone, done
from station.display import Frame
from station.facts import parse
from station.joining import load_joined
from station.journal import ACKED, FILE, Reader


def read_status(folder: Path) -> dict[str, str | int]:
    """Name → value of what is known from the journal and the join; Refused when there is no journal."""
    path = folder / FILE
    if not path.exists():
        raise Refused(say("{folder} 里没有账本", folder=folder), remedy=say("请核对 --folder，或先运行考勤站"))
    reader = Reader(path)
    try:
        head = reader.head_seq()
        last = reader.raw_after(head - 1, 1)
        acked = _acked(path)
    finally:
        reader.close()
    joined = load_joined(folder)
    return {
        "中枢": joined.url if joined else say("尚未接入"),
        "账本条数": head,
        "最近一条": parse(last[0]).at.isoformat(timespec="seconds") if last else say("无"),
        "中枢已确认": acked,
        "待上传": max(0, head - acked),
    }


def read_all(folder: Path) -> dict[str, str | int]:
    """The same, and what the running station says of itself; Refused as above, or when it answers with a refusal."""
    stored = read_status(folder)
    try:
        return {**stored, **done(folder, {"ask": "status"})}
    except NobodyRuns:
        return {**stored, "运行": say("没有在运行")}
    except NotDone as error:
        return {**stored, "运行": str(error)}


def live(frame: Frame, reading: Reading, drift: timedelta | None, confirmed: datetime | None, loops: dict[str, str]
         ) -> dict[str, str]:  # fmt: skip
    """What a running station says of itself: its screen's lights, its clock, the papers' age, its loops."""
    ahead = say("，比中枢快 {ms} 毫秒", ms=drift // timedelta(milliseconds=1)) if drift is not None else ""
    trust = {"synced": say("已校准"), "unsynced": say("未校准"), "simulated": say("演示时钟")}[reading.trust]
    age = say("{hours} 小时前核对", hours=(reading.at - confirmed) // timedelta(hours=1)) if confirmed else say("没有")
    troubled = series(
        say("{name}（{more}）", name=name, more=state) for name, state in loops.items() if state != "well"
    )
    return {
        "运行": say("正在运行"),
        "指纹机": frame.reader.words,
        "同步": frame.sync.words,
        "时钟": trust + ahead,
        "名单": age,
        "告警": frame.alarm or say("无"),
        "各部分": troubled or say("正常"),
    }


def _acked(path: Path) -> int:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        row = db.execute("SELECT value FROM state WHERE key = ?", (ACKED,)).fetchone()
    finally:
        db.close()
    return int(json.loads(row[0])["upto"]) if row else 0
