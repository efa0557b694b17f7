"""The hub's application: its doors, its pages, and how refusals leave it."""

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from config.errors import Refused
from config.settings import HubSettings
from station import wire
from station.clock import Clock
from web import door
from web.api.stations import refusal as api_refusal
from web.api.stations import stations_api
from web.services.hub import Hub, open_hub


def create_app(settings: HubSettings, clock: Clock | None = None) -> Flask:
    """The application of the hub in `settings.folder`; `clock` replaces the one that the settings name."""
    return make_app(open_hub(settings, clock))


def make_app(hub: Hub) -> Flask:
    """The application of an open hub."""
    app = Flask("web")
    app.config["MAX_CONTENT_LENGTH"] = wire.MAX_BODY
    door.install(app, hub)
    app.register_blueprint(stations_api)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    return app


def _refused(error: Refused) -> Response:
    return api_refusal(error)


def _http(error: HTTPException) -> Response:
    return error.get_response()  # type: ignore[return-value]
