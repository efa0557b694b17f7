"""Words that people read: Chinese as written here, English from the one catalogue."""

import gettext
import os
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

TRANSLATIONS = Path(__file__).parent / "translations"
DOMAIN = "zaigang"
LANGUAGES = ("zh", "en")
Language = Literal["zh", "en"]
_asked: ContextVar[str] = ContextVar("language", default="")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, TRANSLATIONS, [language], fallback=True)


class Bilingual(Protocol):
    """What a file of ours says in both languages, beside each other."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def language() -> str:
    """The language of whoever is spoken to: the reader's choice, else that of ZAIGANG_LANG, else Chinese."""
    return _asked.get() or os.environ.get("ZAIGANG_LANG", "zh")


def tongue() -> Language:
    """The one of two languages in which what stands in both is read: English for its readers, Chinese for others."""
    return "en" if language() == "en" else "zh"


def speak(chosen: str) -> None:
    """From here on in this thread or request: this language; "" for the usual one."""
    _asked.set(chosen if chosen in LANGUAGES else "")


def translated(msgid: str, chosen: str = "") -> str:
    """The words for `msgid` as the catalogue has them, in the reader's language or a chosen one."""
    return _catalogue(chosen or language()).gettext(msgid) if msgid else ""  # a catalogue keeps its head under ""


def say(msgid: str, /, **values: object) -> str:
    """The words for `msgid` in the language of whoever is spoken to, with {named} values filled in."""
    words = translated(msgid)
    return words.format(**values) if values else words


def either(both: Bilingual) -> str:
    """Of words that stand in both languages those that the reader reads."""
    return both.en if tongue() == "en" else both.zh


def series(each: Iterable[object]) -> str:
    """One after another, parted as the reader's language parts the items of a list."""
    return say("、").join(map(str, each))
