"""A photo at a checkpoint: looked at, kept before a fact names it; a bad one is taken again, or kept with why."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from config.errors import Refused
from config.words import say
from drivers.camera.quality import Fault, fault_of, learned, words_for
from drivers.contract import Camera, Frame
from station.journal import Journal
from station.photos import Photos

BASELINE = "camera:"  # state: camera → its `Past`


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that is not kept yet. `fault`: why it should be taken again, None for a good one; `words` say so."""

    camera: str
    frame: Frame
    fault: Fault | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of a camera: the sharpness of its kept pictures, and the digest of the last one."""

    sharpness: list[float] = field(default_factory=list)
    last: str = ""


class Photographing:
    """The station's cameras by name, opened when first asked for, and what is usual for each."""

    def __init__(self, cameras: Mapping[str, Callable[[], Camera]], photos: Photos, journal: Journal) -> None:
        self._openers, self._photos, self._journal = cameras, photos, journal
        self._open: dict[str, Camera] = {}
        self._turn = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The cameras that the settings name, the first one first."""
        return tuple(self._openers)

    def shoot(self, camera: str) -> Shot:
        """Take a picture and look at it. Faults of the camera pass through, each within its deadline."""
        frame = self._camera(camera).still()
        past = self._past(camera)
        same = past.last == hashlib.sha256(frame.jpeg).hexdigest()  # also across a restart
        fault: Fault | None = "frozen" if same else fault_of(frame.measures, past.sharpness)
        return Shot(camera, frame, fault, words_for(fault) if fault else "")

    def keep(self, shot: Shot, reason: str = "") -> str:
        """Make it durable; its digest for a fact to name. Refused for a bad one without a reason, BadPhoto, NoRoom."""
        if shot.fault and not reason.strip():
            raise Refused(shot.words, saved=say("照片没有保存"), remedy=say("请重拍；确要保留请写明原因"))
        digest = self._photos.keep(shot.frame.jpeg)
        sharpness = learned(self._past(shot.camera).sharpness, shot.frame.measures)
        self._journal.set_state(BASELINE + shot.camera, json.dumps(asdict(Past(sharpness, digest))))
        return digest

    def close(self) -> None:
        """Let go of every camera."""
        with self._turn:
            for camera in self._open.values():
                camera.close()
            self._open.clear()

    def _camera(self, name: str) -> Camera:
        if name not in self._openers:
            raise Refused(say("没有名为 {name} 的摄像头", name=name), remedy=say("请核对 station.toml 的 [cameras]"))
        with self._turn:
            if name not in self._open:
                self._open[name] = self._openers[name]()
            return self._open[name]

    def _past(self, name: str) -> Past:
        with suppress(ValueError, TypeError):
            return Past(**json.loads(self._journal.get_state(BASELINE + name) or "{}"))
        return Past()
