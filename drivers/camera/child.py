"""The child process of one camera: OpenCV and the network live here, so that nothing of theirs can stop the station.

Standard input: a line of settings, then a line an asking (`{"within": seconds}`). Standard output: per asking four
bytes of length, a JSON head, and the JPEG of the length that the head tells. Ends with its input.
"""

import json
import os
import signal
import sys
import time
from dataclasses import asdict, replace
from typing import Any, BinaryIO

# Before cv2 is imported: V4L2's own limit (seconds, 10 unless set), and no chatter of FFmpeg's.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2

from drivers.camera import jpeg, measures
from drivers.camera.grabbing import Grabber, Shot
from drivers.camera.process import FAULTS
from drivers.camera.quality import STILL_S
from drivers.camera.sources import CaptureSource, HttpSource, Source
from drivers.errors import DeviceFault


def main() -> None:
    """Serve askings until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the station's matter
    cv2.setNumThreads(1)
    out = _own_output()
    grabber = _grabber(json.loads(sys.stdin.readline()))
    before, at = None, 0.0
    for line in sys.stdin:
        head: dict[str, Any]
        try:
            shot = grabber.shot(time.monotonic() + json.loads(line)["within"])
            # Pictures closer together may be the same in a living camera too.
            apart = time.monotonic() - at >= STILL_S
            looked = measures.look(shot.jpeg, before if apart else None)
            head, body = _head(shot, looked), shot.jpeg
            before, at = (looked.grey, time.monotonic()) if apart else (before, at)
        except DeviceFault as fault:
            head, body = _fault(fault), b""
        _say(out, {**head, "size": len(body)}, body)


def _grabber(settings: dict[str, Any]) -> Grabber:
    source: Source
    if settings["kind"] == "http":
        source = HttpSource(settings["port"], settings["user"], settings["password"])
    else:
        source = CaptureSource(settings["port"], settings["width"], settings["height"])
    return Grabber(source, settings["settle"], settings["warm_s"])


def _head(shot: Shot, looked: measures.Looked) -> dict[str, Any]:
    width, height = jpeg.size_of(shot.jpeg)
    found = replace(looked.measures, changed=0.0) if shot.stuck else looked.measures
    return {"width": width, "height": height, "at_monotonic_ns": shot.at_monotonic_ns, "measures": asdict(found)}


def _fault(fault: DeviceFault) -> dict[str, Any]:
    name = next((name for name, kind in FAULTS.items() if isinstance(fault, kind)), "gone")
    return {"fault": name, "words": str(fault)}


def _say(out: BinaryIO, head: dict[str, Any], body: bytes) -> None:
    raw = json.dumps(head).encode()
    out.write(len(raw).to_bytes(4) + raw + body)
    out.flush()


def _own_output() -> BinaryIO:
    """Standard output for answers alone: whatever a library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    main()
