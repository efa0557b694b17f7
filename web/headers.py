"""What goes with every answer: what browsers may do with it, how long they may keep it, and gzip."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, request, url_for
from werkzeug.wrappers import Response

STATIC = Path(__file__).parent / "static"
# Pico paints its little arrows and ticks from data: images; nothing else comes from anywhere but here.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
GZIPPED = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")
LEAST = 1024
YEAR_S = 31_536_000


def install(app: Flask) -> None:
    """Put these on every answer, and name static files by their content."""
    app.after_request(_dress)
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of a static file, another one whenever its content is."""
    return url_for("static", filename=name, v=_mark(name))


@lru_cache(maxsize=64)
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _dress(answer: Response) -> Response:
    for name, value in ALWAYS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint == "static" and request.args.get("v"):
        answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    elif request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return _zipped(answer)


def _zipped(answer: Response) -> Response:
    if answer.mimetype not in GZIPPED or answer.status_code != 200 or not request.accept_encodings.quality("gzip"):
        return answer
    answer.direct_passthrough = False
    content = answer.get_data()
    if len(content) < LEAST:
        return answer
    answer.set_data(_gzip(content) if request.endpoint == "static" else gzip.compress(content, 5, mtime=0))
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding, Cookie" if request.endpoint != "static" else "Accept-Encoding"
    return answer


@lru_cache(maxsize=32)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
