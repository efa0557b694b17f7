"""One-time codes that people type: ten letters and digits (50 bits); only their hashes are kept."""

import hashlib
import secrets

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
LENGTH = 10


def new_code() -> str:
    """A code as it is shown: two groups of five."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def mark_of(typed: str) -> str:
    """What is kept of a code, or compared with it, however it was typed (SHA-256, hex)."""
    plain = "".join(letter for letter in typed.upper() if letter in LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()
