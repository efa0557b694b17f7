"""What stations ask of the hub: to join, to hand over facts, to have papers and the day's advice.

Paths, headers and shapes are promises: stations in the field keep to them for years.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from config.errors import Refused
from config.words import say
from station import wire
from station.facts import canonical
from station.photos import MAX_BYTES
from web.door import hub, reading, writing
from web.refusals import headers_of, status_of
from web.services import (
    advice,
    asking_findings,
    intake,
    nonces,
    papers,
    photos,
    pins,
    station_keys,
    stations,
    sun_keys,
)
from web.services.errors import BadBatch, BadInput, Conflict, Revoked, StaleNonce
from web.services.handing import Handed
from web.services.projection import clean
from web.services.stations import Said

NONCE = "nonce"
stations_api = Blueprint("stations_api", __name__, url_prefix="/api/v1")


class Asked(BaseModel):
    """What a station says when it joins."""

    code: str
    public_key: str
    name: str
    seal_key: str | None = None


class NewKey(BaseModel):
    """A station's new key, and that key's own signature, which shows that the station holds it."""

    public_key: str
    proof: str


@stations_api.post("/join")
def join() -> Response:
    """List a station by its one-time code. The body is signed, so that the station can pin the key it is given."""
    try:
        asked = Asked.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadInput(say("接入请求要有 code、public_key、name 三项"), remedy=say("请核对考勤站的版本")) from error
    with writing() as session:
        row = stations.join(session, asked.code, asked.public_key, asked.name, hub().now(), asked.seal_key)
        station = row.id
    hall = hub().hall
    return _signed_json({"station": station, "hub_key": hub().key.public, "hall_id": hall.id, "hall_name": hall.name})


@stations_api.post("/stations/<station>/facts")
def facts(station: str) -> Response:
    """A batch of facts, or with an empty body the question where the hub stands."""
    signed, signature, body = _request()
    stations.admit(reading(), station, signed, signature)
    batch = intake.read_batch(signed, signature, body)
    terms = intake.Terms(ZoneInfo(hub().hall.zone), hub().settings.demo)
    try:
        with writing() as session:
            standing = intake.take(session, station, batch, terms, hub().now())
            if any(fact.kind in pins.CARRIERS for fact in batch.facts):
                pins.settle(session, hub().seal, hub().now())
            asking_findings.after(session, hub(), batch.facts)
            _saw(session, station, sent=len(batch.facts))
    except Conflict as conflict:
        with writing() as session:
            intake.note_conflict(session, station, signed.lineage, conflict, hub().now())
            _saw(session, station, sent=0)
        raise
    now = hub().now()
    nonce = nonces.mint(hub().secret_for(NONCE), station, now)
    content = wire.answer_bytes(hub().key.public, standing.lineage, standing.upto, standing.hash_at_upto, now, nonce)
    return _signed(content)


@stations_api.get("/stations/<station>/papers")
def get_papers(station: str) -> Response:
    """The station's papers, or 304 when it has the present ones."""
    _admit_with_nonce(station)
    issue = papers.build(reading(), hub(), station)
    if request.if_none_match.contains(issue.etag):
        answer = Response(status=304)
    else:
        answer = Response(issue.content, content_type="application/json")
        answer.headers[wire.SIGNATURE] = issue.signature
    if papers.known_to_have(reading(), station) != issue.etag:
        with writing() as session:
            papers.fetched(session, station, issue.etag, hub().now())
    answer.set_etag(issue.etag)
    return answer


@stations_api.get("/stations/<station>/pins")
def get_pins(station: str) -> Response:
    """The PINs that may be used there, sealed for this station alone, or 304 when it has the present ones."""
    _admit_with_nonce(station)
    return _sealed(pins.hand_out(reading(), hub(), station))


@stations_api.get("/stations/<station>/sun")
def get_sun(station: str) -> Response:
    """The keys of dynamic tags, sealed for this station alone, or 304 when it has the present ones."""
    _admit_with_nonce(station)
    return _sealed(sun_keys.hand_out(reading(), hub(), station))


def _sealed(handed: Handed) -> Response:
    if request.if_none_match.contains(handed.etag):
        answer = Response(status=304)
    else:
        content = handed.sealed()
        answer = Response(content, content_type="application/octet-stream")
        answer.headers[wire.SIGNATURE] = hub().key.sign(wire.answer_message(content))
    answer.set_etag(handed.etag)
    return answer


