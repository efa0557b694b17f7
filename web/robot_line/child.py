"""A process for one message: the message in on standard input, what the service answered out on standard output.

A process of its own, because apprise is slow to load, its deadlines do not bound the look-up of a name, and it writes
keys into its log. Question: a JSON object of kind, key, secret and text. Answer: {"status": …, "body": …} as the
service gave it, or {"failed": "key" | "timeout" | "certificate" | "connection"}.
"""

import json
import sys
from typing import Any
from urllib.parse import unquote

import requests
from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

PATIENCE_S = 4  # to connect, and for each piece of the answer
MOST_BODY = 2000
Answer = dict[str, Any]


class DingTalk(NotifyDingTalk):
    """DingTalk with a signature that is escaped once, not twice: escaped twice, the service refuses every one."""

    def get_signature(self) -> tuple[str, str]:
        """The time in milliseconds and the signature, as they stand before the address is put together."""
        at, sign = super().get_signature()  # type: ignore[no-untyped-call]
        return at, unquote(sign)


def main() -> None:
    """Send one message."""
    json.dump(answer_to(json.load(sys.stdin)), sys.stdout)


def answer_to(asked: dict[str, str]) -> Answer:
    """What came of it.

    apprise tells only yes or no, and says yes to any answer of status 200; these services refuse with status 200 and
    a number in the body. So the answer itself is listened to.
    """
    heard: Answer = {"failed": "key"}
    post = requests.post

    def listening(*args: Any, **kwargs: Any) -> requests.Response:
        heard.clear()
        try:
            response = post(*args, **kwargs)
        except requests.RequestException as error:
            heard["failed"] = _why(error)
            raise
        heard.update(status=response.status_code, body=response.text[:MOST_BODY])
        return response

    requests.post = listening
    try:
        _robot(asked).notify(body=asked["text"])
    except TypeError:  # apprise's word for a key that cannot be one
        return {"failed": "key"}
    finally:
        requests.post = post
    return heard


def _robot(asked: dict[str, str]) -> NotifyBase:
    more = {"cto": PATIENCE_S, "rto": PATIENCE_S, "redirect": "no"}
    if asked["kind"] == "wecom":
        return NotifyWeComBot(key=asked["key"], **more)
    if asked["kind"] == "dingtalk":
        return DingTalk(token=asked["key"], secret=asked["secret"] or None, **more)  # type: ignore[no-untyped-call]
    return NotifyFeishu(token=asked["key"], **more)


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate"
    return "timeout" if isinstance(error, requests.Timeout) else "connection"


if __name__ == "__main__":
    main()
