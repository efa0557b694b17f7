"""Who may see the screen: a browser on this board that was opened by the autostart address."""

import hmac
from collections.abc import Callable

from flask import Flask, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

COOKIE = "kiosk"
HOSTS = frozenset({"127.0.0.1", "localhost"})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # the autostart address carries the token; forms must state their origin
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def guard(app: Flask, token: str) -> Callable[[], AnyResponse | None]:
    """Put the host check and the headers on every answer; returns the check for pages that need the token.

    The check answers None when the browser may pass, a redirect that sets the cookie when the address brought the
    token, and ends the request with 403 otherwise.
    """
    app.before_request(_refuse_foreign_host)
    app.after_request(_with_headers)

    def check() -> AnyResponse | None:
        brought = request.args.get("token")
        if brought is None:
            return None if _same(request.cookies.get(COOKIE, ""), token) else abort(403)
        if not _same(brought, token):
            abort(403)
        return _let_in(token)

    return check


def _refuse_foreign_host() -> None:
    """A foreign name that was made to point at this board (DNS rebinding) gets nothing."""
    name, _, port = request.environ.get("HTTP_HOST", "").partition(":")
    if name.lower() not in HOSTS or (port and not port.isdecimal()):
        abort(421)


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _let_in(token: str) -> AnyResponse:
    response = redirect(url_for("kiosk"), 303)
    response.set_cookie(COOKIE, token, path="/kiosk", httponly=True, samesite="Strict")
    return response


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogatepass"), token.encode())
