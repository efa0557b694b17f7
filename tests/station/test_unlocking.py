"""Who opens administration, how the rescue code stops counting, and that each opening is a fact."""

import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from config.errors import Refused
from station.papers import Role
from station.unlocking import FILE, make_rescue_code
from tests.station.counters import CHEN, LIU, MONDAY, PEOPLE, ZHAO, ZHOU, Counter, papers

PIN = "204816"


@pytest.mark.parametrize(
    ("person", "day", "may"),
    [(ZHOU, 0, True), (CHEN, 0, True), (CHEN, 1, False), (LIU, 0, False), (ZHAO, 0, False), ("nobody", 0, False)],
)
def test_admins_always_and_the_duty_leader_today(tmp_path: Path, person: str, day: int, may: bool) -> None:
    counter = Counter(tmp_path, at=MONDAY + timedelta(days=day))
    unlocking = counter.acts.unlocking
    if may:
        unlocking.unlock(person, "finger")
    else:
        with pytest.raises(Refused, match="没有管理权限"):
            unlocking.unlock(person, "finger")
    assert unlocking.is_open is may
    bodies = [(fact.kind, fact.body.get("person")) for fact in counter.of("request", "refused")]
    assert bodies == [("request" if may else "refused", person)]


def test_each_opening_is_a_fact_that_says_how(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.acts.unlocking.unlock(ZHOU, "own_pin")
    assert [fact.body for fact in counter.of("request")] == [
        {"person": ZHOU, "asks": "unlock", "fields": {"by": "own_pin"}}
    ]


def test_it_closes_after_five_minutes_or_by_hand(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    unlocking = counter.acts.unlocking
    unlocking.unlock(ZHOU, "finger")
    counter.wait(minutes=4, seconds=59)
    assert unlocking.is_open
    counter.wait(seconds=1)
    assert not unlocking.is_open
    unlocking.unlock(ZHOU, "finger")
    unlocking.lock()
    assert not unlocking.is_open


def test_a_restart_closes_it(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.acts.unlocking.unlock(ZHOU, "finger")
    counter.close()
    assert not Counter(tmp_path).acts.unlocking.is_open


def test_the_rescue_code_is_kept_as_a_hash_only(tmp_path: Path) -> None:
    code = make_rescue_code(tmp_path)
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", code)
    kept = (tmp_path / FILE).read_text()
    assert kept.startswith("$argon2id$")
    assert code.replace("-", "") not in kept
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert make_rescue_code(tmp_path) != code


@pytest.mark.parametrize("written", ["{}", "{} ", "\t{}"])
def test_the_rescue_code_opens_with_or_without_its_dashes(tmp_path: Path, written: str) -> None:
    counter = Counter(tmp_path)
    code = make_rescue_code(tmp_path)
    for typed in (written.format(code), code.replace("-", "")):
        counter.acts.unlocking.rescue(typed)
        assert counter.acts.unlocking.is_open
    assert [fact.body for fact in counter.of("request")] == [
        {"person": "", "asks": "unlock", "fields": {"by": "rescue"}}
    ] * 2


@pytest.mark.parametrize("pins", [{ZHOU: PIN}, {CHEN: PIN}])
def test_once_an_admin_or_duty_leader_has_a_pin_the_rescue_code_is_void(tmp_path: Path, pins: dict[str, str]) -> None:
    counter = Counter(tmp_path, pins=pins)
    code = make_rescue_code(tmp_path)
    assert not counter.acts.unlocking.rescue_counts()
    with pytest.raises(Refused, match="不起作用"):
        counter.acts.unlocking.rescue(code)


def test_once_an_admin_has_a_finger_the_rescue_code_is_void(tmp_path: Path) -> None:
    admin = Role(role="admin")
    people = [each.model_copy(update={"roles": [admin]}) if each.id == LIU else each for each in PEOPLE]
    assert not Counter(tmp_path / "a", papers(people=people)).acts.unlocking.rescue_counts()
    assert Counter(tmp_path / "b").acts.unlocking.rescue_counts()  # 刘明's finger without the role changes nothing


def test_five_wrong_rescue_codes_are_a_fact_and_a_wait_across_a_restart(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    code = make_rescue_code(tmp_path)
    for left in (4, 3, 2, 1):
        with pytest.raises(Refused, match=f"再试 {left} 次"):
            counter.acts.unlocking.rescue("000000000000")
    with pytest.raises(Refused, match="5 分钟"):
        counter.acts.unlocking.rescue("")
    assert [fact.body for fact in counter.of("refused")] == [{"what": "unlock", "person": None, "detail": "wait"}]
    at = counter.now()
    counter.close()
    after = Counter(tmp_path, at=at)
    with pytest.raises(Refused, match="5 分钟"):
        after.acts.unlocking.rescue(code)
    after.wait(minutes=5)
    after.acts.unlocking.rescue(code)
    assert after.acts.unlocking.is_open


def test_without_a_rescue_code_none_opens(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    with pytest.raises(Refused, match="不对"):
        counter.acts.unlocking.rescue("123456789012")
