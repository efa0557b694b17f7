"""Keys stay with their owner, and their words are readable aloud."""

from pathlib import Path

import pytest

from station.keys import CHARACTERS, load_or_make, verified, words


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = load_or_make(tmp_path / "station.key")
    assert load_or_make(tmp_path / "station.key").public == first.public
    assert (tmp_path / "station.key").stat().st_mode & 0o077 == 0


def test_only_the_very_message_verifies(tmp_path: Path) -> None:
    key, other = load_or_make(tmp_path / "a"), load_or_make(tmp_path / "b")
    signature = key.sign(b"message")
    assert verified(key.public, signature, b"message")
    assert not verified(key.public, signature, b"message.")
    assert not verified(other.public, signature, b"message")


@pytest.mark.parametrize(("public", "signature"), [("", ""), ("zz", "zz"), ("00" * 32, "00" * 64), ("00", "00" * 64)])
def test_nonsense_verifies_nothing_and_raises_nothing(public: str, signature: str) -> None:
    assert not verified(public, signature, b"message")


def test_words_are_four_pairs_of_distinctly_drawn_characters() -> None:
    assert len(set(CHARACTERS)) == 256
    said = words("00" * 32)
    assert [len(pair) for pair in said.split()] == [2, 2, 2, 2]
    assert said != words("01" + "00" * 31)
