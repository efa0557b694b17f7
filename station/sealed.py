"""Sealing: bytes that only the holder of one key can open. For PINs on their way between hub and station.

X25519 with a fresh key for each message, HKDF-SHA256, ChaCha20-Poly1305. A sealed message is the fresh public key
(32 bytes), then the ciphertext with its tag; the key is used once, so its nonce is zero and does not travel.
"""

from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from station.durable import write_durably

FILE = "station.seal"
_PUBLIC_BYTES = 32
_NONCE = bytes(12)


class BadSeal(ValueError):
    """Bytes that were not sealed for this key and context, or a public key that is none: use nothing of them."""


class SealKey:
    """The private key of one who receives sealed messages. `public`: hex, for those who seal."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self._private = private
        self._public = _raw(private.public_key())
        self.public = self._public.hex()

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed for this key in `context`; BadSeal for anything else."""
        fresh, ciphertext = sealed[:_PUBLIC_BYTES], sealed[_PUBLIC_BYTES:]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(fresh))
            return _cipher(shared, fresh, self._public, context).decrypt(_NONCE, ciphertext, context)
        except (ValueError, InvalidTag) as error:
            raise BadSeal(f"{len(sealed)} bytes") from error


def seal(public_hex: str, plaintext: bytes, context: bytes) -> bytes:
    """`plaintext` for the owner of `public_hex` alone; opens in the same `context` only. BadSeal for a bad key."""
    try:
        receiver = X25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
        private = X25519PrivateKey.generate()
        shared = private.exchange(receiver)
    except ValueError as error:
        raise BadSeal("public key") from error
    fresh = _raw(private.public_key())
    return fresh + _cipher(shared, fresh, _raw(receiver), context).encrypt(_NONCE, plaintext, context)


def load_or_make_seal(path: Path) -> SealKey:
    """The key in `path` (raw 32 bytes, readable by its owner only); a new one is made durable first if none is."""
    try:
        return SealKey(X25519PrivateKey.from_private_bytes(path.read_bytes()))
    except FileNotFoundError:
        private = X25519PrivateKey.generate()
        write_durably(path, private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        return SealKey(private)


def _cipher(shared: bytes, fresh: bytes, receiver: bytes, context: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=fresh + receiver, info=context).derive(shared))


def _raw(public: X25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
