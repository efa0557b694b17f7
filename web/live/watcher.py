"""One watcher for all open pages: each second it asks whether facts came, and wakes the streams.

Facts are counted by how far the lineages go, which is right in both databases: a row number may become visible late
where several transactions write at once.
"""

import logging
import threading
from collections.abc import Callable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import Refused
from web.ledger.engine import Ledger
from web.ledger.stations import LineageRow

STREAMS = 40
EVERY_S = 1.0
BEAT_S = 15
LONGEST_S = 600  # then the browser comes again, and with it the question whether its login still stands
NOT_YET = -1
log = logging.getLogger(__name__)


def facts_held(session: Session) -> int:
    """How many facts the ledger holds."""
    return int(session.execute(select(func.coalesce(func.sum(LineageRow.upto), 0))).scalar_one())


class Watcher:
    """Counts facts while somebody listens. `stopping` says when the server is going down."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._changed = threading.Condition()
        self._count = NOT_YET
        self._streams = 0
        self._thread: threading.Thread | None = None
        self.stopping: Callable[[], bool] = lambda: False

    def enter(self) -> bool:
        """Take one of the streams; False when all are taken and the page should ask by itself."""
        with self._changed:
            if self._streams >= STREAMS or self.stopping():
                return False
            self._streams += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
            return True

    def leave(self) -> None:
        """Give the stream back; the last one lets the watcher rest."""
        with self._changed:
            self._streams -= 1
            self._changed.notify_all()

    def events(self, seen: int) -> Iterator[str]:
        """Server-sent events for a page painted from `seen` facts: `changed` when there are others, about once a
        second at most, and a comment when all is quiet. The event's id is the count, so a browser that comes again
        says itself what it saw last."""
        quiet = 0
        yield "retry: 2000\n\n"
        for _ in range(LONGEST_S):
            if self.stopping():
                return
            count = self._other_than(seen)
            quiet = 0 if count is not None else quiet + 1
            if count is not None:
                seen = count
                yield f"id: {count}\nevent: changed\ndata: {count}\n\n"
            elif quiet % BEAT_S == 0:
                yield ": well\n\n"

    def _other_than(self, seen: int) -> int | None:
        """The count once it is another than `seen`; None when it is not within a second."""
        with self._changed:
            other = self._changed.wait_for(lambda: self._count not in (NOT_YET, seen), EVERY_S)
            return self._count if other else None

    def look(self) -> None:
        """Ask once; wake the streams when there are more facts than before."""
        with self._ledger.reading() as session:
            count = facts_held(session)
        with self._changed:
            if count != self._count:
                self._count = count
                self._changed.notify_all()

    def _run(self) -> None:
        rest = threading.Event()
        while not self.stopping():
            with self._changed:
                if self._streams == 0:
                    self._thread = None
                    return
            try:
                self.look()
            except Refused as refusal:
                log.warning("%s", refusal)
            rest.wait(EVERY_S)
