"""Nonces: the hub's own word, good for a while, that a call other than facts must carry.

They are not stored. A nonce is its time bucket and an HMAC over station and bucket, so it survives a restart of the
hub and works with any number of threads; the time in it is the hub's own, so a station's clock plays no part. One may
be used again while it lasts: the calls that carry one only read.
"""

import hashlib
import hmac
from datetime import datetime

BUCKET_S = 300  # a nonce lasts between one and two buckets


def mint(secret: bytes, station: str, now: datetime) -> str:
    """A fresh nonce for `station`."""
    return _of(secret, station, _bucket(now))


def fresh(secret: bytes, station: str, nonce: str, now: datetime) -> bool:
    """Whether the hub gave this nonce to `station` within the last five to ten minutes."""
    present = _bucket(now)
    return any(
        hmac.compare_digest(nonce.encode(), _of(secret, station, bucket).encode()) for bucket in (present, present - 1)
    )


def _bucket(now: datetime) -> int:
    return int(now.timestamp()) // BUCKET_S


def _of(secret: bytes, station: str, bucket: int) -> str:
    mac = hmac.new(secret, f"{station}\n{bucket}".encode(), hashlib.sha256).hexdigest()
    return f"{bucket:x}-{mac[:40]}"
