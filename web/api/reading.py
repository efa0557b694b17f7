"""What other systems may read, by token: people, days, months, who is here, stations. OpenAPI comes of the shapes."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from web.api import answers, shapes
from web.attendance.judging import book_of
from web.door import hub, reading
from web.ledger.people import PersonRow
from web.services import attendance, in_force, station_health, today
from web.services.errors import BadInput
from web.services.in_force import last_of
from web.words import _

INFO = Info(title="在岗 数据接口", version="1", description="只读。请求头 Authorization: Bearer 令牌。")
SECURITY = {"token": {"type": "http", "scheme": "bearer"}}
LIMIT = "120 per minute"  # an address
YEARS = range(2000, 2100)

integrators = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api/v1",
    abp_security=[{"token": []}],
    abp_responses={"400": shapes.Fault, "401": shapes.Fault, "429": shapes.Fault},
)
_LISTS, _STATIONS = Tag(name="人员与考勤"), Tag(name="考勤站")


@integrators.get(
    "/people",
    summary="人员",
    description="登记在册和已调离的人员，按编号排列。",
    tags=[_LISTS],
    responses={"200": shapes.People},
)
def people(query: shapes.AskedOfPerson) -> Response:
    """People present and past, page by page."""
    rows, following = _people(query, query.person)
    return _json(shapes.People(items=[answers.posted(row) for row in rows], next=following))


@integrators.get(
    "/days/<day>",
    summary="一天的结论",
    description="每人上午、下午的考勤结论。当天要到第二天清晨才定；没定的日子 closed 为 false，没有结论。",
    tags=[_LISTS],
    responses={"200": shapes.Day},
)
def day(path: shapes.DayPath, query: shapes.AskedOfPerson) -> Response:
    """One day's judgements."""
    held, now = in_force.read(reading(), hub()), hub().now()
    asked = _past(path.day, attendance.today_of(held, now))
    closed = attendance.is_closed(held, asked, now)
    rows, following = _people(query, query.person) if closed else ([], None)
    items = answers.days_of(book_of(held, rows, asked, asked), asked) if rows else []
    worked = held.day(asked, "window").worked
    return _json(shapes.Day(day=asked, worked=worked, closed=closed, items=items, next=following))


@integrators.get(
    "/months/<month>",
    summary="一月的合计与结论",
    description="每人一月的合计和逐日结论，只含已定的日子。签字锁定的月表以月表为准。",
    tags=[_LISTS],
    responses={"200": shapes.Month},
)
def month(path: shapes.MonthPath, query: shapes.AskedOfMonth) -> Response:
    """One month's sums and judgements."""
    held, now = in_force.read(reading(), hub()), hub().now()
    first = _past(date.fromisoformat(f"{path.month}-01"), attendance.today_of(held, now))
    rows, following = _people(query, query.person)
    book = book_of(held, rows, first, last_of(first))
    closed = attendance.closed_days(book.held, first, last_of(first), now)
    return _json(shapes.Month(month=path.month, closed_days=closed, items=answers.months_of(book), next=following))


@integrators.get(
    "/presence",
    summary="此刻谁在岗",
    description="此刻每人在岗、暂离、未到的情况。这不是考勤结论。",
    tags=[_LISTS],
    responses={"200": shapes.Now},
)
def presence(query: shapes.AskedOfPerson) -> Response:
    """Who is here now."""
    found = today.hall_day(reading(), hub())
    rows, following = _people(query, query.person)
    wanted = {row.id for row in rows}
    zone = ZoneInfo(hub().hall.zone)
    items = [answers.here(one, zone) for one in found.people if one.person.id in wanted]
    items.sort(key=lambda each: each.person.id)
    return _json(shapes.Now(at=found.at, worked=found.worked, items=items, next=following))


@integrators.get(
    "/stations",
    summary="考勤站",
    description="在用的考勤站和它们的情况。",
    tags=[_STATIONS],
    responses={"200": shapes.Stations},
)
def stations() -> Response:
    """Stations in use."""
    now = hub().now()
    found = station_health.board(reading(), now)
    return _json(shapes.Stations(at=now, items=[answers.health(one) for one in found.conditions]))


@integrators.get("/openapi.json", doc_ui=False)
def document() -> Response:
    """This interface as an OpenAPI document."""
    return jsonify(described())


def described() -> dict[str, Any]:
    """The OpenAPI document of the routes above."""
    app = current_app
    assert isinstance(app, OpenAPI)
    return app.api_doc


def not_understood(error: ValidationError) -> Response:
    """A query or address that does not fit its shape, in words; the first fault is named."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    refusal = BadInput(_("参数 %(name)s 不合要求", name=name), remedy=_("请对照接口说明改正后再试"))
    answer = jsonify(error=str(refusal))
    answer.status_code = 400
    return answer


def _people(query: shapes.Asked, one: str | None) -> tuple[list[PersonRow], str | None]:
    """One page of people in the order of their ids, and where the next begins."""
    wanted = select(PersonRow).order_by(PersonRow.id).limit(query.limit + 1)
    for column, value in ((PersonRow.unit, query.unit), (PersonRow.id, one)):
        wanted = wanted if value is None else wanted.where(column == value)
    wanted = wanted if query.cursor is None else wanted.where(PersonRow.id > query.cursor)
    rows, following = answers.after(reading().execute(wanted).scalars().all(), query.limit)
    return list(rows), following


def _past(asked: date, running: date) -> date:
    """A day up to today; BadInput for one still to come."""
    if asked.year not in YEARS or asked > running:
        raise BadInput(_("还没有到 %(day)s", day=asked.isoformat()), remedy=_("请查今天或以前的日子"))
    return asked


def _json(shape: BaseModel) -> Response:
    return Response(shape.model_dump_json(), content_type="application/json")
