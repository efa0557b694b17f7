"""Running the hub: one gunicorn worker with 64 threads in this very process tree, stopped gracefully."""

import gc
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from config.settings import HubSettings
from station.journal import Hold
from web.app import create_app
from web.live.views import WATCHER
from web.live.watcher import Watcher
from web.services.hub import open_hub

THREADS = 64
GRACE_S = 10
YOUNG = 50_000  # new values before the collector looks at them


def serve(settings: HubSettings, host: str, port: int) -> None:
    """Serve until told to stop. One process a folder: AlreadyRunning when another has it."""
    hold = Hold(settings.folder)
    try:
        open_hub(settings).close()  # what is wrong is said here, in one line, not by a worker that dies
        _Server(settings, host, port).run()
    finally:
        hold.release()


def _settle(worker: Any) -> None:
    """Once all is loaded: no collection looks through it again, and streams hear when the worker is to end.

    Collections are made rarer because a batch makes tens of thousands of values that all live until its commit.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    watcher: Watcher = worker.wsgi.extensions[WATCHER]
    watcher.stopping = lambda: not worker.alive


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, settings: HubSettings, host: str, port: int) -> None:
        self._settings, self._bind = settings, f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind, "workers": 1, "worker_class": "gthread", "threads": THREADS,
            "graceful_timeout": GRACE_S, "proc_name": "zaigang-hub", "accesslog": None, "keepalive": 5,
            "control_socket_disable": True, "post_worker_init": _settle,
        }  # fmt: skip
        for key, value in options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Flask:
        return create_app(self._settings)
