"""What of a page read in English is still Chinese and not the hall's own: names, notes and what its people wrote."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser

from sqlalchemy import String, select

from tests.config.catalogue import CHINESE, words
from tests.web.crowds import Crowd
from web.ledger.tables import metadata

READ = ("title", "aria-label", "placeholder", "alt", "data-head", "value")  # attributes that somebody reads or hears
VOID = ("br", "hr", "img", "input", "link", "meta", "source", "wbr")
# The three words of a calendar's file, which is read in Chinese only; the robots' keyword, which stands in each
# of their messages; and the mark between two words on paper.
STAYS = re.compile("[休班常\u3000]|“在岗”")
WRITTEN = ("name", "reason", "note", "text")  # chosen or written by people, also where we have the same words
LONGEST = 400  # letters of what people write; what is longer is a paper or a policy


class Words(HTMLParser):
    """The words of a page, without those that it marks as Chinese by `lang`: a clause, a button to read in Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element."""
        given = dict(attrs)
        apart = tag in ("script", "style") or (given.get("lang") or "").startswith("zh") or self._apart()
        if not apart:
            field = tag != "input" or given.get("type") not in ("submit", "button")
            self.found += [text for name, text in attrs if name in READ and text and not (field and name == "value")]
        if tag not in VOID:
            self._open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        """Come out of it, and of what was left open within."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Words of the element that stands open."""
        if data.strip() and not self._apart():
            self.found.append(data.strip())

    def _apart(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def own_words(crowd: Crowd) -> re.Pattern[str]:
    """Everything that the hall's tables hold in Chinese, but for what the product itself says."""
    ours, found = set(words()), {crowd.hall.hub.hall.name}
    with crowd.hall.hub.ledger.reading() as session:
        for table in metadata().sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String) and table.name != "policies":
                    for text in session.execute(select(column).distinct()).scalars():
                        found |= {
                            each for name, each in _said(column.name, text) if name in WRITTEN or each not in ours
                        }
    return re.compile("|".join(map(re.escape, sorted(filter(CHINESE.search, found), key=len, reverse=True))))


def left_in_chinese(page: str, own: re.Pattern[str]) -> list[str]:
    """What remains in a page that was asked for in English."""
    read = Words()
    read.feed(page)
    return sorted({text for text in read.found if CHINESE.search(STAYS.sub("", own.sub("", text)))})


def _said(name: str, told: object) -> Iterator[tuple[str, str]]:
    """A text under the name that it stands by; of a document every text in it."""
    if isinstance(told, dict):
        for key, each in told.items():
            yield from _said(key, each)
    elif isinstance(told, list):
        for each in told:
            yield from _said(name, each)
    elif isinstance(told, str) and told.startswith(("{", "[")):
        with suppress(ValueError):
            yield from _said(name, json.loads(told))
    elif isinstance(told, str) and len(told) <= LONGEST:
        yield name, told
