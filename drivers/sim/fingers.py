"""Simulated fingers: a name gives ridges, features and templates, the same ones every time.

A finger's digest (SHA-256 of its name) stands for its minutiae. Features are a byte stream drawn from the digest with a
few bytes different at each press, as two presses of one finger never agree wholly; templates are compared by the
share of bytes that agree, so a damaged template scores less and a foreign one next to nothing.
"""

import hashlib
import math
from functools import lru_cache
from operator import eq

DIGEST = 32
NOISE = 16  # one byte in this many differs from press to press
FULL_SCORE = 200
LONGEST = 512  # bytes that are compared
GLANCE = 32


def digest_of(name: str) -> bytes:
    """What stands for the minutiae of the finger called `name`."""
    return hashlib.sha256(f"finger:{name}".encode()).digest()


@lru_cache(maxsize=1024)
def _stream(seed: bytes, size: int) -> bytes:
    return hashlib.shake_256(seed).digest(size)


def features(digest: bytes, press: int, size: int) -> bytes:
    """Features of one press, `size` bytes."""
    made = bytearray(_stream(b"features" + digest, size))
    noise = _stream(b"press" + digest + press.to_bytes(4), 2 * (size // NOISE))
    for at in range(size // NOISE):
        made[at * NOISE + noise[2 * at] % NOISE] ^= noise[2 * at + 1]
    return bytes(made)


def merged(captures: list[bytes], size: int) -> bytes:
    """One template of `size` bytes from several captures: bytewise the value most of them agree on."""
    shortest = min(map(len, captures))
    agreed = bytes(max(set(column), key=column.count) for column in zip(*captures, strict=False))[:shortest]
    return (agreed + _stream(b"rest" + agreed[:DIGEST], max(size - len(agreed), 0)))[:size]


def score(one: bytes, other: bytes) -> int:
    """How well two templates agree, 0 to 200."""
    length = min(len(one), len(other), LONGEST)
    if length == 0:
        return 0
    glance = min(length, GLANCE)
    first = _alike(one, other, glance)
    if first < glance // 4:  # a foreign finger: no need to look closer
        return first * FULL_SCORE // glance
    return _alike(one, other, length) * FULL_SCORE // length


def _alike(one: bytes, other: bytes, length: int) -> int:
    return sum(map(eq, one[:length], other[:length]))


@lru_cache(maxsize=64)
def picture(digest: bytes, width: int, height: int) -> bytes:
    """Ridges around a core: 4 bits a pixel, high nibble first, rows from the top.

    The first 64 pixels carry the digest, so that a picture sent to another simulated module is the same finger there.
    """
    core_x, core_y = width * (0.35 + digest[0] / 850), height * (0.35 + digest[1] / 850)
    ridge, bend, turn = 6 + digest[2] / 64, digest[3] / 40, digest[4] / 40
    pixels = bytearray()
    for y in range(height):
        dy = (y - core_y) * (0.7 + digest[5] / 512)
        for x in range(0, width, 2):
            distance = math.hypot(x - core_x, dy)
            wave = math.sin(distance * 6.283 / ridge + bend * math.sin(x / 37 + turn) + turn * math.cos(y / 41))
            level = 15 - round((wave + 1) * 6) if distance < 0.46 * height else 15
            pixels.append(level << 4 | level)
    pixels[:DIGEST] = digest
    return bytes(pixels)


def finger_in(image: bytes) -> bytes:
    """The digest of the finger in a picture that a host sent."""
    head = image[:DIGEST]
    return head if len(head) == DIGEST else hashlib.sha256(image).digest()
