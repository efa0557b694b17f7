"""Progress of long work on the command line: a bar after two seconds, plain lines where nobody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from config.words import say

if TYPE_CHECKING:
    from rich.progress import Progress

AFTER_S = 2.0
LINE_EVERY_S = 10.0


@contextmanager
def counted(title: str) -> Iterator[Callable[[int, int], None]]:
    """Something to call with (done, of). Nothing is shown within the first two seconds."""
    shown = _Shown(title)
    try:
        yield shown.tell
    finally:
        shown.end()


class _Shown:
    def __init__(self, title: str) -> None:
        self._title = title
        self._due = time.monotonic() + AFTER_S
        self._bar: Progress | None = None

    def tell(self, done: int, of: int) -> None:
        if time.monotonic() < self._due:
            return
        if sys.stderr.isatty():
            self._draw(done, of)
        else:
            click.echo(say("{title}：{done}/{of}", title=self._title, done=done, of=of), err=True)
            self._due = time.monotonic() + LINE_EVERY_S

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _draw(self, done: int, of: int) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.add_task(self._title)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=of)
