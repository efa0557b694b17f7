"""From when a person is judged where the hall wrote no 入驻日期, and that nobody is before the hall's first press.

No document says it (assumed): a roster without dates is filled in on one day, and of what was before it nothing is
known but what was recorded.
"""

from datetime import datetime

from station.rules.given import Posting


def begun(posting: Posting, entered: datetime, own: datetime | None, hall: datetime | None) -> Posting:
    """The posting that counts. All instants are beginnings of days.

    `entered`: the day on which the person was put on the roster; `own`: that of their first record, which counts even
    if it is older; `hall`: that of the hall's first press, None while it has none: nobody is judged then.
    """
    start = posting.start or min(entered, own or entered)
    return Posting(start, start) if hall is None else Posting(max(start, hall), posting.end)
