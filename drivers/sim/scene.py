"""What a simulated camera sees: a hall's counter, somebody walking by, a clock in the corner."""

from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont

LOOKS: Final = ("frozen", "dark", "covered", "blurred")
QUALITY = 85


class Scene:
    """Pictures by their number; the same number gives the same bytes."""

    def __init__(self, width: int = 1280, height: int = 720, seed: int = 1) -> None:
        self.size = width, height
        self._hall = _hall(width, height, seed)
        self._font = ImageFont.load_default(size=max(12, height // 24))

    def jpeg(self, number: int, stamp: str, look: str = "") -> bytes:
        """The picture with this number, `stamp` written on it; `look`: one of `LOOKS`, frozen not among them here."""
        if look == "covered":
            return _bytes(_covered(self.size, number))
        picture = self._hall.copy()
        width, height = self.size
        pen = ImageDraw.Draw(picture)
        left = number * width // 80 % width
        pen.rectangle((left, height // 3, left + width // 16, height - height // 8), fill=(40, 60, 120))
        pen.text((width // 64, height // 64), stamp, fill=(255, 255, 0), font=self._font)
        if look == "blurred":
            picture = picture.filter(ImageFilter.GaussianBlur(max(2, width // 200)))
        if look == "dark":
            picture = picture.point(lambda level: level * 0.05)
        return _bytes(picture)


def _hall(width: int, height: int, seed: int) -> Image.Image:
    chance = Random(seed)  # noqa: S311 - the scene must be the same each time
    picture = Image.new("RGB", (width, height), (176, 184, 190))
    pen = ImageDraw.Draw(picture)
    for _ in range(160):
        left, top = chance.randrange(width), chance.randrange(height)
        box = (left, top, left + chance.randrange(8, width // 8), top + chance.randrange(6, height // 8))
        pen.rectangle(box, fill=tuple(chance.randrange(30, 235) for _ in range(3)), outline=(20, 20, 20))
    return picture


def _covered(size: tuple[int, int], number: int) -> Image.Image:
    """A thumb on the lens: one reddish tone, breathing a little."""
    return Image.new("RGB", size, (96 + number % 3, 40, 36))


def _bytes(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
