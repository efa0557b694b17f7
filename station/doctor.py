"""`zaigang doctor`: looks at everything a station stands on and says, line by line, how it is and what to do."""

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

import click

from config.errors import BadFile, Refused
from config.settings import StationSettings, load_station
from config.words import say
from drivers.catalogue import open_reader
from drivers.errors import DeviceBusy, DeviceFault
from station import control
from station.checkup.away import PapersSeen, hub_lines, papers_line, see_hub
from station.checkup.ground import (
    RTC,
    ClockSeen,
    JournalSeen,
    clock_lines,
    disk_lines,
    journal_line,
    see_disk,
    see_journal,
)
from station.checkup.line import WELL, WRONG, Line
from station.checkup.module import ModuleSeen, module_gone, module_lines, see_module
from station.checkup.parts import parts_lines, see_parts
from station.checkup.patrol import camera_line, see_camera, see_tap, tap_line, told_by
from station.checkup.port import port_line, see_port
from station.clock import clock_of, kernel_says_synced
from station.control import NobodyRuns, NotDone
from station.hold import LOCK
from station.joining import load_joined
from station.journal import ACKED, FILE
from station.papers import confirmed_at, load
from station.places import Places
from station.reader import Reader
from station.voice import missing, readings, wanted

DEVICE_FACTS = 500  # so far back a device's last turn is looked for
PATIENCE_S = 4.0  # for a running station's answer


def examine(folder: Path) -> list[Line]:
    """Every line about the station in `folder`, in a fixed order; takes as long as its slowest part."""
    settings, first = _settings(folder)
    if settings is None:
        return [first]
    journal = see_journal(folder)
    groups: list[Callable[[], list[Line]]] = [
        lambda: _device(folder, settings),
        lambda: _ground(folder, settings, journal),
        lambda: _away(folder, settings, journal),
        lambda: _parts(folder, settings),
        lambda: _patrol(folder, settings),
    ]
    with ThreadPoolExecutor(len(groups)) as pool:
        return [first, *(line for lines in pool.map(_looked, groups) for line in lines)]


def _looked(group: Callable[[], list[Line]]) -> list[Line]:
    """The lines of a group; what could not even be looked at is a line too."""
    try:
        return group()
    except (OSError, sqlite3.Error) as error:
        return [
            Line(
                WRONG, say("体检"), say("有一项查不了：{reason}", reason=error), say("请用运行考勤站的账号或 root 执行")
            )
        ]


def _settings(folder: Path) -> tuple[StationSettings | None, Line]:
    try:
        settings = load_station(folder)
    except BadFile as error:
        return None, Line(WRONG, say("设置"), error.what, say("请改正后再运行 zaigang doctor"))
    return settings, Line(WELL, say("设置"), say("{name}，数据目录 {folder}", name=settings.name, folder=folder))


def _device(folder: Path, settings: StationSettings) -> list[Line]:
    seen, runner = see_port(settings.reader.port), _runner(folder)
    line, running = port_line(seen, runner), _asked(folder)
    if running is not None:
        return [line, *running]
    if line.mark == WRONG:
        return [line]
    try:
        return [line, *_opened(folder, settings)]
    except DeviceBusy:
        return [port_line(seen, runner, refused=True)]
    except (DeviceFault, Refused) as error:
        return [line, *module_gone(str(error))]


def _asked(folder: Path) -> list[Line] | None:
    """What the running station says of its module; None when nobody runs, so that we may open it ourselves."""
    try:
        said = control.done(folder, {"ask": "module"}, PATIENCE_S)
    except NobodyRuns:
        return None
    except (Refused, NotDone) as error:
        return module_gone(str(error))
    return module_lines(
        ModuleSeen(**{**said, "orphans": tuple(said["orphans"]), "missing": tuple(said["missing"])})
    )  # fmt: skip


def _opened(folder: Path, settings: StationSettings) -> list[Line]:
    wish = settings.reader
    reader = open_reader(
        wish.driver, port=wish.port, baud=wish.baud, password=wish.password, score_floor=wish.score_floor
    )
    with closing(reader):
        taken = _taken(folder)
        return module_lines(see_module(reader, wish.driver, set(reader.places()) if taken is None else taken))


