"""Text as a QR code: a command for a station's keyboard, a secret for a telephone."""

import segno
from markupsafe import Markup


def qr_of(text: str) -> Markup:
    """An inline drawing, dark on white in either colour scheme, since readers want it so."""
    drawn = segno.make(text, error="m").svg_inline(scale=4, border=4, light="#fff", svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704  # drawn by the library: squares, no text of anybody's
