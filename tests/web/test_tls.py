"""The hall's own certificates: phones that trust them reach the hub by https, and nothing else by them."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from cryptography import x509

from config.settings import HubSettings
from station.durable import write_durably
from tests.web.halls import HallUnderTest
from web.cli import hub as command
from web.services import tls
from web.services.errors import BadInput
from web.services.hub import begin

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A hub that runs with a certificate: its http port and its https port."""
    folder, plain, secure = tmp_path / "hub", free_port(), free_port()
    begin(HubSettings(folder=folder), "测试大厅").close()
    write_durably(folder / "hub.toml", f"tls_port = {secure}\n".encode())
    made = CliRunner().invoke(command, ["tls", "127.0.0.1", "hall.local", "--folder", str(folder)])
    assert made.exit_code == 0, made.output
    line = "from station.cli import main; main()"
    arguments = ["hub", "serve", "--folder", str(folder), "--port", str(plain)]
    with subprocess.Popen([sys.executable, "-c", line, *arguments], stderr=subprocess.PIPE, env=os.environ) as process:
        assert process.stderr is not None
        for told in process.stderr:
            if b"Booting worker" in told:
                break
        yield plain, secure
        process.send_signal(signal.SIGTERM)


def test_one_hub_speaks_http_and_https_to_whoever_trusts_the_hall(ports: tuple[int, int], tmp_path: Path) -> None:
    plain, secure = ports
    trusted = tmp_path / "hub" / tls.FOLDER / tls.AUTHORITY
    assert requests.get(f"http://127.0.0.1:{plain}/healthz", timeout=30).json() == {"status": "ok"}
    answer = requests.get(f"https://127.0.0.1:{secure}/login", timeout=30, verify=str(trusted))
    assert answer.headers["Set-Cookie"].startswith("__Host-zaigang=")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{secure}/login", timeout=30)
    offered = requests.get(f"http://127.0.0.1:{plain}/ca/hall.crt", timeout=30).content
    assert x509.load_der_x509_certificate(offered) == x509.load_pem_x509_certificate(trusted.read_bytes())


def test_a_new_certificate_needs_no_new_trust(tmp_path: Path) -> None:
    first = tls.certify(tmp_path, "测试大厅", ["hall.local", "192.168.1.10"], NOW)
    again = tls.certify(tmp_path, "测试大厅", ["192.168.1.11"], NOW)
    assert (first.new_authority, again.new_authority) == (True, False)
    assert first.print256 == again.print256
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / tls.FOLDER).iterdir()} == {0}


@pytest.mark.parametrize(
    ("name", "said"),
    [("8.8.8.8", "不是内网地址"), ("bad name", "不是主机名或地址"), ("other.local", "不是为 other.local 建的")],
)
def test_the_authority_vouches_for_the_halls_names_and_private_addresses_only(
    tmp_path: Path, name: str, said: str
) -> None:
    tls.certify(tmp_path, "测试大厅", ["hall.local"], NOW)
    with pytest.raises(BadInput, match=said):
        tls.certify(tmp_path, "测试大厅", [name], NOW)
    found = tls.authority(tmp_path)
    assert found is not None
    assert found.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_the_page_says_what_to_do_with_and_without_a_certificate(hall: HallUnderTest) -> None:
    assert "zaigang hub tls" in hall.client().get("/ca").text
    assert hall.client().get("/ca/hall.crt").status_code == 404
    tls.certify(hall.hub.settings.folder, "测试大厅", ["hall.local"], NOW)
    assert "下载本厅证书" in hall.client().get("/ca").text
    assert ssl.DER_cert_to_PEM_cert(hall.client().get("/ca/hall.crt").data)
