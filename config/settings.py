"""Settings of a hub and of a station: hub.toml, station.toml and the environment, read once, every fault reported.

The environment goes before the file: ZAIGANG_HUB_PORT, ZAIGANG_STATION_READER__PORT, and so on.
"""

import difflib
import tomllib
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.errors import BadFile
from config.words import say

HUB_FILE = "hub.toml"
STATION_FILE = "station.toml"
_Settings = TypeVar("_Settings", bound="FileSettings")


class FileSettings(BaseSettings):
    """Settings from one TOML file, overridden by the environment. Unknown keys are faults."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_nested_delimiter="__")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file."""
        return env_settings, init_settings


class HubSettings(FileSettings):
    """hub.toml."""

    model_config = SettingsConfigDict(env_prefix="ZAIGANG_HUB_")

    folder: Path
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    tls_port: int = Field(8443, ge=1, le=65535)  # https beside the other, once there is a certificate
    database: str = ""  # SQLAlchemy URL; empty: a SQLite file in the folder
    policy: str = "default"  # a hall's or a pack's name
    demo: bool = False
    demo_clock_offset_s: int = 0

    def database_url(self) -> str:
        """Where the ledger stands."""
        return self.database or f"sqlite:///{self.folder / 'ledger.sqlite3'}"


class ReaderSettings(BaseModel):
    """The fingerprint module."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    driver: str = "zfm"
    port: str = ""
    baud: int = Field(57600, ge=9600, le=115200)
    password: int = Field(0, ge=0, le=0xFFFFFFFF)
    score_floor: int = Field(50, ge=0, le=65535)


class TapSettings(BaseModel):
    """A tap reader. `port`: its stable path; `medium` and `spelling` are a wedge's: what it reads, and how it types."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    driver: str = "pn532"
    port: str
    baud: int | None = Field(None, ge=9600, le=921600)
    medium: Literal["rfid", "nfc"] | None = None
    spelling: Literal["auto", "decimal", "hex"] | None = None

    def options(self) -> dict[str, object]:
        """What its driver is told: the fields that are set."""
        return self.model_dump(exclude={"driver"}, exclude_none=True)


class CameraSettings(BaseModel):
    """A camera. `port`: its stable path or its address; the rest only where its driver knows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    driver: str = "v4l2"
    port: str
    user: str | None = None
    password: str | None = Field(None, repr=False)
    width: int | None = Field(None, ge=160, le=8192)
    height: int | None = Field(None, ge=120, le=8192)
    settle: int | None = Field(None, ge=0, le=60)  # pictures thrown away after opening
    deadline_s: float | None = Field(None, ge=0.5, le=2.8)  # a check must be saved within three seconds

    def options(self) -> dict[str, object]:
        """What its driver is told: the fields that are set."""
        return self.model_dump(exclude={"driver"}, exclude_none=True)


class KioskSettings(BaseModel):
    """The station's own page, on this board only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: int = Field(8001, ge=1, le=65535)
    mask_first_name: bool = False
    touch: bool = True  # whether fingers can press buttons on the screen


class DiskSettings(BaseModel):
    """The station's disk: the space kept back for punches, and when to warn (percent used)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reserve_mb: int = Field(64, ge=0, le=4096)
    warn_percent: int = Field(90, ge=1, le=100)
    full_percent: int = Field(97, ge=1, le=100)
    photo_days: int = Field(30, ge=1, le=3650)  # photos that the hub has are kept here so long


class SignalSettings(BaseModel):
    """Lamps, buzzer (BCM pin numbers; "none": there is none) and voice. All off unless set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    led_green: int | None = Field(None, ge=0, le=53)
    led_red: int | None = Field(None, ge=0, le=53)
    buzzer: int | None = Field(None, ge=0, le=53)
    factory: Literal["lgpio", "mock"] = "lgpio"  # mock: simulated pins, and the screen says so
    voice: bool = False

    @field_validator("led_green", "led_red", "buzzer", mode="before")
    @classmethod
    def _none(cls, pin: object) -> object:
        return None if pin == "none" else pin

    @model_validator(mode="after")
    def _pins_apart(self) -> Self:
        pins = self.pins()
        if len(set(pins.values())) < len(pins):
            raise ValueError(say("两个信号不能用同一个引脚"))
        return self

    def pins(self) -> dict[str, int]:
        """The pins that are set, by name."""
        given = {"led_green": self.led_green, "led_red": self.led_red, "buzzer": self.buzzer}
        return {name: pin for name, pin in given.items() if pin is not None}


class StationSettings(FileSettings):
    """station.toml."""

    model_config = SettingsConfigDict(env_prefix="ZAIGANG_STATION_")

    folder: Path
    name: str = "考勤站"
    zone: str = "Asia/Shanghai"  # until the papers name the hall's
    reader: ReaderSettings = ReaderSettings()
    taps: dict[str, TapSettings] = {}  # by name: [taps.east]
    cameras: dict[str, CameraSettings] = {}
    kiosk: KioskSettings = KioskSettings()
    signals: SignalSettings = SignalSettings()
    disk: DiskSettings = DiskSettings()
    demo: bool = False
    demo_clock_offset_s: int = 0

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(say("没有这个时区")) from error
        return zone


def load_hub(folder: Path) -> HubSettings:
    """The settings of the hub whose data folder this is; hub.toml in it may be missing."""
    return _load(HubSettings, folder, HUB_FILE)


def load_station(folder: Path) -> StationSettings:
    """The settings of the station whose data folder this is; station.toml in it may be missing."""
    return _load(StationSettings, folder, STATION_FILE)


def _load(model: type[_Settings], folder: Path, name: str) -> _Settings:
    path = folder / name
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(str(path), [say("不是有效的 TOML：{reason}", reason=error)]) from error
    except OSError as error:
        raise BadFile(str(path), [say("无法读取：{reason}", reason=error.strerror)]) from error
    try:
        return model(**{"folder": folder, **given})
    except ValidationError as error:
        raise BadFile(str(path), [_fault(model, fault) for fault in error.errors()]) from error


# What a fault of each type is called; the rest say what was expected in general.
_REASONS = {
    "missing": "缺少这一项",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "string_type": "应为文字",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "value_error": "{error}",
}


def _fault(model: type[BaseModel], fault: Any) -> str:
    """One fault in words: the key, what is wrong, and for an unknown key the nearest known one."""
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        reason = say(_REASONS.get(fault["type"], "写法不对"), **fault.get("ctx", {}))
        return say("{key}：{reason}（现为 {value!r}）", key=key, reason=reason, value=fault["input"])
    near = difflib.get_close_matches(key, _known_keys(model, named=fault["loc"]), n=1, cutoff=0.5)
    if near:
        return say("不认识的设置 {key}，是否为 {near}？", key=key, near=near[0])
    return say("不认识的设置 {key}", key=key)


def _known_keys(model: type[BaseModel], prefix: str = "", named: tuple[object, ...] = ()) -> list[str]:
    """Every key; those of a table of named things with the name that the fault at `named` has."""
    keys = []
    for name, field in model.model_fields.items():
        keys.append(prefix + name)
        if get_origin(field.annotation) is dict and len(named) > 1 and named[0] == name:
            keys += _known_keys(get_args(field.annotation)[1], f"{prefix}{name}.{named[1]}.")
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys += _known_keys(field.annotation, f"{prefix}{name}.")
    return keys
