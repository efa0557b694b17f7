"""Rounds at the station: two officers, what a check is made of, signatures, and going on after a power cut."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import Refused
from station.patrolling import Filled
from station.round_token import read
from tests.station.counters import CHEN, LIU, SUN, WANG, ZHAO
from tests.station.walkers import A101, A102, HALL2, LOBBY, MORNING, NAMES, Walkers, later

FINE = "c" * 64


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Walkers]:
    made = Walkers(tmp_path)
    yield made
    made.close()


def fine(hall: Walkers, point: str, round_id: str = MORNING) -> None:
    """Nothing abnormal there, with a picture."""
    tapped = hall.here.taps.at(point)
    hall.patrolling.check(Filled(round_id, point, nothing_abnormal=True, photos=(FINE,), tapped=tapped))


def test_two_distinct_officers_begin_the_round_whose_time_it_is(hall: Walkers) -> None:
    hall.patrolling.gather("0930")
    assert "另一名" in hall.patrolling.identify(CHEN, "finger").verdict
    assert hall.of("round_opened") == []  # nothing is recorded before the team is whole
    with pytest.raises(Refused, match="不能是同一个人"):
        hall.patrolling.identify(CHEN, "own_pin")
    with pytest.raises(Refused, match="刘明今天不能做"):
        hall.patrolling.identify(LIU, "finger")
    assert hall.patrolling.identify(ZHAO, "own_pin").verdict == "巡查开始"
    opened, joined = hall.of("round_opened", "round_joined")
    assert (opened.body["round"], opened.body["officer"], opened.body["by"]) == (MORNING, CHEN, "finger")
    assert (joined.body["officer"], joined.body["way"], joined.body["by"]) == (ZHAO, "joined", "own_pin")


@pytest.mark.parametrize(
    ("minutes", "begins"),
    [(-6, False), (-5, True), (0, True), (59, True), (60, False)],
    ids=["09:24", "09:25", "09:30", "10:29", "10:30"],
)
def test_a_scheduled_round_begins_in_its_time_only(tmp_path: Path, minutes: int, begins: bool) -> None:
    hall = Walkers(tmp_path, later(minutes=minutes))
    try:
        if begins:
            assert hall.begin() == MORNING
        else:
            with pytest.raises(Refused, match="不定时巡查"):
                hall.begin()
            assert "/" not in hall.begin("unscheduled")
    finally:
        hall.close()


def test_one_officer_may_begin_and_the_round_is_short_handed(hall: Walkers) -> None:
    hall.begin("0930", CHEN)
    fine(hall, A101)
    plan, walk = hall.patrolling.plan(), hall.patrolling.need(MORNING)
    assert plan.is_short(walk)
    hall.patrolling.join(MORNING, ZHAO, "finger")
    fine(hall, A102)
    assert plan.is_short(hall.patrolling.need(MORNING))  # one checkpoint was looked at by one only
    with pytest.raises(Refused, match="已在巡查小组里"):
        hall.patrolling.join(MORNING, ZHAO, "finger")


def test_an_officer_leaves_midway_but_not_the_last_one(hall: Walkers) -> None:
    hall.begin()
    hall.patrolling.leave(MORNING, ZHAO, "紧急公务")
    fine(hall, A101)
    assert hall.of("check")[-1].body["officers"] == [CHEN]
    with pytest.raises(Refused, match="只剩这一人"):
        hall.patrolling.leave(MORNING, CHEN, "")
    assert hall.of("round_joined")[-1].body == {
        "round": MORNING, "officer": ZHAO, "way": "left", "by": None, "note": "紧急公务",
    }  # fmt: skip


def test_an_inspectors_round_takes_one_with_the_role_and_has_its_own_list(hall: Walkers) -> None:
    hall.patrolling.gather("duty_leader")
    hall.patrolling.identify(CHEN, "finger")
    [opened] = hall.of("round_opened")
    told = [opened.body[key] for key in ("kind", "inspector", "checklist")]
    assert told == ["inspection", "duty_leader", "duty"]
    hall.patrolling.gather("duty_leader")
    with pytest.raises(Refused, match="赵强今天不能做"):
        hall.patrolling.identify(ZHAO, "finger")


def test_a_tap_says_how_the_checkpoint_was_identified_and_a_pick_says_why(hall: Walkers) -> None:
    hall.begin()
    shown = hall.tap(A101)
    assert (shown.name, shown.leads) == (NAMES[A101], f"/kiosk/patrol/point/{A101}/{MORNING}")
    fine(hall, A101)
    hall.patrolling.check(
        Filled(MORNING, A102, nothing_abnormal=True, no_photo="相机故障", reason="damaged")
    )  # fmt: skip
    tapped, picked = (fact.body for fact in hall.of("check"))
    assert (tapped["how"], tapped["tag"], tapped["reason"]) == ("rfid", "00E3086C", "")
    assert (picked["how"], picked["tag"], picked["reason"], picked["no_photo"]) == ("manual", "", "damaged", "相机故障")


def test_a_tap_outside_a_round_offers_to_begin_one_there(hall: Walkers) -> None:
    shown = hall.tap(LOBBY)
    assert (shown.leads, "开始" in shown.verdict) == ("/kiosk/patrol", True)
    waiting = hall.here.taps.waiting()
    assert waiting is not None
    assert waiting.checkpoint == LOBBY
    assert hall.tap(uid="DEADBEEF").tone == "red"
    assert [fact.body["what"] for fact in hall.of("refused")] == ["tag"]


def test_the_same_checkpoint_twice_adds_to_the_same_check(hall: Walkers) -> None:
    hall.begin()
    fine(hall, A101)
    hall.tap(A101)
    with pytest.raises(Refused, match="没有填要补充的内容"):
        hall.patrolling.check(Filled(MORNING, A101))
    hall.patrolling.check(Filled(MORNING, A101, note="水杯已收起"))
    assert [fact.kind for fact in hall.of("check", "addition")] == ["check", "addition"]
    assert len(hall.patrolling.need(MORNING).visits) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "没有选"),
        ({"nothing_abnormal": True}, "没有照片"),
        ({"nothing_abnormal": True, "items": ("one",), "photos": (FINE,)}, "检查清单里没有"),
        ({"nothing_abnormal": True, "items": ("real",), "photos": (FINE,)}, "选了问题"),
    ],
)
def test_a_form_that_lacks_something_is_refused(hall: Walkers, given: dict[str, object], says: str) -> None:
    hall.begin()
    real = hall.held.items[0].id
    if "items" in given:
        given = {**given, "items": tuple(real if each == "real" else each for each in given["items"])}  # type: ignore[attr-defined]
    with pytest.raises(Refused, match=says):
        hall.patrolling.check(Filled(MORNING, A101, **given))  # type: ignore[arg-type]
    assert hall.of("check") == []


def test_a_finding_names_its_item_clauses_column_and_person(hall: Walkers) -> None:
    hall.begin()
    item = next(one for one in hall.held.items if one.column == "badge")
    hall.patrolling.check(Filled(MORNING, A101, items=(item.id,), person=LIU, photos=(FINE,), need="空调太冷"))
    body = hall.of("check")[0].body
    [found] = body["findings"]
    assert (found["item"], found["column"], found["person"]) == (item.id, "badge", LIU)
    assert found["clauses"] == item.clauses
    assert (body["nothing_abnormal"], body["needs"]) == (False, ["空调太冷"])


def test_both_sign_and_then_only_additions_are_made(hall: Walkers) -> None:
    hall.begin()
    with pytest.raises(Refused, match="还没有检查"):
        hall.patrolling.sign(MORNING, CHEN, "finger")
    fine(hall, A101)
    hall.patrolling.sign(MORNING, CHEN, "finger")
    for person, says in ((CHEN, "已经签过"), (SUN, "不在巡查小组里")):
        with pytest.raises(Refused, match=says):
            hall.patrolling.sign(MORNING, person, "finger")
    assert not hall.patrolling.need(MORNING).closed
    hall.patrolling.sign(MORNING, ZHAO, "own_pin")
    assert hall.patrolling.need(MORNING).closed
    hashes = [fact.hash for fact in sorted(hall.of("round_opened", "round_joined", "check"), key=lambda one: one.id)]
    digest = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    assert {fact.body["digest"] for fact in hall.of("round_signed")} == {digest}
    assert {fact.body["checks"] for fact in hall.of("round_signed")} == {1}
    hall.patrolling.check(Filled(MORNING, A102, note="签字后补记"))
    assert hall.of("addition")[-1].body["checkpoint"] == A102
    with pytest.raises(Refused, match="已签字结束"):
        hall.patrolling.join(MORNING, SUN, "finger")
    assert hall.patrolling.under_way() == ""


def test_a_round_goes_on_from_its_facts_after_a_power_cut(tmp_path: Path) -> None:
    hall = Walkers(tmp_path)
    hall.begin()
    hall.tap(A101)
    fine(hall, A101)
    before = hall.patrolling.need(MORNING)
    hall.facts.close()
    hall.journal.close()  # everything that was only in memory is gone
    again = Walkers(tmp_path, later(minutes=7))
    try:
        assert again.patrolling.need(MORNING) == before
        assert again.patrolling.under_way() == MORNING
        fine(again, HALL2, MORNING)
        again.patrolling.sign(MORNING, ZHAO, "finger")
        again.patrolling.sign(MORNING, CHEN, "finger")
        assert again.patrolling.need(MORNING).closed
    finally:
        again.close()


def test_a_phones_round_is_signed_here_by_what_the_hub_says_of_it(hall: Walkers) -> None:
    at = "2026-03-02T01:31:00.000000Z"
    visit = {"checkpoint": A101, "at": at, "officers": [CHEN, ZHAO], "found": 1, "photos": 1}
    said = {
        "id": MORNING, "kind": "scheduled", "inspector": "", "checklist": "patrol", "opened": at, "named": [],
        "members": [[CHEN, False, at], [ZHAO, False, None]], "visits": [visit], "digest": "d" * 64,
    }  # fmt: skip
    hall.advice = {"rounds": [said, {"id": "broken"}]}
    assert list(hall.patrolling.elsewhere()) == [MORNING]
    with pytest.raises(Refused, match="已经签过"):
        hall.patrolling.sign(MORNING, CHEN, "finger")
    hall.patrolling.sign(MORNING, ZHAO, "finger")
    [signed] = hall.of("round_signed")
    assert (signed.body["checks"], signed.body["digest"]) == (1, "d" * 64)


def test_the_phones_code_names_the_round_and_whom_the_station_identified(hall: Walkers) -> None:
    hall.begin()
    assert hall.here.enter is not None
    address = hall.here.enter(hall.patrolling.need(MORNING))
    assert address.startswith("http://10.0.0.1:8000/patrol/enter/")
    told, _, _ = read(address.rpartition("/")[2])
    assert (told.round, told.kind, told.officers) == (MORNING, "scheduled", ((CHEN, "finger"), (ZHAO, "finger")))
    assert hall.here.enter(hall.patrolling.need(MORNING)) != address  # one use each


def test_who_should_be_at_a_window_and_what_is_known_of_them(hall: Walkers) -> None:
    from station.round_people import people_at, preset

    point = hall.held.checkpoints[0]

    def lines() -> list[tuple[str, str, str]]:
        people = people_at(point, hall.held, hall.now(), hall.punching.came, hall.advice)
        return [(one.name, one.kind, one.words) for one in people]

    assert lines() == [("刘明", "A岗", "本站没有打卡"), ("王芳", "B岗", "本站没有打卡")]
    hall.wait(minutes=-38)
    hall.tap(A101)
    from drivers.contract import Touch

    hall.punching.heard(Touch(1, 120, 1))
    hall.wait(minutes=38)
    assert lines()[0] == ("刘明", "A岗", "08:52 到岗")
    assert preset(people_at(point, hall.held, hall.now(), hall.punching.came, hall.advice)) == LIU
    hall.advice = {"presence": {WANG: ["here", "08:40"], LIU: ["out", "08:52"]}}
    assert lines() == [("刘明", "A岗", "登记外出"), ("王芳", "B岗", "08:40 到岗")]
