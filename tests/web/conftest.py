"""A hall for every test; the whole of `tests/web` runs once for each database that is at hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from uuid6 import uuid7

from config.settings import HubSettings
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest, add_station, copy_hall
from web.ledger.migrate import upgrade
from web.services.hub import begin, begin_hall

POSTGRES = os.environ.get("ZAIGANG_TEST_POSTGRES", "")
DATABASES = ["sqlite", *(["postgresql"] if POSTGRES else [])]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys and an empty ledger, made once."""
    folder = tmp_path_factory.mktemp("template") / "hub"
    begin(HubSettings(folder=folder), "测试大厅").close()
    return folder


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database; for SQLite nothing, since the file lies in the hall's folder."""
    if request.param == "sqlite":
        yield ""
        return
    yield from _schema()


def _schema() -> Iterator[str]:
    """A schema of its own in the PostgreSQL that the environment names."""
    name = f"t{uuid7().hex}"
    engine = create_engine(make_url(POSTGRES).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={name}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def hall(template: Path, tmp_path: Path, database: str) -> Iterator[HallUnderTest]:
    """A hub with four people at 08:40 on a working Monday."""
    yield from _hall(template, tmp_path / "hub", database, demo=False)


@pytest.fixture
def demo_hall(template: Path, tmp_path: Path, database: str) -> Iterator[HallUnderTest]:
    """The same as a demonstration."""
    yield from _hall(template, tmp_path / "demo", database, demo=True)


def _hall(template: Path, folder: Path, database: str, *, demo: bool) -> Iterator[HallUnderTest]:
    if database:
        upgrade(database)
        begin_hall(HubSettings(folder=folder, database=database), "测试大厅", "Asia/Shanghai")
    made = copy_hall(template, folder, demo, database)
    yield made
    made.hub.close()


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
