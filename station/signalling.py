"""What a result sounds and looks like at the door: lamp, beep, the module's light, a voice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drivers.contract import FingerReader, Light
from drivers.errors import DeviceFault
from station.display import Shown
from station.voice import clip, said


class Panel(Protocol):
    """Lamps and a buzzer."""

    def show(self, mood: Light) -> None: ...


class Player(Protocol):
    """What plays sound files; False when it dropped them."""

    def play(self, clips: Sequence[Path]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Given:
    """What was given for a result. `spoken`: the texts played, none when the voice was busy or had no clips."""

    seq: int
    mood: Light
    lit: bool
    spoken: tuple[str, ...]


class Signalling:
    """Gives the signals of one result at a time; nothing in here waits for a person or plays to its end."""

    def __init__(
        self, folder: Path, reader: Callable[[], FingerReader | None], names: Callable[[], dict[str, str]],
        panel: Panel | None, player: Player | None,
    ) -> None:  # fmt: skip
        self._folder, self._reader, self._names = folder, reader, names
        self._panel, self._player = panel, player

    def give(self, shown: Shown) -> Given:
        """Signal a result whose fact is durable already."""
        mood = mood_of(shown)
        if self._panel:
            self._panel.show(mood)
        spoken = self._speak(said(shown, self._names()))
        return Given(shown.seq, mood, self._light(mood), tuple(spoken))

    def _speak(self, texts: list[str]) -> list[str]:
        """What has its clip is said; a name that has none yet is left out."""
        there = [text for text in texts if clip(self._folder, text).exists()]
        if self._player and self._player.play([clip(self._folder, text) for text in there]):
            return there
        return []

    def _light(self, mood: Light) -> bool:
        reader = self._reader()
        try:
            return reader is not None and reader.light(mood)
        except DeviceFault:  # the listening loop hears of it soon enough
            return False


def mood_of(shown: Shown) -> Light:
    """Red is a failure, everything else was recorded."""
    return Light.BAD if shown.tone == "red" else Light.GOOD
