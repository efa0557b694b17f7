"""From pictures to touches: one press of a finger gives one result."""

import time
from dataclasses import dataclass

from drivers.contract import NoMatch, Touch
from drivers.errors import DeviceRefused
from drivers.fingerprint.codes import NO_FINGER, OK, UNCLEAR, words_for
from drivers.fingerprint.module import Module

PATIENCE = 5  # unclear pictures of one press before the person is told


@dataclass(slots=True)
class Press:
    """The press under way: whether it was answered already, and how many unusable pictures it gave."""

    answered: bool = False
    unclear: int = 0


def look(module: Module, press: Press, floor: int) -> Touch | NoMatch | None:
    """One look at the glass: a new finger's result, or None when there is none (or the old one still lies there)."""
    code = module.capture()
    at = time.monotonic_ns()
    if code == NO_FINGER:
        press.answered, press.unclear = False, 0
        return None
    if press.answered:
        return None
    if code == OK:
        code = module.features(1)
    if code == OK:
        result = _judge(module, floor, at)
        press.answered = True
        return result
    if code not in UNCLEAR:
        raise DeviceRefused(words_for(code), code)
    press.unclear += 1
    if press.unclear < PATIENCE:
        return None
    press.answered = True
    return NoMatch(at, "unclear")


def _judge(module: Module, floor: int, at: int) -> Touch | NoMatch:
    found = module.search(1)
    if found is None:
        return NoMatch(at)
    if found.score < floor:
        return NoMatch(at, "weak")
    return Touch(found.place, found.score, at)
