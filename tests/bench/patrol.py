"""A tag to its checkpoint's form, at the station and on the phone; what each second of the rounds' tick takes."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from config.settings import HubSettings
from station.loops.rounds import Rounds
from station.patrolling import Filled
from tests.station.walkers import A101, HALL2, MORNING, TAGS, Walkers
from tests.web.halls import copy_hall
from tests.web.patrolling import patrol_of
from tests.web_kiosk.test_patrol import POINT, Floor
from web.door import recorder_of
from web.services.hub import begin

TIMES = 100
CPU_BAR_MS = 40.0
WINDOWS = 60


def rows() -> list[dict[str, Any]]:
    """Milliseconds of CPU, the median and the 95th of a hundred, in a round of which much is walked already."""
    with tempfile.TemporaryDirectory() as folder:
        hall = Walkers(Path(folder))
        floor = Floor(hall)
        hall.begin()
        for number in range(120):
            hall.patrolling.check(
                Filled(MORNING, A101 if number % 2 else HALL2, nothing_abnormal=True, no_photo="相机故障")
            )
        loop = Rounds(hall.patrolling, hall.journal, hall.display)
        found = list(_rows(hall, floor, loop))
        hall.close()
        found.append(_phone(Path(folder) / "hub"))
    return found


def _phone(folder: Path) -> dict[str, Any]:
    """The hub's page behind a tag's address, of a round of sixty windows that is half walked."""
    begin(HubSettings(folder=folder / "template"), "量度").close()
    patrol = patrol_of(copy_hall(folder / "template", folder / "copy"), WINDOWS)
    try:
        phone, names = patrol.phone("陈静"), sorted(patrol.points)
        patrol.hall.at("09:30")
        patrol.begin(phone)
        for name in names[::2]:
            assert patrol.check(phone, name, photos=[], no_photo="相机故障").status_code == 200
        address = f"/patrol/t/{patrol.token(names[1])}"
        assert f'data-open="{patrol.points[names[1]]}"' in phone.get(address).text
        median, last = _cpu_ms(lambda: phone.get(address))
    finally:
        recorder_of(patrol.hall.app).close()
        patrol.hall.hub.close()
    measure = f"tag's address → the phone's page of {WINDOWS} windows"
    return _row(measure, f"{median:.1f} ms, p95 {last:.1f} ms", f"≤ {CPU_BAR_MS:g} ms", last <= CPU_BAR_MS)


def _rows(hall: Walkers, floor: Floor, loop: Rounds) -> Iterator[dict[str, Any]]:
    def tapped() -> None:
        hall.tap(uid=TAGS[A101])
        floor.get(POINT.format(A101))

    median, last = _cpu_ms(tapped)
    yield _row("tag heard → its checkpoint's form", f"{median:.1f} ms, p95 {last:.1f} ms", f"≤ {CPU_BAR_MS:g} ms",
               last <= CPU_BAR_MS)  # fmt: skip
    median, last = _cpu_ms(loop.tick)
    yield _row("one tick of the rounds' loop, each second", f"{median:.2f} ms, p95 {last:.2f} ms", "report", True)


def _cpu_ms(act: Callable[[], object]) -> tuple[float, float]:
    act()
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        took.append((time.process_time() - began) * 1e3)
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


def _row(measure: str, value: str, bar: str, ok: bool) -> dict[str, Any]:
    return {"measure": f"{measure}, CPU", "value": value, "bar": bar, "gate": False, "ok": ok}
