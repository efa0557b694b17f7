"""Makes the two beeps of the screen: `python -m web.kiosk.sounds` writes short.wav and long.wav anew.

16 bit, mono, 16 kHz; the edges of each tone are softened over 8 ms so that it does not click.
"""

import math
import struct
import wave
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
RATE_HZ = 16_000
EDGE_S = 0.008
LOUDNESS = 0.5

# File → tones, each in Hz and seconds: a rise that pleases, a low drone that does not.
BEEPS = {"short.wav": [(1320.0, 0.06), (1760.0, 0.09)], "long.wav": [(330.0, 0.7)]}


def tone(hz: float, seconds: float) -> list[int]:
    """Samples of one tone with soft edges; a little of the third harmonic carries it through a small speaker."""
    count = round(seconds * RATE_HZ)
    return [round(32767 * LOUDNESS * _edge(i, count) * _wave(2 * math.pi * hz * i / RATE_HZ)) for i in range(count)]


def write(path: Path, tones: list[tuple[float, float]]) -> None:
    """One sound file."""
    samples = [sample for hz, seconds in tones for sample in tone(hz, seconds)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def _wave(phase: float) -> float:
    return 0.8 * math.sin(phase) + 0.2 * math.sin(3 * phase)


def _edge(i: int, count: int) -> float:
    return min(1.0, i / (EDGE_S * RATE_HZ), (count - 1 - i) / (EDGE_S * RATE_HZ))


if __name__ == "__main__":
    for name, tones in BEEPS.items():
        write(FOLDER / name, tones)
