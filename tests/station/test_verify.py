"""`zaigang verify`: a sound journal is called sound; the first broken link is named, whatever broke it."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.chain import Row, walk
from station.clock import DrivenClock
from station.facts import Started, Stopped, parse
from station.journal import ACKED, FILE, Journal, Reader
from station.verify import notes, verify_file
from tests.builders import MONDAY, journal_with, punch

COMMAND = [sys.executable, "-c", "from station.cli import main; main()", "verify"]


def verify(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, str(path)], capture_output=True, text=True, check=False, timeout=60)


def rows_of(path: Path) -> list[Row]:
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT seq, raw, kind, hash FROM facts ORDER BY seq").fetchall()
    return [Row(seq, raw, kind, digest.hex()) for seq, raw, kind, digest in found]


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db, db:
        for statement in statements:
            db.execute(statement)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    journal_with(folder, 6).close()
    return folder


def test_a_sound_journal_beside_its_running_station(tmp_path: Path) -> None:
    with journal_with(tmp_path, 12) as journal:
        log_before = (tmp_path / f"{FILE}-wal").stat().st_size
        done = verify(tmp_path)
        assert (done.returncode, "✓" in done.stdout, journal.lineage in done.stdout) == (0, True, True)
        assert (tmp_path / f"{FILE}-wal").stat().st_size == log_before, "no checkpoint from here"
        assert journal.append(punch()).seq == 13


@settings(max_examples=120, derandomize=True, deadline=None)
@given(data=st.data())
def test_one_flipped_byte_anywhere_in_a_fact_is_found(sound: Path, data: st.DataObject) -> None:
    rows = rows_of(sound / FILE)
    place = data.draw(st.integers(0, len(rows) - 1))
    byte = data.draw(st.integers(0, len(rows[place].raw) - 1))
    flipped = bytearray(rows[place].raw)
    flipped[byte] ^= data.draw(st.integers(1, 255))
    lineage = parse(rows[0].raw).lineage
    assert walk(rows, lineage).broken is None
    rows[place] = Row(rows[place].seq, bytes(flipped), rows[place].kind, rows[place].hash)
    broken = walk(rows, lineage).broken
    assert broken is not None
    assert broken.seq == place + 1


def test_without_stored_hashes_a_flipped_byte_is_found_by_the_fact_after_it(sound: Path) -> None:
    rows = [Row(row.seq, row.raw) for row in rows_of(sound / FILE)]
    lineage = parse(rows[0].raw).lineage
    rows[2] = Row(3, rows[2].raw.replace(b'"score":120', b'"score":121'))
    broken = walk(rows, lineage).broken
    assert broken is not None
    assert (broken.seq, "前一条" in broken.what) == (4, True)


ACKED_SIX = """INSERT INTO state VALUES ('acked', '{"upto":6,"hash":"ab"}')"""
Damage = Callable[[Path], None]
DAMAGES: dict[str, tuple[Damage, int, str]] = {
    "a row taken out": (lambda folder: change(folder, "DELETE FROM facts WHERE seq = 3"), 3, "序号不连续"),
    "the first row taken out": (lambda folder: change(folder, "DELETE FROM facts WHERE seq = 1"), 1, "序号不连续"),
    "a row moved": (lambda folder: change(folder, "UPDATE facts SET seq = -1 WHERE seq = 2"), 1, "序号不连续"),
    "another kind in the index": (
        lambda folder: change(folder, "UPDATE facts SET kind = 'exit' WHERE seq = 4"), 4, "索引里的类别"
    ),
    "bytes and hash replaced by another row's": (
        lambda folder: change(
            folder,
            "UPDATE facts SET (raw, hash) = (SELECT raw, hash FROM facts WHERE seq = 2) WHERE seq = 5",
        ), 5, "内容里的序号",
    ),
    "nonsense with its own hash": (
        lambda folder: change(folder, "UPDATE facts SET raw = x'7b7d', hash = NULL WHERE seq = 2"), 2, "无法读取"
    ),
    "text where bytes belong": (
        lambda folder: change(folder, "UPDATE facts SET raw = 'x', hash = NULL WHERE seq = 6"), 6, "无法读取"
    ),
    "another lineage's journal": (
        lambda folder: change(folder, "UPDATE state SET value = 'other' WHERE key = 'lineage'"), 1, "属于另一个账本"
    ),
    "an acknowledged tail cut off": (
        lambda folder: change(
            folder, "DELETE FROM facts WHERE seq > 4", ACKED_SIX
        ), 5, "末尾缺少",
    ),
    "another fact where the hub acknowledged one": (
        lambda folder: change(folder, ACKED_SIX), 6, "与中枢确认过"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_first_broken_link_is_named(sound: Path, tmp_path: Path, kind: str) -> None:
    damage, seq, words = DAMAGES[kind]
    folder = tmp_path / "copy"
    shutil.copytree(sound, folder)
    damage(folder)
    found = verify_file(folder / FILE)
    assert found.broken is not None
    assert (found.broken.seq, words in found.broken.what, found.facts) == (seq, True, seq - 1)
    assert found.broken.expected
    assert found.broken.found


def test_exit_one_names_seq_expected_and_found(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound, tmp_path / "copy")
    change(tmp_path / "copy", "UPDATE facts SET raw = replace(raw, '120', '121') WHERE seq = 2")
    done = verify(tmp_path / "copy")
    assert done.returncode == 1
    assert "第 2 条" in done.stdout
    assert all(words in done.stdout for words in ("应为", "实为", "之前的 1 条完好"))


@pytest.mark.parametrize(
    ("damage", "words"),
    [(b"\0" * 100, "打不开"), (None, "打不开")],
    ids=["header overwritten", "file deleted"],
)
def test_a_journal_that_is_no_file_any_more_is_broken(
    sound: Path, tmp_path: Path, damage: bytes | None, words: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sound, folder)
    if damage is None:
        (folder / FILE).unlink()
    else:
        with (folder / FILE).open("r+b") as file:
            file.write(damage)
    done = verify(folder)
    assert (done.returncode, words in done.stdout) == (1, True)


def test_a_page_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    journal_with(tmp_path, 200).close()
    path = tmp_path / FILE
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    found = verify_file(path)
    assert found.broken is not None
    assert 0 < found.facts < 200
    assert found.broken.seq == found.facts + 1


@pytest.mark.parametrize("name", ["nowhere", "notes.txt", "empty"])
def test_what_is_no_journal_is_bad_use(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("not a journal " * 100)
    (tmp_path / "empty").mkdir()
    done = verify(tmp_path / name)
    assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (2, 1, "")
    assert done.stderr.startswith("zaigang: ")


def test_clocks_demonstrations_and_unsynced_boots_are_notes_not_breaks(tmp_path: Path) -> None:
    hands = DrivenClock(MONDAY, "unsynced")
    with Journal(tmp_path, hands) as journal:
        journal.append(Started(version="1", demo=True))
        hands.move_to(MONDAY - timedelta(hours=25))
        journal.append(Stopped(reason="asked"))
    found = verify_file(tmp_path / FILE)
    assert found.broken is None
    words = "\n".join(notes(found))
    assert all(part in words for part in ("演示", "早 90000.0 秒", "没有校准"))


def test_sealed_lineages_are_walked_too_and_what_was_recorded_again_is_checked(tmp_path: Path) -> None:
    with journal_with(tmp_path, 5) as journal:
        first = journal.lineage
        journal.set_state(ACKED, f'{{"upto":3,"hash":"{Reader(journal.path).hash_at(3)}"}}')
        journal.fork(3)
    done = verify(tmp_path)
    assert (done.returncode, done.stdout.count("✓"), f"接在账本 {first} 之后" in done.stdout) == (0, 2, True)
    change(
        tmp_path,
        "UPDATE facts SET raw = replace(raw, '\\\"score\\\":120', '\\\"score\\\":999'), hash = NULL WHERE seq = 2",
    )
    found = verify_file(tmp_path / FILE)
    assert found.broken is not None
    assert (found.broken.seq, "重新登记" in found.broken.what) == (2, True)


def test_a_journal_on_a_read_only_folder_is_read_with_its_log(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from station.verify import verify_file\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(verify_file(Path(sys.argv[1])).facts)"
    )
    with tempfile.TemporaryDirectory() as elsewhere:
        copy = Path(elsewhere) / "copy"
        with journal_with(tmp_path, 4):
            shutil.copytree(tmp_path, copy)
        assert (copy / f"{FILE}-wal").stat().st_size > 0
        (copy / f"{FILE}-shm").unlink()
        for path in [Path(elsewhere), copy, *copy.iterdir()]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run(
            [sys.executable, "-c", code, str(copy / FILE)], capture_output=True, text=True, check=False, timeout=60
        )
        for path in (Path(elsewhere), copy):
            path.chmod(0o755)
    assert done.stdout.strip() == "4", done.stderr


def test_progress_is_plain_lines_when_nobody_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from station import progress

    monkeypatch.setattr(progress, "AFTER_S", 0.0)
    with progress.counted("账本") as tell:
        tell(500, 1000)
        tell(1000, 1000)  # within ten seconds: not said again
    assert capsys.readouterr().err == "账本：500/1000\n"
