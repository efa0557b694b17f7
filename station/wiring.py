"""Where the station's parts meet: settings in, a running station out."""

import contextlib
import secrets
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from config.errors import Refused
from config.settings import StationSettings
from config.words import say
from drivers.catalogue import open_camera, open_reader, open_tap_reader
from drivers.contract import Cancel, FingerReader
from drivers.errors import DeviceFault
from drivers.signals.panel import Panel, open_panel
from drivers.signals.voice import Player
from station.acts import Acts, make_acts
from station.answering import Answering
from station.clock import Clock, clock_of
from station.console import Console
from station.display import Display, Light
from station.durable import write_durably
from station.errors import JournalBroken, NotDurable
from station.facts import Device, Started, Stopped, read_body
from station.joining import KEY, load_joined
from station.journal import Journal, Reader
from station.keys import load_or_make
from station.loops.cameras import Cameras, KeepPhotos
from station.loops.control import Control
from station.loops.kiosk import KioskLoop
from station.loops.listen import Listen
from station.loops.mute import begin_patiently
from station.loops.obey import Obey
from station.loops.rounds import Rounds
from station.loops.scrub import Scrub
from station.loops.send import Send
from station.loops.signal import Render, Signal
from station.loops.supervise import Loop, Supervise
from station.loops.tap import TapListen
from station.loops.watch import Watch
from station.obeying import Obeying
from station.papers import Papers, age_words, confirmed_at
from station.patrolling import Patrolling
from station.photographing import Photographing
from station.photos import FOLDER as PHOTOS
from station.photos import Photos
from station.pins import Pins
from station.places import Places
from station.punching import Punching
from station.round_book import RoundBook
from station.round_shots import RoundShots
from station.round_taps import RoundTaps
from station.rounds_here import RoundsHere, entry
from station.sealed import FILE as SEAL
from station.sealed import load_or_make_seal
from station.signalling import Signalling
from station.status import live, read_status
from station.sun_keys import SunKeys
from station.tagging import Tagging
from station.tapping import TagBook, Tapping
from station.thinning import Thinning
from station.uplink import Uplink
from station.voice import readings
from web.kiosk.app import create_kiosk, serve

TOKEN = "kiosk.token"  # noqa: S105  # a file's name
log = structlog.get_logger("station")


class Station:
    """One station's parts, made from its settings and held together until `close`."""

    def __init__(self, settings: StationSettings, clock: Clock | None = None) -> None:
        """Take the folder and open the journal. AlreadyRunning, JournalBroken, NotDurable as the journal says."""
        self.settings = settings
        self.clock = clock or clock_of(settings.demo, settings.demo_clock_offset_s)
        try:
            self.journal = Journal(settings.folder, self.clock, settings.disk.reserve_mb * 1024 * 1024)
        except OSError as error:
            raise NotDurable(error.strerror or str(error)) from error
        self.facts = Reader(self.journal.path)
        self.key = load_or_make(settings.folder / KEY)
        self.places = Places(self.facts.of_kinds("enrolled", "forgotten"))
        self.display = Display(settings.name, settings.demo, self.now)
        joined = load_joined(settings.folder)
        self.uplink = Uplink(joined, self.key, self.journal, self.clock, settings.folder) if joined else None
        seal = load_or_make_seal(settings.folder / SEAL)
        self.sun_keys = SunKeys(settings.folder, seal)
        self.pins = Pins(
            settings.folder,
            seal,
            self.journal,
            self.facts,
            self.clock,
            self.papers,
        )
        self.photos = Photos(settings.folder / PHOTOS, settings.disk.full_percent)
        self.tag_book = TagBook(self.facts.of_kinds("tag"))
        self.tapping = Tapping(self.journal, self.tag_book, self.papers, self.display, self.now, self.sun_keys.keys)
        cameras = {name: partial(open_camera, one.driver, **one.options()) for name, one in settings.cameras.items()}
        self.photographing = Photographing(cameras, self.photos, self.journal)
        self.answering = Answering(self.journal, self.facts, self.papers, self.now)
        self.punching = Punching(
            self.journal, self.facts, self.places, self.papers, self.display, self.now, self.answering.waiting
        )
        book = RoundBook(self.facts, self.now)
        self.patrolling = Patrolling(self.journal, book, self.papers, self.now, self.advice)

    def papers(self) -> Papers | None:
        """The papers as held now."""
        held = self.uplink.held if self.uplink else None
        return held.papers if held else None

    def advice(self) -> Mapping[str, Any]:
        """What the hub last said of the hall's day; nothing before it did."""
        return self.uplink.advice if self.uplink else {}

    def rounds(self) -> RoundsHere:
        """Patrol at the screen: from here on taps open forms."""
        taps = RoundTaps(self.patrolling.under_way, self.now)
        self.tapping.taker = taps.taken
        shots = RoundShots(self.photographing, self.photos)
        enter = entry(self.uplink.joined, self.key, self.now) if self.uplink else None
        tagging = Tagging(self.tapping, self.journal, self.tag_book, self.papers, self.now)
        return RoundsHere(self.patrolling, taps, shots, self.punching.came, self.advice, enter, tagging)

    def now(self) -> datetime:
        """The station's time in the hall's zone."""
        papers = self.papers()
        true = self.clock.read().at - (self.clock.ahead() or timedelta())
        return true.astimezone(ZoneInfo(papers.hall.zone if papers else self.settings.zone))

    def open_reader(self) -> FingerReader:
        """The fingerprint module as the settings name it."""
        reader = self.settings.reader
        return open_reader(
            reader.driver, port=reader.port, baud=reader.baud, password=reader.password, score_floor=reader.score_floor
        )

    def acts(self, reader: Callable[[], FingerReader | None]) -> Acts:
        """What may be done at the screen, with the module as `reader` finds it."""
        return make_acts(
            self.settings.folder, self.clock, self.journal, self.facts, self.display, self.punching, self.pins,
            self.places, self.papers, self.now, reader, lambda: read_status(self.settings.folder), self.answering,
            self.rounds(),
        )  # fmt: skip

    def close(self) -> None:
        """Give everything back."""
        self.photographing.close()
        self.facts.close()
        self.journal.close()


