"""`zaigang hub …` as it is typed: a folder from nothing to a running hub, and its refusals in one line."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from config.settings import HubSettings
from station.sun import Keys, address, verify
from web.ledger.audit import AuditRow
from web.services import audit, sun_keys
from web.services.hub import open_hub

MAIN = [sys.executable, "-c", "from station.cli import main; main()"]


def typed(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a command says and how it ends."""
    environment = {**os.environ, "ZAIGANG_HUB_FOLDER": str(folder), "ZAIGANG_LANG": "zh"}
    return subprocess.run([*MAIN, *words], capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_a_hub_from_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    missing = typed("hub", "user", "list", folder=folder)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert re.fullmatch(r"zaigang: 没有数据目录 .*请先运行 zaigang hub init。\n", missing.stderr)

    made = typed("hub", "init", "--name", "一号大厅", folder=folder)
    assert made.returncode == 0, made.stderr
    assert "下一步：运行 zaigang hub serve" in made.stdout
    secrets = {path.name: path.stat().st_mode & 0o077 for path in folder.glob("hub.*")}
    assert secrets == {"hub.key": 0, "hub.seal": 0, "hub.secret": 0}

    again = typed("hub", "init", folder=folder)
    assert again.returncode == 2
    assert "已有一个中枢" in again.stderr
    assert again.stderr.count("\n") == 1

    assert typed("hub", "user", "list", folder=folder).stdout == ""
    added = typed("hub", "user", "add", "li", "--person", "李主任", folder=folder)
    password = re.search(r"一次性密码：([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})", added.stdout)
    assert password
    assert typed("hub", "user", "list", folder=folder).stdout == "li\t李主任\t待改密码\n"
    rescued = typed("hub", "user", "rescue", "li", folder=folder)
    assert password[1] not in rescued.stdout
    assert typed("hub", "user", "rescue", "nobody", folder=folder).returncode == 2
    assert typed("hub", "user", "add", "li2", "--person", "李主任", folder=folder).returncode == 2, "one each"
    assert re.fullmatch(r"[2-9A-Z]{5}-[2-9A-Z]{5}\n", typed("hub", "join-code", folder=folder).stdout)
    written = typed("hub", "tag-keys", "04C0FFEE123480", "--address", "https://hall.local:8443", folder=folder)
    assert "https://hall.local:8443/patrol/t/sun?picc_data=" in written.stdout
    meta, file = (bytes.fromhex(each) for each in re.findall(r"密钥）：([0-9A-F]{32})", written.stdout))
    keys = Keys(meta, lambda _uid: file)  # as a tag that was given them
    assert typed("hub", "tag-keys", "04C0FFEE", "--address", "https://x", folder=folder).returncode == 2
    assert typed("hub", "rebuild", folder=folder).stdout == "已重建 0 条记录\n"
    assert typed("hub", "upgrade", folder=folder).returncode == 0

    hub = open_hub(HubSettings(folder=folder))
    said = address("https://hall.local:8443/patrol/t/sun", keys, "04C0FFEE123480", 7)
    proven = verify(said, sun_keys.keys(hub), lambda _uid: 6, hub.now())
    assert (proven.uid, proven.counter) == ("04C0FFEE123480", 7)
    with hub.ledger.reading() as session:
        acts = session.execute(select(AuditRow.act).order_by(AuditRow.row)).scalars().all()
        assert [act for act in acts if act.startswith("account")] == [
            "account.create", "account.rescue"
        ]  # fmt: skip
        assert audit.broken(session) is None
    hub.close()


def test_serving_until_told_to_stop(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    assert typed("hub", "init", folder=folder).returncode == 0
    command = [*MAIN, "hub", "serve", "--folder", str(folder), "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        url = next(found[1] for line in server.stderr if (found := re.search(r"Listening at: (http://\S+)", line)))
        assert requests.get(f"{url}/healthz", timeout=10).json() == {"status": "ok"}
        second = typed("hub", "serve", folder=folder)
        assert second.returncode == 2
        assert "正在使用" in second.stderr or "在使用数据目录" in second.stderr
        assert typed("hub", "rebuild", folder=folder).returncode == 2, "not beside a running hub"
        assert typed("hub", "join-code", folder=folder).returncode == 0, "writers take turns"
    finally:
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    assert server.returncode == 0
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("words", [("hub", "--help"), ("hub", "serve", "--help"), ("demo", "--help")])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    script = (
        "import sys; from station.cli import zaigang; zaigang.main(list(sys.argv[1:]), standalone_mode=False); "
        "heavy = {'flask', 'sqlalchemy', 'gunicorn', 'pydantic', 'alembic', 'cryptography'} & set(sys.modules); "
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
