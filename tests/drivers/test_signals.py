"""Lamps and buzzer on gpiozero's simulated pins; the voice by the real espeak-ng; a player that is a process."""

import os
import subprocess
import sys
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.contract import Light
from drivers.errors import DeviceGone, DeviceRefused
from drivers.signals import panel as panels
from drivers.signals.panel import LAMP_S, LONG_S, SHORT_S, Panel, open_panel
from drivers.signals.voice import Player, phonemes, render, speakable
from station.voice import BY_TONE, PHRASES

GREEN, RED, BUZZER = 17, 27, 22
WAIT_S = 10.0


@pytest.fixture
def panel() -> Iterator[Panel]:
    made = open_panel(GREEN, RED, BUZZER, factory="mock")
    yield made
    made.close()


def level(panel: Panel, pin: int) -> bool:
    return bool(panel._factory.pin(pin).state)


def until(true: Callable[[], bool]) -> None:
    rest = threading.Event()
    for _ in range(1000):
        if true():
            return
        rest.wait(0.01)
    raise AssertionError


def test_the_beep_for_bad_is_long_and_the_lamp_outlasts_both() -> None:
    assert SHORT_S * 5 <= LONG_S < LAMP_S


def test_green_and_a_short_beep_for_good(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "LONG_S", 3600.0)
    panel.show(Light.GOOD)
    assert (level(panel, GREEN), level(panel, RED)) == (True, False)
    until(lambda: not level(panel, BUZZER))
    assert len(panel._factory.pin(BUZZER).states) == 3, "it was on once"


def test_red_and_a_long_beep_for_bad_replace_what_was_before(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "SHORT_S", 3600.0)
    monkeypatch.setattr(panels, "LONG_S", 0.01)
    panel.show(Light.GOOD)
    assert level(panel, BUZZER)
    panel.show(Light.BAD)
    assert (level(panel, GREEN), level(panel, RED)) == (False, True)
    until(lambda: not level(panel, BUZZER))


def test_the_lamp_goes_out_by_itself(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "LAMP_S", 0.01)
    panel.show(Light.BAD)
    until(lambda: not level(panel, RED))


def test_whatever_is_missing_is_left_out() -> None:
    made = open_panel(buzzer=BUZZER, factory="mock")
    made.show(Light.BAD)
    assert level(made, BUZZER)
    made.close()
    none = open_panel(factory="mock")
    none.show(Light.GOOD)
    none.close()


def test_a_pin_that_does_not_exist_is_named() -> None:
    with pytest.raises(DeviceRefused, match="99"):
        open_panel(led_green=99, factory="mock")


def test_a_board_without_gpio_says_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", None)
    with pytest.raises(DeviceGone, match="GPIO"):
        open_panel(GREEN)


def test_lgpio_litters_no_working_folder(tmp_path: Path) -> None:
    """Its pipe goes elsewhere, whether this board has pins or not."""
    code = f"from drivers.signals.panel import open_panel; open_panel({GREEN}).close()"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert list(tmp_path.iterdir()) == []


PINYIN = [
    ("liu2 ming2", True), ("shang4ban1 da3ka3", True), ("lü3 yang2", True), ("mei2you3 shi2bie2, qing3 an4", True),
    ("", False), ("刘明", False), ("liu ming", False), ("-w /tmp/x1", False), ("liu2 <mark1>", False),
    ("liu2;ming2", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "is_pinyin"), PINYIN)
def test_only_pinyin_with_tones_is_given_to_the_voice(text: str, is_pinyin: bool) -> None:
    assert speakable(text) is is_pinyin


@pytest.mark.parametrize("phrase", sorted({*PHRASES.values(), *BY_TONE.values()} - {""}))
def test_no_phrase_is_read_as_english(phrase: str) -> None:
    heard = phonemes(phrase)
    assert heard
    assert "(en)" not in heard


def test_chinese_characters_would_be_read_as_english_which_is_why_pinyin_is_given() -> None:
    assert "(en)" in phonemes("班 bus")


def test_a_clip_is_a_sound_of_some_length(tmp_path: Path) -> None:
    path = tmp_path / "voice" / "a.wav"
    render("liu2 ming2", path)
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert 0.3 < sound.getnframes() / sound.getframerate() < 3
        assert any(sound.readframes(sound.getnframes()))
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_pinyin_leaves_no_clip(tmp_path: Path) -> None:
    with pytest.raises(DeviceRefused, match="刘明"):
        render("刘明", tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


def test_without_espeak_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceGone, match="apt-get install espeak-ng"):
        render("liu2 ming2", tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def stage(tmp_path: Path) -> tuple[list[str], Path, Path]:
    """A player that writes what it was given to a file, then plays until somebody reads its pipe."""
    heard, pipe = tmp_path / "heard", tmp_path / "pipe"
    os.mkfifo(pipe)
    return ["sh", "-c", f'echo "$@" >> {heard}; echo end > {pipe}', "player"], heard, pipe


def test_clips_are_played_in_order_and_what_comes_meanwhile_is_dropped(stage: tuple[list[str], Path, Path]) -> None:
    command, heard, pipe = stage
    player = Player(command)
    assert player.present
    assert player.play([Path("name.wav"), Path("phrase.wav")])
    assert player.busy
    assert not player.play([Path("late.wav")])
    assert pipe.read_text() == "end\n"
    until(lambda: not player.busy)
    assert heard.read_text() == "name.wav phrase.wav\n"
    assert player.play([Path("next.wav")])
    player.close()
    assert not player.busy


def test_no_player_or_nothing_to_play_is_no_error() -> None:
    player = Player(["no-such-player-here"])
    assert (player.present, player.play([Path("a.wav")])) == (False, False)
    assert not Player(["true"]).play([])
