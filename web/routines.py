"""What the hub does by itself while it runs. Each routine is asked every half minute and decides by its own data
whether anything is due, so that a restart neither skips nor repeats it."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy.orm import Session

from config.errors import Refused
from web.services import draws, photo_keeping
from web.services.hub import Hub

EVERY_S = 30.0
Routine = Callable[[Session, Hub], object]
ROUTINES: tuple[tuple[str, Routine], ...] = (
    ("draws", draws.commit),
    ("orphans", photo_keeping.sweep),
    ("photos", photo_keeping.let_go),
)  # fmt: skip
log = logging.getLogger(__name__)


def once(hub: Hub) -> None:
    """Ask every routine, each in a transaction of its own: one that fails holds up no other and is asked again."""
    for name, routine in ROUTINES:
        try:
            with hub.ledger.writing() as session:
                routine(session, hub)
        except Refused as refusal:
            log.warning("%s: %s", name, refusal)
        except Exception:
            log.exception("%s", name)


def start(hub: Hub, stopping: Callable[[], bool]) -> threading.Thread:
    """Ask on and on in a thread of its own until `stopping`."""
    rest = threading.Event()

    def run() -> None:
        while not stopping():
            once(hub)
            for _ in range(int(EVERY_S)):
                if stopping():
                    return
                rest.wait(1)

    thread = threading.Thread(target=run, name="routines", daemon=True)
    thread.start()
    return thread
