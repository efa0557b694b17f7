"""What is asked for at the screen, what is refused with which words, and the plain fields that are recorded."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import Refused
from station.facts import read_instant
from station.requesting import correction, cover, hand_back, leave, read_clock, read_when
from tests.station.counters import CHEN, LIU, MONDAY, SHANGHAI, WANG, ZHAO, Counter, papers

TODAY = date(2026, 3, 2)
DAYS = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=400))
LEAVE = {"kind": "personal", "first": "2026-03-03", "last": "", "part": "day", "ticked": "家中有事"}
COVER = {"covered": LIU, "covering": WANG, "first": "2026-03-02", "last": "", "part": "morning"}
CORRECTION = {"day": "2026-03-02", "session": "morning", "side": "in", "at": "", "ticked": "忘记打卡"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def recorded(tmp_path: Path, given: Mapping[str, str]) -> dict[str, object]:
    counter = Counter(tmp_path)
    shown = counter.acts.requesting.record(leave(given, TODAY), LIU, "finger")
    (fact,) = counter.of("request")
    assert (fact.body["person"], fact.body["asks"], fact.seq) == (LIU, "leave", shown.seq)
    assert (shown.verdict, shown.note) == ("请假申请已记录", f"编号 {fact.seq}，等待批准")
    fields: dict[str, object] = fact.body["fields"]
    return fields


# What was chosen → from and to in the hall's time, by Wanzhou's hours.
SPANS = [
    ({"part": "day"}, "2026-03-03 09:00", "2026-03-03 17:30"),
    ({"part": "morning"}, "2026-03-03 09:00", "2026-03-03 12:00"),
    ({"part": "afternoon"}, "2026-03-03 13:30", "2026-03-03 17:30"),
    ({"last": "2026-03-05"}, "2026-03-03 09:00", "2026-03-05 17:30"),
    ({"part": "times", "start": "9:30", "end": "10：40"}, "2026-03-03 09:30", "2026-03-03 10:40"),
    ({"part": "times", "start": "1400", "end": "11:00", "last": "2026-03-04"}, "2026-03-03 14:00", "2026-03-04 11:00"),
    ({"first": "2026-03-07"}, "2026-03-07 09:00", "2026-03-07 17:30"),  # a Saturday has the same hours
]


@pytest.mark.parametrize(("chosen", "start", "end"), SPANS)
def test_the_time_of_a_leave(tmp_path: Path, chosen: dict[str, str], start: str, end: str) -> None:
    fields = recorded(tmp_path, {**LEAVE, **chosen})
    assert read_instant(str(fields["from"])) == at(start)
    assert read_instant(str(fields["to"])) == at(end)


def test_the_fields_of_a_leave_are_plain(tmp_path: Path) -> None:
    assert recorded(tmp_path, {**LEAVE, "reason": "  送孩子\x00上学 "}) == {
        "kind": "personal",
        "reason": "送孩子 上学",
        "by": "finger",
        "from": "2026-03-03T01:00:00.000000Z",
        "to": "2026-03-03T09:30:00.000000Z",
    }


LEAVE_REFUSED = [
    ({"kind": ""}, "没有选请假类别"),
    ({"kind": "holiday"}, "没有选请假类别"),
    ({"first": ""}, "没有选日期"),
    ({"first": "3月3日"}, "没有选日期"),
    ({"first": "2026-02-30"}, "没有选日期"),
    ({"part": ""}, "没有选时间"),
    ({"last": "2026-03-02"}, "结束日期早于开始日期"),
    ({"part": "morning", "last": "2026-03-04"}, "只能是同一天"),
    ({"part": "times"}, "没有填开始和结束时间"),
    ({"part": "times", "start": "10:00", "end": "09:00"}, "结束时间早于开始时间"),
    ({"part": "times", "start": "10:00", "end": "10:00"}, "结束时间早于开始时间"),
    ({"part": "times", "start": "24:00", "end": "25:00"}, "看不懂时间“24:00”"),
    ({"part": "times", "start": "九点", "end": "10:00"}, "看不懂时间“九点”"),
    ({"first": "2025-03-03"}, "离今天太远"),
    ({"first": "2028-03-03"}, "离今天太远"),
    ({"ticked": ""}, "没有填事由"),
    ({"ticked": "", "reason": " \n"}, "没有填事由"),
    ({"reason": "长" * 101}, "事由太长"),
]


@pytest.mark.parametrize(("changed", "why"), LEAVE_REFUSED)
def test_a_leave_that_cannot_be_is_refused_with_what_to_do(changed: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        leave({**LEAVE, **changed}, TODAY)
    assert refused.value.remedy


def test_a_cover_names_both_and_is_reckoned_by_the_hours_of_who_is_away(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    draft = cover({**COVER, "emergency": "yes"}, MONDAY, counter.held)
    assert dict(draft.lines)["紧急"]
    counter.acts.requesting.record(draft, WANG, "own_pin")
    (fact,) = counter.of("request")
    assert fact.body == {
        "person": WANG,
        "asks": "cover",
        "fields": {
            "covered": LIU, "covering": WANG, "emergency": True, "by": "own_pin",
            "from": "2026-03-02T01:00:00.000000Z", "to": "2026-03-02T04:00:00.000000Z",
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"covering": LIU}, "不能是本人"), ({"covered": "nobody"}, "名单中没有"), ({"covering": ""}, "名单中没有")],
)
def test_a_cover_that_cannot_be(changed: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        cover({**COVER, **changed}, MONDAY, papers())


POST = {"window": "12", "a": LIU, "backups": [WANG]}


def test_an_emergency_is_for_the_post_s_registered_bs_of_today(tmp_path: Path) -> None:
    known = papers(posts=[POST])
    assert cover({**COVER, "emergency": "yes"}, MONDAY, known).at_once
    assert not cover({**COVER, "covering": ZHAO}, MONDAY, known).at_once, "anybody may be asked for"
    with pytest.raises(Refused, match="赵强不是这个岗位备案的 B岗，不能紧急顶岗（万州 顶岗 第四条第（五）项）"):
        cover({**COVER, "covering": ZHAO, "emergency": "yes"}, MONDAY, known)
    assert cover({**COVER, "covering": ZHAO, "emergency": "yes"}, MONDAY, papers()).at_once, "the hub looks at it"
    with pytest.raises(Refused, match="只管今天"):
        cover({**COVER, "last": "2026-03-03", "part": "day", "emergency": "yes"}, MONDAY, known)


def test_an_emergency_is_signed_by_one_of_the_two_and_not_when_it_is_over(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    draft = cover({**COVER, "emergency": "yes"}, MONDAY, counter.held)
    with pytest.raises(Refused, match="本人签名"):
        counter.acts.requesting.record(draft, CHEN, "finger")
    counter.wait(hours=4)
    with pytest.raises(Refused, match="已经过去"):
        counter.acts.requesting.record(draft, WANG, "finger")
    assert counter.of("request") == []


def test_what_is_open_here_and_what_the_papers_say(tmp_path: Path) -> None:
    desk = {"id": "d", "covered": CHEN, "covering": ZHAO, "start": MONDAY, "end": MONDAY + timedelta(days=1)}
    over = {**desk, "id": "o", "end": MONDAY}
    counter = Counter(tmp_path, papers(covers=[desk, over]))
    requesting = counter.acts.requesting
    assert [each.id for each in requesting.open_covers()] == ["d"]
    counter.wait(hours=1)
    requesting.record(cover({**COVER, "emergency": "yes"}, MONDAY, counter.held), WANG, "finger")
    requesting.record(cover(COVER, MONDAY, counter.held), LIU, "finger")
    counter.wait(minutes=5)
    first, own = requesting.open_covers()
    assert (first.id, own.covered, own.covering) == ("d", LIU, WANG)
    shown = requesting.record(hand_back({"note": " 移交 3 件 "}, own, ("刘明", "王芳")), LIU, "own_pin")
    assert (shown.verdict, "等待批准" in shown.note) == ("交还岗位已记录", False)
    assert [each.id for each in requesting.open_covers()] == ["d"]
    requesting.record(hand_back({}, first, ("陈静", "赵强")), ZHAO, "finger")
    assert requesting.open_covers() == []
    *_, given_back, _ = counter.of("request")
    assert given_back.body == {
        "person": LIU,
        "asks": "hand_back",
        "fields": {"covered": LIU, "covering": WANG, "cover": own.id, "note": "移交 3 件", "by": "own_pin"},
    }
    with pytest.raises(Refused, match="太长"):
        hand_back({"note": "长" * 101}, own, ("刘明", "王芳"))
    counter.wait(hours=25)
    assert requesting.open_covers() == []


def test_without_papers_nobody_is_known() -> None:
    with pytest.raises(Refused, match="名单中没有"):
        cover(COVER, MONDAY, None)


CORRECTIONS = [
    # now, what was typed, why not (None: sound)
    ("2026-03-02 09:20", {}, None),
    ("2026-03-02 08:50", {}, "还没到 09:00"),
    ("2026-03-02 11:00", {"side": "out"}, "还没到 12:00"),
    ("2026-03-02 12:00", {"side": "out"}, None),
    ("2026-03-02 14:00", {"session": "afternoon"}, None),
    ("2026-03-02 14:00", {"session": "afternoon", "side": "out"}, "还没到 17:30"),
    ("2026-03-02 14:00", {"session": "afternoon", "side": "out", "at": "13:50"}, None),
    ("2026-03-02 14:00", {"at": "14:01"}, "还没到 14:01"),
    ("2026-03-02 14:00", {"day": "2026-03-03"}, "今天和过去 31 天"),
    ("2026-03-02 14:00", {"day": "2026-01-29"}, "今天和过去 31 天"),
    ("2026-03-02 14:00", {"day": "2026-01-30"}, None),
    ("2026-03-02 14:00", {"session": "evening"}, "没有选补哪一次卡"),
    ("2026-03-02 14:00", {"side": ""}, "没有选补哪一次卡"),
    ("2026-03-02 14:00", {"ticked": ""}, "没有填事由"),
    ("2026-03-02 14:00", {"at": "8点"}, "看不懂时间"),
]


@pytest.mark.parametrize(("now", "changed", "why"), CORRECTIONS)
def test_corrections(tmp_path: Path, now: str, changed: dict[str, str], why: str | None) -> None:
    counter = Counter(tmp_path, at=at(now))
    hours = counter.acts.requesting.hours_of(LIU)
    typed = {**CORRECTION, **changed}
    if why is not None:
        with pytest.raises(Refused, match=why):
            correction(typed, counter.now(), hours)
        return
    counter.acts.requesting.record(correction(typed, counter.now(), hours), LIU, "finger")
    fields = counter.of("request")[0].body["fields"]
    assert {key: fields[key] for key in ("day", "session", "side")} == {
        key: typed[key] for key in ("day", "session", "side")
    }
    assert bool(fields["at"]) is bool(typed["at"])


def test_the_time_of_a_correction_is_an_instant(tmp_path: Path) -> None:
    counter = Counter(tmp_path, at=at("2026-03-02 10:00"))
    draft = correction({**CORRECTION, "at": "08:55"}, counter.now(), counter.acts.requesting.hours_of(LIU))
    assert read_instant(str(draft.fields["at"])) == at("2026-03-02 08:55")


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.text(max_size=8))
def test_a_typed_time_is_a_time_or_refused(text: str) -> None:
    try:
        clock = read_clock(text)
    except Refused:
        return
    assert (clock is None) == (not text.strip())


@settings(max_examples=60, derandomize=True, deadline=None)
@given(DAYS, DAYS)
def test_no_request_ever_runs_backwards(first: date, last: date) -> None:
    try:
        when = read_when({"first": first.isoformat(), "last": last.isoformat(), "part": "day"}, TODAY)
    except Refused:
        return
    assert TODAY - timedelta(days=31) <= when.first <= when.last <= TODAY + timedelta(days=366)


def test_monday_is_the_day_these_tables_speak_of() -> None:
    assert MONDAY.date() == TODAY
