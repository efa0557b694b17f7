"""Intake: once, in order, or not at all; what is held is never overwritten."""

import gzip
import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select

from station import wire
from station.facts import Punch, Started, Stopped, canonical, first_prev, parse
from tests.web.halls import ANYBODY, HallUnderTest, MakeStation, StationUnderTest
from web.ledger.facts import BatchRow, FactRow, PunchRow, StaleRow, StationEventRow, UnreadableRow
from web.ledger.stations import AlarmRow, LineageRow, StationRow
from web.services import stations

pytestmark = [pytest.mark.zone, pytest.mark.both_databases]

Raws = list[bytes]


def held(hall: HallUnderTest) -> list[bytes]:
    """The facts' bytes as the hub has them, in order of arrival."""
    with hall.hub.ledger.reading() as session:
        return list(session.execute(select(FactRow.raw).order_by(FactRow.row)).scalars())


def count(hall: HallUnderTest, model: type) -> int:
    with hall.hub.ledger.reading() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def a_day(station: StationUnderTest) -> Raws:
    """Five facts of a morning."""
    station.record(Started(version="0.1"))
    station.press("刘明", "08:52")
    station.press("王芳", "09:03")
    station.press("刘明", "12:01")
    station.record(Stopped(reason="evening"))
    return station.reader.raw_after(0, 100)


def test_a_batch_is_stored_byte_for_byte_with_what_it_says(hall: HallUnderTest, station: StationUnderTest) -> None:
    raws = a_day(station)
    answer = station.send()
    assert (answer.upto, answer.hash_at_upto) == (5, station.journal.head.hash)
    assert answer.hub == hall.hub.key.public
    assert answer.at() == hall.hub.now()
    assert held(hall) == raws
    with hall.hub.ledger.reading() as session:
        punches = session.execute(select(PunchRow).order_by(PunchRow.at)).scalars().all()
        assert [(row.person, row.seq) for row in punches] == [
            (hall.people["刘明"], 2), (hall.people["王芳"], 3), (hall.people["刘明"], 4)
        ]  # fmt: skip
        assert punches[0].at == parse(raws[1]).at
        assert {(row.person, row.day.isoformat()) for row in session.execute(select(StaleRow)).scalars()} == {
            (hall.people["刘明"], "2026-03-02"), (hall.people["王芳"], "2026-03-02")
        }  # fmt: skip
        assert session.execute(select(StationEventRow.kind).order_by(StationEventRow.seq)).scalars().all() == [
            "started", "stopped"
        ]  # fmt: skip
        batch = session.execute(select(BatchRow)).scalar_one()
        assert (batch.first, batch.last) == (1, 5)


