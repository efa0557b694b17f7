"""What was typed into the forms of 更正, read into what the service takes."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from config.words import say
from station.rules.hours import Day, moment
from web.services.errors import BadInput
from web.services.in_force import InForce


def clock_of(text: str) -> time | None:
    """HH:MM, also with a full-width colon; None for an empty field, BadInput for anything else."""
    plain = text.strip().replace("：", ":")
    if not plain:
        return None
    try:
        return time.fromisoformat(plain.zfill(5))
    except ValueError as error:
        raise BadInput(say("看不懂时间“{text}”", text=plain[:10]), remedy=say("请按 09:00 的样子填")) from error


def instant_of(held: InForce, day: Day, clock: time | None) -> datetime | None:
    """This time of the hall's day; in the small hours, before the day opens, it is the night after."""
    if clock is None:
        return None
    at = datetime.combine(day.date, clock, held.zone)
    return at + timedelta(days=1) if at < moment(day.opens, held.zone) else at


def prefilled(given: Mapping[str, str], today: date) -> dict[str, str]:
    """The form as it opens: what the address names, else yesterday."""
    names = ("person", "day", "session", "side", "at", "reason")
    yesterday = (today - timedelta(days=1)).isoformat()
    return {name: given.get(name, "") for name in names} | {"day": given.get("day", "") or yesterday}
