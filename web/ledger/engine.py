"""Opening the ledger: SQLite or PostgreSQL. The only module that says anything in one database's own dialect.

On SQLite all writers of this process, and of the commands beside it, take turns by a lock: one writer at a time keeps
the tail short and keeps clear of the WAL-reset race in the SQLite that Debian 12 ships.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Dialect,
    Engine,
    Insert,
    LargeBinary,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from config.words import say
from web.ledger.errors import LedgerBusy, LedgerUnwritable
from web.ledger.rows import Instant, text_of

BUSY_MS = 5000
CHECKPOINT_PAGES = 4000  # 16 MB of log before it is folded in: several full batches
TURN_S = 10.0  # how long a writer waits for its turn
WRITES = "zaigang_writes"
LOCK_SUFFIX = ".turn"
_STEP_S = 0.01
_Process = Callable[[Any], Any]
_Plan = tuple[str, tuple[str, ...], tuple[tuple[int, _Process], ...]]


class Ledger:
    """The ledger of one hub. Sessions come from `reading` and `writing`; the latter commits at its end."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(**{WRITES: True})
        database = self.engine.url.database
        self._turn = _Turn(Path(f"{database}{LOCK_SUFFIX}")) if self.is_sqlite and database else None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the single-file database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the ledger and changes nothing; once closed it stays closed.

        One asked again after its end would take a connection that nobody gives back.
        """
        with _in_words(), Session(self.engine, autoflush=False, close_resets_only=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed when the block ends well and rolled back when it does not.

        Raises LedgerBusy or LedgerUnwritable; then nothing was changed.
        """
        with _in_words(), self._in_turn(), Session(self._writer) as session, session.begin():
            yield session

    def size(self, session: Session) -> int:
        """How many bytes the ledger takes on its disk, as its database counts them; one statement or two."""
        if self.is_sqlite:
            say_to = session.connection().exec_driver_sql
            return int(say_to("PRAGMA page_count").scalar_one()) * int(say_to("PRAGMA page_size").scalar_one())
        return int(session.execute(select(func.pg_database_size(func.current_database()))).scalar_one())

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        self._turn.take()
        try:
            yield
        finally:
            self._turn.give()


class _Turn:
    """One writer at a time: among this process's threads by a lock, among processes by a locked file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None

    def take(self) -> None:
        deadline = time.monotonic() + TURN_S
        if not self._threads.acquire(timeout=TURN_S):
            raise _busy()
        try:
            while not self._locked():
                if time.monotonic() > deadline:
                    raise _busy()
                time.sleep(_STEP_S)
        except BaseException:
            self._threads.release()
            raise

    def give(self) -> None:
        assert self._file is not None
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def _locked(self) -> bool:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for this URL. `foreign_keys` off is for migrations on SQLite, which rebuild tables."""
    target = make_url(url)
    if target.get_backend_name() == "postgresql":
        return create_engine(target.set(drivername="postgresql+psycopg"), pool_size=20, max_overflow=50)
    return _sqlite_engine(target, foreign_keys)


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one statement. All have the same keys."""
    if rows:
        _insert_all(session, _insert(table), table, rows)


def insert_new(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one statement, passing over those whose key (or another unique value) is there already."""
    if rows:
        _insert_all(session, _insert_new(table, session.get_bind().dialect.name), table, rows)


def put_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one statement; one whose primary key is there already takes its place."""
    if rows:
        _insert_all(session, _put(table, session.get_bind().dialect.name), table, rows)


def _insert_all(session: Session, statement: Insert, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """One statement for all rows. On SQLite past SQLAlchemy's work on each row, which costs more than SQLite's own."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(statement, rows)
        return
    text, names, processes = _plan(statement, table, tuple(rows[0]), connection.dialect)
    pick = itemgetter(*names)
    columns: list[Iterable[Any]] = list(zip(*map(pick, rows), strict=True))
    for place, process in processes:
        columns[place] = map(process, columns[place])
    connection.exec_driver_sql(text, list(zip(*columns, strict=True)))


@lru_cache(maxsize=64)
def _plan(statement: Insert, table: Table, keys: tuple[str, ...], dialect: Dialect) -> _Plan:
    """The statement's text, its columns in order, and which of their values are not sent as they are."""
    names = tuple(column.name for column in table.c if column.name in keys)
    text = str(statement.values({name: bindparam(name) for name in names}).compile(dialect=dialect))
    processes = [(place, _processor(table.c[name], dialect)) for place, name in enumerate(names)]
    return text, names, tuple((place, process) for place, process in processes if process is not None)


@lru_cache(maxsize=64)
def _insert(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=64)
def _insert_new(table: Table, name: str) -> Insert:
    if name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@lru_cache(maxsize=64)
def _put(table: Table, name: str) -> Insert:
    keys = [column.name for column in table.primary_key]
    insertion = postgresql.insert(table) if name == "postgresql" else sqlite.insert(table)
    values = {column.name: insertion.excluded[column.name] for column in table.c if column.name not in keys}
    values = values or {keys[0]: insertion.excluded[keys[0]]}  # nothing to change, but the row is held until the commit
    return insertion.on_conflict_do_update(index_elements=keys, set_=values)


def _processor(column: Column[Any], dialect: Dialect) -> _Process | None:
    """How a value of this column goes to the database; None: as it is (bytes too, which SQLite takes as they are)."""
    if isinstance(column.type, Instant):
        return text_of
    if isinstance(column.type, LargeBinary):
        return None
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _sqlite_engine(url: URL, foreign_keys: bool) -> Engine:
    engine = create_engine(url, pool_size=20, max_overflow=50, connect_args={"timeout": BUSY_MS / 1000})

    if url.database:
        _touch(Path(url.database))

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, so that a writer can say IMMEDIATE
        cursor = connection.cursor()
        keys = "ON" if foreign_keys else "OFF"
        checkpoints = f"wal_autocheckpoint = {CHECKPOINT_PAGES}"
        for pragma in ("journal_mode = WAL", "synchronous = FULL", checkpoints, f"foreign_keys = {keys}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _touch(path: Path) -> None:
    """A new file that only its owner can read; SQLite gives its companions the same mode."""
    if path.parent.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _busy() -> LedgerBusy:
    return LedgerBusy(say("数据库正忙"), remedy=say("请稍后再试"))


@contextmanager
def _in_words() -> Iterator[None]:
    """What the database says about being busy, full or away, as a refusal that tells what to do."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            raise _busy() from error
        raise LedgerUnwritable(
            say("数据库无法读写（{reason}）", reason=reason), remedy=say("请检查磁盘空间与数据库后再试")
        ) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _busy() from error
        raise