def test_the_same_batch_twice_changes_nothing_and_is_answered_the_same(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    raws = a_day(station)
    assert station.send() == station.send()
    assert held(hall) == raws
    assert (count(hall, PunchRow), count(hall, BatchRow)) == (3, 1)


@pytest.mark.parametrize(
    ("sent", "upto"),
    [
        ([(1, 3), (2, 5)], 5),  # overlapping: the new part is taken
        ([(1, 5), (2, 4)], 5),  # wholly held
        ([(1, 2), (4, 5)], 2),  # a gap: nothing of it
        ([(3, 5)], 0),  # a gap at the very beginning
        ([(3, 5), (1, 2), (3, 5)], 5),  # out of order, then healed
    ],
)
def test_pieces(hall: HallUnderTest, station: StationUnderTest, sent: list[tuple[int, int]], upto: int) -> None:
    raws = a_day(station)
    for first, last in sent:
        answer = station.answer(station.deliver(raws[first - 1 : last]))
    assert answer.upto == upto
    assert answer.hash_at_upto == (parse(raws[upto - 1]).hash if upto else first_prev(station.journal.lineage))
    assert held(hall) == raws[:upto]


def test_an_empty_batch_asks_where_the_hub_stands(hall: HallUnderTest, station: StationUnderTest) -> None:
    answer = station.answer(station.deliver([]))
    assert (answer.upto, answer.hash_at_upto) == (0, first_prev(station.journal.lineage))
    assert count(hall, LineageRow) == 0
    a_day(station)
    station.send()
    assert station.answer(station.deliver([])).upto == 5


def forged(raw: bytes, **changes: object) -> bytes:
    return canonical({**json.loads(raw), **changes})


def test_a_differing_fact_is_a_fork_and_overwrites_nothing(hall: HallUnderTest, station: StationUnderTest) -> None:
    raws = a_day(station)
    station.send(limit=3)
    third = forged(raws[2], body={"person": ANYBODY, "place": 2, "score": 1, "direction": None})
    refused = station.deliver([third])
    assert refused.status_code == 409
    assert "不一致" in refused.get_json()["error"]
    fourth = forged(raws[3], prev="0" * 64)
    assert station.deliver([fourth]).status_code == 409
    assert held(hall) == raws[:3]
    with hall.hub.ledger.reading() as session:
        alarm = session.execute(select(AlarmRow)).scalar_one()
        assert (alarm.kind, alarm.times) == ("fork", 2)
    assert station.send(after=3).upto == 5, "the true continuation is still taken"


def test_a_fact_id_is_taken_once(hall: HallUnderTest, station: StationUnderTest) -> None:
    raws = a_day(station)
    station.send(limit=4)
    copied = forged(raws[4], id=parse(raws[1]).id)
    assert station.deliver([copied]).status_code == 409
    assert held(hall) == raws[:4]


BROKEN: dict[str, Callable[[Raws], bytes]] = {
    "not gzip": lambda raws: raws[0],
    "cut off": lambda raws: wire.pack(raws)[:-9],
    "one byte turned": lambda raws: wire.pack(raws)[:40] + bytes([wire.pack(raws)[40] ^ 1]) + wire.pack(raws)[41:],
    "no newline at the end": lambda raws: gzip.compress(b"\n".join(raws)),
    "a fact left out": lambda raws: wire.pack([*raws[:2], *raws[3:]]),
    "two facts changed about": lambda raws: wire.pack([raws[1], raws[0], *raws[2:]]),
    "not canonical": lambda raws: wire.pack([raws[0].replace(b'","', b'", "', 1), *raws[1:]]),
    "a field more": lambda raws: wire.pack([forged(raws[0], extra=1), *raws[1:]]),
    "a chain that does not hold": lambda raws: wire.pack([*raws[:3], forged(raws[3], prev="0" * 64), raws[4]]),
    "first that hangs in the air": lambda raws: wire.pack([forged(raws[0], prev="0" * 64), *raws[1:]]),
    "another lineage": lambda raws: wire.pack([forged(raw, lineage=ANYBODY) for raw in raws]),
    "nothing in it": lambda raws: wire.pack([]),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_bytes_are_refused_in_words_and_leave_nothing(
    hall: HallUnderTest, station: StationUnderTest, kind: str
) -> None:
    raws = a_day(station)
    refused = station.post(BROKEN[kind](raws), first=1, last=5, lineage=station.journal.lineage)
    assert refused.status_code == 400
    assert "上传的记录" in refused.get_json()["error"]
    assert (held(hall), count(hall, LineageRow), count(hall, PunchRow)) == ([], 0, 0)


def test_more_than_a_batch_is_refused(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(*[Stopped(reason="again") for _ in range(wire.BATCH + 1)])
    assert station.deliver(station.reader.raw_after(0, wire.BATCH + 1)).status_code == 400
    assert held(hall) == []


def test_signatures(hall: HallUnderTest, station: StationUnderTest, make_station: MakeStation) -> None:
    raws = a_day(station)
    body = wire.pack(raws)
    path, headers = station.signed("POST", "facts", body, first=1, last=5, lineage=station.journal.lineage)
    other = make_station()
    cases = {
        "another body": (path, headers, wire.pack(raws[:4])),
        "another range": (path, headers | {wire.LAST: "6"}, body),
        "another lineage": (path, headers | {wire.LINEAGE: ANYBODY}, body),
        "nonsense": (path, headers | {wire.SIGNATURE: "zz"}, body),
        "under another station": (path.replace(station.id, other.id), headers, body),
        "in another's name": (path.replace(station.id, other.id), headers | {wire.STATION: other.id}, body),
    }
    for name, (where, given, content) in cases.items():
        assert station.http.post(where, data=content, headers=given).status_code == 401, name
    assert station.http.post(path, data=body).status_code == 400
    unknown = station.http.post(path.replace(station.id, ANYBODY), data=body, headers=headers)
    assert unknown.status_code == 404
    assert held(hall) == []


@pytest.mark.parametrize("state", ["waiting", "revoked"])
def test_only_a_confirmed_station_hands_over(hall: HallUnderTest, make_station: MakeStation, state: str) -> None:
    station = make_station(confirmed=state != "waiting")
    a_day(station)
    if state == "revoked":
        with hall.hub.ledger.writing() as session:
            stations.revoke(session, station.id, None, hall.hub.now())
    refused = station.deliver(station.reader.raw_after(0, 100))
    assert refused.status_code == 403
    assert ("等待" if state == "waiting" else "停用") in refused.get_json()["error"]
    assert held(hall) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "coffee"},
        {"v": 99},
        {"body": {"person": 7}},
        {"body": {"person": "x" * 400, "place": 1, "score": 2}},
        {"body": {"person": ANYBODY, "place": 2**40, "score": 2}},
        {"body": {"person": "a\0b", "place": 1, "score": 2}},
        {"at": "0001-01-01T00:00:00.000000Z", "clock": "unsynced"},
        {"kind": "k" * 500, "boot": "b" * 500},
        {"kind": "re_recorded", "body": {"was": {"hash": "0"}, "fact": "nonsense"}},
    ],
)
def test_what_cannot_be_read_counts_is_kept_and_is_listed(
    hall: HallUnderTest, station: StationUnderTest, changes: dict[str, object]
) -> None:
    station.record(Started(version="0.1"))
    fact = station.press("刘明", "08:52")
    raw = forged(fact.raw, **changes)
    answer = station.answer(station.deliver([station.reader.raw_after(0, 1)[0], raw]))
    assert answer.upto == 2
    assert held(hall)[1] == raw
    assert (count(hall, UnreadableRow), count(hall, PunchRow)) == (1, 0)
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(AlarmRow.kind)).scalars().all() == ["unreadable"]


