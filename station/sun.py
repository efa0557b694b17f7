"""Addresses that a tag makes anew at each tap (NTAG 424 DNA, SUN in AES mode): who it is, and that it was this tap.

Source: NXP AN12196 and AN10922. The tag's number and its counter of taps stand in the address, encrypted (PICCData) or
plain, and a MAC over both. A captured address can be opened later, so a counter counts once and only inside a round.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

UID_BYTES: Final = 7
KEY_BYTES: Final = 16
_SESSION_MAC: Final = bytes.fromhex("3CC300010080")
_SESSION_ENC: Final = bytes.fromhex("C33C00010080")
_HALL: Final = b"zaigang-sun-1"  # the system's name in a derived key
_UID_MIRRORED, _COUNTER_MIRRORED = 0x80, 0x40
Reason = Literal["no_sun", "bad_mac", "unknown", "replayed", "outside"]


class BadSun(ValueError):
    """An address that proves nothing. `reason` says why: refuse the tap, ask for another one, note it."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Mirror:
    """What an address carries: PICCData (16 bytes), or number and counter plain; the MAC and what it covers."""

    mac: bytes
    covered: bytes
    picc: bytes = b""
    uid: bytes = b""
    counter: int = 0


@dataclass(frozen=True, slots=True)
class Tapped:
    """A proven tap: the tag's number in upper-case hex, and its counter. `skipped`: taps in between nobody saw."""

    uid: str
    counter: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a hall's tags: one reads the number, one per tag makes its MAC."""

    meta: bytes
    file_of: Callable[[bytes], bytes]


def keys_of(master: bytes) -> Keys:
    """All keys of a hall from its one secret: AES-128 keys as AN10922 derives them, by number and system name."""
    return Keys(
        diversified(master[:KEY_BYTES], b"meta-" + _HALL), lambda uid: diversified(master[:KEY_BYTES], uid + _HALL)
    )


def diversified(master: bytes, of: bytes) -> bytes:
    """The AN10922 key for `of` (16 to 31 bytes): CMAC over 01 and it."""
    return _cmac(master, b"\x01" + of)


def read(url: str, picc: str = "picc_data", mac: str = "cmac", enc: str = "enc") -> Mirror:
    """What an address carries, by the names of its fields; BadSun `no_sun` when it is no such address."""
    fields = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    try:
        found = bytes.fromhex(fields.get(mac, ""))
        if len(found) != 8:
            raise ValueError(mac)
        covered = f"{fields[enc]}&{mac}=".encode() if enc in fields else b""
        if picc in fields:
            return Mirror(found, covered, picc=_exactly(fields[picc], 16))
        return Mirror(found, covered, uid=_exactly(fields["uid"], UID_BYTES), counter=int(fields["ctr"], 16))
    except (ValueError, KeyError) as error:
        raise BadSun("no_sun") from error


def opened(meta: bytes, picc: bytes) -> tuple[bytes, int]:
    """Number and counter in PICCData; BadSun `bad_mac` when the key does not fit."""
    decryptor = Cipher(algorithms.AES(meta), modes.CBC(bytes(16))).decryptor()
    plain = decryptor.update(picc) + decryptor.finalize()
    if plain[0] != _UID_MIRRORED | _COUNTER_MIRRORED | UID_BYTES:
        raise BadSun("bad_mac")
    return plain[1:8], int.from_bytes(plain[8:11], "little")


def mac_of(file_key: bytes, uid: bytes, counter: int, covered: bytes) -> bytes:
    """The eight bytes of SDMMAC."""
    return _cmac(session_mac_key(file_key, uid, counter), covered)[1::2]


def session_mac_key(file_key: bytes, uid: bytes, counter: int) -> bytes:
    """The key of one tap's MAC."""
    return _cmac(file_key, _SESSION_MAC + uid + counter.to_bytes(3, "little"))


def session_enc_key(file_key: bytes, uid: bytes, counter: int) -> bytes:
    """The key of one tap's encrypted file data."""
    return _cmac(file_key, _SESSION_ENC + uid + counter.to_bytes(3, "little"))


def verify(
    url: str, keys: Keys, last_of: Callable[[str], int | None], at: datetime,
    window: tuple[datetime, datetime] | None = None,
) -> Tapped:  # fmt: skip
    """The tap that an address proves.

    `last_of`: the newest counter seen of a tag (upper-case hex), None for a tag that is not ours. `window`: the round's
    first and last instant; None where a reader read the tag on the spot. BadSun says what is wrong.
    """
    mirror = read(url)
    uid, counter = opened(keys.meta, mirror.picc) if mirror.picc else (mirror.uid, mirror.counter)
    if not hmac.compare_digest(mac_of(keys.file_of(uid), uid, counter, mirror.covered), mirror.mac):
        raise BadSun("bad_mac")
    name = uid.hex().upper()
    last = last_of(name)
    if last is None:
        raise BadSun("unknown")
    if counter <= last:
        raise BadSun("replayed")
    if window is not None and not window[0] <= at <= window[1]:
        raise BadSun("outside")
    return Tapped(name, counter, counter - last - 1)


def address(url: str, keys: Keys, uid: str, counter: int, filler: bytes = bytes(5)) -> str:
    """What a tag with these keys would say at its tap number `counter` (for simulators and for checking a set-up)."""
    number = bytes.fromhex(uid)
    plain = bytes((_UID_MIRRORED | _COUNTER_MIRRORED | UID_BYTES,)) + number + counter.to_bytes(3, "little") + filler
    encryptor = Cipher(algorithms.AES(keys.meta), modes.CBC(bytes(16))).encryptor()
    picc = encryptor.update(plain) + encryptor.finalize()
    mac = mac_of(keys.file_of(number), number, counter, b"")
    return f"{url}{'&' if '?' in url else '?'}picc_data={picc.hex().upper()}&cmac={mac.hex().upper()}"


def _exactly(text: str, size: int) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != size:
        raise ValueError(text)
    return found


def _cmac(key: bytes, message: bytes) -> bytes:
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()
