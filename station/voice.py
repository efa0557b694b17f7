"""The station's spoken words: which clips there should be, which are there, and which belong to a result."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from drivers.signals.voice import VOICE, WORDS_A_MINUTE
from station.display import Shown
from station.papers import Papers

FOLDER = "voice"
# Kind of the glance → what is said after the name, in pinyin.
PHRASES = {
    "on_time": "shang4ban1 da3ka3 cheng2gong1",  # 上班打卡成功
    "late": "chi2dao4, yi3 ji4lu4",  # 迟到，已记录
    "off": "xia4ban1 da3ka3 cheng2gong1",  # 下班打卡成功
    "leaving_early": "zao3tui4, yi3 ji4lu4",  # 早退，已记录
    "repeat": "yi3 da3guo4 ka3",  # 已打过卡
    "noted": "yi3 ji4lu4",  # 已记录
    "recorded": "yi3 ji4lu4",
    "unsynced": "yi3 ji4lu4, shi2jian1 dai4 jiao4zhun3",  # 已记录，时间待校准
    "exit": "wai4chu1, yi3 deng1ji4",  # 外出，已登记
    "back": "fan3hui2, yi3 deng1ji4",  # 返回，已登记
    "no_match": "mei2you3 shi2bie2, qing3 chong2 an4",  # 没有识别，请重按
    "ask_duty_leader": "qing3 zhao3 zhi2ban1zhang3 qian1dao4",  # 请找值班长签到
    "round_soon": "ding4shi2 xun2cha2 ji2jiang1 kai1shi3",  # 定时巡查即将开始
    "round_due": "ding4shi2 xun2cha2 shi2jian1 dao4 le5",  # 定时巡查时间到了
    "round_overdue": "ding4shi2 xun2cha2 hai2 mei2you3 kai1shi3, qing3 jin3kuai4 xun2cha2",  # 还没有开始，请尽快巡查
    "round_missed": "ding4shi2 xun2cha2 yu4shi2 wei4 xun2",  # 定时巡查逾时未巡
    "round_drawn": "sui2ji1 xun2cha2 shi2jian1 dao4 le5, qing3 xian4zai4 xun2cha2",  # 随机巡查时间到了，请现在巡查
    "round_drawn_late": "sui2ji1 xun2cha2 hai2 mei2you3 kai1shi3, qing3 jin3kuai4 xun2cha2",  # 还没有开始，请尽快巡查
    "not_kept": "wei4neng2 ji4lu4, qing3 yong4 qian1dao4biao3",  # 未能记录，请用签到表
}
# Where a result has no kind: by its colour.
BY_TONE = {"green": "yi3 ji4lu4", "amber": "qing3 kan4 ping2mu4", "red": "qing3 kan4 ping2mu4", "blue": ""}


def reading(spoken: str) -> str:
    """A name's reading as the voice takes it: a syllable without a tone number has the neutral tone."""
    syllables = spoken.casefold().replace("u:", "ü").split()
    return " ".join(each if each[-1].isdigit() else each + "5" for each in syllables)


def readings(held: Papers | None) -> dict[str, str]:
    """Name as shown → its reading; a name that two people read differently is left unsaid."""
    found: dict[str, str] = {}
    for person in held.people if held else ():
        if person.spoken:
            spoken = reading(person.spoken)
            found[person.name] = spoken if found.get(person.name, spoken) == spoken else ""
    return found


def wanted(names: dict[str, str]) -> list[str]:
    """Every text that should have a clip: the phrases first, then the names."""
    texts = [*PHRASES.values(), *BY_TONE.values(), *names.values()]
    return [text for text in dict.fromkeys(texts) if text]


def said(shown: Shown, names: dict[str, str]) -> list[str]:
    """What is said for a result: the name, where there is one, and the phrase."""
    texts = [names.get(shown.name, ""), PHRASES.get(shown.kind) or BY_TONE[shown.tone]]
    return [text for text in texts if text]


def clip(folder: Path, text: str) -> Path:
    """Where the clip of a text lies, in a station's data folder."""
    digest = hashlib.sha256(f"{VOICE}\n{WORDS_A_MINUTE}\n{text}".encode()).hexdigest()
    return folder / FOLDER / f"{digest[:32]}.wav"


def missing(folder: Path, texts: Iterable[str]) -> list[str]:
    """The texts that have no clip yet."""
    return [text for text in texts if not clip(folder, text).exists()]


def surplus(folder: Path, texts: Iterable[str]) -> list[Path]:
    """Clips that nobody needs any more: who left the hall is not kept as a voice either."""
    needed = {clip(folder, text) for text in texts}
    return sorted(path for path in (folder / FOLDER).glob("*") if path not in needed)
