"""Words on the hub's pages: Chinese as written, other languages from the one catalogue, by the reader's request."""

from collections.abc import Callable
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from config import words


def install(app: Flask) -> None:
    """Give templates the same words; a page has thousands, so each is looked up once."""
    app.jinja_env.globals |= {"_": marked, "remembered": remembered}
    app.jinja_env.filters |= {"series": words.series, "either": words.either, "translated": words.translated}


def _(msgid: str, /, **values: object) -> str:
    """The words for `msgid` in the reader's language, with %(named)s values filled in."""
    said = words.translated(msgid)
    return said % values if values else said


def marked(msgid: str, /, **values: object) -> Markup:
    """The same for a template: the words are ours and stand as they are, values are escaped. %% is a per cent sign."""
    return _marked(words.language(), msgid) % values if values or "%%" in msgid else _marked(words.language(), msgid)


def remembered(macro: Callable[..., str]) -> Callable[..., str]:
    """A template's macro that says the same for the same plain values, drawn once for each; a page asks thousands."""

    @lru_cache(maxsize=4096)
    def drawn(_language: str, *values: object) -> str:
        return macro(*values)

    return lambda *values: drawn(words.language(), *values)


@lru_cache(maxsize=8192)
def _marked(language: str, msgid: str) -> Markup:
    return Markup(words.translated(msgid, language))  # noqa: S704  # from the catalogue alone
