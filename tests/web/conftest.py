"""A hall for every test. Modules marked `both_databases` run once on SQLite and once on PostgreSQL."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from config.settings import HubSettings
from tests import postgres
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest, add_station, copy_hall
from tests.web.patrolling import Patrol, copied, patrol_of
from web.door import recorder_of
from web.ledger.migrate import upgrade
from web.people import import_runs
from web.services.hub import begin, begin_hall

HALL = "测试大厅"
import_runs.PATIENCE_S = 60.0  # on a busy machine a short list is no long one


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each database that the module is to hold on."""
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        metafunc.parametrize(
            "database", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys and an empty ledger, made once."""
    folder = tmp_path_factory.mktemp("template") / "hub"
    begin(HubSettings(folder=folder), HALL).close()
    return folder


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database like the template's, made once."""
    with postgres.database() as url:
        upgrade(url)
        begin_hall(HubSettings(folder=tmp_path_factory.mktemp("no"), database=url), HALL, "Asia/Shanghai")
        yield postgres.name_of(url)


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """sqlite or postgresql."""
    return str(request.param)


@pytest.fixture
def empty(database: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    with postgres.database() as url:
        yield url


@pytest.fixture
def begun(database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a hall's ledger; for SQLite nothing, since the file lies in the hall's folder."""
    if database == "sqlite":
        yield ""
        return
    with postgres.database(request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
def hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    """A hub with four people at 08:40 on a working Monday."""
    yield from _hall(template, tmp_path / "hub", begun, demo=False)


@pytest.fixture
def demo_hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    """The same as a demonstration."""
    yield from _hall(template, tmp_path / "demo", begun, demo=True)


def _hall(template: Path, folder: Path, database: str, *, demo: bool) -> Iterator[HallUnderTest]:
    made = copy_hall(template, folder, demo, database)
    yield made
    made.hub.close()


@pytest.fixture
def url(hall: HallUnderTest) -> Iterator[str]:
    """The hub on a port of its own."""
    server = make_server("127.0.0.1", 0, hall.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def make_station(hall: HallUnderTest, tmp_path: Path) -> Iterator[MakeStation]:
    """Makes stations of the hall."""
    made: list[StationUnderTest] = []

    def make(**more: object) -> StationUnderTest:
        made.append(add_station(hall, tmp_path / f"station{len(made)}", **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for station in made:
        station.reader.close()
        station.journal.close()


@pytest.fixture
def station(make_station: MakeStation) -> StationUnderTest:
    """A confirmed station with an empty journal."""
    return make_station()


@pytest.fixture(scope="session")
def patrol_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Patrol:
    """A hall with officers, checkpoints and tags, made once; its ledger is closed, so that its folder can be copied."""
    made = patrol_of(copy_hall(template, tmp_path_factory.mktemp("patrol") / "hub"))
    recorder_of(made.hall.app).close()
    made.hall.hub.close()
    return made


@pytest.fixture
def patrol(patrol_template: Patrol, tmp_path: Path) -> Iterator[Patrol]:
    """The hall at 09:30, ready for the morning's round."""
    made = copied(patrol_template, tmp_path / "hub")
    made.hall.at("09:30")
    yield made
    recorder_of(made.hall.app).close()
    made.hall.hub.close()
