"""What was typed about covers and days, read into what the services take."""

from collections.abc import Mapping
from datetime import date, datetime, time

from config.errors import Refused
from station.requesting import read_clock
from web.people.forms import day_of
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.words import _


def instant_of(text: str, day: date, now: datetime, held: InForce) -> datetime:
    """A time of a day that was typed as HH:MM; `now` for an empty field."""
    try:
        clock: time | None = read_clock(text)
    except Refused as refused:
        raise BadInput(refused.what, remedy=refused.remedy) from refused
    return now if clock is None else datetime.combine(day, clock, held.zone)


def day_asked(given: Mapping[str, str], otherwise: date) -> date:
    """The day in an address; BadInput for nonsense and for years that nobody asks about."""
    day = day_of(given.get("day", ""), otherwise)
    if day.year not in range(2000, 2100):
        raise BadInput(_("只能查 2000 到 2099 年"), remedy=_("请改正后再查"))
    return day
