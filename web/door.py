"""The door of a request: the hub behind it, the session it reads in, and the transaction it writes in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from web.services.audit import ORIGIN
from web.services.hub import Hub
from web.services.recording import Recorder

_HUB = "zaigang"
_RECORDER = "zaigang-recorder"


def install(app: Flask, hub: Hub) -> None:
    """Put the hub behind this application."""
    app.extensions[_HUB] = hub
    app.extensions[_RECORDER] = Recorder(hub)
    app.teardown_request(_close)


def hub() -> Hub:
    """The hub that this request speaks to."""
    return hub_of(current_app)


def hub_of(app: Flask) -> Hub:
    """The same, of an application."""
    found: Hub = app.extensions[_HUB]
    return found


def recorder() -> Recorder:
    """The one writer of the hub's own facts. Reading ends before it writes."""
    _close()
    return recorder_of(current_app)


def recorder_of(app: Flask) -> Recorder:
    """The same, of an application."""
    found: Recorder = app.extensions[_RECORDER]
    return found


def reading() -> Session:
    """The session in which this request reads; opened once, closed with the request."""
    if "reading" not in g:
        g.stack = ExitStack()
        g.reading = g.stack.enter_context(hub().ledger.reading())
    session: Session = g.reading
    return session


@contextmanager
def writing() -> Iterator[Session]:
    """The transaction of a writing request: committed when the block ends well. Reading ends before it."""
    _close()
    with hub().ledger.writing() as session:
        session.info[ORIGIN] = request.remote_addr
        yield session


def _close(_error: BaseException | None = None) -> None:
    """End the reading session, so that what is read after a write sees it."""
    stack: ExitStack | None = g.pop("stack", None)
    g.pop("reading", None)
    if stack is not None:
        stack.close()
