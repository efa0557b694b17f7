"""The window in a person's entry, which follows where they sit as A: a seat begins and ends with its days."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow, WindowRow
from web.services.hub import Hub

LONGEST_OFF = timedelta(days=14)  # a hub that was off for longer leaves the entries of seats that ended to be corrected


def keep(session: Session, hub: Hub) -> int:
    """Bring the entries up to the hall's day; answers how many were changed."""
    return follow(session, hub.now().astimezone(ZoneInfo(hub.hall.zone)).date())


def follow(session: Session, day: date) -> int:
    """The window of every A of `day`; none for whose seat as A ended of late, unless they sit there still as a B.

    What was filled in by hand for whoever never sat as an A, or longer ago, stays. Answers how many were changed.
    """
    query = (
        select(SeatRow.person, SeatRow.kind, SeatRow.until, WindowRow.number)
        .join(PostRow, PostRow.id == SeatRow.post)
        .join(WindowRow, WindowRow.id == PostRow.window)
        .where(SeatRow.since <= day, (SeatRow.until.is_(None)) | (SeatRow.until >= day - LONGEST_OFF))
    )
    present: dict[str, str] = {}
    still: set[tuple[str, str]] = set()
    over: dict[str, set[str]] = {}
    for person, kind, until, number in session.execute(query):
        if until is None or until >= day:
            still.add((person, number))
            if kind == "A":
                present[person] = number
        elif kind == "A":
            over.setdefault(person, set()).add(number)
    rows = session.execute(select(PersonRow.id, PersonRow.window)).all()
    wrong: dict[str, str] = {}
    for person, window in rows:
        left = window in over.get(person, ()) and (person, window) not in still
        wanted = present.get(person, "" if left else window)
        if wanted != window:
            wrong[person] = wanted
    for person, wanted in wrong.items():
        session.get_one(PersonRow, person).window = wanted
    session.flush()
    return len(wrong)
