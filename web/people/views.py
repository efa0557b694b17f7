"""The list of people; the other pages of 人员 join it here."""

from flask import render_template, request

from web.door import reading
from web.people import listing, person, windows  # noqa: F401  # their addresses
from web.people.posting import posting_word
from web.people.room import ROLE_WORDS, bp, today
from web.services import fingers, people, posts

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
        seats=_seats(posts.seated(session, today())),
    )


def _seats(seated: list[posts.Seated]) -> dict[str, list[str]]:
    """Person → their posts, in a few letters: which window's A or B."""
    found: dict[str, list[str]] = {}
    for one in seated:
        found.setdefault(one.person.id, []).append(f"{one.window.number} {one.seat.kind}岗")
    return found
