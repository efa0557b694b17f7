"""Words on the hub's pages: Chinese as written, other languages from the one catalogue, by the reader's request."""

from flask_babel import gettext  # type: ignore[import-untyped]  # Flask-Babel ships no types


def _(msgid: str, /, **values: object) -> str:
    """The words for `msgid` in the reader's language, with %(named)s values filled in."""
    return str(gettext(msgid, **values)) if msgid else ""  # a catalogue keeps its own head under ""