@stations_api.put("/stations/<station>/key")
def put_key(station: str) -> Response:
    """Another key for the station, under the present one's signature."""
    given = _new_key()
    present = _admit_with_nonce(station)
    with writing() as session:
        station_keys.change(session, station, present, given.public_key, given.proof, hub().now())
    return _signed_json({"public_key": given.public_key})


@stations_api.get("/stations/<station>/today")
def get_today(station: str) -> Response:
    """How the hall's day stands as the hub knows it: advice, with its time."""
    _admit_with_nonce(station)
    return _signed_json(advice.advice(reading(), hub()))


@stations_api.get("/stations/<station>/photos/<sha256>")
def ask_photo(station: str, sha256: str) -> Response:
    """Whether the hub has this photo."""
    _admit_with_nonce(station)
    return _signed_json({"photo": sha256, "held": photos.settled(reading(), hub(), sha256)})


@stations_api.put("/stations/<station>/photos/<sha256>")
def put_photo(station: str, sha256: str) -> Response:
    """Take a photo that a fact of this station names. The same one again changes nothing."""
    request.max_content_length = MAX_BYTES
    _admit_with_nonce(station)
    held = photos.take(reading(), hub(), station, sha256, request.get_data())
    return _signed_json({"photo": sha256, "held": held})


def refusal(error: Refused) -> Response:
    """A refusal as JSON. A station whose nonce was stale gets a fresh one with it, signed; a conflict has its kind."""
    said: dict[str, Any] = {"error": str(error)}
    if isinstance(error, Conflict):
        said["conflict"] = error.kind
    if isinstance(error, Revoked):
        said["standing"] = error.standing
    if isinstance(error, StaleNonce) and request.view_args:
        said["nonce"] = nonces.mint(hub().secret_for(NONCE), request.view_args["station"], hub().now())
    answer = _signed_json(said)
    answer.status_code = status_of(error)
    answer.headers.update(headers_of(error))
    return answer


def _request() -> tuple[wire.Signed, str, bytes]:
    body = request.get_data()
    try:
        signed, signature = wire.signed_of(request.method, request.path, dict(request.headers), body)
    except ValueError as error:
        raise BadBatch(say("请求缺少签名或编号"), remedy=say("请核对考勤站的版本")) from error
    return signed, signature, body


def _new_key() -> NewKey:
    try:
        return NewKey.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadInput(say("换密钥要有 public_key、proof 两项"), remedy=say("请核对考勤站的版本")) from error


def _admit_with_nonce(station: str) -> str:
    """The station's present key, which signed this call."""
    signed, signature, _ = _request()
    present = stations.admit(reading(), station, signed, signature).public_key
    if not nonces.fresh(hub().secret_for(NONCE), station, signed.nonce, hub().now()):
        raise StaleNonce(say("请求的随机数已过期"), remedy=say("请用新的随机数重试"))
    return present


def _saw(session: Session, station: str, sent: int) -> None:
    """Remember the contact and what the station says of itself."""
    now, told = hub().now(), Said()
    if (backlog := _number(wire.BACKLOG)) is not None:
        told["backlog"] = max(0, backlog - sent)
    if (drift := _number(wire.DRIFT_MS)) is not None:
        told["drift_ms"] = drift
    if (disk := _number(wire.DISK)) is not None and 0 <= disk <= 100:
        told["disk_percent"] = disk
    if (age := _number(wire.PAPERS_AGE)) is not None:
        told["papers_checked"] = now - timedelta(seconds=max(0, age))
    if (age := _number(wire.PINS_AGE)) is not None:
        told["pins_checked"] = now - timedelta(seconds=max(0, age))
    if version := clean(request.headers.get(wire.VERSION, ""), 40):
        told["version"] = version
    stations.saw(session, station, now, told)


def _number(header: str) -> int | None:
    """A number that the station says of itself; None for nonsense."""
    try:
        value = int(request.headers.get(header, ""))
    except ValueError:
        return None
    return value if abs(value) < 2**31 else None


def _signed_json(value: dict[str, Any]) -> Response:
    return _signed(canonical(value))


def _signed(content: bytes) -> Response:
    answer = Response(content, content_type="application/json")
    answer.headers[wire.SIGNATURE] = hub().key.sign(wire.answer_message(content))
    answer.headers["Cache-Control"] = "no-store"
    return answer
