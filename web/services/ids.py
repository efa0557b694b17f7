"""Ids as they come from outside: looked at before they are looked up."""

import re

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether this can be the id of anything here."""
    return _UUID.fullmatch(text) is not None
