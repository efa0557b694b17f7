"""A damaged or lost journal: set aside, never deleted, and a new lineage goes on with what could be read of it."""

import json
from contextlib import suppress
from pathlib import Path

import structlog

from station import lineage
from station.clock import Clock
from station.lineage import ACKED, LINEAGE
from station.salvage import Salvaged, salvage

log = structlog.get_logger("journal")


def mend(path: Path, clock: Clock, reason: str) -> None:
    """Put a new lineage's file in place of the one at `path`, which nobody has open; it goes aside as `broken`.

    What the hub surely has is not recorded again. sqlite3.Error, OSError when it could not be done.
    """
    folder = path.parent
    found = salvage(path, lineage.known(folder))
    acked = _acked_of(found)
    again = [fact for fact in found.facts if fact.seq > acked]
    _keep_readable(folder, found)
    lineage.succeed(path, found.lineage, "broken", again, clock, {})
    aside = lineage.free_name(folder, found.lineage or "unknown", lineage.BROKEN)
    lineage.change_over(path, aside)
    log.error("set aside", file=aside.name, reason=reason, readable=len(found.facts), again=len(again))


def _keep_readable(folder: Path, found: Salvaged) -> None:
    """The readable part under a sealed name, so that the station still knows its past (whose fingers stand where)."""
    if found.facts:
        state = {key: value for key, value in found.state.items() if key in (lineage.WAS, ACKED)}
        path = lineage.free_name(folder, found.lineage, lineage.SEALED)
        lineage.write_file(path, found.facts, {**state, LINEAGE: found.lineage, lineage.WHY: "salvaged"})


def _acked_of(found: Salvaged) -> int:
    """Up to where the hub surely holds it; 0 when that cannot be read or is not borne out by the fact itself."""
    with suppress(ValueError, TypeError, KeyError):
        said = json.loads(found.state.get(ACKED, ""))
        if any((fact.seq, fact.hash) == (said["upto"], said["hash"]) for fact in found.facts):
            return int(said["upto"])
    return 0
