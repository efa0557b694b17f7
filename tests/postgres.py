"""A PostgreSQL of the suite's own: data and socket in a temporary folder, no port, started by whoever needs it first.

The run that began it ends it; should that run be killed, the watch beside the server ends it a second later.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, NullPool, create_engine, make_url, text

FOLDER = "ZAIGANG_TEST_POSTGRES_FOLDER"  # where this run's server lives; the workers inherit it
DEBIAN = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root
# Speed: durability is SQLite's to show here. All else is as shipped.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=300")
WATCH = '"$@" & while [ -d "/proc/$OWNER" ]; do sleep 1; done; kill -INT $!; wait; rm -rf "$FOLDER"'
STARTS_S, ENDS_S = 60, 30


def reserve() -> None:
    """Name this run's folder, before any worker starts."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="zaigang-postgres-")


def url(database: str = ACCOUNT) -> URL:
    """The address of a database of this run's server, which is started if it was not."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data" / "postmaster.pid").exists():
            _start(folder)
    return URL.create("postgresql+psycopg", ACCOUNT, database=database, query={"host": str(folder)})


@contextmanager
def database(template: str = "template1") -> Iterator[str]:
    """A database of its own, made like `template`, gone at the end; its address."""
    name = f"t{uuid4().hex}"
    engine = create_engine(url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def tell(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))

    tell(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url(name).render_as_string(hide_password=False)
    finally:
        tell(f"DROP DATABASE {name} WITH (FORCE)")


def name_of(address: str) -> str:
    """The database that an address means."""
    return str(make_url(address).database)


def end() -> None:
    """Stop this run's server, if it was ever started, and leave nothing of it."""
    folder = Path(os.environ.pop(FOLDER))
    pid = folder / "data" / "postmaster.pid"
    if pid.exists():
        os.kill(int(pid.read_text().split()[0]), signal.SIGINT)
        _await(lambda: not pid.exists(), ENDS_S, "PostgreSQL did not end")
    shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        folder.chmod(0o755)
        for place in (folder, data):
            shutil.chown(place, ACCOUNT, ACCOUNT)
    made = _as_account(_program("initdb"), "-D", str(data), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync")
    subprocess.run([*made, "--locale=C.UTF-8"], check=True, cwd="/", stdout=subprocess.DEVNULL)
    options = [part for setting in (*FAST, f"unix_socket_directories={folder}") for part in ("-c", setting)]
    server = _as_account(_program("postgres"), "-D", str(data), *options)
    with (folder / "log").open("wb") as log:
        subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "watch", *server], cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "OWNER": str(_owner()), "FOLDER": str(folder)}, start_new_session=True,
        )  # fmt: skip
    _await(lambda: "ready" in _status(data), STARTS_S, (folder / "log").read_text)


def _status(data: Path) -> str:
    """The last line of the server's own file on itself."""
    pid = data / "postmaster.pid"
    return pid.read_text().splitlines()[-1] if pid.exists() and pid.stat().st_size else ""


def _owner() -> int:
    """The process that ends the server: a worker's parent, or this one."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _program(name: str) -> str:
    """Debian's newest; it is not on the path."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is not installed: run deploy/install-packages.sh test")
    return str(found[-1])


def _as_account(*command: str) -> list[str]:
    """The command under an account that PostgreSQL agrees to; without a fork between, so that the pid is its own."""
    root = ("setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups", "--")
    return [*(root if os.geteuid() == 0 else ()), *command]


def _await(true: Callable[[], bool], seconds: float, words: str | Callable[[], str]) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise RuntimeError(words if isinstance(words, str) else words())
        time.sleep(0.05)
