"""Measuring a picture with OpenCV. Imported in the child process only: cv2 never enters the station's own."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from config.words import say
from drivers.camera.quality import DARK_MEAN
from drivers.contract import Measures
from drivers.errors import BadPacket

WIDTH = 640
BLOCKS = (16, 9)
SAME = 2  # grey levels by which a pixel may differ and count as unchanged
QUALITY = 92
Grey = Any  # a two-dimensional array of bytes; the stubs of 4.x and 5.0 name it differently


@dataclass(frozen=True, slots=True)
class Looked:
    """A picture's measures, and its grey for the comparison with the next."""

    measures: Measures
    grey: Grey


def look(jpeg: bytes, before: Grey | None) -> Looked:
    """Decode and measure; `BadPacket` when it does not decode."""
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise BadPacket(say("摄像头的图片打不开，可能没有传完"))
    height = max(1, round(grey.shape[0] * WIDTH / grey.shape[1]))
    grey = cv2.resize(grey, (WIDTH, height), interpolation=cv2.INTER_AREA)
    blocks = cv2.resize(grey, BLOCKS, interpolation=cv2.INTER_AREA)
    measures = Measures(
        mean=float(grey.mean()), spread=float(grey.std()), block_spread=float(blocks.std()),
        dark=float((grey < DARK_MEAN).mean()), sharpness=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        changed=_changed(grey, before),
    )  # fmt: skip
    return Looked(measures, grey)


def _changed(grey: Grey, before: Grey | None) -> float | None:
    if before is None or before.shape != grey.shape:
        return None
    return float((cv2.absdiff(grey, before) > SAME).mean())


def encode(picture: Any) -> bytes:
    """A JPEG of what a capture gave; `BadPacket` when it cannot be made."""
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise BadPacket(say("摄像头的画面存不成图片"))
    return bytes(jpeg.tobytes())
