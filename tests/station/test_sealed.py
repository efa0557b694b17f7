"""What is sealed for one key opens with that key, in that context, whole, or not at all."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from station.sealed import BadSeal, SealKey, load_or_make_seal, seal

MINE = SealKey(X25519PrivateKey.generate())
OTHER = SealKey(X25519PrivateKey.generate())


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.binary(max_size=2000), st.binary(max_size=40))
def test_what_was_sealed_opens(plaintext: bytes, context: bytes) -> None:
    assert MINE.open(seal(MINE.public, plaintext, context), context) == plaintext


def test_the_same_words_are_sealed_differently_each_time_and_show_only_their_length() -> None:
    one, two = (seal(MINE.public, b"123456", b"c") for _ in range(2))
    assert one[32:] != two[32:]
    assert len(one) == 32 + 6 + 16
    assert b"123456" not in one


def test_another_key_or_context_opens_nothing() -> None:
    sealed = seal(MINE.public, b"words", b"zaigang-pins")
    for key, context in ((OTHER, b"zaigang-pins"), (MINE, b"zaigang-pin"), (MINE, b"")):
        with pytest.raises(BadSeal):
            key.open(sealed, context)


def test_no_changed_byte_and_no_cut_goes_unnoticed() -> None:
    sealed = seal(MINE.public, b"words", b"c")
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(BadSeal):
            MINE.open(bytes(changed), b"c")
        with pytest.raises(BadSeal):
            MINE.open(sealed[:index], b"c")


@pytest.mark.parametrize("public", ["", "00", "zz" * 32, "00" * 32, "天" * 64])
def test_nonsense_is_no_key(public: str) -> None:
    with pytest.raises(BadSeal):
        seal(public, b"words", b"c")


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "station.seal"
    made = load_or_make_seal(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = load_or_make_seal(path)
    assert again.public == made.public
    assert again.open(seal(made.public, b"words", b"c"), b"c") == b"words"
