"""A long list, a page at a time."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from flask import request

_One = TypeVar("_One")


class Page(NamedTuple, Generic[_One]):
    """One page of a list: its rows, which page it is (from 1), how many there are, and how many rows in all."""

    rows: Sequence[_One]
    number: int
    pages: int
    total: int


def asked(rows: Sequence[_One], size: int) -> Page[_One]:
    """The page that the address asks for; the nearest one there is."""
    pages = max(1, -(-len(rows) // size))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return Page(rows[size * (number - 1) : size * number], number, pages, len(rows))
