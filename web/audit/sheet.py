"""Lines of the audit as a file for WPS and Excel."""

import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import xlsxwriter

from config.words import say
from web.audit.lines import Field, Shown

TITLES = ("行", "时间", "何人", "何事", "对象", "内容", "来自", "摘要")
WIDTHS = (8, 20, 12, 20, 24, 60, 18, 66)


def audit_sheet(lines: Iterable[Shown], zone: ZoneInfo) -> bytes:
    """One row a line, in the order given; times are the hall's."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, head = book.add_worksheet(say("审计")), book.add_format({"bold": True})
        for column, (title, width) in enumerate(zip(TITLES, WIDTHS, strict=True)):
            sheet.write_string(0, column, say(title), head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for place, line in enumerate(lines, start=1):
            sheet.write_number(place, 0, line.row.row)
            for column, text in enumerate(_texts(line, zone), start=1):
                sheet.write_string(place, column, text)
    return made.getvalue()


def _texts(line: Shown, zone: ZoneInfo) -> tuple[str, ...]:
    at = line.row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")
    said = say("；").join(map(_said, line.fields))
    return at, line.who or say("命令行"), line.act, line.subject, said, line.row.origin or "", line.row.hash


def _said(field: Field) -> str:
    return f"{field.label} {field.after}" if field.before is None else f"{field.label} {field.before} → {field.after}"
