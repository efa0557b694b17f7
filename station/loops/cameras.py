"""The threads beside patrol: one looks at each camera now and then, one looks after the photos on the disk."""

import structlog

from config.errors import Refused
from config.words import say
from drivers.contract import Cancel
from drivers.errors import DeviceFault, DeviceGone, NoAnswer
from station.display import Display
from station.errors import NotDurable
from station.journal import Journal
from station.loops.turns import Turns
from station.photographing import Photographing
from station.thinning import Thinning

WELL_EVERY_S = 300.0  # a camera that was well is looked at again after this long
GONE_EVERY_S = 15.0
PHOTOS_EVERY_S = 60.0
log = structlog.get_logger("camera")


class Cameras:
    """Takes a picture of each camera now and then, keeps none, and says which are gone."""

    def __init__(self, photographing: Photographing, journal: Journal, display: Display) -> None:
        self._photographing, self._display = photographing, display
        self._turns = {name: Turns(journal, "camera", name) for name in photographing.names}

    def run(self, stop: Cancel) -> None:
        """Until told to stop; then the cameras are let go of."""
        try:
            while not stop.is_set():
                well = [self.look(name) for name in self._turns]
                stop.wait(WELL_EVERY_S if all(well) else GONE_EVERY_S)
        finally:
            self._photographing.close()

    def look(self, name: str) -> bool:
        """Look at one; whether it is well."""
        try:
            shot = self._photographing.shoot(name)
        except (DeviceFault, Refused) as error:
            gone = isinstance(error, (DeviceGone, NoAnswer))
            self._turns[name].turn("gone" if gone else "fault", str(error))
            words = say("摄像头 {name} 用不了，巡查请注明“相机故障”（{reason}）", name=name, reason=error)
            self._display.set_alarm(words, f"camera:{name}")
            return False
        self._turns[name].turn("ready", say("画面 {w}×{h}", w=shot.frame.width, h=shot.frame.height))
        covered = shot.fault == "covered"  # dark or still it may well be at night
        words = say("摄像头 {name}：{words}", name=name, words=shot.words) if covered else ""
        self._display.set_alarm(words, f"camera:{name}")
        return True


class KeepPhotos:
    """Sweeps, lets old photos go and thins, once a minute."""

    def __init__(self, thinning: Thinning) -> None:
        self._thinning = thinning

    def run(self, stop: Cancel) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                self._thinning.look()
            except NotDurable as error:
                log.error("not durable", error=str(error))
            stop.wait(PHOTOS_EVERY_S)
