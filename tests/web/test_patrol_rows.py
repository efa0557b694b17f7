"""Patrol facts read into rows: on arrival and by a rebuild the same; what columns cannot hold is kept as bytes."""

from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from station.facts import Body
from station.round_facts import Addition, Check, Finding, Found, RoundJoined, RoundOpened, RoundSigned, Sent, Tag
from tests.builders import FACT_ID, LIU, WANG
from tests.web.halls import HallUnderTest
from web.ledger.facts import UnreadableRow
from web.services.patrol_rows import TABLES
from web.services.rebuild import rebuild
from web.services.recording import Recorder

SLOT, POINT, SHA = "2026-03-02/0930", "01931c7a-0000-7000-8000-00000000c001", "ab" * 32
FOUND = Found(id=FACT_ID, item="post-01", clauses=("wanzhou:patrol:5.2",), column="on_post", person=LIU)
CHECK: dict[str, Any] = {"round": SLOT, "checkpoint": POINT, "how": "qr", "officers": (LIU, WANG), "by": LIU}
SENT = Sent(draft="d1", phone_at="2026-03-02T01:31:00.000000Z", offset_ms=-5, offline=True)
BODIES: list[Body] = [
    RoundOpened(round=SLOT, kind="scheduled", officer=LIU, by="own_pin"),
    RoundJoined(round=SLOT, officer=WANG, by="own_pin"),
    Check(**CHECK, nothing_abnormal=False, photos=(SHA, SHA), findings=(FOUND,), needs=("缺纸",), sent=SENT),
    Addition(**CHECK, photos=(SHA,)),
    Finding(found=FOUND.model_copy(update={"id": POINT}), by=LIU, about=POINT),
    RoundSigned(round=SLOT, officer=LIU, by="own_pin", checks=1, digest=SHA),
    Tag(uid="04AB", medium="nfc", checkpoint=POINT, by=LIU),
]

pytestmark = pytest.mark.both_databases


def everything(session: Session) -> dict[str, list[Any]]:
    def rows(table: Table) -> list[Any]:
        return sorted(tuple(row) for row in session.execute(select(*table.c).order_by(table.c.id)))

    return {table.name: rows(table) for table in TABLES}


def test_every_fact_has_its_rows_on_arrival_and_the_same_after_a_rebuild(hall: HallUnderTest) -> None:
    recorder = Recorder(hall.hub)
    recorder.record(lambda _: BODIES)
    with hall.hub.ledger.writing() as session:
        before = everything(session)
        rebuild(session, hall.hub_zone())
        assert everything(session) == before
    counts = {name: len(rows) for name, rows in before.items()}
    assert counts == {"rounds": 3, "checks": 2, "tags": 1, "findings": 2, "pictures": 3}
    recorder.close()


@pytest.mark.parametrize(
    "body",
    [
        RoundOpened(round="2" * 37, kind="scheduled", officer=LIU, by="own_pin"),
        Check(**CHECK, nothing_abnormal=True, photos=("nonsense",)),
        Check(**CHECK, nothing_abnormal=True, sent=Sent(draft="d" * 65)),
        Check(**CHECK, nothing_abnormal=True, sent=Sent(draft="d", phone_at="yesterday")),
        Check(**CHECK, nothing_abnormal=False, findings=(FOUND.model_copy(update={"item": "x" * 37}),)),
        RoundSigned(round=SLOT, officer=LIU, by="own_pin", checks=2**40, digest=SHA),
        RoundSigned(round=SLOT, officer=LIU, by="own_pin", checks=1, digest="short"),
        Tag(uid="0" * 101, medium="nfc", checkpoint=POINT),
    ],
)
def test_what_the_columns_cannot_hold_is_kept_as_bytes(hall: HallUnderTest, body: Body) -> None:
    recorder = Recorder(hall.hub)
    recorder.record(lambda _: [body])
    with hall.hub.ledger.reading() as session:
        assert len(session.execute(select(UnreadableRow)).all()) == 1
    recorder.close()
