"""Lists of staff that are looked at or written beside the requests: a large one shows how far it is.

A run is remembered in this process only. One that is cut off has written nothing: its list waits to be confirmed anew.
"""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from config.errors import Refused
from config.words import say
from web.services import first_run, importing, waiting_lists
from web.services.audit import ORIGIN
from web.services.hub import Hub
from web.services.importing import Plan

PATIENCE_S = 1.0  # a page waits so long before it shows how far the run is
KEPT = 8
Stage = Literal["reading", "checking", "looked", "writing", "written", "refused"]
log = structlog.get_logger("import")


@dataclass
class Run:
    """One list. `looked`: its plan is there, with or without faults; `done` of `of` rows or tables; `count`: people."""

    digest: str
    stage: Stage
    done: int = 0
    of: int = 0
    plan: Plan | None = None
    refusal: Refused | None = None
    count: int = 0
    setting_up: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def tell(self, done: int, of: int) -> None:
        """How far it is; the first row read is the first one checked."""
        self.done, self.of = done, of
        self.stage = "checking" if self.stage == "reading" else self.stage


@dataclass(frozen=True, slots=True)
class Order:
    """A list to be written: for which day, by whom, from which address, and whether the hall is being set up."""

    today: date
    by: str
    origin: str | None
    setting_up: bool


class Runs:
    """The runs of a hub, by the digest of their list. Safe for several threads."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def of(self, digest: str) -> Run | None:
        """The newest run of this list."""
        return self._runs.get(digest)

    def under_way(self) -> Run | None:
        """One that has not ended."""
        return next((run for run in list(self._runs.values()) if not run.ended.is_set()), None)

    def look(self, digest: str, today: date) -> Run:
        """Look at a list that waits."""
        return self._begin(digest, "reading", lambda run: self._look(run, today))

    def write(self, digest: str, order: Order) -> Run:
        """Look at it once more and write it, all or nothing."""
        return self._begin(digest, "writing", lambda run: self._write(run, order))

    def _begin(self, digest: str, stage: Stage, work: Callable[[Run], None]) -> Run:
        """Start a run, unless one of this list is under way; answers it after a little patience."""
        with self._lock:
            run = self._runs.get(digest)
            if run is None or run.ended.is_set():
                run = self._runs[digest] = Run(digest, stage)
                self._forget_old()
                context = contextvars.copy_context()  # the reader's language
                threading.Thread(target=context.run, args=(self._through, run, work), name="import").start()
        run.ended.wait(PATIENCE_S)
        return run

    def _through(self, run: Run, work: Callable[[Run], None]) -> None:
        """To its end, whatever comes: whoever watches must learn of it."""
        try:
            work(run)
        except Exception as error:
            log.warning("import ended", error=str(error), kind=type(error).__name__)
            failed = Refused(say("导入时出了故障，没有写入任何人"), remedy=say("请重新上传；仍不行请联系系统管理员"))
            run.refusal, run.stage = error if isinstance(error, Refused) else failed, "refused"
        finally:
            if run.refusal is not None or (run.plan is not None and run.plan.faults) or run.stage == "written":
                waiting_lists.drop(self._hub.settings.folder, run.digest)
            run.ended.set()

    def _look(self, run: Run, today: date) -> None:
        content = waiting_lists.get(self._hub.settings.folder, run.digest)
        with self._hub.ledger.reading() as session:
            run.plan = importing.plan(session, content, today, run.tell)
        run.stage = "looked"

    def _write(self, run: Run, order: Order) -> None:
        content = waiting_lists.get(self._hub.settings.folder, run.digest)
        with self._hub.ledger.writing() as session:
            session.info[ORIGIN] = order.origin
            plan = importing.plan(session, content, order.today)
            if not plan.faults:
                run.count, run.setting_up = self._carry_out(session, run, plan, order), order.setting_up
        run.plan, run.stage = plan, "looked" if plan.faults else "written"

    def _carry_out(self, session: Session, run: Run, plan: Plan, order: Order) -> int:
        now = self._hub.now()
        count = importing.carry_out(session, plan, order.today, now, order.by, run.tell)
        if order.setting_up:
            first_run.leave_behind(session, "staff", now, order.by)
        return count

    def _forget_old(self) -> None:
        ended = [digest for digest, run in self._runs.items() if run.ended.is_set()]
        for digest in ended[: max(0, len(self._runs) - KEPT)]:
            del self._runs[digest]


def runs_of(hub: Hub) -> Runs:
    """The runs of the hub behind this application."""
    found: Runs = current_app.extensions.setdefault("zaigang-imports", Runs(hub))
    return found
