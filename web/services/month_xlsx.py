"""The month's sheet as an .xlsx file for WPS and Excel: A4 landscape, one page wide, heads repeated on each page."""

import io
from typing import Any

from config.words import say
from station.facts import Json
from web.services import month_words as words
from web.services.months import bytes_of, hash_of

FIRST_ROW = 3  # below the title, the legend and the head
RULE_HIGH, QR_HIGH = 28, 102  # points: two lines; 43 modules of 3 pixels
NARROW, NAME, SESSION, TOTAL = 2.9, 10.0, 5.0, 5.6
TINTS = {
    "absent": "#F8D7D3", "not_there": "#F8D7D3", "late": "#FDEBCF", "early": "#FDEBCF", "late_and_early": "#FDEBCF",
    "missing": "#FDEBCF", "provisional": "#E6E8EB", "rest": "#F2F3F4",
}  # fmt: skip


def month_file(sheet: Json, signatures: list[str], rule: str = "") -> bytes:
    """The file: the sheet with its totals, and the annex of exceptions.

    `signatures`: what stands at the foot; `rule`: what the sheet says of accumulated days, empty for nothing.
    """
    import xlsxwriter

    made, digest = io.BytesIO(), hash_of(bytes_of(sheet))
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet(say("考勤月表"))
        _Page(book, page, sheet, rule).write(signatures, digest)
        _set_up(page, sheet, digest)
        annex = book.add_worksheet(say("异常明细"))
        _annex(book, annex, sheet)
        _set_up(annex, sheet, digest)
    return made.getvalue()


def _set_up(page: Any, sheet: Json, digest: str) -> None:
    """A4 landscape, one page wide; on every page whose it is, which page and the hash, for pages come apart."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(0.4, 0.4, 0.5, 0.6)
    whose = f"{sheet['unit']} {sheet['month']}".replace("&", "&&")  # a single one is an order to Excel
    number = say("第 {page} 页，共 {pages} 页", page="&P", pages="&N")
    code = say("数据校验码 {hash}", hash=digest)
    page.set_footer(f"&L&8 {whose}&C&8 {number}&R&6 {code}")  # the blank ends the size, whatever follows


class _Page:
    """The worksheet being written."""

    def __init__(self, book: Any, page: Any, sheet: Json, rule: str) -> None:
        self.page, self.sheet, self.days, self.rule = page, sheet, len(sheet["days"]), rule
        self.sessions = words.session_words(sheet)
        cell = {"border": 1, "align": "center", "valign": "vcenter", "font_size": 9}
        self.plain, self.head = book.add_format(cell), book.add_format({**cell, "bold": True, "text_wrap": True})
        self.name = book.add_format({**cell, "text_wrap": True})
        mark = {**cell, "shrink": True}  # one of two characters is smaller, not cut off
        self.mark = book.add_format(mark)
        self.tints = {key: book.add_format({**mark, "bg_color": tint}) for key, tint in TINTS.items()}
        self.number = book.add_format({**cell, "num_format": "0.##;-0.##;0"})
        self.title = book.add_format({"bold": True, "font_size": 14, "align": "center"})
        self.foot = book.add_format({"align": "left", "valign": "vcenter", "text_wrap": True})

    def write(self, signatures: list[str], digest: str) -> None:
        """The title, the people, and the foot."""
        heads = words.heads(words.absent_word(self.sheet))
        width = 3 + self.days + len(heads) - 1
        self._widths(width)
        self.page.merge_range(0, 0, 0, width, words.title(self.sheet), self.title)
        legend = "　".join(f"{mark} {word}" for mark, word in words.legend_words(self.sheet))
        self.page.merge_range(
            1, 0, 1, width, say("单位：{unit}　图例：{legend}", unit=self.sheet["unit"], legend=legend)
        )
        for place, text in enumerate((say("姓名"), say("窗口"), say("时段"))):
            self.page.write_string(2, place, text, self.head)
        for place, day in enumerate(self.sheet["days"]):
            self.page.write_string(2, 3 + place, f"{day['day']}\n{words.weekday(day)}", self.head)
        for place, text in enumerate(heads):
            self.page.write_string(2, 3 + self.days + place, text, self.head)
        row = FIRST_ROW
        for one in self.sheet["people"]:
            row = self._person(row, one)
        self.page.print_area(0, 0, self._foot(row, width, signatures, digest), width)

    def _foot(self, row: int, width: int, signatures: list[str], digest: str) -> int:
        """What the sheet says of accumulated days, the signatures, the hash as QR and as text; the last row."""
        code = say("数据校验码 {hash}", hash=digest)
        if self.rule:
            self.page.merge_range(row, 0, row, width, self.rule, self.foot)
            self.page.set_row(row, RULE_HIGH)
        self.page.merge_range(row + 1, 0, row + 1, width, "　　".join(signatures), self.foot)
        self.page.set_row(row + 2, QR_HIGH)
        self.page.insert_image(row + 2, 0, "qr.png", {"image_data": _qr(digest), "description": code})
        self.page.merge_range(row + 2, 3, row + 2, width, code, self.foot)
        return row + 2

    def _widths(self, width: int) -> None:
        page = self.page
        page.repeat_rows(0, 2)
        page.freeze_panes(FIRST_ROW, 3)
        page.set_row(2, 28)
        page.set_column(0, 0, NAME)
        page.set_column(1, 2, SESSION)
        page.set_column(3, 2 + self.days, NARROW)
        page.set_column(3 + self.days, width, TOTAL)

    def _person(self, row: int, one: Json) -> int:
        count = len(self.sessions)
        last = row + count - 1
        self._down(row, last, 0, "\n".join((one["name"], *words.turn_words(one))), self.name)
        self._down(row, last, 1, one["window"], self.plain)
        for session, word in enumerate(self.sessions):
            self.page.write_string(row + session, 2, word, self.plain)
            for day in range(self.days):
                key, mark = _at(one["keys"], session, day), _at(one["marks"], session, day)
                self.page.write_string(row + session, 3 + day, mark, self.tints.get(key, self.mark))
        for place, each in enumerate(words.values(one["totals"])):
            self._down(row, last, 3 + self.days + place, float(each), self.number)
        return last + 1

    def _down(self, row: int, last: int, place: int, value: str | float, form: Any) -> None:
        if last > row:
            self.page.merge_range(row, place, last, place, value, form)
        elif isinstance(value, str):
            self.page.write_string(row, place, value, form)
        else:
            self.page.write_number(row, place, value, form)


def _annex(book: Any, page: Any, sheet: Json) -> None:
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#E0F3EA"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    heads = (say("姓名"), say("日期"), say("时段"), say("情况"), say("依据"))
    for place, (text, width) in enumerate(zip(heads, (12, 12, 8, 44, 44), strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, text, head)
    row = 0
    for row, line in enumerate(words.exception_lines(sheet), start=1):
        for place, text in enumerate(line):
            page.write_string(row, place, text, cell)
    page.repeat_rows(0)
    page.print_area(0, 0, max(1, row), 4)


def _qr(text: str) -> io.BytesIO:
    """The text as a picture that fits beside it, below the three columns of names."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=3, border=3)
    out.seek(0)
    return out


def _at(lines: list[list[str]], session: int, day: int) -> str:
    return lines[session][day] if session < len(lines) else ""
