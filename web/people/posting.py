"""Whether somebody is posted, in a word."""

from zoneinfo import ZoneInfo

from web.door import hub
from web.ledger.people import PersonRow
from web.services.today import posting_of
from web.words import _


def posting_word(row: PersonRow) -> str:
    """Whether the person is posted now."""
    now = hub().now()
    posting = posting_of(row, ZoneInfo(hub().hall.zone))
    if posting.start is not None and now < posting.start:
        return _("未入驻")
    if posting.end is not None and now >= posting.end:
        return _("已调离") if row.added < posting.end else _("不参加考勤")
    return _("在册")
