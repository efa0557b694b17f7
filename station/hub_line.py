"""Calls to the hub: signed by the station, its answers believed only under the hub's own signature.

What an answer means is nobody's business here.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

import requests

from config.words import say
from station import wire
from station.clock import Clock
from station.keys import Key, verified

TIMEOUT = (5, 20)  # seconds to connect, and between bytes


class HubAway(Exception):
    """No usable answer from the hub: keep the facts, try again later."""


class HubRefused(Exception):
    """The hub said no. `words` are its own; `nonce` a fresh one if it gave one; `conflict` names the kind of a 409.

    `standing`: what has become of this station there, where a 403 says so (`turned_away`, `revoked`).
    """

    def __init__(self, status: int, words: str, nonce: str = "", conflict: str = "", standing: str = "") -> None:
        self.status, self.words, self.nonce, self.conflict, self.standing = status, words, nonce, conflict, standing
        super().__init__(f"{status} {words}")


class HubLine:
    """One station's calls to its hub at `url`, whose public key is `hub_key`. Used by one thread."""

    def __init__(self, url: str, station: str, hub_key: str, key: Key) -> None:
        self._url, self._station, self._hub_key, self._key = url, station, hub_key, key
        self._nonce = ""
        self.http = requests.Session()

    def send(
        self, lineage: str, raws: list[bytes], first: int, clock: Clock, headers: dict[str, str]
    ) -> tuple[wire.Answer, timedelta]:
        """The hub's signed answer to these facts (to none: where it stands), and how long it took."""
        body = wire.pack(raws) if raws else b""
        seqs = (first, first + len(raws) - 1) if raws else (0, 0)
        digest = hashlib.sha256(body).hexdigest()
        signed = wire.Signed("POST", self._path("facts"), self._station, digest, lineage, *seqs)
        began = clock.read().monotonic_ns
        response = self._call(signed, body, {"Content-Type": "application/gzip", **headers})
        round_trip = timedelta(microseconds=(clock.read().monotonic_ns - began) // 1000)
        self.check_signature(response)
        try:
            answer = wire.read_answer(response.content)
        except ValueError as error:
            raise HubAway(say("中枢的答复无法读取")) from error
        if answer.hub != self._hub_key or answer.lineage != lineage:
            raise HubAway(say("中枢的答复与本站不符"))
        self._nonce = answer.nonce
        return answer, round_trip

    def give_key(self, new: Key, under: Key | None = None) -> None:
        """Tell the hub this station's new key, signed with the present one; or `under` another."""
        proof = new.sign(wire.key_message(self._station, new.public))
        body = json.dumps({"public_key": new.public, "proof": proof}).encode()
        response = self.ask("key", {"Content-Type": "application/json"}, body, under)
        self.check_signature(response)
        if said(response).get("public_key") != new.public:
            raise HubAway(say("中枢的答复与本站不符"))

    def ask(
        self, part: str, headers: dict[str, str], body: bytes | None = None, under: Key | None = None
    ) -> requests.Response:
        """A call that carries a nonce; once more with the fresh one if the hub did not know ours (any longer).

        With a `body` it is a PUT, else a GET. It is signed with the present key, or `under` another.
        """
        digest, method = hashlib.sha256(body or b"").hexdigest(), "GET" if body is None else "PUT"
        for attempt in (1, 2):
            signed = wire.Signed(method, self._path(part), self._station, digest, nonce=self._nonce)
            try:
                return self._call(signed, body or b"", headers, under)
            except HubRefused as error:
                if attempt == 2 or not error.nonce:
                    raise
                self._nonce = error.nonce
        raise AssertionError

    def _call(
        self, signed: wire.Signed, body: bytes, headers: dict[str, str], under: Key | None = None
    ) -> requests.Response:
        given = {**headers, **signed.headers((under or self._key).sign(signed.message()))}
        try:
            response = self.http.request(
                signed.method, self._url + signed.path, data=body, headers=given, timeout=TIMEOUT
            )
        except requests.RequestException as error:
            raise HubAway(say("联系不上中枢")) from error
        if response.status_code >= requests.codes.server_error:
            raise HubAway(str(said(response).get("error") or say("中枢暂时不能接收")))
        if response.status_code >= requests.codes.bad_request:
            told = said(response)
            words = str(told.get("error") or say("中枢拒绝了请求（{status}）", status=response.status_code))
            rest = (str(told.get(name) or "") for name in ("nonce", "conflict", "standing"))
            raise HubRefused(response.status_code, words, *rest)
        return response

    def check_signature(self, response: requests.Response) -> None:
        """HubAway when the answer does not carry the hub's signature."""
        signature = response.headers.get(wire.SIGNATURE, "")
        if not verified(self._hub_key, signature, wire.answer_message(response.content)):
            raise HubAway(say("中枢的答复签名不符"))

    def _path(self, part: str) -> str:
        return f"/api/v1/stations/{self._station}/{part}"


def said(response: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
