"""Text as a QR code: a command for a station's keyboard, a secret for a telephone."""

import segno
from markupsafe import Markup


def qr_of(text: str, *, fills: bool = False) -> Markup:
    """An inline drawing, dark on white in either colour scheme, since readers want it so.

    `fills`: as large as its place, and of a low level, for a long text on a screen.
    """
    made = segno.make(text, error="l" if fills else "m")
    drawn = made.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=fills)
    return Markup(drawn)  # noqa: S704  # drawn by the library: squares, no text of anybody's
