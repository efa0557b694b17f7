"""What a password may be: long enough, and none of those that everybody tries first."""

import secrets
from functools import cache
from pathlib import Path

from config.words import say
from web.services.errors import BadInput

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else


def check_password(password: str, name: str) -> None:
    """BadInput unless the password is long enough and not easily guessed for the account of this name."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(say("密码至少 {least} 个字符", least=SHORTEST_PASSWORD), remedy=say("请换一个"))
    plain = password.lower()
    if plain in common() or name in plain or len(set(plain)) < 4:
        raise BadInput(say("这个密码太容易猜到"), remedy=say("请换一个"))


@cache
def common() -> frozenset[str]:
    """Three thousand common passwords; the file says where they are from."""
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def one_time_password() -> str:
    """Twelve letters and digits that cannot be mistaken for one another (58 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
