"""Whether the hub is well, for whoever watches over it."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import select

from web.door import reading
from web.ledger.hall import HallRow

bp = Blueprint("system", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 while the ledger answers; what keeps it from answering becomes 503 like any refusal."""
    reading().execute(select(HallRow.id)).one()
    return jsonify(status="ok")
