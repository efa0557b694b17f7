"""What stands before a demonstration opens: a hall set up, a past that verifies, and a second run that goes on."""

from pathlib import Path

import pytest
from sqlalchemy import select

from config.errors import Refused
from station.journal import FILE, Reader
from station.photos import FOLDER, Photos
from station.rules.calendar import state_council
from station.verify import verify_file
from web.demo.cast import ZONE, cast
from web.demo.hall import Hall
from web.demo.life import days_to_play
from web.demo.past import Cast
from web.demo.run import _empty, _prepare
from web.ledger.accounts import AccountRow
from web.ledger.people import RoleRow
from web.services import accounts, duty_closing, duty_days, duty_log, in_force, posts
from web.services.hub import Hub


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A small demonstration, prepared once and never opened."""
    made = Hall(tmp_path_factory.mktemp("demo") / "var", "127.0.0.1", 1, 2)
    prepared(made, small=True)[0].close()
    return made


def prepared(hall: Hall, *, small: bool) -> tuple[Hub, Cast]:
    hub, given, module = _prepare(hall, small)
    module.stop()
    return hub, given


def kinds(hall: Hall) -> dict[str, int]:
    """How many facts of each kind the journal has."""
    reader = Reader(hall.station_folder / FILE)
    names = ("started", "enrolled", "punch", "exit", "stopped", "device")
    found = {name: sum(1 for _ in reader.of_kinds(name)) for name in names}
    reader.close()
    return found


def test_the_past_is_the_station_s_own_and_verifies(hall: Hall) -> None:
    held = kinds(hall)
    assert held["enrolled"] == 12
    assert held["punch"] > 3.5 * 12 * (held["started"] - 2)
    assert held["exit"] > 0
    assert verify_file(hall.station_folder / FILE).broken is None


def test_its_officers_walked_rounds_and_signed_them(hall: Hall) -> None:
    reader = Reader(hall.station_folder / FILE)
    checks = [fact.body for fact in reader.of_kinds("check")]
    signed, opened = (sum(1 for _ in reader.of_kinds(kind)) for kind in ("round_signed", "round_opened"))
    gone = {digest for fact in reader.of_kinds("erased") for digest in fact.body["photos"]}
    reader.close()
    photos = Photos(hall.station_folder / FOLDER)
    assert opened > 5
    assert signed == 2 * opened
    assert {len(set(check["officers"])) for check in checks} == {2}
    assert {check["how"] for check in checks} == {"rfid"}
    assert any(check["findings"] for check in checks)
    named = {digest for check in checks for digest in check["photos"]}
    assert {digest for digest in named if photos.has(digest)} == named - gone
    assert gone


def test_a_second_run_goes_on_where_the_first_one_ended(hall: Hall) -> None:
    """It stays small, plays no day twice, and says the same passwords."""
    before = kinds(hall)
    hub, given = prepared(hall, small=False)
    after = kinds(hall)
    assert len(given.actors) == 12
    assert after["enrolled"] == before["enrolled"]
    assert after["started"] - before["started"] <= 1
    with hub.ledger.reading() as session:
        day = hub.now().date()
        seated = posts.seated(session, day)
        assert [one.person.name for one in seated if one.window.number == "101"] == ["刘明", "李娜", "王芳"]
        assert len({one.window.id for one in seated}) == 4
        scopes = session.execute(select(RoleRow.scope).where(RoleRow.role == "window_head")).scalars().all()
        assert len(set(scopes)) == 4
        assert all(scopes)
        assert {row.name for row, _ in accounts.listed(session)} == set(hall.handed(hub).passwords)
    assert len(hall.handed(hub).pins) == 3
    hub.close()


def test_only_a_demonstration_s_folder_is_emptied(hall: Hall, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(Refused, match="不是演示数据"):
        _empty(tmp_path)
    _empty(hall.folder)
    assert not (hall.folder / "hub").exists()
    assert not (hall.folder / "station").exists()


def test_whoever_signs_in_as_duty_leader_leads_today_and_has_a_day_to_take_over(tmp_path: Path) -> None:
    hub = _opened(tmp_path)
    today = hub.now().astimezone(ZONE).date()
    with hub.ledger.reading() as session:
        held = in_force.read(session, hub)
        leader = duty_days.on(session, today).leader
        assert leader == session.execute(select(AccountRow.person).where(AccountRow.name == "zhiban")).scalar_one()
        rows = duty_closing.rows_between(session, today - duty_closing.OPEN_FOR, today)
        passed = duty_closing.of(rows, duty_days.acts_on(session, [row.id for row in rows]))
        (waiting,) = duty_closing.not_accepted(passed)
        assert leader in duty_closing.leading(session, held, waiting.row.to_day)
        assert len(duty_log.rows_between(session, today - duty_log.OPEN_FOR, today)) == 5
    hub.close()


def _opened(folder: Path) -> Hub:
    """The whole cast's hall, set up by its office; nothing was played."""
    hall = Hall(folder / "var", "127.0.0.1", 1, 2)
    hall.module_port.parent.mkdir(parents=True)
    starts = hall.set_clock()
    return hall.open_hub(cast(), days_to_play(starts, None, state_council())[0])
