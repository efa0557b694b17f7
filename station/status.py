"""How a station stands, read from its folder without disturbing whoever runs it."""

import json
import sqlite3
from pathlib import Path

from config.errors import Refused
from config.words import say
from station.facts import parse
from station.journal import FILE, Reader
from station.uplink import ACKED, load_joined


def read_status(folder: Path) -> dict[str, str | int]:
    """Name → value of what is known from the journal and the join; Refused when there is no journal."""
    path = folder / FILE
    if not path.exists():
        raise Refused(say("{folder} 里没有账本", folder=folder), remedy=say("请核对 --folder,或先运行考勤站"))
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


def _acked(path: Path) -> int:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        row = db.execute("SELECT value FROM state WHERE key = ?", (ACKED,)).fetchone()
    finally:
        db.close()
    return int(json.loads(row[0])["upto"]) if row else 0
