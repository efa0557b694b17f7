"""Joining a hub: a one-time code against a place in its list, and the hub's key pinned for good."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from config.errors import Refused
from config.words import say
from station import sealed, wire
from station.durable import write_durably
from station.hub_line import TIMEOUT, said
from station.keys import Key, verified, words
from station.sealed import load_or_make_seal

JOINED = "hub.json"
KEY = "station.key"


@dataclass(frozen=True, slots=True)
class Joined:
    """The hub that this station joined: its address, its pinned public key (hex), and the station's id there."""

    url: str
    station: str
    hub_key: str
    hall: str


def load_joined(folder: Path) -> Joined | None:
    """The hub this station belongs to; None before it joined one."""
    try:
        return Joined(**json.loads((folder / JOINED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def own_words(folder: Path, key: Key) -> str:
    """What the administrator compares: the words of this station's key and of the one PINs are sealed for."""
    return words(key.public, load_or_make_seal(folder / sealed.FILE).public)


def join(folder: Path, url: str, code: str, name: str, key: Key) -> Joined:
    """Show the hub the one-time code and this station's key; pin the hub's key. Refused says why it was not taken."""
    url = url.rstrip("/")
    seal = load_or_make_seal(folder / sealed.FILE).public
    try:
        response = requests.post(
            f"{url}/api/v1/join",
            json={"code": code, "public_key": key.public, "name": name, "seal_key": seal},
            timeout=TIMEOUT,
        )
    except requests.RequestException as error:
        raise Refused(say("联系不上中枢 {url}", url=url), remedy=say("请检查网线和地址，再试一次")) from error
    told = said(response)
    if response.status_code != requests.codes.ok:
        raise Refused(str(told.get("error") or say("中枢没有接受这个考勤站（{status}）", status=response.status_code)))
    joined = Joined(url, str(told["station"]), str(told["hub_key"]), str(told["hall_name"]))
    signature = response.headers.get(wire.SIGNATURE, "")
    if not verified(joined.hub_key, signature, wire.answer_message(response.content)):
        raise Refused(say("中枢的答复签名不符"), remedy=say("请向管理员核对地址后再试"))
    write_durably(folder / JOINED, json.dumps(asdict(joined), ensure_ascii=False).encode())
    return joined
