"""Errors of the station, named by remedy. The docstring is what people read about the class."""

from config.errors import Refused


class AlreadyRunning(Refused):
    """Another process holds this data folder: use the running one, or stop it first."""


class JournalBroken(Exception):
    """The chain of the journal does not hold: set the file aside and call for help; nothing may be appended."""


class NotDurable(Exception):
    """The fact could not be written (disk full, read-only, worn out): tell the person to use the sign-in sheet."""


class BadFact(ValueError):
    """Bytes that are no fact of this protocol: keep them as they came, raise the alarm, ask nothing of them."""


class BadPapers(ValueError):
    """Papers that cannot be used (signature, size, shape): keep the previous ones and say how old they are."""
