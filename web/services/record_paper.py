"""The official record form of a day (wanzhou:patrol:form): its columns in their order, a section a round."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from config.words import say, series
from web.services.patrol_lines import COLUMNS, Line, column_words
from web.services.patrol_paper import Head, Paper, Section, as_pdf, as_xlsx, joined
from web.services.patrol_record import Part

FINE = "√"
KNOWN = {"finger": "指纹", "own_pin": "本人 PIN"}


def form_pdf(hall: str, day: date, parts: Sequence[Part], zone: ZoneInfo) -> bytes:
    """The form to be filed."""
    return as_pdf(form(hall, day, parts, zone))


def form_xlsx(hall: str, day: date, parts: Sequence[Part], zone: ZoneInfo) -> bytes:
    """The form for WPS and Excel."""
    return as_xlsx(form(hall, day, parts, zone))


def form(hall: str, day: date, parts: Sequence[Part], zone: ZoneInfo) -> Paper:
    """The form as a paper; additions after the signatures stand in a section of their own."""
    sections = [section for part in parts for section in _sections(part, zone)]
    return Paper(
        say("政务服务大厅巡查记录表"), hall, say("日期：{day}", day=day.isoformat()), _heads(),
        tuple(sections) or (Section("", ()),),
        (say("巡查人员签字：＿＿＿＿＿＿＿＿　　＿＿＿＿＿＿＿＿　　　　备注：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿"),),
    )  # fmt: skip


def signed_words(part: Part, zone: ZoneInfo) -> str:
    """Who walked a round, and how and when each signed."""
    said = []
    for name, one in part.signatures:
        if one.signed:
            how = say(KNOWN.get(one.signed_by, one.signed_by))
            said.append(
                say("{name}（{how}，{at} 签字）", name=name, how=how, at=f"{one.signed.astimezone(zone):%H:%M}")
            )
        else:
            said.append(say("{name}（中途离开）", name=name) if one.left else say("{name}（未签字）", name=name))
    return series(said)


def _heads() -> tuple[Head, ...]:
    found = ((say("区域"), 14.0), (say("窗口人员"), 9.0), *((column_words(key), 13.0) for key in COLUMNS))
    return (
        Head(say("序号"), 5), Head(say("巡查时间"), 8), Head(say("今日巡查无异常"), 8),
        Head(say("巡查中发现的问题"), 0, found), Head(say("巡查人员签字"), 10), Head(say("备注"), 20),
    )  # fmt: skip


def _sections(part: Part, zone: ZoneInfo) -> list[Section]:
    words = say("{name}　{at} 开始", name=part.name, at=f"{part.round.opened.astimezone(zone):%H:%M}")
    below = []
    if part.whole and part.standing.unvisited:
        names = series(point.name for point in part.standing.unvisited)
        below.append(say("没有巡查到：{names}", names=names))
    if part.standing.short_handed:
        below.append(say("这次巡查人手不足"))
    below.append(say("巡查人员签字：{words}", words=signed_words(part, zone)))
    made = [Section(words, _rows(part, part.lines), tuple(below))]
    if part.late:
        made.append(Section(say("{name}：签字以后的补充", name=part.name), _rows(part, part.late)))
    return made


def _rows(part: Part, lines: Sequence[Line]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            str(number), f"{line.at:%H:%M}", FINE if line.fine else "", line.place.row.name if line.place else "—",
            series(line.persons), *(joined(line.column(key)) for key in COLUMNS),
            series(line.officers) if part.round.closed else "", joined(line.remarks()),
        )
        for number, line in enumerate(lines, start=1)
    )  # fmt: skip
