"""Uploaded lists that wait for a word of confirmation: files in the hub's folder, named by what is in them."""

import contextlib
import hashlib
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from config.words import say
from station.durable import write_durably
from web.services.errors import NotFound

FOLDER = "imports"
LIFE = timedelta(hours=12)
_DIGEST = re.compile(r"[0-9a-f]{64}")


def put(folder: Path, content: bytes, now: datetime) -> str:
    """Keep a list until it is confirmed or half a day is over; its digest. Old ones go."""
    place = folder / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    for old in place.iterdir():
        if now.timestamp() - old.stat().st_mtime > LIFE.total_seconds():
            old.unlink(missing_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    write_durably(place / digest, content)
    os.utime(place / digest, (now.timestamp(), now.timestamp()))
    return digest


def get(folder: Path, digest: str) -> bytes:
    """The list of this digest; NotFound when it is gone."""
    if _DIGEST.fullmatch(digest):
        with contextlib.suppress(OSError):
            return (folder / FOLDER / digest).read_bytes()
    raise NotFound(say("这份名单已经导入或已过期"), remedy=say("请重新上传"))


def drop(folder: Path, digest: str) -> None:
    """It was imported."""
    if _DIGEST.fullmatch(digest):
        (folder / FOLDER / digest).unlink(missing_ok=True)
