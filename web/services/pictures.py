"""Pictures that people send: what may be kept as one, and the hub's store of them."""

import io
import shutil
import warnings
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from config.settings import DiskSettings
from config.words import say
from station.photos import MAX_BYTES, MAX_PIXELS, NoRoom
from web.services.errors import BadInput
from web.services.hub import Hub

LARGEST = MAX_BYTES
MOST_PIXELS = MAX_PIXELS
MOST = 3  # pictures with one check
_MAGIC = b"\xff\xd8\xff"


def check_picture(content: bytes) -> None:
    """BadInput unless these bytes are a whole JPEG of a sane size, whatever their name says."""
    if len(content) > LARGEST:
        raise BadInput(say("照片超过 {n} 兆字节", n=LARGEST // 1024 // 1024), remedy=say("请调低相机的照片尺寸后重拍"))
    if not content.startswith(_MAGIC):
        raise BadInput(say("这个文件不是 JPEG 照片"), remedy=say("请用“拍照”重新拍一张"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise _too_many()
                image.draft("L", (width // 8, height // 8))  # an eighth of each side tells a torn file as well
                image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many() from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInput(say("照片不完整或已损坏"), remedy=say("请重新拍一张")) from error


def keep_all(hub: Hub, contents: Iterable[bytes]) -> tuple[str, ...]:
    """Check these pictures, keep them all, and answer their digests in order. BadInput or NoRoom keeps none."""
    given = list(contents)
    if len(given) > MOST:
        raise BadInput(say("一次最多 {n} 张照片", n=MOST), remedy=say("请先保存，再到这个巡查点补充"))
    for content in given:
        check_picture(content)
    if given and _full(hub.settings.folder):
        raise NoRoom(say("中枢磁盘将满，照片没有保存"), remedy=say("请告知管理员清理磁盘"))
    return tuple(hub.photos.keep(content) for content in given)


def _full(folder: Path) -> bool:
    usage = shutil.disk_usage(folder)
    return usage.used * 100 >= (usage.used + usage.free) * DiskSettings().full_percent


def _too_many() -> BadInput:
    words = say("照片超过 {n} 万像素", n=MOST_PIXELS // 10_000)
    return BadInput(words, remedy=say("请调低相机的照片尺寸后重拍"))
