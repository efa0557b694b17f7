"""The table of who may what, read: see permissions.txt for what its words mean."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from flask import Flask

TABLE = Path(__file__).with_suffix(".txt")
HALL = ("admin", "supervision", "duty_leader", "office_leader", "centre_leader")
UNIT = ("attendance_clerk", "unit_leader", "chief_rep", "window_head")
ENDED = "ended"  # somebody whose role as administrator ended yesterday
ACTORS = (*HALL, *UNIT, "patrol_officer", "staff", ENDED, "")  # the last: without a login
Reach = Literal["", "self", "own", "all"]
REACHES: tuple[Reach, ...] = ("all", "own", "self")  # the widest first


@dataclass(frozen=True)
class Line:
    """An address and who may ask for it. `form`: what a write is tried with; empty with `reason`: why it is not."""

    method: str
    address: str
    who: tuple[str, ...]
    form: str = ""
    reason: str = ""

    @property
    def rule(self) -> str:
        """The address as the application knows it."""
        return self.address.partition("?")[0]

    @cached_property
    def names(self) -> frozenset[str]:
        """What stands in the address for something."""
        return frozenset(re.findall(r"[<{](?:\w+:)?(\w+)[>}]", self.address))

    def reach(self, actor: str) -> Reach:
        """How far somebody with this role gets; empty: they are refused."""
        held = [word.partition(":") for word in self.who]
        reaches = {end or "all" for name, _, end in held if name in groups(actor)}
        return next((reach for reach in REACHES if reach in reaches), "")


def groups(actor: str) -> set[str]:
    """The words of the table that mean this actor."""
    found = {"anybody"} | ({"everyone", actor} if actor else set())
    return found | {name for name, roles in (("hall", HALL), ("unit", UNIT)) if actor in roles}


def table() -> list[Line]:
    """Every line, in its order."""
    rows = [row for row in TABLE.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    return [_line(row) for row in rows]


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every method and address that the application answers."""
    rules = app.url_map.iter_rules()
    return {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def _line(row: str) -> Line:
    method, address, who, *more = re.split(r"\s{2,}", row.strip())
    last = more[0] if more else ""
    assert (method == "GET") == (not last), f"{row}: a write says with what it is tried"
    reason = last[1:-1] if last.startswith("(") else ""
    return Line(method, address, tuple(who.split()), "" if reason else last, reason)
