"""Whoever has an account but no post is never judged, before or after."""

from datetime import timedelta
from pathlib import Path

from config.settings import load_hub
from web.services import attendance, in_force, people, setup
from web.services.hub import begin


def test_the_first_administrator_is_never_judged_absent(tmp_path: Path) -> None:
    hub = begin(load_hub(tmp_path / "hub"), "测试大厅")
    now = hub.now()
    with hub.ledger.writing() as session:
        setup.first_admin(session, "admin", now)
    today = now.date()
    with hub.ledger.reading() as session:
        held = in_force.read(session, hub)
        later = now + timedelta(days=10)
        book = attendance.look(
            session, held, people.everybody(session), today - timedelta(days=10), later.date(), later
        )
        book = attendance.unkept(session, book, later)
    sessions = [each.verdict for days in book.days.values() for day in days for each in day.verdicts]
    hub.close()
    assert sessions
    assert set(sessions) == {"not_posted"}
