"""Every page that can be asked for, in a small hall and in one of a thousand, on both databases: what it costs.

A new page is covered by itself; one whose address has something to fill in fails until ARGUMENTS says with what.
"""

import gzip
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import postgres
from tests.web.browsing import signed_in
from tests.web.crowds import Crowd, gather, workdays
from tests.web.halls import HallUnderTest, counted
from web.services.once import Once

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(300)]  # one fixture, hundreds of pages

SIZES = {"sqlite": (40, 1000), "postgresql": (40, 600)}  # past the size up to which people are asked for by name
MOST_STATEMENTS = 12
MOST_BYTES = 100_000  # gzip, with everything that a page brings along
DAYS = workdays(date(2026, 3, 2), 2)
NOW = datetime(2026, 3, 3, 2, 30, tzinfo=UTC)  # Tuesday, 10:30 in the hall
ROLES = ("admin", "supervision", "duty_leader")

# Addresses with something to fill in, and further ones of those without; {person} and the like: a Crowd's names.
ARGUMENTS = {
    "/attendance": ["", "?day=2026-03-02", "?day=2026-03-02&verdict=late&page=2"],
    "/attendance/people/<person>": ["{person}"],
    "/board": ["", "?wall=1"],
    "/board/empty": ["", "?day=2026-03-02"],
    "/board/windows/<window>": ["{window}", "{window}?day=2026-03-02"],
    "/clauses/<clause>": ["taigu:attendance:5"],
    "/corrections": ["", "?status=pending"],
    "/corrections/<correction>": ["{correction}"],
    "/corrections/sign-ins": ["?day=2026-03-02"],
    "/corrections/sign-ins/blank": ["?day=2026-03-02&unit={unit}"],
    "/corrections/sign-ins/enter": ["?day=2026-03-02&unit={unit}"],
    "/corrections/new": ["", "?person={person}&day=2026-03-02&session=morning&side=in"],
    "/covers": ["", "?past=1"],
    "/covers/<cover>": ["{cover}"],
    "/covers/<cover>/record": ["{cover}/record"],
    "/covers/leaves/<leave>": ["{leave}"],
    "/findings": ["", "?state=to_mend", "?window=1000&first=2026-02-01&last=2026-03-31"],
    "/findings/<finding>": ["{finding}", "{asked}"],
    "/findings/<finding>/order": ["{finding}/order"],
    "/patrol/begin/<kind>": ["0930", "key"],
    "/patrol/bulletin": ["?month=2026-03"],
    "/patrol/day/<day>": ["2026-03-02", "2026-03-03"],
    "/patrol/day/<day>/now": ["2026-03-03/now"],
    "/patrol/pictures/<fact>/<int:number>": ["{fact}/0", "{mended}/0"],
    "/patrol/points/<checkpoint>": ["{checkpoint}"],
    "/patrol/record/<day>": ["2026-03-02", "2026-03-03", "2026-03-03?round={round}"],
    "/patrol/register": ["", "?first=2026-03-01&last=2026-03-03&found=1&kind=0930&floor=1&window=1000&unit=单位0"],
    "/patrol/rounds/<path:round_id>": ["{round}", "{round}?at={checkpoint}"],
    "/patrol/sign/<path:round_id>": ["{round}"],
    "/patrol/t/<token>": ["{tag}"],
    "/patrol/team/<path:round_id>": ["{round}"],
    "/people": ["", "?page=3", "?q=员工7"],
    "/people/<person>": ["{person}"],
    "/people/import/<digest>": ["0"],
    "/people/import/<digest>/now": ["0/now"],
    "/people/windows": ["", "?day=2026-03-02"],
    "/people/windows/<window>": ["{window}"],
    "/duty": ["", "?month=2026-04"],
    "/duty/days/<day>": ["2026-03-03", "2026-03-04"],
    "/duty/plan": [""],
    "/leave": ["", "?status=pending"],
    "/leave/<leave>": ["{leave}"],
    "/leave/<leave>/form": ["{leave}/form"],
    "/notices/<month>": ["{closed}"],
    "/sheets": ["?month=2026-03"],
    "/sheets/notice": ["?month=2026-03&unit={unit}"],
    "/sheets/unit": ["?month=2026-03&unit={unit}", "?month={closed}&unit={unit}"],
    "/stations/<station>": ["{station}"],
    "/today/<which>": ["due", "came", "late", "away", "missing"],
}
NOT_PAGES = {
    "duty.roster": "a file, of what the month's page shows",
    "duty.log": "a file, of what the day's page shows",
    "audit.file": "a file, of what the page shows",
    "setup": "only while a hall is set up, counted in test_first_run",
    "sheets.unit_file": "a file, of what the unit's page shows",
    "sheets.unit_paper": "a file, of what the unit's page shows",
    "corrections.sign_ins_file": "a file, of what the day's page shows",
    "corrections.blank_file": "a file, of what the blank sheet's page shows",
    "leave.paper_file": "a file, of what the form's page shows",
    "static": "counted with the pages that bring them along",
    "live.stream": "never ends",
    "stations_api": "signed by stations",
    "findings.order_file": "a file, of what the order's page shows",
    "patrol.enter_page": "signed by stations",
    "patrol.worker": "a script",
    "patrol.manifest": "for phones that install the page",
    "trust.certificate": "made by the command only",
    "patrol.labels": "a sheet for the printer",
    "patrol.record_form": "a file, of what the day's record shows",
    "patrol.record_sheet": "a file, of what the day's record shows",
    "patrol.bulletin_paper": "a file, of what the bulletin shows",
    "patrol.bulletin_sheet": "a file, of what the bulletin shows",
    "patrol.register_form": "a file, of what the register shows",
    "patrol.register_sheet": "a file, of what the register shows",
    "patrol.shown_picture": "a picture, counted in test_patrol_desk",
    "patrol.small_picture": "a picture, counted in test_patrol_desk",
    "api": "by token, counted in test_api",
}


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son\w+=|javascript:")
ZIPPED = {"Accept-Encoding": "gzip"}


