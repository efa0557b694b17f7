"""A voice made beforehand: espeak-ng renders pinyin into sound files, aplay plays them.

The plain Chinese voice of espeak-ng 1.51 reads many characters as English letters, so only pinyin with tone numbers
is given to it (`cmn-latn-pinyin`), and what it would still read as English is refused.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from config.words import say
from drivers.errors import DeviceGone, DeviceRefused

VOICE = "cmn-latn-pinyin"
WORDS_A_MINUTE = 150
RENDER_S = 20.0
_PINYIN = re.compile(r"[a-zü]{1,6}[1-5]([ ,]+[a-zü]{1,6}[1-5]|[a-zü]{1,6}[1-5])*")
_ENGLISH = "(en)"


def speakable(pinyin: str) -> bool:
    """Whether this is pinyin with a tone number after each syllable."""
    return _PINYIN.fullmatch(pinyin) is not None


def phonemes(pinyin: str) -> str:
    """What the voice would say, in espeak-ng's letters. DeviceGone without espeak-ng."""
    return _espeak(["-q", "-x"], pinyin).decode(errors="replace").strip()


def render(pinyin: str, path: Path) -> None:
    """Write the spoken words to `path` (WAV), whole or not at all.

    DeviceRefused for what is no pinyin or would be read as English; DeviceGone when espeak-ng is missing or fails.
    """
    if not speakable(pinyin) or _ENGLISH in phonemes(pinyin):
        raise DeviceRefused(say("“{pinyin}”读不出来，请在中枢改正读音", pinyin=pinyin))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        aside = Path(part.name)
    try:
        _espeak(["-w", str(aside)], pinyin)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


class Player:
    """Plays sound files one after the other in a process of its own; what comes while it plays is dropped."""

    def __init__(self, command: Sequence[str] = ("aplay", "-q")) -> None:
        self._command = list(command)
        self._playing: subprocess.Popen[bytes] | None = None

    @property
    def present(self) -> bool:
        """Whether the player is installed."""
        return shutil.which(self._command[0]) is not None

    @property
    def busy(self) -> bool:
        """Whether something is being played."""
        return self._playing is not None and self._playing.poll() is None

    def play(self, clips: Sequence[Path]) -> bool:
        """Begin to play; False when dropped: busy, nothing to play, or no player."""
        if self.busy or not clips:
            return False
        try:
            self._playing = subprocess.Popen(
                [*self._command, *map(str, clips)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            return False
        return True

    def close(self) -> None:
        """End what is being played."""
        if self._playing is not None:
            self._playing.kill()
            self._playing.wait()
            self._playing = None


def _espeak(options: list[str], pinyin: str) -> bytes:
    """espeak-ng at the lowest priority: a press at the reader goes before any rendering."""
    command = ["nice", "-n", "19", "espeak-ng", "-v", VOICE, "-s", str(WORDS_A_MINUTE), *options, "--stdin"]
    try:
        done = subprocess.run(command, input=pinyin.encode(), capture_output=True, check=True, timeout=RENDER_S)
    except (OSError, subprocess.SubprocessError) as error:
        raise DeviceGone(say("语音程序 espeak-ng 用不了，请安装：apt-get install espeak-ng")) from error
    return done.stdout
