"""Reaching a group robot: its address as the service shows it, a message with a deadline, and the answer in words."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

from config.words import say

DEADLINE_S = 9.0  # the process is killed then: whoever presses the test button waits
LONGEST_REASON = 120  # letters of the service's own words
Kind = Literal["wecom", "dingtalk", "feishu"]
KEYWORD = "在岗"  # in every message, in any language: a robot can be set to let only such pass
WORDS: dict[str, str] = {"wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书"}
_KEY = re.compile(r"[A-Za-z0-9_-]{8,120}")
_PLAIN = re.compile(r"[A-Za-z0-9]{8,120}")
_FEISHU = re.compile(r"/open-apis/bot/v2/hook/([A-Za-z0-9_-]{8,120})/?")
_REMEDIES: dict[tuple[str, int], str] = {
    ("wecom", 93000): "地址不对，或机器人已被移出群",
    ("wecom", 45009): "发送过于频繁，稍后自动再发",
    ("dingtalk", 310000): "没有通过机器人的安全设置，请核对关键词、加签密钥或 IP 地址段",
    ("dingtalk", 300001): "地址不对，或机器人已被移出群",
    ("dingtalk", 130101): "发送过于频繁，稍后自动再发",
    ("feishu", 19001): "地址不对，或机器人已被移出群",
    ("feishu", 19021): "机器人开了签名校验，请改为关键词“{keyword}”",
    ("feishu", 19022): "本机的出口 IP 不在机器人的白名单里",
    ("feishu", 19024): "没有通过关键词检查，请把关键词设为“{keyword}”",
    ("feishu", 11232): "发送过于频繁，稍后自动再发",
}
_FAILURES = {
    "key": "机器人地址不能用，请删除后重新添加",
    "timeout": "对方没有按时答复",
    "certificate": "对方的证书不可信，没有发送",
    "connection": "连不上对方服务器，请检查本机能否访问外网",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a robot is reached. `key` and `secret` open it to whoever has them: kept sealed, shown to nobody."""

    kind: Kind
    key: str
    secret: str = ""

    def __repr__(self) -> str:
        return f"Address({self.kind})"


class Outcome(NamedTuple):
    """Whether the service took the message; what it said, in words, when it did not."""

    sent: bool
    words: str = ""


def read_address(text: str, secret: str = "") -> Address | None:
    """The robot behind a webhook address of one of the three services; None for any other address.

    `secret`: what DingTalk signs with; nothing for the others.
    """
    try:
        parts = urlsplit(text.strip())
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        where = (parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"))
    except ValueError:
        return None
    secret = secret.strip()
    if where == ("https", "oapi.dingtalk.com", "/robot/send"):
        good = _PLAIN.fullmatch(asked.get("access_token", "")) and (not secret or _PLAIN.fullmatch(secret))
        return Address("dingtalk", asked["access_token"], secret) if good else None
    if secret:
        return None
    if where == ("https", "qyapi.weixin.qq.com", "/cgi-bin/webhook/send"):
        return Address("wecom", asked["key"]) if _KEY.fullmatch(asked.get("key", "")) else None
    found = _FEISHU.fullmatch(parts.path)
    return Address("feishu", found[1]) if found and where[:2] == ("https", "open.feishu.cn") else None


def send(address: Address, text: str, deadline_s: float = DEADLINE_S) -> Outcome:
    """Send a message; never raises for what the service, the network or apprise does."""
    asked = {"kind": address.kind, "key": address.key, "secret": address.secret, "text": text}
    command = [sys.executable, "-m", "web.robot_line.child"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            timeout=deadline_s, check=False,
        )  # fmt: skip
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        answer = {"failed": "timeout"}
    except (OSError, ValueError):
        return Outcome(False, say("发送组件没有启动"))
    return read_answer(address, answer)


def read_answer(address: Address, answer: dict[str, Any]) -> Outcome:
    """What the answer means. Only a plain zero is a yes: WeCom and DingTalk say `errcode`, Feishu `code`, before
    2022 `StatusCode`."""
    if "failed" in answer:
        return Outcome(False, say(_FAILURES[answer["failed"]]))
    try:
        body = json.loads(answer["body"])
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    code = next((told[key] for key in ("errcode", "code", "StatusCode") if key in told), None)
    if type(code) is not int:
        return Outcome(False, say("对方的答复看不懂（HTTP {status}）", status=answer["status"]))
    if code == 0:
        return Outcome(True)
    reason = _without_keys(str(told.get("errmsg") or told.get("msg") or told.get("StatusMessage") or ""), address)
    known = say(_REMEDIES.get((address.kind, code), ""), keyword=KEYWORD)
    refused = say("{who}拒绝：{code} {reason}", who=say(WORDS[address.kind]), code=code, reason=reason).strip()
    return Outcome(False, say("{refused}（{known}）", refused=refused, known=known) if known else refused)


def _without_keys(reason: str, address: Address) -> str:
    for key in (address.key, address.secret):
        reason = reason.replace(key, "…") if key else reason
    return reason[:LONGEST_REASON]
