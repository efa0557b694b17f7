"""Group robots of messengers: added by an administrator, off until switched on, their keys sealed for the hub alone.

A robot's address is its key: whoever has it writes into the group. It is never shown, noted or logged again.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.facts import Json
from station.sealed import BadSeal, SealKey, seal
from web.ledger.robots import RobotMessageRow, RobotRow
from web.robot_line.line import KEYWORD, Address, Outcome, read_address
from web.services import audit, robot_topics
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id

LONGEST_NAME = 40
MOST = 10  # robots of a hall: each may hold the others up for as long as its line's deadline
SHOWN = 20  # messages
KEPT = timedelta(days=31)
_CONTEXT = b"zaigang robot "
_LONGEST_ROOT = 200


def add(session: Session, key: SealKey, name: str, address: str, secret: str, topics: Collection[str], root: str,
        now: datetime, by: str) -> str:  # fmt: skip
    """A robot by its webhook address, switched off; its id. `root`: how links in its messages begin.

    BadInput for an address of none of the three services, a name that is empty or taken, or too many.
    """
    found = read_address(address, secret)
    if found is None:
        raise BadInput(
            say("这不是企业微信、钉钉或飞书群机器人的地址"),
            remedy=say("请在群机器人设置里复制完整的 Webhook 地址；加签密钥只有钉钉要填"),
        )
    name = _named(session, name)
    if session.execute(select(func.count()).select_from(RobotRow)).scalar_one() >= MOST:
        raise BadInput(say("机器人已有 {n} 个", n=MOST), remedy=say("请先删除不用的"))
    row = RobotRow(
        id=str(uuid7()), name=name, kind=found.kind, topics=_topics(topics), root=root[:_LONGEST_ROOT], enabled=False,
        failure="", tries=0,
    )  # fmt: skip
    plain = json.dumps([found.key, found.secret]).encode()
    row.sealed = seal(key.public, plain, _CONTEXT + row.id.encode()).hex()
    session.add(row)
    session.flush()
    audit.note(session, now, by, "robot.add", row.id, {"name": name, "kind": row.kind, "topics": topics_of(row)})
    return row.id


def edit(session: Session, robot: str, name: str, topics: Collection[str], enabled: bool, root: str, now: datetime,
         by: str) -> None:  # fmt: skip
    """Another name, other topics, on or off. What still waited for one switched off is let go. BadInput, NotFound."""
    row = need(session, robot)
    before = _state(row)
    row.name, row.topics, row.enabled = _named(session, name, robot), _topics(topics), enabled
    changed: Json = {key: [before[key], value] for key, value in _state(row).items() if before[key] != value}
    row.root, row.tries, row.next_try = root[:_LONGEST_ROOT], 0, None
    if not enabled:
        waiting = RobotMessageRow.sent.is_(None), RobotMessageRow.dropped.is_(None)
        session.execute(update(RobotMessageRow).where(RobotMessageRow.robot == robot, *waiting).values(dropped=now))
    audit.note(session, now, by, "robot.edit", robot, {"name": row.name} | changed)


def remove(session: Session, robot: str, now: datetime, by: str) -> None:
    """The robot goes with its key and its messages. NotFound."""
    row = need(session, robot)
    session.execute(delete(RobotMessageRow).where(RobotMessageRow.robot == robot))
    audit.note(session, now, by, "robot.remove", robot, {"name": row.name, "kind": row.kind})
    session.delete(row)


def need(session: Session, robot: str) -> RobotRow:
    """The robot of this id; NotFound for none."""
    row = session.get(RobotRow, robot) if is_id(robot) else None
    if row is None:
        raise NotFound(say("没有这个机器人"), remedy=say("请从机器人页面重新进入"))
    return row


def listed(session: Session) -> Sequence[RobotRow]:
    """Every robot, in the order in which they were added."""
    return session.execute(select(RobotRow).order_by(RobotRow.id)).scalars().all()


def messages(session: Session) -> Sequence[RobotMessageRow]:
    """What was put out last, for whichever robot, the newest first."""
    query = select(RobotMessageRow).order_by(RobotMessageRow.made.desc(), RobotMessageRow.id.desc())
    return session.execute(query.limit(SHOWN)).scalars().all()


def address_of(row: RobotRow, key: SealKey) -> Address:
    """How it is reached. BadInput when its key cannot be opened, as after the hub's own key was lost."""
    try:
        opened, secret = json.loads(key.open(bytes.fromhex(row.sealed), _CONTEXT + row.id.encode()))
    except (BadSeal, ValueError) as error:
        raise BadInput(say("机器人的地址打不开"), remedy=say("请删除后重新添加")) from error
    return Address(row.kind, opened, secret)  # type: ignore[arg-type]  # one of Kind


def tested(session: Session, robot: str, outcome: Outcome, now: datetime, by: str) -> None:
    """Note what a test came to. NotFound when the robot went meanwhile."""
    row = need(session, robot)
    note(row, outcome, now)
    audit.note(session, now, by, "robot.test", robot, {"name": row.name, "sent": outcome.sent, "why": outcome.words})


def note(row: RobotRow, outcome: Outcome, now: datetime) -> None:
    """How the last message of a robot went."""
    if outcome.sent:
        row.sent, row.tries, row.next_try = now, 0, None
    else:
        row.failed, row.failure = now, outcome.words[:300]


def topics_of(row: RobotRow) -> list[str]:
    """What it is told of."""
    return [topic for topic in robot_topics.TOPICS if topic in row.topics.split(",")]


def test_text(hall: str) -> str:
    """What the test button sends."""
    return text(hall, say("这是一条测试消息，看到它说明机器人可用。"))


def text(hall: str, words: str) -> str:
    """A message as it goes out: the word that robots can be set to look for stands first, in any language."""
    return f"【{KEYWORD}】{hall}：{words}"


def _state(row: RobotRow) -> Json:
    return {"name": row.name, "topics": topics_of(row), "enabled": row.enabled}


def _topics(wanted: Collection[str]) -> str:
    return ",".join(topic for topic in robot_topics.TOPICS if topic in wanted)


def _named(session: Session, name: str, robot: str = "") -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(say("名称不能为空，不超过 {n} 个字", n=LONGEST_NAME), remedy=say("请写明是哪个群"))
    if session.execute(select(RobotRow.id).where(RobotRow.name == name, RobotRow.id != robot)).first():
        raise BadInput(say("已有叫这个名称的机器人"), remedy=say("请换一个名称"))
    return name