def test_a_hub_restored_from_an_older_copy_is_healed(hall: HallUnderTest, station: StationUnderTest) -> None:
    raws = a_day(station)
    station.send(limit=2)
    before = {row.upto for row in _lineages(hall)}
    station.send(after=2)
    _forget_after(hall, 2)
    assert {row.upto for row in _lineages(hall)} == before == {2}
    answer = station.answer(station.deliver([]))
    assert answer.upto == 2, "the hub says how far it is; the station believes it"
    assert station.send(after=answer.upto).upto == 5
    assert held(hall) == raws
    assert count(hall, PunchRow) == 3


def test_simulated_facts_are_refused_by_a_real_hub(hall: HallUnderTest, make_station: MakeStation) -> None:
    station = make_station(trust="simulated")
    station.record(Started(version="0.1", demo=True))
    refused = station.deliver(station.reader.raw_after(0, 10))
    assert refused.status_code == 409
    assert "演示数据" in refused.get_json()["error"]
    honest = make_station()
    honest.record(Started(version="0.1", demo=True))
    assert honest.deliver(honest.reader.raw_after(0, 10)).status_code == 409
    assert (held(hall), count(hall, LineageRow)) == ([], 0)


def test_contact_backlog_and_drift_are_remembered(hall: HallUnderTest, station: StationUnderTest) -> None:
    hall.at("09:30")
    path, headers = station.signed("POST", "facts", b"", lineage=station.journal.lineage)
    extra = {"Zaigang-Backlog": "7", "Zaigang-Drift-Ms": "nonsense"}
    assert station.http.post(path, headers=headers | extra).status_code == 200
    with hall.hub.ledger.reading() as session:
        row = session.get_one(StationRow, station.id)
        assert (row.last_contact, row.backlog, row.drift_ms) == (hall.hub.now(), 7, None)


def _lineages(hall: HallUnderTest) -> list[LineageRow]:
    with hall.hub.ledger.reading() as session:
        return list(session.execute(select(LineageRow)).scalars())


def _forget_after(hall: HallUnderTest, seq: int) -> None:
    """Put the ledger back to what it was after `seq`, as restoring an older copy does."""
    with hall.hub.ledger.writing() as session:
        kept = session.execute(select(FactRow).where(FactRow.seq == seq)).scalar_one()
        for column in (FactRow.seq, BatchRow.first, PunchRow.seq, StationEventRow.seq):
            session.execute(delete(column.class_).where(column > seq))
        lineage = session.execute(select(LineageRow)).scalar_one()
        lineage.upto, lineage.hash_at_upto = seq, kept.hash


def test_a_punch_is_one_row_whatever_the_batching(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(*[Punch(person=ANYBODY, place=1, score=90) for _ in range(23)])
    upto = 0
    for size in (1, 5, 2, 9, 23):
        upto = station.send(after=max(0, upto - 3), limit=size + 3).upto
    assert upto == 23
    assert count(hall, PunchRow) == 23