class Cost(NamedTuple):
    """Statements for the first time and once more; bytes, gzip, with everything that the page brings along.

    `inline`: what the page has of scripts and styles inside itself, which its own policy would keep from working.
    """

    first: int
    again: int
    weight: int
    inline: tuple[str, ...]


Costs = dict[str, Cost]


def pages(hall: HallUnderTest) -> list[str]:
    """Every address to ask for, names still to be filled in."""
    found = []
    for rule in sorted(hall.app.url_map.iter_rules(), key=str):
        if "GET" not in (rule.methods or ()) or {rule.endpoint, rule.endpoint.split(".")[0]} & NOT_PAGES.keys():
            continue
        assert rule.rule in ARGUMENTS or not rule.arguments, f"ARGUMENTS has to say what to fill into {rule.rule}"
        fixed = re.sub(r"<[^>]+>.*", "", rule.rule)
        found += [fixed + rest for rest in ARGUMENTS.get(rule.rule, [""])]
    return found


@pytest.fixture(scope="module")
def halls(
    database: str, template: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Costs]]:
    """What every page costs in a small hall and in a large one."""
    with ExitStack() as stack:
        found = []
        for size in SIZES[database]:
            url = ""
            if database == "postgresql":
                url = stack.enter_context(postgres.database(request.getfixturevalue("postgres_template")))
            crowd = gather(template, tmp_path_factory.mktemp("crowd"), url, size, DAYS, NOW)
            stack.callback(crowd.close)
            found.append(costs(crowd))
        yield found


def test_a_page_takes_a_dozen_statements_at_most(halls: list[Costs]) -> None:
    """The first time, when closed days may have to be judged, and afterwards."""
    large = halls[-1]
    assert len(large) >= 30
    assert {page: cost for page, cost in large.items() if max(cost.first, cost.again) > MOST_STATEMENTS} == {}


def test_a_page_takes_as_many_statements_in_a_hall_of_any_size(halls: list[Costs]) -> None:
    small, large = ({page: cost.again for page, cost in each.items()} for each in halls)
    assert small == large


def test_a_page_of_a_thousand_people_travels_light(halls: list[Costs]) -> None:
    assert {page: cost.weight for page, cost in halls[-1].items() if cost.weight > MOST_BYTES} == {}


def test_no_page_has_scripts_or_styles_inside_itself(halls: list[Costs]) -> None:
    assert {page: cost.inline for page, cost in halls[-1].items() if cost.inline} == {}
    assert [*INLINE.findall('<p onclick=""><script>x</script><a style="">')] == [" onclick=", "<script", " style="]


def costs(crowd: Crowd) -> Costs:
    """Every page asked for twice; named by its address before the names were filled in."""
    client = signed_in(crowd.hall, *ROLES)
    once = crowd.hall.hub.once
    files: dict[str, int] = {}
    with counted(crowd.hall) as said:
        return {page: _cost(client, page.format(**crowd.names), said, once, files) for page in pages(crowd.hall)}


def _cost(client: FlaskClient, path: str, said: list[str], once: Once, files: dict[str, int]) -> Cost:
    counts = []
    for _ in range(2):
        once.kept.clear()  # a page pays for the running day itself
        said.clear()
        answer = client.get(path, headers=ZIPPED)
        assert answer.status_code in (200, 302), (path, answer.status_code)
        counts.append(len(said))
    text = _text_of(answer)
    weight = len(answer.get_data()) + _brought_along(client, text, files)
    return Cost(counts[0], counts[1], weight, tuple(INLINE.findall(text)))


def _text_of(page: TestResponse) -> str:
    """A page as a browser reads it; nothing of a file."""
    if page.mimetype != "text/html":
        return ""
    said = page.get_data()
    return (gzip.decompress(said) if "Content-Encoding" in page.headers else said).decode()


def _brought_along(client: FlaskClient, text: str, files: dict[str, int]) -> int:
    """Bytes of everything that a page names, for a browser that has nothing yet; `files`: of those asked for before."""
    linked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text.replace("&amp;", "&")))
    for each in linked - files.keys():
        files[each] = len(client.get(each, headers=ZIPPED).get_data())
    return sum(files[each] for each in linked)
