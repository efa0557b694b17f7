"""The face detector's own process: pictures in on standard input, boxes out on standard output.

A process of its own, because OpenCV is large, slow to load, and may hang or crash on what it is given: the hub lives
on without it. Question: width and height (two big-endian 32-bit integers), then RGB bytes. Answer: one JSON line, a
list of [left, top, right, bottom] in pixels, or {"error": …}. The first line, once the model is loaded, is "ready".
"""

import json
import struct
import sys
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HEAD = struct.Struct(">II")
STRIDE = 4  # pixels of the input to a cell of the heat map
MULTIPLE = 32  # the network takes sides of so many pixels
LEAST_SCORE = 0.2
MOST_OVERLAP = 0.3
OUTPUTS = ("537", "538", "539", "540")  # heat map, size, offset, landmarks, by their names in the model


def main() -> None:
    """Answer until the input ends."""
    cv2.setNumThreads(1)  # a picture may take a second; the hall's pages must not wait for it
    net = cv2.dnn.readNetFromONNX(sys.argv[1])
    _say("ready")
    while (asked := _read(sys.stdin.buffer)) is not None:
        try:
            _say(faces(net, asked))
        except cv2.error as error:
            _say({"error": str(error)})


def faces(net: Any, picture: NDArray[np.uint8]) -> list[list[int]]:
    """Boxes of the faces in an RGB picture (height × width × 3), in its own pixels."""
    height, width = picture.shape[:2]
    wide, high = (-(-side // MULTIPLE) * MULTIPLE for side in (width, height))
    net.setInput(cv2.dnn.blobFromImage(picture, 1.0, (wide, high), (0, 0, 0), swapRB=False, crop=False))
    heat, size, offset, _landmarks = net.forward(list(OUTPUTS))  # OpenCV 5 gives all outputs or none
    boxes, scores = decoded(heat, size, offset)
    if not len(boxes):
        return []
    sides = [[left, top, right - left, bottom - top] for left, top, right, bottom in boxes.tolist()]
    kept = np.asarray(cv2.dnn.NMSBoxes(sides, scores.tolist(), LEAST_SCORE, MOST_OVERLAP)).reshape(-1)
    scaled = boxes[kept] * np.array([width / wide, height / high] * 2, dtype=np.float32)
    limits = np.array([width, height] * 2)
    return [[int(side) for side in box] for box in np.clip(scaled.round(), 0, limits)]


def decoded(heat: Floats, size: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Boxes (n × left, top, right, bottom, pixels of the network's input) and their scores, best first or not."""
    rows, columns = np.where(heat[0, 0] > LEAST_SCORE)
    high, wide = (np.exp(size[0, axis, rows, columns]) * STRIDE for axis in (0, 1))
    top = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE - high / 2
    left = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE - wide / 2
    boxes = np.stack([left, top, left + wide, top + high], axis=1).astype(np.float32)
    return boxes, heat[0, 0, rows, columns]


def _read(source: BinaryIO) -> NDArray[np.uint8] | None:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    width, height = HEAD.unpack(head)
    content = source.read(width * height * 3)
    if len(content) < width * height * 3:
        return None
    return np.frombuffer(content, np.uint8).reshape(height, width, 3)


def _say(word: object) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
