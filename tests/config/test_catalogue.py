"""English is the second language: every word has one, with the same gaps, and what is compiled is what is written."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from config.words import say, speak
from tests.config.catalogue import CHINESE, GAP, HERE, MO, compiled, english, missing

# Chinese that stays in English words: the three words of a calendar's file, which is read in Chinese only.
STAYS = re.compile("[休班常]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return english()


def test_every_word_has_its_english(catalogue: Catalog) -> None:
    """What lacks is listed by `python -m tests.config.catalogue`."""
    assert missing(catalogue) == {}


def test_gaps_are_the_same_and_no_chinese_is_left(catalogue: Catalog) -> None:
    wrong = [
        (message.id, message.string)
        for message in catalogue
        if message.id and message.string
        and (sorted(GAP.findall(str(message.id))) != sorted(GAP.findall(str(message.string)))
             or CHINESE.search(STAYS.sub("", str(message.string))))
    ]  # fmt: skip
    assert wrong == []


def test_what_is_compiled_is_what_is_written(catalogue: Catalog) -> None:
    assert MO.read_bytes() == compiled(catalogue)


def test_words_follow_whoever_is_spoken_to() -> None:
    assert say("登录") == "登录"
    speak("en")
    try:
        assert CHINESE.search(say("登录")) is None
    finally:
        speak("")


def _unsaid(path: Path) -> Iterator[str]:
    """Marks of Chinese punctuation that a page or a join would show to readers in any language."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        spoken = r"(?s)\{#.*?#\}|\b(?:_|say)\(\s*(?:\"[^\"]*\"|'[^']*')|pattern=\"[^\"]*\""
        yield from re.findall("[，。；：（）、]", re.sub(spoken, "", text))
    else:
        yield from re.findall(r"(?m)^.*(?<!\()[\"'][，；：、][\"']\.join\(.*$", text)


def test_marks_between_words_follow_the_language() -> None:
    """Only the audit's own line keeps the Chinese mark: it is written once, for readers in any language."""
    faults = {
        f"{path.relative_to(HERE)}: {mark.strip()}"
        for room in ("config", "web/templates", "web/services", "web/board", "web/audit", "web/patrol")
        for path in sorted((HERE / room).rglob("*"))
        if path.suffix in (".py", ".html")
        for mark in _unsaid(path)
    }
    assert {fault for fault in faults if "# written down" not in fault} == set()
