"""The fingerprint module: does it answer, and do its places and the journal's facts agree."""

from dataclasses import dataclass

from config.words import say, series
from drivers.catalogue import READERS
from drivers.contract import FingerReader
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line

NEARLY_FULL = 0.95
NAMED = 10  # places named in one line


@dataclass(frozen=True, slots=True)
class ModuleSeen:
    """A module that answered: what it is, its places used that no fact knows, and known places that it lacks."""

    driver: str
    model: str
    capacity: int
    stored: int
    orphans: tuple[int, ...]
    missing: tuple[int, ...]


def see_module(reader: FingerReader, driver: str, taken: set[int]) -> ModuleSeen:
    """Ask the module. `driver`: its name in the settings; `taken`: the places that facts give to somebody."""
    info, used = reader.info(), reader.places()
    return ModuleSeen(
        driver, info.model, info.capacity, len(used), tuple(sorted(used - taken)), tuple(sorted(taken - used))
    )


def module_lines(seen: ModuleSeen) -> list[Line]:
    """What to say of a module that answered."""
    model = say("{model}，已录 {stored}/{capacity} 枚", model=seen.model, stored=seen.stored, capacity=seen.capacity)
    lines = [Line(WELL, say("指纹机"), model)]
    if seen.stored >= seen.capacity * NEARLY_FULL:
        lines = [Line(WORTH_A_LOOK, say("指纹机"), say("{model}，快满了", model=model), say("请删除离岗人员的指纹"))]
    return lines + _driver_line(seen) + _places_lines(seen)


def module_gone(words: str) -> list[Line]:
    """What to say of a module that did not answer; `words` tell why and what to do."""
    return [Line(WRONG, say("指纹机"), words, say("在恢复之前请用签到；检查插头、供电和连线"))]


def _driver_line(seen: ModuleSeen) -> list[Line]:
    first = next(iter(READERS))
    if seen.driver == first:
        return []
    remedy = say("请在 station.toml 的 [reader] 中改为 driver = “{first}”", first=first)
    return [Line(WORTH_A_LOOK, say("驱动"), say("用的是备选驱动 {driver}", driver=seen.driver), remedy)]


def _places_lines(seen: ModuleSeen) -> list[Line]:
    lines = []
    if seen.orphans:
        words = say("模块里有 {n} 枚没有归属的指纹（位置 {places}）", n=len(seen.orphans), places=_named(seen.orphans))
        remedy = say("这些手指按了也不算打卡；请找本人重新录入，或清掉这些位置")
        lines.append(Line(WORTH_A_LOOK, say("指纹位置"), words, remedy))
    if seen.missing:
        words = say("有 {n} 枚录过的指纹不在模块里（位置 {places}）", n=len(seen.missing), places=_named(seen.missing))
        remedy = say("模块可能被换过或清空过；请给这些人重新录入")
        lines.append(Line(WRONG, say("指纹位置"), words, remedy))
    return lines or [Line(WELL, say("指纹位置"), say("与账本一致"))]


def _named(places: tuple[int, ...]) -> str:
    return series(map(str, places[:NAMED])) + ("…" if len(places) > NAMED else "")
