"""What waits of the stations, for whoever administers them."""

from sqlalchemy import func, select

from config.words import say
from web.ledger.stations import AlarmRow, LineageRow, StationRow
from web.services.waits import Counted, Viewer

STATIONS = "/stations"


def alarms(viewer: Viewer) -> Counted | None:
    """Alarms that stand."""
    number = select(func.count()).select_from(AlarmRow).where(AlarmRow.cleared.is_(None), AlarmRow.kind != "held")
    return _for_admin(viewer, Counted("alarms", number, say("考勤站告警待处理"), STATIONS, late=True))


def forks(viewer: Viewer) -> Counted | None:
    """Journals that were cloned or rolled back and wait for a decision."""
    number = select(func.count()).select_from(LineageRow).join(StationRow, StationRow.id == LineageRow.station)
    number = number.where(LineageRow.state == "held", StationRow.state == "confirmed")
    return _for_admin(viewer, Counted("forks", number, say("考勤站账本分叉待决定"), STATIONS, late=True))


def joining(viewer: Viewer) -> Counted | None:
    """Stations that ask to join."""
    number = select(func.count()).select_from(StationRow).where(StationRow.state == "waiting")
    return _for_admin(viewer, Counted("joining", number, say("考勤站请求接入，待确认"), STATIONS))


def _for_admin(viewer: Viewer, line: Counted) -> Counted | None:
    return line if "admin" in viewer.roles else None
