"""Making what is shown from an original: upright, smaller, blurred, marked. Pure: bytes in, bytes out."""

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from station.photos import SCANS
from web.pictures.detector import Box

# Shown no larger than the detector looks: a face too small to be found is then too small to be known.
SHOWN_PX = 1280
THUMBNAIL_PX = 240
ORIGINAL_PX = 4096
MOST_PIXELS = 50_000_000
QUALITY = 82
WIDER = 0.25  # of a face's box on each side: hair, ears and chin tell who it is as well
COARSE = 6  # squares across a blurred face
FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class NotAPicture(Exception):
    """The bytes are no picture that can be read, or one of too many pixels."""


def upright(jpeg: bytes) -> Image.Image:
    """The picture as it is to be seen, at most SHOWN_PX a side; NotAPicture for what cannot be read."""
    return _opened(jpeg, SHOWN_PX)


def bare(jpeg: bytes) -> bytes:
    """The original as it is to be seen by whoever may: upright, faces and all, without what else it carried (EXIF)."""
    return encoded(_opened(jpeg, ORIGINAL_PX))


def blurred(picture: Image.Image, faces: Iterable[Box]) -> Image.Image:
    """A copy in which nobody's face can be known again: each is reduced to a few squares, then smoothed."""
    shown = picture.copy()
    for face in faces:
        area = _widened(face, shown.size)
        part = shown.crop(area)
        coarse = part.resize((COARSE, COARSE), Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)
        shown.paste(coarse.filter(ImageFilter.GaussianBlur(max(part.size) / COARSE / 2)), area)
    return shown


def thumbnail(picture: Image.Image) -> Image.Image:
    """A small copy, at most THUMBNAIL_PX a side."""
    small = picture.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    return small


def stamped(picture: Image.Image, lines: Sequence[str]) -> Image.Image:
    """A copy with these lines on a dark strip at its foot."""
    size = max(14, round(picture.height / 36))
    font = _font(size)
    strip = Image.new("RGBA", (picture.width, round(size * 1.5 * len(lines)) + size // 2), (0, 0, 0, 150))
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(lines):
        draw.text((size // 2, size // 4 + round(size * 1.5 * number)), _printable(line, font), "white", font)
    shown = picture.copy()
    shown.paste(strip.convert("RGB"), (0, picture.height - strip.height), strip.getchannel("A"))
    return shown


def encoded(picture: Image.Image, comment: str = "") -> bytes:
    """JPEG without anything that the original carried beside its pixels (EXIF: place, telephone, time)."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, comment=comment.encode())
    return out.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    """One of our own derivatives."""
    return Image.open(io.BytesIO(jpeg), formats=("JPEG",)).convert("RGB")


def chinese_font() -> str | None:
    """The first font file of the list that this machine has; None: marks go without their Chinese words."""
    return next((path for path in FONTS if Path(path).exists()), None)


def _opened(jpeg: bytes, most_px: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(jpeg), formats=SCANS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NotAPicture(f"{opened.width} × {opened.height}")
            opened.draft("RGB", (most_px * 2, most_px * 2))
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture(str(error)) from error
    picture.thumbnail((most_px, most_px), Image.Resampling.LANCZOS)
    return picture


def _widened(face: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    wide, high = (round((face.right - face.left) * WIDER), round((face.bottom - face.top) * WIDER))
    return (
        max(0, face.left - wide), max(0, face.top - high), min(size[0], face.right + wide + 1),
        min(size[1], face.bottom + high + 1),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _font(size: int) -> Font:
    path = chinese_font()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def _printable(line: str, font: Font) -> str:
    return (
        line if isinstance(font, ImageFont.FreeTypeFont) and chinese_font() else line.encode("ascii", "ignore").decode()
    )
