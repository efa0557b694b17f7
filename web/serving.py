"""Running the hub: one gunicorn worker with 64 threads in this very process tree, stopped gracefully."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from config.settings import HubSettings
from station.journal import Hold
from web.app import create_app
from web.services.hub import open_hub

THREADS = 64
GRACE_S = 10


def serve(settings: HubSettings, host: str, port: int) -> None:
    """Serve until told to stop. One process a folder: AlreadyRunning when another has it."""
    hold = Hold(settings.folder)
    try:
        open_hub(settings).close()  # what is wrong is said here, in one line, not by a worker that dies
        _Server(settings, host, port).run()
    finally:
        hold.release()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, settings: HubSettings, host: str, port: int) -> None:
        self._settings, self._bind = settings, f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind, "workers": 1, "worker_class": "gthread", "threads": THREADS,
            "graceful_timeout": GRACE_S, "proc_name": "zaigang-hub", "accesslog": None, "keepalive": 5,
            "control_socket_disable": True,
        }  # fmt: skip
        for key, value in options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Flask:
        return create_app(self._settings)
