"""The program and the second reckoning agree on every day that chance can think of."""

import json
import random
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from station.rules.judge import as_json, judge_text
from tests.rules.reckoning import Found, Hours, Press, Spell, World, reckon
from tests.rules.tables import SHANGHAI

WANZHOU = Hours(((540, 720), (810, 1050)), ((630, 650), (930, 950)), 10, True)
PACKS = {
    "wanzhou": WANZHOU,
    "shanxi": Hours(((540, 720), (780, 1020)), (), 5, False),
    "default": Hours(((540, 720), (780, 1020)), (), None, True),
}
# Minutes around which something changes: starts, ends, middles, readiness, noon, breaks, outages' reach, the day.
EDGES = (240, 530, 535, 540, 630, 650, 720, 750, 755, 765, 780, 800, 805, 810, 820, 930, 1020, 1050, 1110, 1679)
KINDS = ("personal", "sick", "business", "annual", "late_arrival")
DAYS = (date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 7), date(2031, 3, 3))
EVER = 10**6
SEEDS = 12
DAYS_A_SEED = 60


def second(chance: random.Random) -> int:
    edge = chance.choice(EDGES) + chance.choice((0, 0, -1, 1, chance.randint(-15, 15)))
    return (edge if chance.random() < 0.6 else chance.randint(480, 1140)) * 60 + chance.choice((0, 0, 59, 30))


def spells(
    chance: random.Random, letter: str, counts: tuple[int, ...], longest: int, open_: float = 0
) -> tuple[Spell, ...]:
    made = []
    for index in range(chance.choice(counts)):
        start = second(chance) // 60
        end = None if chance.random() < open_ else start + chance.randint(0, longest)
        status = chance.choice(("approved", "approved", "approved", "pending", "refused"))
        made.append(Spell(f"{letter}{index}", start, end, chance.choice(KINDS), status))
    return tuple(made)


def any_world(chance: random.Random, hours: Hours, day: date) -> World:
    seconds = {second(chance) for _ in range(chance.randint(0, 7))}
    presses = [Press(at, chance.choice((None, None, None, "in", "out")), chance.random() > 0.08) for at in seconds]
    came = second(chance) // 60 if chance.random() < 0.15 else -EVER
    gone = max(came, second(chance) // 60) if chance.random() < 0.15 else EVER
    as_of = chance.choice((33 * 3600, 33 * 3600, second(chance), chance.randint(8 * 3600, 22 * 3600)))
    return World(
        hours,
        tuple(presses),
        spells(chance, "l", (0, 0, 1, 1, 2, 3), 300),
        tuple((f"f{index}", second(chance)) for index in range(chance.choice((0, 0, 0, 1, 2)))),
        spells(chance, "x", (0, 0, 0, 1, 2), 120, 0.2),
        spells(chance, "o", (0, 0, 0, 1, 2), 200),
        Spell("posting", came, gone),
        as_of,
        chance.random() < 0.7,
        day.isoweekday() <= 5,
        day.year < 2027,
    )


def as_case(world: World, policy: str, day: date) -> dict[str, Any]:
    def at(seconds: int) -> str:
        return (datetime.combine(day, time(), SHANGHAI) + timedelta(seconds=seconds)).isoformat()

    def rows(listed: tuple[Spell, ...], **more: str) -> list[dict[str, Any]]:
        return [
            {"id": each.id, "from": at(each.start * 60), "to": None if each.end is None else at(each.end * 60), **more}
            for each in listed
        ]

    staff: dict[str, Any] = {"id": "a", "group": "window" if world.window_staff else "back_office"}
    if world.posted.start != -EVER:
        staff["posted_from"] = at(world.posted.start * 60)
    if world.posted.end != EVER and world.posted.end is not None:
        staff["posted_to"] = at(world.posted.end * 60)
    leave = rows(world.absences, person="a")
    return {
        "policy": policy,
        "from": day.isoformat(),
        "to": day.isoformat(),
        "as_of": at(world.as_of),
        "staff": [staff],
        "punches": [
            {"person": "a", "at": at(p.second), "direction": p.way, "clock": "synced" if p.synced else "unsynced"}
            for p in world.presses
        ],
        "absences": [
            {**row, "kind": each.kind, "status": each.status} for row, each in zip(leave, world.absences, strict=True)
        ],
        "findings": [
            {"id": name, "person": "a", "at": at(seconds), "category": "left_post", "confirmed": True}
            for name, seconds in world.findings
        ],
        "exits": rows(world.exits, person="a"),
        "outages": rows(world.outages),
    }


def answered(case: dict[str, Any], day: date) -> tuple[list[Found], list[int]]:
    midnight = datetime.combine(day, time(), SHANGHAI)

    def since(at: str | None) -> int | None:
        return None if at is None else int((datetime.fromisoformat(at) - midnight).total_seconds())

    read, answers = judge_text(json.dumps(case), "case")
    answer = as_json(read.policy, answers)
    found = [
        Found(
            each["verdict"],
            since(each["in"]),
            since(each["out"]),
            each["late_minutes"],
            each["early_minutes"],
            each["ready"],
            each["leave_kind"],
            each["provisional"],
            tuple(each["evidence"]),
        )
        for each in answer["people"][0]["days"][0]["sessions"]
    ]
    nobodys = [at for each in answer["unassigned"] if (at := since(each["at"])) is not None]
    return found, sorted(nobodys)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_both_reckonings_agree(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(DAYS_A_SEED):
        policy, day = chance.choice(list(PACKS)), chance.choice(DAYS)
        world = any_world(chance, PACKS[policy], day)
        in_day = tuple(press for press in world.presses if 240 <= press.minute < 1680)
        world = world._replace(presses=in_day)
        case = as_case(world, policy, day)
        assert answered(case, day) == reckon(world), json.dumps(case)
