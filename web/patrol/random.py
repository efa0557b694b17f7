"""The page of random rounds: what was promised before each day, what came of it, and how to reckon it again."""

from datetime import timedelta

from flask import render_template

from web.auth.scope import need_patrol
from web.door import hub, reading
from web.patrol.room import bp, held, today, zone
from web.services import draws, rounds

BACK = timedelta(days=13)


@bp.get("/draws")
def drawn() -> str:
    """The last two weeks, newest first."""
    need_patrol()
    ledger, day = reading(), today()
    lines = draws.between(ledger, day.date - BACK, day.date)
    walked = rounds.of_days(ledger, day.date - BACK, day.date, zone())
    shown = [
        draws.known(hub(), line, walked.get(each, ()), held().on(each).policy)
        for each, line in sorted(lines.items(), reverse=True)
    ]
    return render_template(
        "patrol/draws.html", draws=shown, zone=zone(), clock=lambda minute: f"{minute // 60:02}:{minute % 60:02}",
        clauses=day.policy.patrol.clauses("unscheduled_a_day"),
    )  # fmt: skip
