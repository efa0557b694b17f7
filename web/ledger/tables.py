"""Every table of the ledger, gathered for migrations and for tests."""

from sqlalchemy import MetaData

from web.ledger import accounts, audit, facts, hall, people, stations
from web.ledger.rows import Row

FEATURES = (accounts, audit, facts, hall, people, stations)


def metadata() -> MetaData:
    """The metadata with every feature's tables in it."""
    return Row.metadata
