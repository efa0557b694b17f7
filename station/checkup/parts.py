"""What the settings ask for besides: letters for the screen, a voice, pins."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.settings import SignalSettings
from config.words import say, series
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line

GPIO = Path("/dev/gpiochip0")
LOOK_S = 3.0


@dataclass(frozen=True, slots=True)
class PartsSeen:
    """What is installed here. `silent`: how many of the voice's texts have no clip yet."""

    chinese_font: bool
    espeak: bool
    aplay: bool
    gpio: bool
    silent: int = 0


def see_parts(silent: int, gpio: Path = GPIO) -> PartsSeen:
    """Look for the programs, the fonts and the pins."""
    return PartsSeen(
        has_chinese_font(), shutil.which("espeak-ng") is not None, shutil.which("aplay") is not None,
        os.access(gpio, os.R_OK | os.W_OK), silent,
    )  # fmt: skip


def has_chinese_font() -> bool:
    """Whether a font with Chinese characters is installed (fc-list)."""
    command = ["fc-list", ":lang=zh", "family"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=LOOK_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(done.stdout.strip())


def parts_lines(seen: PartsSeen, signals: SignalSettings) -> list[Line]:
    """What to say of them; what the settings do not ask for is not mentioned."""
    return [_font_line(seen), *(_voice_lines(seen) if signals.voice else []), *_gpio_lines(seen, signals)]


def _font_line(seen: PartsSeen) -> Line:
    if seen.chinese_font:
        return Line(WELL, say("字体"), say("有中文字体"))
    remedy = say("打卡屏的汉字会显示成方框；请安装：apt-get install fonts-wqy-zenhei fontconfig")
    return Line(WORTH_A_LOOK, say("字体"), say("没有找到中文字体"), remedy)


def _voice_lines(seen: PartsSeen) -> list[Line]:
    absent = [name for name, there in (("espeak-ng", seen.espeak), ("alsa-utils", seen.aplay)) if not there]
    if absent:
        remedy = say("请安装：apt-get install {packages}", packages=" ".join(absent))
        return [Line(WRONG, say("语音"), say("缺少 {packages}", packages=series(absent)), remedy)]
    if seen.silent:
        words = say("还有 {n} 段语音没有生成", n=seen.silent)
        return [Line(WORTH_A_LOOK, say("语音"), words, say("考勤站运行时会自动生成；读不出的名字请在中枢改正读音"))]
    return [Line(WELL, say("语音"), say("已备好"))]


def _gpio_lines(seen: PartsSeen, signals: SignalSettings) -> list[Line]:
    if not signals.pins():
        return []
    if signals.factory == "mock":
        remedy = say("正式使用请去掉 [signals] 的 factory")
        return [Line(WORTH_A_LOOK, say("信号灯"), say("用的是模拟引脚，不会亮"), remedy)]
    if not seen.gpio:
        remedy = say("请核对主板，并把运行账号加入 gpio 组；不用信号灯就去掉 [signals] 的引脚")
        return [Line(WRONG, say("信号灯"), say("打不开 GPIO"), remedy)]
    return [Line(WELL, say("信号灯"), say("引脚可用"))]
