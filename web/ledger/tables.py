"""Every table of the ledger, gathered for migrations and for tests."""

from sqlalchemy import MetaData

from web.ledger import (
    accounts,
    audit,
    calendars,
    corrections,
    covers,
    duty,
    facts,
    findings,
    fingers,
    hall,
    leaves,
    outages,
    patrol,
    people,
    pins,
    policies,
    posts,
    robots,
    sheets,
    stations,
    tokens,
    verdicts,
)
from web.ledger.rows import Row

FEATURES = (
    accounts,
    audit,
    calendars,
    corrections,
    covers,
    duty,
    facts,
    findings,
    fingers,
    hall,
    leaves,
    outages,
    patrol,
    people,
    pins,
    policies,
    posts,
    robots,
    sheets,
    stations,
    tokens,
    verdicts,
)


def metadata() -> MetaData:
    """The metadata with every feature's tables in it."""
    return Row.metadata
