"""Faults of devices, named by remedy: the class says what to do, `str()` says what happened in words people read."""

from config.words import say


class DeviceFault(Exception):
    """Anything a device or its line did wrong. Never carries bytes of a finger."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)

    def __str__(self) -> str:
        return self.words


class DeviceGone(DeviceFault, OSError):
    """The port is missing, closed, unplugged or its module mute: reopen the port."""


class BadPacket(DeviceFault, ValueError):
    """The answer was damaged or did not belong to the question: ask again."""


class NoAnswer(BadPacket, TimeoutError):
    """No whole answer before the deadline: ask again; the next call checks the module first."""


class DeviceRefused(DeviceFault):
    """The module understood and said no: tell the user. `code` is its confirmation code (None: refused here)."""

    def __init__(self, words: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(words)


class DuplicateFinger(DeviceRefused):
    """This finger is in the module already, at `place`: tell the user whose place it is, or forget that place."""

    def __init__(self, place: int) -> None:
        self.place = place
        super().__init__(say("这枚手指已经录在第 {place} 号位置，没有重复录入", place=place), 0x27)


class DeviceBusy(DeviceFault):
    """Another process holds the port, or an enrolment is under way: wait, or stop the other one."""