def run(settings: StationSettings) -> int:
    """Run a station until it is told to stop; 0 when it ended in order, 1 when a part of it broke.

    A journal that cannot be opened keeps the screen up, saying so, and is tried again until it opens.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    station = begin_patiently(lambda: _begin(settings), lambda display: _kiosk(settings, display), settings, stop)
    if station is None:
        return 1
    try:
        return _run_loops(station, stop)
    finally:
        station.close()


def kiosk_address(settings: StationSettings) -> str:
    """The kiosk's autostart address, with its token (made durable on first use)."""
    path = settings.folder / TOKEN
    if not path.exists():
        write_durably(path, secrets.token_urlsafe(24).encode())
    return f"http://127.0.0.1:{settings.kiosk.port}/kiosk?token={path.read_text()}"


def _refuse_unusable_reader(station: Station) -> None:
    """Stop at set-up when the reader cannot be opened; a station whose reader once worked starts without it."""
    if not station.settings.reader.port:
        raise Refused(say("没有设置指纹机端口"), remedy=say("请在 station.toml 的 [reader] 中写明 port"))
    bodies = (read_body(fact) for fact in station.facts.of_kinds("device"))
    if any(isinstance(body, Device) and (body.device, body.state) == ("reader", "ready") for body in bodies):
        return
    try:
        station.open_reader().close()
    except DeviceFault as error:
        raise Refused(str(error), remedy=say("首次启动须能打开指纹机；改好后再启动")) from error


def _begin(settings: StationSettings) -> Station:
    """A station whose journal took its first fact of this run; JournalBroken, NotDurable, Refused if it did not."""
    station = Station(settings)
    try:
        _refuse_unusable_reader(station)
        station.journal.append(Started(version=version("zaigang"), demo=settings.demo))
    except BaseException:
        station.close()
        raise
    return station


def _kiosk(settings: StationSettings, display: Display, acts: Acts | None = None) -> KioskLoop:
    try:
        kiosk_address(settings)  # makes the token on the first run
        token = (settings.folder / TOKEN).read_text()
    except OSError as error:
        raise Refused(
            say("数据目录 {folder} 用不了：{reason}", folder=settings.folder, reason=error.strerror),
            remedy=say("请核对 --folder、权限和磁盘"),
        ) from error
    return KioskLoop(lambda: serve(create_kiosk(display, token, acts=acts), settings.kiosk.port))


