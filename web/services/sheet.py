"""A sheet that somebody uploads: looked at as a file first, then its rows as text and days. .xlsx only.

What cannot be read safely is refused before it is unpacked: a sheet may claim a billion cells in a few bytes.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from config.words import say
from web.services.errors import BadInput

MAX_ROWS = 5000
MAX_COLUMNS = 64
MAX_UNPACKED = 64 * 1024 * 1024
Cell = str | date | None
_TAG = re.compile(rb"<(?:\w+:)?(c|f|mergeCell)\b([^>]*)>")
_WHERE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_MERGED = re.compile(rb'\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_TARGET = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_FIRST = re.compile(rb'<(?:\w+:)?sheet\b[^>]*\br:id="([^"]+)"')


class Fault(NamedTuple):
    """Something wrong at a place: the row as Excel counts it (0: the file), the column's name, and why."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A first sheet: rows of cells, row 1 first, and what is wrong with its form."""

    rows: list[list[Cell]]
    faults: list[Fault]


def read(content: bytes) -> Sheet:
    """The first sheet of an .xlsx. BadInput when it is none, is locked, or is too large."""
    faults = _form_faults(_first_sheet(content))
    rows = _rows(content)
    if rows:
        _within(len(rows), letters(max(map(len, rows)) - 1) if any(rows) else "A")
    return Sheet(rows, faults)


def letters(column: int) -> str:
    """A column's letters as Excel shows them, from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _first_sheet(content: bytes) -> bytes:
    """The XML of the first sheet, once the archive was found to be of sane size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise _too_large()
            return archive.read(_path_of_first(archive))
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise _no_sheet() from error


def _path_of_first(archive: zipfile.ZipFile) -> str:
    found = _FIRST.search(archive.read("xl/workbook.xml"))
    if found is None:
        raise KeyError("sheet")
    for link in _TARGET.findall(archive.read("xl/_rels/workbook.xml.rels")):
        if b'Id="%s"' % found[1] in link:
            target = re.search(rb'Target="([^"]+)"', link)
            path = target[1].decode() if target else ""
            return path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    raise KeyError("sheet")


def _form_faults(xml: bytes) -> list[Fault]:
    """Formulas and merged cells, each with its place. BadInput for a place beyond what a list of staff has."""
    faults: list[Fault] = []
    here = Fault(0, "", "")
    for tag in _TAG.finditer(xml):
        where, merged = _WHERE.search(tag[2]), _MERGED.search(tag[2])
        if tag[1] == b"c" and where:
            here = Fault(int(where[2]), where[1].decode(), say("是公式，请改为数值或文字"))
            _within(here.row, here.column)
        elif tag[1] == b"f" and here.row and (not faults or faults[-1] != here):
            faults.append(here)
        elif tag[1] == b"mergeCell" and merged:
            faults.append(_merged(merged))
    return faults


def _merged(ref: re.Match[bytes]) -> Fault:
    first, last = f"{ref[1].decode()}{int(ref[2])}", f"{ref[3].decode()}{int(ref[4])}"
    reason = say("{first} 到 {last} 是合并单元格，请取消合并并逐行填写", first=first, last=last)
    return Fault(int(ref[2]), ref[1].decode(), reason)


def _within(row: int, column: str) -> None:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    if row > MAX_ROWS + 1:
        raise BadInput(say("表格超过 {n} 行", n=MAX_ROWS), remedy=say("请删去多余的行，或分成几个文件导入"))
    if number > MAX_COLUMNS:
        raise BadInput(say("表格在 {column} 列还有内容，列太多", column=column), remedy=say("请用模板重新整理后再导入"))


def _rows(content: bytes) -> list[list[Cell]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, XmlError, ZipError

    try:
        with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
            found = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, PasswordError, XmlError, ZipError, OSError, ValueError) as error:
        raise _no_sheet() from error
    return [[_cell(value) for value in row] for row in found]


def _cell(value: object) -> Cell:
    """A cell as a person reads it; whole numbers without a decimal point, a date as a day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip() or None


def _no_sheet() -> BadInput:
    return BadInput(
        say("这个文件不是能读取的 Excel 表格（.xlsx），或设了密码"), remedy=say("请下载模板填写，另存为 .xlsx 后再上传")
    )


def _too_large() -> BadInput:
    return BadInput(say("表格太大"), remedy=say("请只保留人员名单，或分成几个文件导入"))
