"""The record of empty stretches of a day as an .xlsx file."""

import io

from config.clauses import citations
from web.board.words import SESSIONS, who_words
from web.services.board import Board
from web.words import _

HEADS = ("日期", "窗口", "楼层", "单位", "时段", "起", "止", "分钟", "应在岗人员", "依据", "备注")
WIDTHS = (12, 8, 6, 24, 8, 8, 8, 8, 36, 36, 18)


def empty_sheet(board: Board) -> bytes:
    """One row a stretch, in the order of time."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("空岗记录"))
        title = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "bg_color": "#E0F3EA", "border": 1})
        cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, _("%(day)s 空岗记录", day=board.date.isoformat()), title)
        for place, (name, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(1, place, _(name), head)
        for row, values in enumerate(rows(board), start=2):
            for place, value in enumerate(values):
                (sheet.write_number if isinstance(value, int) else sheet.write_string)(row, place, value, cell)
        sheet.freeze_panes(2, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1)
    return made.getvalue()


def rows(board: Board) -> list[list[str | int]]:
    """The record's cells."""
    return [
        [
            board.date.isoformat(), window.number, "" if window.floor is None else str(window.floor), window.unit,
            _(SESSIONS.get(each.session, each.session)), f"{each.start:%H:%M}", f"{each.end:%H:%M}", each.minutes,
            who_words(each), citations(each.clauses),
            _("；").join(_notes(each.going_on, each.certain)),
        ]
        for window, each in board.empties()
    ]  # fmt: skip


def _notes(going_on: bool, certain: bool) -> list[str]:
    return [*([_("还在继续")] if going_on else []), *([] if certain else [_("打卡时间待校准")])]
