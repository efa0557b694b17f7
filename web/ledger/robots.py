"""Group robots of messengers, and what was put out for them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class RobotRow(Row):
    """A robot. `sealed`: its key, in hex, for the hub's own key alone; `topics`: a comma between them.

    `root`: how the links in its messages begin. `sent`, `failed`: when a message last went, or did not, and then
    `failure` says why. `tries`: failures since the last success; `next_try`: not before then.
    """

    __tablename__ = "robots"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))  # wecom, dingtalk, feishu
    sealed: Mapped[str] = mapped_column(Text)
    topics: Mapped[str] = mapped_column(String(100))
    root: Mapped[str] = mapped_column(String(200))
    enabled: Mapped[bool]
    sent: Mapped[datetime | None]
    failed: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(300))
    tries: Mapped[int]
    next_try: Mapped[datetime | None]


class RobotMessageRow(Row):
    """A message for a robot, kept until it went or was let go. `key`: what it is about, so that it is told once."""

    __tablename__ = "robot_messages"
    __table_args__ = (Index(None, "robot", "key", unique=True), Index(None, "made"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    robot: Mapped[str] = mapped_column(ForeignKey("robots.id"))
    key: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    made: Mapped[datetime]
    until: Mapped[datetime]
    sent: Mapped[datetime | None]
    dropped: Mapped[datetime | None]
