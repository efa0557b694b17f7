"""The one spelling of a card's number: readers, stickers and wedges write the same 125 kHz card in three ways.

Hex 00E3086C, decimal 0014878828 (wedges), 227,02156 (printed: the upper 8 bits after the first byte, the lower 16).
"""

import re
from typing import Literal

Spelling = Literal["auto", "decimal", "hex"]

_PRINTED = re.compile(r"(\d{1,3})[,.](\d{1,5})")
_DECIMAL = re.compile(r"\d{8,10}")
_HEX = re.compile(r"[0-9A-Fa-f]{8,20}")
_WORD = 2**32


def uid_of(number: int) -> str:
    """A 125 kHz card's uid: eight hex digits."""
    return f"{number:08X}"


def uid_from(text: str, spelling: Spelling = "auto") -> str | None:
    """The uid that a wedge typed or somebody read off a card; None when it is no card's number.

    `auto`: eight to ten digits without a letter are decimal, as nearly all wedges write; `hex`: they are not.
    """
    text = text.strip()
    if printed := _PRINTED.fullmatch(text):
        upper, lower = int(printed[1]), int(printed[2])
        return uid_of(upper << 16 | lower) if upper < 256 and lower < 65536 else None
    if spelling != "hex" and _DECIMAL.fullmatch(text):
        return uid_of(int(text)) if int(text) < _WORD else None
    if spelling != "decimal" and _HEX.fullmatch(text) and len(text) % 2 == 0:
        return text.upper()
    return None
