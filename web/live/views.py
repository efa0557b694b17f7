"""The stream's address."""

from flask import Blueprint, Response, current_app, request

from web.live.watcher import Watcher

bp = Blueprint("live", __name__)
WATCHER = "zaigang_watcher"


@bp.get("/live")
def stream() -> Response:
    """Server-sent events; 204 when all streams are taken, which tells the browser not to try again."""
    watcher: Watcher = current_app.extensions[WATCHER]
    if not watcher.enter():
        return Response(status=204)
    answer = Response(watcher.events(_seen()), mimetype="text/event-stream")
    answer.call_on_close(watcher.leave)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _seen() -> int:
    """How many facts the page was painted from; a browser that comes again says what it heard last."""
    said = request.headers.get("Last-Event-ID") or request.args.get("seen", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
