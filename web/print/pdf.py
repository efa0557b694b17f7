"""PDF by typst: the template beside this file, data as JSON, pictures as bytes, Chinese fonts of the machine."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from config.errors import Refused
from config.words import say

TEMPLATES = Path(__file__).parent
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
CHINESE = ("WenQuanYi Zen Hei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei")


class NoFont(Refused):
    """No Chinese font is installed: install the one that the list of system packages names."""


def pdf(template: str, data: Any) -> bytes:
    """The paper `template` (a name without .typ) with `data`. NoFont when its words could not be printed."""
    import typst

    if not (font := chinese_font()):
        raise NoFont(say("这台机器没有中文字体，印不出表格"), remedy=say("请管理员安装 fonts-wqy-zenhei 后再试"))
    inputs = {"data": json.dumps(data, ensure_ascii=False), "font": font}
    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=[*FONT_FOLDERS], ignore_system_fonts=True,
        sys_inputs=inputs, pdf_tags=False,
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """The first of the known Chinese fonts that this machine has; "" for none."""
    import typst

    families = set(typst.Fonts(include_system_fonts=False, font_paths=[*FONT_FOLDERS]).families())
    return next((name for name in CHINESE if name in families), "")
