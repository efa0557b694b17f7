"""Errors of the ledger, named by remedy."""

from config.errors import Refused


class LedgerBusy(Refused):
    """Somebody else is writing for longer than we wait: try again in a moment."""


class LedgerUnwritable(Refused):
    """The disk is full or read-only, or the database is out of reach: make room or repair it, then try again."""


class NeedsUpgrade(Refused):
    """The ledger was made by another version: run `zaigang hub upgrade`."""
