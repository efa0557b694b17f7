"""Registering tags by laying them on a reader: the next one means the checkpoint that was chosen."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from config.words import say
from drivers.contract import Tap
from station.display import Shown, Tone
from station.journal import Journal
from station.papers import Checkpoint, Papers
from station.round_facts import Tag
from station.sun import BadSun
from station.tapping import TagBook, Tapping


@dataclass(frozen=True, slots=True)
class Registering:
    """A tag that is waited for, or what came of it in words."""

    point: Checkpoint
    state: Literal["waiting", "done", "refused"] = "waiting"
    words: str = ""


class Tagging:
    """The registering of the moment; one at a time."""

    def __init__(
        self, tapping: Tapping, journal: Journal, book: TagBook, papers: Callable[[], Papers | None],
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._tapping, self._journal, self._book, self._papers, self._now = tapping, journal, book, papers, now
        self._lock = threading.Lock()
        self.now: Registering | None = None

    def begin(self, point: Checkpoint, by: str) -> None:
        """Wait for a tag to lay at this checkpoint; `by`: who opened the administration, empty for the rescue code."""
        with self._lock:
            self.now = Registering(point)
        self._tapping.claim(lambda tap: self._came(tap, point, by))

    def stop(self) -> None:
        """Wait no longer."""
        with self._lock:
            if self.now is not None and self.now.state == "waiting":
                self._tapping.claim(None)
            self.now = None

    def count(self, point: Checkpoint) -> int:
        """How many tags mean a checkpoint."""
        return len(self._book.of(point.id, self._papers()))

    def _came(self, tap: Tap, point: Checkpoint, by: str) -> Shown:
        held = self._papers()
        known = self._book.find(tap.uid, held) if tap.uid else None
        if not tap.uid:
            return self._ended(point, "refused", "red", say("这是印刷的二维码，请在中枢登记"), 0, tap)
        if known is not None and known.checkpoint == point.id:
            return self._ended(point, "done", "blue", say("这个标签已登记在这里"), 0, tap)
        if known is not None:
            there = next((one.name for one in held.checkpoints if one.id == known.checkpoint), "—") if held else "—"
            words = say("这个标签已登记在 {name}，请先在中枢停用它", name=there)
            return self._ended(point, "refused", "red", words, 0, tap)
        try:
            medium = self._tapping.medium_of(tap)
        except BadSun:
            words = say("这枚防复制标签不是用本厅密钥写的，没有登记；请管理员在中枢取密钥写好后再贴")
            return self._ended(point, "refused", "red", words, 0, tap)
        fact = self._journal.append(Tag(uid=tap.uid, medium=medium, checkpoint=point.id, by=by))
        self._book.learn(fact)
        words = say("标签已登记：{uid}", uid=tap.uid)
        if medium == "sun":
            words = say("防复制标签已登记：{uid}。与中枢同步后可用", uid=tap.uid)
        return self._ended(point, "done", "green", words, fact.seq, tap)

    def _ended(
        self, point: Checkpoint, state: Literal["done", "refused"], tone: Tone, words: str, seq: int, tap: Tap
    ) -> Shown:
        with self._lock:
            self.now = Registering(point, state, words)
        return Shown(tone, point.name, words, "", f"{self._now():%H:%M:%S}", seq, tap.at_monotonic_ns, kind="tag")
