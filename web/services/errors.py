"""Refusals of the hub, named by remedy. `web.refusals` says which status each one has over HTTP."""

from typing import Literal

from config.errors import Refused


class BadInput(Refused):
    """Something filled in that cannot be taken: correct it and send it again."""


class WrongSecret(BadInput):
    """A password or a code that does not fit, of somebody already signed in: it is counted like one at the login."""


class AlreadyInitialised(Refused):
    """The folder holds a hub already: use it, or choose another folder."""


class NotInitialised(Refused):
    """The folder holds no hub yet: run `zaigang hub init` first."""


class UnknownStation(Refused):
    """No station of that id joined this hub."""


class NotConfirmed(Refused):
    """The station waits until an administrator has compared its words, or was revoked."""


class Revoked(NotConfirmed):
    """The hub takes nothing from this station: it was turned away when it joined, or revoked since."""

    def __init__(self, what: str, *, standing: Literal["turned_away", "revoked"], remedy: str = "") -> None:
        self.standing = standing
        super().__init__(what, remedy=remedy)


class BadToken(Refused):
    """The token of another system is missing, unknown, expired or revoked: have a new one made."""


class BadSignature(Refused):
    """The request was not signed by the station that it names."""


class StaleNonce(Refused):
    """The request carries no nonce, or one whose time is over: ask again with the fresh one."""


class BadBatch(Refused):
    """Bytes that are no batch of this protocol: nothing of it was stored."""


class Conflict(Refused):
    """A batch that contradicts what the hub holds. `kind` and `subject` name the alarm that goes with it."""

    def __init__(
        self,
        what: str,
        *,
        kind: Literal["fork", "held", "refused", "foreign", "simulated"],
        subject: str,
        saved: str = "",
        remedy: str = "",
        was: str | None = None,
    ) -> None:
        self.kind = kind
        self.subject = subject
        self.was = was
        super().__init__(what, saved=saved, remedy=remedy)


class Conflicting(Refused):
    """What was to be done no longer fits what stands: look at it again, then decide."""


class NotSignedIn(Refused):
    """Name or password do not fit, or too many attempts were made."""


class NotAllowed(Refused):
    """The person's roles do not include this act."""


class NotFound(Refused):
    """There is nothing of that id."""
