"""The services behind group robots, as they are on the wire: names that lead to 127.0.0.1, TLS, their own answers.

The hub's environment names a proxy, as a hall behind one would set it, and an authority; apprise and requests take both
from there and are otherwise as they are.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
SECRET = "SECa1b2c3d4e5f6"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
FEISHU = f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"
HOSTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn")


@dataclass
class Services:
    """The three services. `said`: the texts they took; `down`: they hang until `let_go`, `broken`: something
    before them answers."""

    said: list[str] = field(default_factory=list)
    asked: int = 0
    down: bool = False
    broken: bool = False
    let_go: threading.Event = field(default_factory=threading.Event)

    def answer(self, host: str, target: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the service of this name answers, always with status 200."""
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if host == HOSTS[0]:
            if parts.path != "/cgi-bin/webhook/send" or query.get("key") != KEY:
                return {"errcode": 93000, "errmsg": f"invalid webhook url {query.get('key')}, from ip: 127.0.0.1"}
            return self._took(body["msgtype"] == "text" and body["text"]["content"], {"errcode": 0, "errmsg": "ok"})
        if host == HOSTS[1]:
            if query.get("access_token") != TOKEN:
                return {"errcode": 300001, "errmsg": "token is not exist"}
            if query.get("sign") != _signature(query.get("timestamp", "")):
                return {"errcode": 310000, "errmsg": "sign not match"}
            return self._took(body["msgtype"] == "text" and body["text"]["content"], {"errcode": 0, "errmsg": "ok"})
        text = body["content"]["text"]
        if "在岗" not in text:
            return {"code": 19024, "msg": "Key Words Not Found", "data": {}}
        success = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
        return self._took(body["msg_type"] == "text" and text, success)

    def _took(self, text: Any, answer: dict[str, Any]) -> dict[str, Any]:
        self.said.append(text)
        return answer


@contextmanager
def services(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services, and an environment in which their names lead to them."""
    made = Services()
    context = _certified(folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_listen, args=(listener, made, context), daemon=True)
        thread.start()
        for name in ("HTTPS_PROXY", "https_proxy"):
            patch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            patch.delenv(name, raising=False)
        patch.setenv("REQUESTS_CA_BUNDLE", str(folder / "authority.pem"))
        yield made
        listener.shutdown(socket.SHUT_RDWR)


def _listen(listener: socket.socket, made: Services, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, made, context), daemon=True).start()


def _serve(connection: socket.socket, made: Services, context: ssl.SSLContext) -> None:
    """One tunnel: `CONNECT host:443`, then TLS, then one HTTP request."""
    with suppress(OSError), connection:
        host = _head(connection).split()[1].partition(":")[0]
        made.asked += 1
        assert host in HOSTS, host
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            head = _head(secure)
            length = int(next(row.split(":")[1] for row in head.splitlines() if row.lower().startswith("content-le")))
            body = b""
            while len(body) < length:
                body += secure.recv(65_536)
            if made.down:
                made.let_go.wait(30)
                return
            status, content = b"502 Bad Gateway", b"<html>bad gateway</html>"
            if not made.broken:
                status, content = b"200 OK", json.dumps(made.answer(host, head.split()[1], json.loads(body))).encode()
            secure.sendall(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                           % (status, len(content), content))  # fmt: skip


def _head(connection: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\r\n\r\n"):
        more = connection.recv(1)
        if not more:
            raise OSError("gone")
        found += more
    return found.decode()


def _signature(timestamp: str) -> str:
    """As DingTalk reckons it: HMAC-SHA256 of time and secret, base64; what came in the address is unescaped once."""
    digest = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _certified(folder: Path) -> ssl.SSLContext:
    """A certificate for the three names, of an authority whose own lies in the folder."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (folder / "authority.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "private.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "authority.pem", folder / "private.pem")
    return context
