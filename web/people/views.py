"""The list of people; the other pages of 人员 join it here."""

from flask import render_template, request

from web import paging
from web.auth.scope import scope
from web.door import reading
from web.ledger.people import RoleRow
from web.people import listing, person, windows  # noqa: F401  # their addresses
from web.people.posting import posting_word
from web.people.room import ROLE_WORDS, bp, today
from web.services import fingers, people, posts, roles

__all__ = ["bp", "page"]
PAGE = 100


@bp.get("")
def page() -> str:
    """Everybody, or those who fit what is searched for."""
    text = request.args.get("q", "")[:60]
    session = reading()
    seats = posts.seats_on(session, today())
    found = paging.asked(people.search(session, text, seats, scope()), PAGE)
    shown = [row.id for row in found.rows]
    return render_template(
        "people/page.html",
        text=text,
        found=found,
        roles=_roles(people.roles_of(session, shown)),
        fingers=fingers.counted(session, shown),
        role_words=ROLE_WORDS,
        posting=posting_word,
        seats=seats,
    )


def _roles(held: dict[str, list[RoleRow]]) -> dict[str, list[str]]:
    """Person → the roles in force today, each once."""
    in_force = {who: roles.in_force(rows, today()) for who, rows in held.items()}
    return {who: list(dict.fromkeys(row.role for row in rows)) for who, rows in in_force.items()}
