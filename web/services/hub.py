"""The hub as a whole: its folder, keys, ledger, clock and hall; and how one begins."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.settings import HUB_FILE, HubSettings, load_hub
from config.words import say
from station.clock import Clock, clock_of
from station.durable import write_durably
from station.keys import Key, load_or_make
from station.photos import FOLDER as PHOTOS
from station.photos import Photos
from station.sealed import SealKey, load_or_make_seal
from web.ledger.engine import Ledger
from web.ledger.hall import HallRow
from web.ledger.migrate import check_current, upgrade
from web.services.errors import AlreadyInitialised, NotInitialised
from web.services.once import Once

KEY = "hub.key"
SEAL = "hub.seal"
SECRET = "hub.secret"  # noqa: S105  # a file's name
DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Hall:
    """The hall: id, name, IANA zone that cuts its days."""

    id: str
    name: str
    zone: str


@dataclass(eq=False)
class Hub:
    """An open hub. `clock` is the only source of the present time for everything that it does.

    `hall` is read once, and anew after it was renamed.
    """

    settings: HubSettings
    ledger: Ledger
    key: Key
    seal: SealKey
    secret: bytes
    clock: Clock
    hall: Hall

    @cached_property
    def once(self) -> Once:
        """The running day as it was worked out last."""
        return Once()

    @cached_property
    def photos(self) -> Photos:
        """The photos that people and stations sent."""
        return Photos(self.settings.folder / PHOTOS)

    def now(self) -> datetime:
        """The present instant, UTC, by the hub's clock."""
        return self.clock.read().at

    def secret_for(self, purpose: str) -> bytes:
        """A secret of its own for each purpose, made from the one in the folder (32 bytes)."""
        return hmac.digest(self.secret, purpose.encode(), hashlib.sha256)

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def begin(settings: HubSettings, hall_name: str, zone: str = DEFAULT_ZONE) -> Hub:
    """Make keys and an empty ledger for a new hall. AlreadyInitialised when there is a hub."""
    folder = settings.folder
    if (folder / KEY).exists():
        raise AlreadyInitialised(
            say("数据目录 {folder} 里已有一个中枢", folder=folder), remedy=say("请直接运行它，或换一个数据目录")
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.database_url())
    begin_hall(settings, hall_name, zone)
    write_durably(folder / SECRET, secrets.token_bytes(32))
    load_or_make_seal(folder / SEAL)
    load_or_make(folder / KEY)  # last: its presence says that the rest is there
    return open_hub(settings)


def open_hub(settings: HubSettings, clock: Clock | None = None) -> Hub:
    """The hub in this folder. NotInitialised or NeedsUpgrade when it cannot be used as it is."""
    folder = settings.folder
    if not (folder / KEY).exists() or not (folder / SECRET).exists():
        raise NotInitialised(
            say("数据目录 {folder} 里还没有中枢", folder=folder), remedy=say("请先运行 zaigang hub init")
        )
    ledger = Ledger(settings.database_url())
    try:
        check_current(ledger)
        with ledger.reading() as session:
            hall = hall_of(session)
    except BaseException:
        ledger.close()
        raise
    clock = clock or clock_of(settings.demo, settings.demo_clock_offset_s)
    key, seal = load_or_make(folder / KEY), load_or_make_seal(folder / SEAL)
    return Hub(settings, ledger, key, seal, (folder / SECRET).read_bytes(), clock, hall)


def settings_of(folder: Path) -> HubSettings:
    """The settings of the hub in `folder`; NotInitialised when the folder is not there."""
    if not folder.exists():
        raise NotInitialised(say("没有数据目录 {folder}", folder=folder), remedy=say("请先运行 zaigang hub init"))
    return load_hub(folder)


def write_settings(folder: Path, lines: str) -> None:
    """Leave a hub.toml in the folder where there is none."""
    if not (folder / HUB_FILE).exists():
        write_durably(folder / HUB_FILE, lines.encode())


def begin_hall(settings: HubSettings, name: str, zone: str) -> None:
    ledger = Ledger(settings.database_url())
    with ledger.writing() as session:
        if session.execute(select(HallRow.id)).first() is None:
            session.add(HallRow(id=str(uuid7()), name=name, zone=zone))
    ledger.close()


def hall_of(session: Session) -> Hall:
    """The hall as the ledger has it."""
    row = session.execute(select(HallRow)).scalar_one()
    return Hall(row.id, row.name, row.zone)
