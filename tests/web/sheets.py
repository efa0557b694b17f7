"""Sheets of staff as halls send them, good and bad: real .xlsx bytes."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from web.services.staff_template import COLUMNS

GOOD: list[list[Any]] = [
    ["李雷", "2001", "税务局", "201", "前台", "申报岗", "A", "窗口人员、首席代表", "2026-01-05", "13800001111"],
    ["韩梅", "2002", "税务局", "201", "前台", "申报岗", "B", "窗口人员", "2026/1/5", ""],
    ["吴磊", "2003", "税务局", "201", "", "申报岗", "b岗", "", "2026年1月5日", ""],
    ["周迅", 2004, "公安局", "202", "后台", "", "A", "值班长（2026-03-01至2026-03-31）", "", ""],
    ["郑爽", "", "公安局", "", "", "", "", "巡查人员,考勤员", "", "0351-1234567"],
]


def workbook(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook whose first sheet `fill(book, sheet)` writes."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        fill(book, book.add_worksheet("人员"))
    return made.getvalue()


def staff(rows: Sequence[Sequence[Any]], titles: Sequence[str] = COLUMNS) -> bytes:
    """A list of staff."""

    def fill(_book: Any, sheet: Any) -> None:
        for number, row in enumerate([titles, *rows]):
            for place, value in enumerate(row):
                sheet.write(number, place, value)

    return workbook(fill)


def cells_of(content: bytes) -> list[list[str]]:
    """The first sheet of a workbook that the product made, as Excel and WPS have it."""
    with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
        return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


def with_cell(place: int, value: Any, row: int = 0) -> bytes:
    """The good list with one cell changed."""
    rows = [list(each) for each in GOOD]
    rows[row][place] = value
    return staff(rows)


def many(count: int) -> bytes:
    """A list of so many people, ten a unit, each the A of a post of their own."""
    return staff(
        [
            [f"员工{n}", f"G{n:05}", f"单位{n // 10}", str(1000 + n), "前台", "", "A", "", "2026-01-05", ""]
            for n in range(count)
        ]
    )
