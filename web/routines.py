"""What the hub does by itself while it runs. Each routine decides by its own data whether anything is due, so that a
restart neither skips nor repeats it; how often it is asked only says how soon it notices."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from config.errors import Refused
from web.services import draws, own_windows, photo_keeping, robot_post
from web.services.hub import Hub

EVERY_S = 30.0
HOUR = timedelta(hours=1)


class Routine(NamedTuple):
    """`act` answers whether it did anything; one that did is asked again at once, others once `rests` is over."""

    name: str
    act: Callable[[Session, Hub], object]
    rests: timedelta = timedelta()


ROUTINES = (
    Routine("draws", draws.commit),
    Routine("orphans", photo_keeping.sweep),
    Routine("photos", photo_keeping.let_go, HOUR),  # reads every use of every photo
    Routine("robots", robot_post.put_out),
    Routine("windows", own_windows.keep, HOUR),  # a day's seats begin and end with it
)
# What waits for somebody outside: after the others, and never inside a transaction.
OUTSIDE: tuple[tuple[str, Callable[[Hub], object]], ...] = (("robots' line", robot_post.deliver),)
log = logging.getLogger(__name__)


def once(hub: Hub, idle: dict[str, datetime] | None = None) -> None:
    """Ask every routine that is not resting, each in a transaction of its own: one that fails holds up no other and is
    asked again. `idle`: when each last had nothing to do, kept up here; None asks them all."""
    idle, now = {} if idle is None else idle, hub.now()
    for routine in ROUTINES:
        if rests(routine, idle.get(routine.name), now):
            continue
        with _held_up_by_none(routine.name):
            with hub.ledger.writing() as session:
                did = routine.act(session, hub)
            if not did:
                idle[routine.name] = now
    for name, outside in OUTSIDE:
        with _held_up_by_none(name):
            outside(hub)


@contextmanager
def _held_up_by_none(name: str) -> Iterator[None]:
    """What fails is written down, and the next is asked."""
    try:
        yield
    except Refused as refusal:
        log.warning("%s: %s", name, refusal)
    except Exception:
        log.exception("%s", name)


def rests(routine: Routine, idle: datetime | None, now: datetime) -> bool:
    """Whether it need not be asked yet; a clock that was set back ends a rest."""
    return idle is not None and idle <= now < idle + routine.rests


def start(hub: Hub, stopping: Callable[[], bool]) -> threading.Thread:
    """Ask on and on in a thread of its own until `stopping`."""
    rest, idle = threading.Event(), dict[str, datetime]()

    def run() -> None:
        while not stopping():
            once(hub, idle)
            for _ in range(int(EVERY_S)):
                if stopping():
                    return
                rest.wait(1)

    thread = threading.Thread(target=run, name="routines", daemon=True)
    thread.start()
    return thread
