"""A hub's pages on a port of this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """A server that does not write every request to the console."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of `app` while it is served; streams that are open do not hold up the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        app.extensions["zaigang_watcher"].stopping = lambda: True
        server.shutdown()
        thread.join()
        server.socket.close()
