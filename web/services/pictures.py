"""Pictures that people send: what may be kept as one, and the hub's store of them."""

import io
import shutil
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from config.settings import DiskSettings
from config.words import say
from station.photos import JPEG, MAX_BYTES, MAX_PIXELS, NoRoom, kind_of
from web.services.errors import BadInput
from web.services.hub import Hub

LARGEST = MAX_BYTES
MOST_PIXELS = MAX_PIXELS
MOST = 3  # pictures with one check


def check_picture(content: bytes, kinds: Sequence[str] = JPEG) -> None:
    """BadInput unless these bytes are a whole JPEG (one of `kinds`) of a sane size, whatever their name says."""
    kind = kind_of(content)
    if len(content) > LARGEST:
        raise BadInput(say("照片超过 {n} 兆字节", n=LARGEST // 1024 // 1024), remedy=say("请调低相机的照片尺寸后重拍"))
    if kind not in kinds:
        named = say("这个文件不是 {kinds} 照片", kinds=say("或").join(kinds))
        raise BadInput(named, remedy=say("请用“拍照”重新拍一张"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=(kind,)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise _too_many()
                if kind == "PNG":
                    image.verify()  # every part against its check sum, without the memory that its pixels take
                    return
                image.draft("L", (width // 8, height // 8))  # an eighth of each side tells a torn file as well
                image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many() from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInput(say("照片不完整或已损坏"), remedy=say("请重新拍一张")) from error


def keep_all(hub: Hub, contents: Iterable[bytes]) -> tuple[str, ...]:
    """Check these pictures, keep them all, and answer their digests in order. BadInput or NoRoom keeps none."""
    return keep(hub, contents, JPEG, MOST, say("请先保存，再到这个巡查点补充"))


def keep(hub: Hub, contents: Iterable[bytes], kinds: Sequence[str], most: int, beyond: str) -> tuple[str, ...]:
    """The same for pictures of some kinds, so many at most; `beyond`: what to do with more of them."""
    given = list(contents)
    if len(given) > most:
        raise BadInput(say("一次最多 {n} 张照片", n=most), remedy=beyond)
    for content in given:
        check_picture(content, kinds)
    if given and _full(hub.settings.folder):
        raise NoRoom(say("中枢磁盘将满，照片没有保存"), remedy=say("请告知管理员清理磁盘"))
    return tuple(hub.photos.keep(content, kinds) for content in given)


def _full(folder: Path) -> bool:
    usage = shutil.disk_usage(folder)
    return usage.used * 100 >= (usage.used + usage.free) * DiskSettings().full_percent


def _too_many() -> BadInput:
    words = say("照片超过 {n} 万像素", n=MOST_PIXELS // 10_000)
    return BadInput(words, remedy=say("请调低相机的照片尺寸后重拍"))
