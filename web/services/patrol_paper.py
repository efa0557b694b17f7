"""A patrol paper as it is printed and filed: one table with a head of two levels, in sections. PDF and .xlsx alike."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from config.words import say
from web.print.pdf import pdf

A4 = 9  # its number in a workbook
MARGINS = (0.4, 0.4, 0.5, 0.6)


@dataclass(frozen=True, slots=True)
class Head:
    """A column, or a group of columns under one word. `width`: in characters, of each column."""

    words: str
    width: float
    under: tuple[tuple[str, float], ...] = ()

    @property
    def columns(self) -> tuple[tuple[str, float], ...]:
        """The columns that it stands over."""
        return self.under or ((self.words, self.width),)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a line of their own, with what is noted and who signed below them. `words` empty: no such line."""

    words: str
    rows: tuple[tuple[str, ...], ...]
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper. `left`, `right`: what stands over the table; `foot`: what stands under it."""

    title: str
    left: str
    right: str
    heads: tuple[Head, ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...] = ()

    @property
    def columns(self) -> list[tuple[str, float]]:
        """All columns: their words and widths."""
        return [column for head in self.heads for column in head.columns]


def as_pdf(paper: Paper) -> bytes:
    """A4 landscape, the head on each page, page x of y."""
    return pdf("patrol", {
        "title": paper.title, "left": paper.left, "right": paper.right,
        "heads": [{"words": head.words, "under": [words for words, _ in head.under]} for head in paper.heads],
        "widths": [width for _, width in paper.columns],
        "sections": [{"words": each.words, "rows": each.rows, "below": each.below} for each in paper.sections],
        "none": say("没有记录"), "foot": paper.foot,
        "page_words": [say("第"), say("页，共"), say("页")],
    })  # fmt: skip


def as_xlsx(paper: Paper) -> bytes:
    """A4 landscape, one page wide, the head on each page."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        _Sheet(book, paper).write()
    return made.getvalue()


class _Sheet:
    """The worksheet being written."""

    def __init__(self, book: Any, paper: Paper) -> None:
        self.paper, self.last = paper, len(paper.columns) - 1
        self.page = book.add_worksheet(paper.title[:31])
        cell = {"border": 1, "valign": "vcenter", "font_size": 9, "text_wrap": True}
        self.plain, self.line = book.add_format(cell), book.add_format({**cell, "bold": True, "bg_color": "#F2F3F4"})
        self.head = book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#E0F3EA"})
        self.title = book.add_format({"bold": True, "font_size": 14, "align": "center"})

    def write(self) -> None:
        self._set_up()
        row = 4
        for section in self.paper.sections:
            row = self._section(row, section)
        for words in self.paper.foot:
            self._across(row, words, None)
            row += 1
        self.page.print_area(0, 0, max(row - 1, 4), self.last)

    def _set_up(self) -> None:
        page, paper = self.page, self.paper
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.set_margins(*MARGINS)
        page.set_footer("&C" + say("第 {page} 页，共 {pages} 页", page="&P", pages="&N"))
        page.repeat_rows(2, 3)
        page.freeze_panes(4, 2)
        page.set_row(3, 28)
        for place, (_, width) in enumerate(paper.columns):
            page.set_column(place, place, width)
        self._across(0, paper.title, self.title)
        self._across(1, f"{paper.left}　　{paper.right}", None)
        starts = accumulate((len(head.columns) for head in paper.heads), initial=0)
        for place, head in zip(starts, paper.heads, strict=False):
            self._write_head(place, head)

    def _write_head(self, place: int, head: Head) -> None:
        if not head.under:
            self.page.merge_range(2, place, 3, place, head.words, self.head)
            return
        self.page.merge_range(2, place, 2, place + len(head.under) - 1, head.words, self.head)
        for number, (words, _) in enumerate(head.under):
            self.page.write_string(3, place + number, words, self.head)

    def _section(self, row: int, section: Section) -> int:
        if section.words:
            self._across(row, section.words, self.line)
            row += 1
        for cells in section.rows or ((say("没有记录"), *("" for _ in range(self.last))),):
            for place, text in enumerate(cells):
                self.page.write_string(row, place, text, self.plain)
            row += 1
        for words in section.below:
            self._across(row, words, self.plain)
            row += 1
        return row

    def _across(self, row: int, words: str, form: Any) -> None:
        self.page.merge_range(row, 0, row, self.last, words, form)


def joined(parts: Sequence[str]) -> str:
    """Several things in one cell."""
    return say("；").join(parts)
