"""A month's sheets: Excel against the same cells written bare in the same run, what the PDF takes, and the page."""

import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from sqlalchemy import update

from config.settings import HubSettings
from station.facts import Json
from tests.bench import attendance
from tests.web.browsing import signed_in
from tests.web.test_every_page import ZIPPED
from web.ledger.people import PersonRow
from web.services import months
from web.services.hub import begin
from web.services.month_pdf import month_paper
from web.services.month_xlsx import month_file

SIZES = (200, 1000)
MOST_RATIO = 2.0
PDF_S, PDF_MB = 3.0, 200.0
PAGE_S, PAGE_KB = 1.0, 100.0
FOOT = ["考勤员：", "单位负责人："]
USUAL = 2  # exceptions a person; the made-up presses are far untidier than people


def rows() -> list[dict[str, object]]:
    """Ratio of the .xlsx for each size, the verdicts' own time, seconds and memory of a PDF of 200 people."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as place:
        begin(HubSettings(folder=Path(place) / "template"), "量度").close()
        for size in SIZES:
            sheet, judged = _sheet(Path(place) / str(size), Path(place) / "template", size)
            ours, bare = _ratio(sheet)
            found += [
                _row(f"verdicts of {size} people, s", round(judged, 2), "-", gate=False, ok=True),
                _row(f".xlsx of {size} people, s CPU", round(ours, 2), "-", gate=False, ok=True),
                _row(f".xlsx ÷ bare XlsxWriter, {size} people", round(ours / bare, 2), f"≤ {MOST_RATIO}", gate=True,
                     ok=ours <= MOST_RATIO * bare),
            ]  # fmt: skip
            if size == SIZES[0]:
                found += _papers(Path(place), sheet)
        found += _page(Path(place) / "page", Path(place) / "template")
    return found


def _page(folder: Path, template: Path) -> list[dict[str, object]]:
    """The page of one unit of 200 people: CPU (median of five, the days judged before), and bytes as gzip."""
    hall = attendance._hall(folder, template, SIZES[0])
    with hall.hub.ledger.writing() as session:
        session.execute(update(PersonRow).values(unit="全厅"))
    attendance._punches(hall, range(1, 32))
    client, spent = signed_in(hall, "supervision"), []
    for _ in range(6):
        begun = time.process_time()
        answer = client.get("/sheets/unit?month=2026-03&unit=全厅", headers=ZIPPED)
        assert answer.status_code == 200
        spent.append(time.process_time() - begun)
    hall.hub.close()
    first, seconds, kilobytes = spent[0], statistics.median(spent[1:]), len(answer.get_data()) / 1000
    name = f"page of {SIZES[0]} people"
    return [
        _row(f"{name}, s CPU, the days judged on the way", round(first, 2), "-", gate=False, ok=True),
        _row(f"{name}, s CPU", round(seconds, 2), f"≤ {PAGE_S}", gate=False, ok=seconds <= PAGE_S),
        _row(f"{name}, kB", round(kilobytes), f"≤ {PAGE_KB:.0f}", gate=True, ok=kilobytes <= PAGE_KB),
    ]


def _sheet(folder: Path, template: Path, size: int) -> tuple[Json, float]:
    """Everybody's month as one sheet, and the seconds of CPU that judging took."""
    hall = attendance._hall(folder, template, size)
    attendance._punches(hall, range(1, 32))
    begun = time.process_time()
    book = attendance._book(hall)
    judged = time.process_time() - begun
    sheet = months.sheet_of("量度", "全厅", attendance.MONTH, book)
    hall.hub.close()
    return sheet, judged


def _ratio(sheet: Json) -> tuple[float, float]:
    """Seconds of CPU, best of three each in turn: ours, and the same cells bare."""
    with CalamineWorkbook.from_object(io.BytesIO(month_file(sheet, FOOT))) as book:
        found = [book.get_sheet_by_index(n) for n in range(len(book.sheet_names))]
        pages = [(each.to_python(skip_empty_area=False), each.merged_cell_ranges or []) for each in found]
    pairs = [(_timed(lambda: month_file(sheet, FOOT)), _timed(lambda: _bare(pages))) for _ in range(3)]
    return min(ours for ours, _ in pairs), min(bare for _, bare in pairs)


def _bare(pages: list[tuple[list[list[Any]], list[Any]]]) -> None:
    """The same texts and numbers in the same cells, bordered and merged as ours, and nothing else."""
    import xlsxwriter

    with xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}) as book:
        border = book.add_format({"border": 1})
        for lines, merged in pages:
            page = book.add_worksheet()
            spread = dict(merged)
            inside = {
                (row, place)
                for start, end in merged
                for row in range(start[0], end[0] + 1)
                for place in range(start[1], end[1] + 1)
            } - spread.keys()
            for row, line in enumerate(lines):
                for place, value in enumerate(line):
                    if (row, place) in spread:
                        page.merge_range(row, place, *spread[row, place], value, border)
                    elif (row, place) not in inside:
                        page.write(row, place, value, border)


def _papers(place: Path, sheet: Json) -> list[dict[str, object]]:
    """In a process of its own, as one table and as twenty units of ten."""
    kept: dict[str, int] = {}
    few = []
    for each in sheet["exceptions"]:
        kept[each["id"]] = kept.get(each["id"], 0) + 1
        if kept[each["id"]] <= USUAL:
            few.append(each)
    units = [
        {**sheet, "unit": f"单位{n}", "people": (part := sheet["people"][n * 10 : n * 10 + 10]),
         "exceptions": [each for each in few if each["id"] in {one["id"] for one in part}]}
        for n in range(20)
    ]  # fmt: skip
    found: list[dict[str, object]] = []
    for name, sheets in (("one table", [{**sheet, "exceptions": few}]), ("20 units", units)):
        path = place / "sheets.json"
        path.write_text(json.dumps(sheets), encoding="utf-8")
        said = subprocess.run([sys.executable, "-m", __name__, path], capture_output=True, text=True, check=True).stdout
        wall, megabytes = map(float, said.split())
        found += [
            _row(f"PDF of 200 people, {name}, s", round(wall, 2), f"≤ {PDF_S}", gate=False, ok=wall <= PDF_S),
            _row(f"PDF of 200 people, {name}, MB", round(megabytes), f"≤ {PDF_MB:.0f}", gate=False,
                 ok=megabytes <= PDF_MB),
        ]  # fmt: skip
    return found


def _timed(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def _row(measure: str, value: object, bar: str, *, gate: bool, ok: bool) -> dict[str, object]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    for one in given:
        month_paper(one, FOOT)
    print(time.perf_counter() - start, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
