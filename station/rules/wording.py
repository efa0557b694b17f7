"""Sentences with gaps, put together once and read by anyone in their own language."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """A sentence in Chinese with {named} gaps, and what fills them: numbers, text as it is, other words, a list."""

    text: str
    gaps: Mapping[str, object] = {}

    def read(self, translate: Callable[[str], str]) -> str:
        """The sentence, each of its parts through `translate`."""
        words = translate(self.text)
        return (
            words.format(**{name: _filled(gap, translate) for name, gap in self.gaps.items()}) if self.gaps else words
        )


def _filled(gap: object, translate: Callable[[str], str]) -> object:
    if isinstance(gap, Words):
        return gap.read(translate)
    return translate("、").join(str(_filled(each, translate)) for each in gap) if isinstance(gap, list) else gap
