"""Forms of the screen: each is taken once, from this screen only; digits typed without JavaScript wait here."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import Request

from config.errors import Refused
from config.words import say

KEPT = 32  # forms that were shown and may still come back; one screen needs few
KEYS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a shown form stands for. `typed`: digits pressed so far; `first`: a code typed once, to be typed again."""

    typed: str = ""
    first: str = ""


class Forms:
    """The forms that were shown and not sent yet."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, Ticket] = OrderedDict()
        self._lock = threading.Lock()

    def issue(self, typed: str = "", first: str = "") -> str:
        """The token of a form that is being shown."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._shown[token] = Ticket(typed, first)
            while len(self._shown) > KEPT:
                self._shown.popitem(last=False)
        return token

    def take(self, request: Request) -> Ticket:
        """The ticket of a form that was sent, which is void from now on. Refused when it was sent before."""
        with self._lock:
            ticket = self._shown.pop(request.form.get("token", ""), None)
        if ticket is None:
            raise Refused(
                say("这一页已经提交过，或放得太久"), saved=say("这一次没有再记录"), remedy=say("请回到主屏重新开始")
            )
        return ticket


def is_own(request: Request) -> bool:
    """Whether a sent form comes from a page of this screen, by the Origin that every browser states with one."""
    return request.headers.get("Origin") == f"http://{request.environ.get('HTTP_HOST', '')}"


def entered(request: Request, ticket: Ticket, longest: int) -> tuple[str, bool]:
    """The digits typed so far, and whether they were sent off (else a key of the pad was pressed)."""
    digits = ticket.typed + request.form.get("code", "").strip()
    key = request.form.get("key", "")
    if key == "back":
        return digits[:-1], False
    if key in KEYS and key:
        return (digits + key)[:longest], False
    return digits, True
