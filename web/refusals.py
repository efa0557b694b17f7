"""Refusals over HTTP: one table from what was not taken to the status that says so."""

from config.errors import BadFile, Refused
from station.photos import NoRoom
from web.ledger.errors import LedgerBusy, LedgerUnwritable, NeedsUpgrade
from web.services import errors

STATUS: dict[type[Refused], int] = {
    BadFile: 500,
    LedgerBusy: 503,
    LedgerUnwritable: 503,
    NeedsUpgrade: 503,
    NoRoom: 507,
    errors.BadBatch: 400,
    errors.BadInput: 400,
    errors.BadSignature: 401,
    errors.BadToken: 401,
    errors.Conflict: 409,
    errors.Conflicting: 409,
    errors.NotAllowed: 403,
    errors.NotConfirmed: 403,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.StaleNonce: 401,
    errors.UnknownStation: 404,
}
RETRY_AFTER_S = 10


def status_of(refusal: Refused) -> int:
    """The status for this refusal; 400 for one that the table does not name."""
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 400)


def headers_of(refusal: Refused) -> dict[str, str]:
    """What goes with the status: when to come again, if coming again helps."""
    if isinstance(refusal, errors.BadToken):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(RETRY_AFTER_S)} if status_of(refusal) == 503 else {}
