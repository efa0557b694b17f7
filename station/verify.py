"""`zaigang verify`: read-only, beside a running station; says whether a journal's chain holds, and where not."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from config.errors import Refused
from config.words import say
from station.chain import SHOWN_NOTES, Break, Row, Walk, acked_of, bytes_of, walk
from station.errors import BadFact
from station.journal import ACKED
from station.lineage import FILE, LINEAGE, WAS, broken_files, known, sealed_files
from station.photo_walk import tell_photos, walk_station
from station.progress import counted

_STEP = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """A journal file open for reading: its lineage, the one it follows, how far the hub holds it, its last seq."""

    db: sqlite3.Connection
    lineage: str
    was: str
    acked: tuple[int, str] | None
    last: int


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_context
def verify(ctx: click.Context, path: Path) -> None:
    """核验账本和照片：PATH 为考勤站的数据目录或账本文件。只读，考勤站运行时也可用。"""
    files = files_of(path)
    sound = [_verify_file(file) for file in files]
    for file in broken_files(path) if path.is_dir() else []:
        click.echo(say("· 另存的损坏账本：{name}（其中能读出的已转入封存账本）", name=file.name))
    if path.is_dir() and (path / FILE).exists():
        sound.append(_verify_photos(path))
    ctx.exit(0 if all(sound) else 1)


def _verify_photos(folder: Path) -> bool:
    with suppress(sqlite3.Error, BadFact), counted(say("照片")) as progress:  # the journal's own line tells that
        return tell_photos(walk_station(folder, folder / FILE, progress))
    return True


def files_of(path: Path) -> list[Path]:
    """The journal files that PATH means, the sealed ones first. Refused when there is none."""
    if path.is_dir():
        live = [path / FILE] if (path / FILE).exists() or known(path) else []
        found = [*sealed_files(path, ""), *live]
    else:
        found = [path] if path.exists() else []
    if not found:
        raise Refused(say("{path} 里没有账本", path=path), remedy=say("请写考勤站的数据目录或账本文件"))
    return found


def verify_file(path: Path, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Walk:
    """Walk one journal file. A file that cannot be read as a journal at all is broken at seq 1."""
    try:
        with opened(path) as stored:
            rows = _told(_rows(stored.db), stored.last, progress)
            found = _walk_readable(rows, stored)
            found.was = found.was or stored.was
            return found
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if not path.name.startswith("journal"):
            raise Refused(say("{path} 不是账本", path=path), remedy=say("请写考勤站的数据目录或账本文件")) from error
        return Walk("?", broken=Break(1, say("账本文件打不开"), say("一个账本文件"), str(error)))


@contextmanager
def opened(path: Path) -> Iterator[Stored]:
    """The file for reading; on a read-only disk, where SQLite cannot read beside a log, a copy of both."""
    with ExitStack() as stack:
        if not path.exists():
            raise sqlite3.OperationalError(say("文件不见了"))
        try:
            db = _connect(path)
        except sqlite3.OperationalError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for end in ("", "-wal"):
                if path.with_name(path.name + end).exists():
                    shutil.copyfile(path.with_name(path.name + end), folder / (path.name + end))
            db = _connect(folder / path.name)
        stack.enter_context(closing(db))
        state = {str(key): str(value) for key, value in db.execute("SELECT key, value FROM state")}
        yield Stored(db, state.get(LINEAGE, ""), state.get(WAS, ""), acked_of(state.get(ACKED)), _last(db))


def tell(name: str, found: Walk) -> bool:
    """Say what a walk came to; whether the chain holds."""
    if found.broken is None:
        click.echo(say("✓ {name}：账本 {lineage}，{n} 条，链条完整", name=name, lineage=found.lineage, n=found.facts))
    else:
        click.echo(say("✗ {name}：账本 {lineage}，第 {seq} 条：{what}", name=name, lineage=found.lineage,
                       seq=found.broken.seq, what=found.broken.what))  # fmt: skip
        click.echo(say("    应为：{expected}", expected=found.broken.expected))
        click.echo(say("    实为：{found}", found=found.broken.found))
        click.echo(say("    之前的 {n} 条完好；请保留原文件并通知管理员", n=found.facts))
    for note in notes(found):
        click.echo(f"  · {note}")
    return found.broken is None


def notes(found: Walk) -> list[str]:
    """What deserves a word though the chain holds."""
    said = list(found.notes)
    if found.clock_back > SHOWN_NOTES:
        said.append(say("时钟倒走共 {n} 处", n=found.clock_back))
    if found.demo:
        said.insert(0, say("这是演示数据（时间与设备均为模拟）"))
    if found.was:
        said.append(say("接在账本 {was} 之后", was=found.was))
    if found.unsynced:
        said.append(say("有 {n} 次开机的时间一直没有校准", n=len(found.unsynced)))
    if found.unreadable:
        said.append(say("有 {n} 条本程序读不懂（较新版本写的），原样保留", n=found.unreadable))
    return said


def _verify_file(path: Path) -> bool:
    with counted(path.name) as progress:
        found = verify_file(path, progress)
    return tell(path.name, found)


def _walk_readable(rows: Iterator[Row], stored: Stored) -> Walk:
    """Pages that SQLite itself cannot read are a break at the row after the last one read."""
    last = 0

    def told() -> Iterator[Row]:
        nonlocal last
        for row in rows:
            last = row.seq
            yield row

    try:
        return walk(told(), stored.lineage, stored.acked)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        found = walk((), stored.lineage)
        found.facts = last
        found.broken = Break(last + 1, say("数据库页损坏"), say("可读的一页"), str(error))
        return found


def _rows(db: sqlite3.Connection) -> Iterator[Row]:
    """In small steps, so that whoever writes is never kept from folding its log in."""
    hashed = any(name == "hash" for _, name, *_ in db.execute("PRAGMA table_info(facts)"))
    column, after = "hash" if hashed else "NULL", -(2**62)
    query = f"SELECT seq, raw, kind, {column} FROM facts WHERE seq > ? ORDER BY seq LIMIT {_STEP}"  # noqa: S608
    while True:
        before = after
        for seq, raw, kind, digest in db.execute(query, (after,)):
            yield Row(seq, bytes_of(raw), str(kind), None if digest is None else bytes_of(digest).hex())
            after = seq
        if after == before:
            return


def _last(db: sqlite3.Connection) -> int:
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError):
        return int(db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])
    return 0


def _told(rows: Iterator[Row], count: int, progress: Callable[[int, int], None]) -> Iterator[Row]:
    for done, row in enumerate(rows, start=1):
        yield row
        if done % _STEP == 0 or row.seq == count:
            progress(done, count)


def _connect(path: Path) -> sqlite3.Connection:
    sealed = ".sealed." in path.name
    db = sqlite3.connect(f"file:{path}?mode=ro{'&immutable=1' if sealed else ''}", uri=True, timeout=5)
    try:
        db.execute("PRAGMA query_only = ON")
        db.execute("SELECT 1 FROM state").fetchone()
    except BaseException:
        db.close()
        raise
    return db
