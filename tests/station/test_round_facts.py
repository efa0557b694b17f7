"""Patrol facts: they keep their bodies whole through bytes, and an older reader lives with what a newer writer adds."""

import json
from typing import Any

import pytest

from station.clock import Reading
from station.facts import KIND_OF, Body, canonical, compose, first_prev, parse, read_body
from station.round_facts import Addition, Check, Finding, Found, RoundJoined, RoundOpened, RoundSigned, Sent, Tag
from tests.builders import FACT_ID, LINEAGE, LIU, MONDAY, WANG

READING = Reading(MONDAY, "boot-1", 42, "synced")
SLOT = "2026-03-02/0930"
POINT = "01931c7a-0000-7000-8000-00000000c001"
FOUND = Found(id=FACT_ID, item="post-01", clauses=("wanzhou:patrol:5.2",), column="on_post", person=LIU)
SENT = Sent(draft="ab" * 16, phone_at="2026-03-02T01:31:00.000000Z", offset_ms=-86_400_000, offline=True)
PAIR = (LIU, WANG)
BODIES: list[Body] = [
    RoundOpened(round=SLOT, kind="scheduled", officer=LIU, by="own_pin"),
    RoundJoined(round=SLOT, officer=WANG, by="finger"),
    RoundJoined(round=SLOT, officer=WANG, way="left", note="开会"),
    Check(round=SLOT, checkpoint=POINT, how="qr", tag="t", officers=PAIR, by=LIU, nothing_abnormal=True, photos=("a",)),
    Check(round=SLOT, checkpoint=POINT, how="manual", reason="offline", officers=PAIR, by=LIU, nothing_abnormal=False,
          no_photo="相机坏了", findings=(FOUND,), needs=("打印机缺纸",), sent=SENT),
    Finding(found=FOUND, by=LIU, about=POINT),
    Addition(round=SLOT, checkpoint=POINT, officers=PAIR, by=WANG, findings=(FOUND,), sent=SENT),
    RoundSigned(round=SLOT, officer=LIU, by="own_pin", checks=2, digest="0" * 64),
    Tag(uid="04AB", medium="nfc", checkpoint=POINT, by=LIU),
]  # fmt: skip


def recorded(body: Body) -> bytes:
    return compose(LINEAGE, 1, first_prev(LINEAGE), FACT_ID, READING, body).raw


@pytest.mark.parametrize("body", BODIES, ids=lambda body: KIND_OF[type(body)])
def test_a_body_comes_back_from_its_bytes_as_it_went(body: Body) -> None:
    assert read_body(parse(recorded(body))) == body


@pytest.mark.parametrize("body", BODIES, ids=lambda body: KIND_OF[type(body)])
def test_what_a_newer_writer_adds_is_passed_over(body: Body) -> None:
    value: dict[str, Any] = json.loads(recorded(body))
    value["body"]["colour"] = {"deep": ["down", {"here": 1}]}
    for finding in value["body"].get("findings", []):
        finding["colour"] = 1
    assert read_body(parse(canonical(value))) == body


def test_a_round_opened_the_wrong_way_is_left_alone() -> None:
    value = json.loads(recorded(BODIES[0]))
    value["body"]["kind"] = "dance"
    assert read_body(parse(canonical(value))) is None
