"""Words that people read: Chinese as written here, English from the one catalogue."""

import gettext
import os
from functools import cache
from pathlib import Path

TRANSLATIONS = Path(__file__).parent / "translations"
DOMAIN = "zaigang"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, TRANSLATIONS, [language], fallback=True)


def say(msgid: str, /, **values: object) -> str:
    """The words for `msgid` in the language of ZAIGANG_LANG (Chinese unless set), with {named} values filled in.

    For the command line, the station and refusals; pages of the hub use Flask-Babel on the same catalogue.
    """
    words = _catalogue(os.environ.get("ZAIGANG_LANG", "zh")).gettext(msgid)
    return words.format(**values) if values else words
