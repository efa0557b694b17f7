"""Settings: every fault at once, the key, the nearest spelling; the environment goes before the file."""

from pathlib import Path

import pytest

from config.errors import BadFile
from config.settings import load_hub, load_station


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_hub(tmp_path).database_url() == f"sqlite:///{tmp_path}/ledger.sqlite3"
    assert load_station(tmp_path).reader.driver == "zfm"


def test_every_fault_is_told_at_once_with_key_and_nearest_spelling(tmp_path: Path) -> None:
    text = 'nmae = "一楼"\nzone = "Mars/Olympus"\n[reader]\nbuad = 57600\nbaud = 12\nport = 3\n[kiosk]\nport = 70000\n'
    with pytest.raises(BadFile) as caught:
        load_station(write(tmp_path, "station.toml", text))
    assert sorted(caught.value.faults) == [
        "kiosk.port：不能大于 65535（现为 70000）",
        "reader.baud：不能小于 9600（现为 12）",
        "reader.port：应为文字（现为 3）",
        "zone：没有这个时区（现为 'Mars/Olympus'）",
        "不认识的设置 nmae，是否为 name？",
        "不认识的设置 reader.buad，是否为 reader.baud？",
    ]


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", b'name = "a"\nname = "b"'])
def test_what_is_no_toml_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hub.toml").write_bytes(content)
    with pytest.raises(BadFile, match="TOML"):
        load_hub(tmp_path)


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAIGANG_STATION_READER__PORT", "/dev/ttyUSB9")
    settings = load_station(write(tmp_path, "station.toml", '[reader]\nport = "/dev/ttyUSB0"\nbaud = 115200\n'))
    assert (settings.reader.port, settings.reader.baud) == ("/dev/ttyUSB9", 115200)
