"""What was typed into the forms of 人员, read into what the services take."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from config.words import say
from web.services.errors import BadInput
from web.services.people import Group, NewPerson
from web.services.posts import Window, plain_number
from web.services.staff_rows import read_day

GROUPS = ("window", "back_office", "other")


def day_of(text: str, otherwise: date | None = None) -> date:
    """The day that was typed; `otherwise` for an empty field, BadInput for nonsense or an empty one without it."""
    found = read_day(text)
    if found is None and (text.strip() or otherwise is None):
        raise BadInput(say("“{text}”不是日期", text=text.strip()[:20]), remedy=say("请写成 2026-03-01"))
    return found or cast("date", otherwise)


def day_or_open(text: str) -> date | None:
    """The day that was typed; None for an empty field."""
    return day_of(text) if text.strip() else None


def person_of(given: Mapping[str, str], window: str, until: date | None, roles: tuple[str, ...] = ()) -> NewPerson:
    """Somebody as typed; `window` and `until` where the form has no field for them."""
    group = given.get("group", "window")
    if group not in GROUPS:
        raise BadInput(say("没有选前台、后台或其他"))
    return NewPerson(
        name=_text(given, "name"),
        number=plain_number(given.get("number", "")),
        unit=_text(given, "unit"),
        window=plain_number(given.get("window", window)),
        group=cast("Group", group),
        roles=roles,
        posted_from=day_or_open(given.get("posted_from", "")),
        posted_to=until,
        pinyin=_text(given, "pinyin"),
        phone=_text(given, "phone"),
    )


def window_of(given: Mapping[str, str]) -> Window:
    """A window as typed."""
    floor = plain_number(given.get("floor", ""))
    if floor and not floor.lstrip("-").isdecimal():
        raise BadInput(say("楼层要填数字"), remedy=say("请改正，或留空"))
    return Window(given.get("number", ""), _text(given, "unit"), given.get("side", ""), int(floor) if floor else None)


def _text(given: Mapping[str, str], name: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in given.get(name, "")).strip()
