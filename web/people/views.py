"""The list of people; the other pages of 人员 join it here."""

from zoneinfo import ZoneInfo

from flask import render_template, request

from web.door import hub, reading
from web.ledger.people import PersonRow
from web.people import listing, person  # noqa: F401  # their addresses
from web.people.room import ROLE_WORDS, bp
from web.services import fingers, people
from web.services.today import posting_of
from web.words import _

__all__ = ["bp", "page"]
PAGE = 200


@bp.get("")
def page() -> str:
    """Everybody, or those who fit what is searched for."""
    text = request.args.get("q", "")[:60]
    session = reading()
    found = people.search(session, text)
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "people/page.html",
        text=text,
        found=found[PAGE * (number - 1) : PAGE * number],
        total=len(found),
        page=number,
        pages=pages,
        roles=people.roles_of(session),
        fingers={one: len(places) for one, places in fingers.held(session).items()},
        role_words=ROLE_WORDS,
        posting=posting_word,
    )


def posting_word(row: PersonRow) -> str:
    """Whether the person is posted now, in a word."""
    now = hub().now()
    posting = posting_of(row, ZoneInfo(hub().hall.zone))
    if posting.start is not None and now < posting.start:
        return _("未入驻")
    if posting.end is not None and now >= posting.end:
        return _("已调离") if row.added < posting.end else _("不参加考勤")
    return _("在册")
