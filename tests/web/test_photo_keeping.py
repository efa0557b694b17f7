"""How long photos are kept: what goes and when, what stays, and that nothing else is touched."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from station.errors import AlreadyRunning
from station.journal import Hold
from station.photos import path_of
from station.round_facts import Check, Found, RoundOpened
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest
from tests.web.patrolling import jpeg
from web import routines
from web.cli import hub as command
from web.door import recorder_of
from web.ledger.audit import AuditRow
from web.ledger.findings import FindingStepRow
from web.ledger.patrol import PhotoLetGoRow, PictureRow
from web.pictures.shelf import FOLDER
from web.services import photo_keeping, picture_uses
from web.services.hub import Hub

KEPT = timedelta(days=180)
NIGHT = timedelta(hours=18)  # from 08:40 in the hall to 02:40


@pytest.fixture
def photographed(hall: HallUnderTest) -> Iterator[tuple[HallUnderTest, dict[str, str]]]:
    """A round of a Monday morning with a plain picture, one of a finding, and one that was used again next day."""
    recorder, keep = recorder_of(hall.app), hall.hub.photos.keep
    taken = {"plain": keep(jpeg((1, 1, 1))), "found": keep(jpeg((2, 2, 2))), "again": keep(jpeg((3, 3, 3)))}
    who = hall.people["刘明"]
    found = Found(id="f", item="conduct-12", clauses=("wanzhou:patrol:5.3",), column="badge")
    recorder.record(lambda _: [
        RoundOpened(round="r", kind="unscheduled", officer=who, by="own_pin"),
        _check(who, "p1", (taken["plain"], taken["again"])), _check(who, "p2", (taken["found"],), (found,)),
    ])  # fmt: skip
    hall.clock.move_to(hall.hub.now() + timedelta(days=1))
    recorder.record(lambda _: [_check(who, "p3", (taken["again"],))])
    hall.clock.move_to(hall.hub.now() - timedelta(days=1))
    yield hall, taken
    recorder.close()


def _check(who: str, point: str, pictures: tuple[str, ...], found: tuple[Found, ...] = ()) -> Check:
    return Check(
        round="r", checkpoint=point, how="manual", officers=(who,), by=who, nothing_abnormal=not found, photos=pictures,
        findings=found,
    )  # fmt: skip


def left(hall: HallUnderTest, taken: dict[str, str]) -> set[str]:
    return {name for name, digest in taken.items() if hall.hub.photos.has(digest)}


@pytest.mark.both_databases
def test_photos_go_at_night_when_their_days_are_over(photographed: tuple[HallUnderTest, dict[str, str]]) -> None:
    hall, taken = photographed
    monday = hall.hub.now()
    cases = [
        (KEPT, {"plain", "found", "again"}),  # by day nothing goes on its first day
        (KEPT + NIGHT, {"found", "again"}),  # the night after: the plain one alone
        (KEPT + NIGHT + timedelta(days=1), {"found"}),  # its last use was a day later
        (KEPT * 3, {"found"}),  # what a finding may need stays, until it is settled
    ]
    for later, stays in cases:
        hall.clock.move_to(monday + later)
        for _ in range(2):  # let go, then erased
            routines.once(hall.hub)
        assert left(hall, taken) == stays, later
    verified = FindingStepRow(
        id="s", finding="f", at=hall.hub.now(), by=hall.people["刘明"], step="verify", role="patrol_officer",
        person=None, note="", photo="",
    )  # fmt: skip
    with hall.hub.ledger.writing() as session:
        session.add(verified)
    for _ in range(2):
        routines.once(hall.hub)
    assert left(hall, taken) == set()


def test_what_was_recorded_stays_and_says_that_the_photo_went(
    photographed: tuple[HallUnderTest, dict[str, str]],
) -> None:
    hall, taken = photographed
    derived = hall.hub.settings.folder / FOLDER / taken["plain"][:2] / f"{taken['plain']}.small.jpg"
    derived.parent.mkdir(parents=True)
    derived.write_bytes(b"blurred")
    hall.clock.move_to(hall.hub.now() + KEPT * 2)
    for _ in range(3):
        routines.once(hall.hub)
    assert not derived.exists()
    with hall.hub.ledger.reading() as session:
        row = session.execute(select(PictureRow).where(PictureRow.sha256 == taken["plain"])).scalar_one()
        lines = session.execute(select(AuditRow.detail).where(AuditRow.act == "photo.let_go")).scalars().all()
        assert lines == ['{"count":2,"days":180}']
        assert session.execute(select(func.count()).select_from(PhotoLetGoRow)).scalar_one() == 2
        assert taken["plain"] not in picture_uses.own(session), "verify does not miss it"
    desk = signed_in(hall, "supervision")
    assert "到期删除 2027-02-25" in desk.get(f"/patrol/pictures/{row.id}/small").text
    said = text_of(desk.get(f"/patrol/pictures/{row.id}"))
    assert "照片已于 2027-02-25 到期删除，检查记录保留" in said
    assert "查看没有遮挡的原图" not in said


@pytest.mark.both_databases
def test_what_was_put_right_is_shown_until_it_is_settled_and_a_photo_that_comes_back_stays(
    photographed: tuple[HallUnderTest, dict[str, str]],
) -> None:
    hall, taken = photographed
    fixed = hall.hub.photos.keep(jpeg((4, 4, 4)))

    def step(number: int, what: str, photo: str = "") -> None:
        with hall.hub.ledger.writing() as session:
            session.add(FindingStepRow(
                id=f"s{number}", finding="f", at=hall.hub.now(), by=hall.people["刘明"], step=what,
                role="patrol_officer", person=None, note="", photo=photo,
            ))  # fmt: skip

    def later(by: timedelta) -> set[str]:
        hall.clock.move_to(hall.hub.now() + by)
        for _ in range(2):
            routines.once(hall.hub)
        return left(hall, taken | {"fixed": fixed})

    step(1, "rectify", fixed)
    step(2, "verify")
    step(3, "reopen")
    assert later(KEPT * 2) == {"found", "fixed"}
    step(4, "rectify", hall.hub.photos.keep(jpeg((1, 1, 1))))  # the plain one, whose bytes went just before
    step(5, "verify")
    assert later(timedelta(minutes=1)) == {"plain"}
    with hall.hub.ledger.reading() as session:
        assert picture_uses.own(session) == {taken["plain"]}
        uses = picture_uses.of(session, [taken["plain"]])[taken["plain"]]
        assert [use.mended.finding if use.mended else "" for use in uses] == ["", "f"]
        assert photo_keeping.gone_since(session, taken["plain"]) is None
    assert later(KEPT * 2) == set(), "its days begin anew"


@pytest.mark.both_databases
def test_files_that_nothing_names_are_swept_after_their_grace(
    photographed: tuple[HallUnderTest, dict[str, str]],
) -> None:
    hall, taken = photographed
    folder = hall.hub.settings.folder / "photos"
    now = hall.hub.now()
    stray, fresh = ("ab" * 32, "cd" * 32)
    for digest, age in ((stray, 7200), (fresh, 60), *((each, 7200) for each in taken.values())):
        path = path_of(folder, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.read_bytes() if path.exists() else jpeg())
        os.utime(path, (now.timestamp() - age,) * 2)
    hall.hub.photos._kept.clear()  # as after a restart
    routines.once(hall.hub)
    assert not hall.hub.photos.has(stray)
    assert hall.hub.photos.has(fresh)
    assert left(hall, taken) == set(taken)
    with hall.hub.ledger.reading() as session:
        assert photo_keeping.is_named(session, taken["plain"])
        assert not photo_keeping.is_named(session, stray)


def test_what_had_nothing_to_do_is_asked_again_after_its_rest(
    photographed: tuple[HallUnderTest, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, asked, answers = photographed[0], list[datetime](), iter((3, 0, 0, 0, 0))

    def act(_session: object, hub: Hub) -> int:
        asked.append(hub.now())
        return next(answers)

    monkeypatch.setattr(routines, "ROUTINES", (routines.Routine("photos", act, routines.HOUR),))
    start, idle = hall.hub.now(), dict[str, datetime]()
    for minutes in (0, 1, 2, 30, 60, 61, 62, 121, 10):  # the last: the clock was set back
        hall.clock.move_to(start + timedelta(minutes=minutes))
        routines.once(hall.hub, idle)
    assert [(at - start) // timedelta(minutes=1) for at in asked] == [0, 1, 61, 121, 10]


def test_what_is_asked_for_every_look_never_rests_and_photos_do() -> None:
    rests = {routine.name: routine.rests for routine in routines.ROUTINES}
    at_once, hourly = timedelta(), timedelta(hours=1)
    assert rests == {
        "draws": at_once, "orphans": at_once, "robots": at_once, "photos": hourly, "windows": hourly,
    }  # fmt: skip


def test_the_command_does_it_at_once_and_only_while_no_hub_runs(
    photographed: tuple[HallUnderTest, dict[str, str]],
) -> None:
    hall, taken = photographed

    def run(age: timedelta) -> Result:
        with hall.hub.ledger.writing() as session:
            for row in session.execute(select(PictureRow)).scalars():
                row.at = datetime.now(UTC) - age  # the command goes by the clock on the wall
        return CliRunner().invoke(command, ["let-go", "--folder", str(hall.hub.settings.folder)])

    assert "已删除 0 张" in run(timedelta()).output
    hold = Hold(hall.hub.settings.folder)
    assert isinstance(run(KEPT * 2).exception, AlreadyRunning)
    hold.release()
    assert left(hall, taken) == set(taken)
    assert "已删除 2 张" in run(KEPT * 2).output
    assert left(hall, taken) == {"found"}
