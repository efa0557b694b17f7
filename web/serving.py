"""Running the hub: one gunicorn worker with 64 threads in this very process tree, stopped gracefully."""

import copy
import gc
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any, ClassVar

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from config.settings import HubSettings
from station.journal import Hold
from web import routines
from web.app import create_app
from web.door import hub_of
from web.live.views import WATCHER
from web.live.watcher import Watcher
from web.services import tls
from web.services.hub import Hub, open_hub

THREADS = 64
GRACE_S = 10
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # compared, not bound
YOUNG = 50_000  # new values before the collector looks at them


def serve(settings: HubSettings, host: str, port: int, ready: Callable[[Hub], None]) -> None:
    """Serve until told to stop. One process a folder: AlreadyRunning when another has it.

    `ready` is done with the open hub once browsers can reach it.
    """
    hold = Hold(settings.folder)
    try:
        open_hub(settings).close()  # what is wrong is said here, in one line, not by a worker that dies
        _Server(settings, host, port, ready).run()
    finally:
        hold.release()


def address_of(host: str) -> str:
    """Where browsers find a listener on `host`; for one that listens everywhere, this machine's own address."""
    if host not in EVERYWHERE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: only the way there is looked up
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _settle(worker: Any) -> None:
    """Once all is loaded: no collection looks through it again, and streams hear when the worker is to end.

    Collections are made rarer because a batch makes tens of thousands of values that all live until its commit.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    watcher: Watcher = worker.wsgi.extensions[WATCHER]
    watcher.stopping = lambda: not worker.alive
    routines.start(hub_of(worker.wsgi), watcher.stopping)


class TwoDoors(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """One worker behind two ports: http for stations and desks, https for phones that trust the hall's certificate."""

    secured: ClassVar[tuple[int, Any]] = (0, None)  # the https port, and the configuration with the certificate

    def enqueue_req(self, conn: Any) -> None:
        """A connection that came in by the https port speaks it."""
        port, with_certificate = self.secured
        if with_certificate is not None and conn.server[1] == port:
            conn.cfg = with_certificate
        super().enqueue_req(conn)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, settings: HubSettings, host: str, port: int, ready: Callable[[Hub], None]) -> None:
        self._settings, self._host, self._port, self._ready = settings, host, port, ready
        super().__init__()

    def _listens(self, _arbiter: Any) -> None:
        """The ports are open. What is opened here is closed before a worker is born of this process."""
        with closing(open_hub(self._settings)) as hub:
            self._ready(hub)

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": [f"{self._host}:{self._port}"], "workers": 1, "worker_class": TwoDoors, "threads": THREADS,
            "graceful_timeout": GRACE_S, "proc_name": "zaigang-hub", "accesslog": None, "keepalive": 5,
            "control_socket_disable": True, "when_ready": self._listens, "post_worker_init": _settle,
        }  # fmt: skip
        for key, value in options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)
        certificate = tls.files(self._settings.folder)
        if certificate and self._settings.tls_port != self._port:
            secured = copy.deepcopy(self.cfg)
            secured.set("certfile", str(certificate[0]))
            secured.set("keyfile", str(certificate[1]))
            TwoDoors.secured = self._settings.tls_port, secured
            self.cfg.set("bind", [*self.cfg.bind, f"{self._host}:{self._settings.tls_port}"])

    def load(self) -> Flask:
        return create_app(self._settings)
