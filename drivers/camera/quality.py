"""Whether a picture is good enough to leave the checkpoint with, from its measures. Pure.

Bounds from seven measured scenes: noise lifts the sharpness of dark pictures, so dark and covered come first; sharp
and mildly blurred scenes overlap, so blur is judged against the camera's own past.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final, Literal

from config.words import say
from drivers.contract import Measures

Fault = Literal["covered", "dark", "frozen", "blurred"]

DARK_MEAN: Final = 25.0
DARK_SHARE: Final = 0.9
COVERED_SPREAD: Final = 5.0
COVERED_BLOCKS: Final = 5.0
FROZEN_SHARE: Final = 0.0002  # of pixels; the noise of a living sensor alone changes more
STILL_S: Final = 0.5  # a living camera's pictures differ over this time
BLUR_SHARE: Final = 0.5  # of the usual sharpness
BASELINE_LEAST: Final = 5  # pictures from which what is usual is known
BASELINE_MOST: Final = 21  # the newest ones count


def fault_of(measures: Measures, baseline: Sequence[float]) -> Fault | None:
    """What is wrong with a picture; None: nothing. `baseline`: sharpness of the camera's pictures before."""
    if measures.mean < DARK_MEAN or measures.dark >= DARK_SHARE:
        return "dark"
    if measures.spread < COVERED_SPREAD and measures.block_spread < COVERED_BLOCKS:
        return "covered"
    if measures.changed is not None and measures.changed <= FROZEN_SHARE:
        return "frozen"
    if len(baseline) >= BASELINE_LEAST and measures.sharpness < BLUR_SHARE * median(baseline):
        return "blurred"
    return None


def learned(baseline: Sequence[float], measures: Measures) -> list[float]:
    """The baseline with a kept picture's sharpness in it."""
    return [*baseline, round(measures.sharpness, 1)][-BASELINE_MOST:]


def words_for(fault: Fault) -> str:
    """What people are told, with what to do."""
    return {
        "dark": say("画面太暗，请开灯或移开遮挡后重拍"),
        "covered": say("镜头好像被挡住了，请移开后重拍"),
        "frozen": say("画面没有变化，摄像头可能卡住了，请重拍"),
        "blurred": say("画面模糊，请擦净镜头、拿稳后重拍"),
    }[fault]
