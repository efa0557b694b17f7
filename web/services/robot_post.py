"""What robots are to tell, put out once and sent until it went.

A message is a row before anything is sent, one for each robot and matter, so that a restart neither repeats nor skips
it. Before a try the robot's next one is set: a crash between sending and its note lets the message go out once more,
never not at all. No transaction is open while the network is waited for.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from web.ledger.robots import RobotMessageRow, RobotRow
from web.robot_line.line import Address, Outcome, send
from web.services import in_force, robot_topics, robots
from web.services.errors import BadInput
from web.services.hub import Hub
from web.services.robot_topics import Moment

LIFE = timedelta(hours=12)  # what did not go by then is yesterday's news
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)  # after a failure, doubled each time
log = logging.getLogger(__name__)


def put_out(session: Session, hub: Hub) -> None:
    """Write down what there is to tell now for every robot that is on. One statement where none is."""
    rows = session.execute(select(RobotRow).where(RobotRow.enabled).order_by(RobotRow.id)).scalars().all()
    if not rows:
        return
    had: dict[str, set[str]] = {}  # matter → the robots that were told of it
    for key, robot in session.execute(select(RobotMessageRow.key, RobotMessageRow.robot)):
        had.setdefault(key, set()).add(robot)
    moment = Moment(session, hub, in_force.read(session, hub), hub.now())
    for topic, tells in robot_topics.TOPICS.items():
        of = {row.id: row for row in rows if topic in robots.topics_of(row)}
        everybody = frozenset(key for key, whom in had.items() if whom >= of.keys())
        for told in tells(replace(moment, told=everybody)) if of else ():
            for row in of.values():
                if row.id not in had.get(told.key, ()):
                    text = f"{robots.text(hub.hall.name, told.words)}\n{row.root}{told.address}"
                    session.add(RobotMessageRow(id=str(uuid7()), robot=row.id, key=told.key, text=text,
                                                made=moment.now, until=moment.now + LIFE))  # fmt: skip
    session.execute(delete(RobotMessageRow).where(RobotMessageRow.made < moment.now - robots.KEPT))


def deliver(hub: Hub) -> None:
    """Try the oldest message of each robot whose turn it is, one after the other."""
    with hub.ledger.reading() as session:
        now = hub.now()
        waiting = RobotMessageRow.sent.is_(None), RobotMessageRow.dropped.is_(None)
        query = select(RobotMessageRow.robot).join(RobotRow, RobotRow.id == RobotMessageRow.robot).where(*waiting)
        due = RobotRow.next_try.is_(None) | (RobotRow.next_try <= now)
        turns = session.execute(query.where(RobotRow.enabled, due).distinct()).scalars().all()
    for robot in sorted(turns):
        with hub.ledger.writing() as session:
            claimed = _claim(session, hub, robot, hub.now())
        if claimed is None:
            continue
        message, text, address = claimed
        outcome = send(address, text)
        with hub.ledger.writing() as session:
            _note(session, robot, message, outcome, hub.now())


def _claim(session: Session, hub: Hub, robot: str, now: datetime) -> tuple[str, str, Address] | None:
    """The message to be tried, once the next try is set; None when there is nothing to do for it any longer."""
    waiting = RobotMessageRow.robot == robot, RobotMessageRow.sent.is_(None), RobotMessageRow.dropped.is_(None)
    old = update(RobotMessageRow).where(*waiting, RobotMessageRow.until < now).values(dropped=now)
    session.execute(old.execution_options(synchronize_session=False))
    row = session.get(RobotRow, robot, with_for_update=True)
    oldest = select(RobotMessageRow).where(*waiting).order_by(RobotMessageRow.made, RobotMessageRow.id).limit(1)
    message = session.execute(oldest).scalar_one_or_none()
    if row is None or not row.enabled or message is None or (row.next_try is not None and row.next_try > now):
        return None
    row.next_try = now + min(FIRST_WAIT * 2**row.tries, LONGEST_WAIT)
    row.tries = min(row.tries + 1, 30)
    try:
        return message.id, message.text, robots.address_of(row, hub.seal)
    except BadInput as refusal:
        robots.note(row, Outcome(False, str(refusal)), now)
        return None


def _note(session: Session, robot: str, message: str, outcome: Outcome, now: datetime) -> None:
    """How the try went. Nothing to note for a robot that was removed meanwhile."""
    row = session.get(RobotRow, robot, with_for_update=True)
    if row is None:
        return
    robots.note(row, outcome, now)
    if outcome.sent:
        sent = update(RobotMessageRow).where(RobotMessageRow.id == message)
        session.execute(sent.values(sent=now, dropped=None))
    else:
        log.warning("robot %s: %s", robot, outcome.words)