def _run_loops(station: Station, stop: threading.Event) -> int:
    listen = Listen(station.open_reader, station.punching, station.journal, station.display)
    acts = station.acts(lambda: listen.reader) if station.settings.kiosk.touch else None
    kiosk = _kiosk(station.settings, station.display, acts)
    obey = Obey(Obeying(station.journal, station.facts, station.places, station.papers, lambda: listen.reader))
    loops = [
        Loop("listen", "指纹机监听", listen.run),
        Loop("kiosk", "打卡屏", kiosk.run, end=kiosk.close, probe=kiosk.ask_for_life),
        Loop("obey", "执行中枢指令", obey.run),
        Loop("due", "时段提示", lambda until: _keep_due(station, until)),
        Loop("watch", "时钟与磁盘", _watch(station).run),
        Loop("scrub", "账本校验", Scrub(station.journal, station.facts, station.display, station.display.now).run),
    ]
    console = Console(
        station.journal, station.places, station.settings.reader.driver, station.papers, lambda: listen.reader,
        lambda: _live(station, supervise), stop.set,
    )  # fmt: skip
    loops += _signal_loops(station, listen)
    loops += _patrol_loops(station)
    loops.append(Loop("control", "本机命令", Control(station.settings.folder, console.verbs()).run))
    if station.uplink:
        # A slow line may take its time over one batch; what hangs longer than this is no line's fault.
        loops.append(Loop("send", "上传", _send(station, station.uplink), patience_s=180))
    else:
        station.display.set_sync(Light(False, say("尚未接入中枢")))
    supervise = Supervise(loops, station.display, stop)
    log.info("running", reader=station.settings.reader.port)
    supervise.run()
    with contextlib.suppress(NotDurable, JournalBroken):
        station.journal.append(Stopped(reason="fault" if supervise.broke else "asked"))
    return 1 if supervise.broke else 0


def _signal_loops(station: Station, listen: Listen) -> list[Loop]:
    settings, names = station.settings.signals, lambda: readings(station.papers())
    player = Player() if settings.voice else None
    signalling = Signalling(station.settings.folder, lambda: listen.reader, names, _panel(station), player)
    loops = [Loop("signal", "灯与声音", Signal(station.display, signalling).run)]
    if settings.voice:
        # One name takes espeak-ng well under a second; a board that is busy with others may need long.
        loops.append(Loop("voice", "语音准备", Render(station.settings.folder, names).run, patience_s=120))
    return loops


def _patrol_loops(station: Station) -> list[Loop]:
    """A thread a tap reader, one for the cameras, one for the photos."""
    loops = [
        Loop(f"tap:{name}", "读卡器监听", TapListen(
            name, partial(open_tap_reader, one.driver, **one.options()), station.tapping, station.journal,
            station.display,
        ).run)
        for name, one in station.settings.taps.items()
    ]  # fmt: skip
    thinning = Thinning(station.photos, station.journal, station.facts, station.settings.disk, station.clock)
    rounds = Rounds(station.patrolling, station.journal, station.display)
    loops.append(Loop("rounds", "巡查提醒", rounds.run))
    loops.append(Loop("photos", "照片整理", KeepPhotos(thinning).run, patience_s=120))
    if station.settings.cameras:
        cameras = Cameras(station.photographing, station.journal, station.display)
        loops.append(Loop("cameras", "摄像头", cameras.run, patience_s=60))
    return loops


def _send(station: Station, uplink: Uplink) -> Callable[[Cancel], None]:
    return Send(uplink, station.journal, station.display, station.pins, station.photos, station.sun_keys).run


def _panel(station: Station) -> Panel | None:
    settings = station.settings.signals
    if not settings.pins():
        return None
    try:
        panel = open_panel(**settings.pins(), factory=settings.factory)
    except DeviceFault as error:
        station.display.set_alarm(str(error), "signals")
        return None
    if settings.factory == "mock":
        station.display.set_alarm(say("信号灯为模拟引脚，不会亮"), "signals")
    return panel


def _watch(station: Station) -> Watch:
    return Watch(station.journal, station.facts, station.clock, station.display, station.settings.disk)


def _live(station: Station, supervise: Supervise) -> dict[str, str]:
    drift = station.uplink.drift if station.uplink else None
    confirmed = confirmed_at(station.settings.folder)
    return live(station.display.frame, station.clock.read(), drift, confirmed, supervise.states())


def _keep_due(station: Station, stop: Cancel) -> None:
    while not stop.is_set():
        station.display.set_due(station.punching.due_words())
        if station.uplink:
            words = age_words(confirmed_at(station.settings.folder), station.clock.read().at)
            station.display.set_alarm(words, "papers")
        stop.wait(15)
