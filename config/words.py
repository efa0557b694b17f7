"""Words that people read: Chinese as written here, English from the one catalogue."""

import gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path

TRANSLATIONS = Path(__file__).parent / "translations"
DOMAIN = "zaigang"
LANGUAGES = ("zh", "en")
_asked: ContextVar[str] = ContextVar("language", default="")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, TRANSLATIONS, [language], fallback=True)


def language() -> str:
    """The language of whoever is spoken to: the reader's choice, else that of ZAIGANG_LANG, else Chinese."""
    return _asked.get() or os.environ.get("ZAIGANG_LANG", "zh")


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