def _ground(folder: Path, settings: StationSettings, journal: JournalSeen) -> list[Line]:
    clock = ClockSeen(datetime.now(UTC), kernel_says_synced(), RTC.exists(), None if settings.demo else journal.newest)
    disk = see_disk(folder, settings.disk.reserve_mb)
    return [*clock_lines(clock), *disk_lines(disk, settings.disk), journal_line(journal)]


def _away(folder: Path, settings: StationSettings, journal: JournalSeen) -> list[Line]:
    joined = load_joined(folder)
    acked = _acked(folder)
    confirmed: Literal["yes", "waiting", "unknown"] = "waiting" if acked is None else "yes"
    hub = see_hub(joined, confirmed, max(0, journal.head - (acked or 0)))
    held = load(folder, joined.hub_key) if joined else None
    papers = PapersSeen(joined is not None, len(held.papers.people) if held else None, confirmed_at(folder))
    return [*hub_lines(hub), papers_line(papers, clock_of(settings.demo, settings.demo_clock_offset_s).read().at)]


def _parts(folder: Path, settings: StationSettings) -> list[Line]:
    joined = load_joined(folder)
    held = load(folder, joined.hub_key) if joined and settings.signals.voice else None
    texts = wanted(readings(held.papers if held else None)) if settings.signals.voice else []
    return parts_lines(see_parts(len(missing(folder, texts))), settings.signals)


def _patrol(folder: Path, settings: StationSettings) -> list[Line]:
    """A line a tap reader and camera: what a running station recorded, or else what they answer now."""
    if not settings.taps and not settings.cameras:
        return []
    if _runs(folder):
        with closing(Reader(folder / FILE)) as reader:
            told = [*islice(reader.latest(("device",)), DEVICE_FACTS)]
        taps = [tap_line(name, one, told_by(told, "tap", name)) for name, one in settings.taps.items()]
        return taps + [camera_line(name, one, told_by(told, "camera", name)) for name, one in settings.cameras.items()]
    taps = [tap_line(name, one, see_tap(one)) for name, one in settings.taps.items()]
    return taps + [camera_line(name, one, see_camera(one)) for name, one in settings.cameras.items()]


def _runs(folder: Path) -> bool:
    try:
        control.done(folder, {"ask": "status"}, PATIENCE_S)
    except NobodyRuns:
        return False
    except (Refused, NotDone):
        return True
    return True


def _runner(folder: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int((folder / LOCK).read_text())
    return None


def _taken(folder: Path) -> set[int] | None:
    """The places that facts give to somebody; None when the facts cannot be read, which the journal's line tells."""
    if not (folder / FILE).exists():
        return set()
    with suppress(sqlite3.Error), closing(Reader(folder / FILE)) as reader:
        return Places(reader.of_kinds("enrolled", "forgotten")).taken()
    return None


def _acked(folder: Path) -> int | None:
    """The seq that the hub last confirmed; None before it confirmed any."""
    with suppress(sqlite3.Error, ValueError, KeyError), closing(Reader(folder / FILE)) as reader:
        return int(json.loads(reader.state(ACKED) or "{}")["upto"])
    return None


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("var/station"), show_default=True,
    envvar="ZAIGANG_STATION_FOLDER", help="数据目录",
)  # fmt: skip
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, folder: Path) -> None:
    """体检：设备、端口、时钟、磁盘、账本、联网、名单，逐条说明怎么办。"""
    if not folder.is_dir():
        raise Refused(say("没有数据目录 {folder}", folder=folder), remedy=say("请用 --folder 指明考勤站的数据目录"))
    lines = examine(folder)
    wrong = any(line.mark == WRONG for line in lines)
    if as_json:
        click.echo(json.dumps({"well": not wrong, "lines": [asdict(line) for line in lines]}, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(f"{line.mark} {line.name}：{line.words}" + (f"\n    → {line.remedy}" if line.remedy else ""))
    ctx.exit(1 if wrong else 0)
