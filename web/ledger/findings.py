"""What became of findings and of needs: steps, each with its author; and what the product itself asks about.

Findings are read out of facts (`web.ledger.patrol`) and made anew by a rebuild; these rows name them by id and stay.
"""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row

NEED = 40  # characters of a need's id: its check's and a number


class FindingStepRow(Row):
    """Something done about a finding. How it stands follows from its steps alone; none is edited or taken away.

    `step`: a step of `station.rules.following`. `role`: in which role. `person`: whom it was assigned to, or whom a
    confirmed one concerns where the officers named nobody. `photo`: SHA-256 of what it looks like now; empty for none.
    """

    __tablename__ = "finding_steps"
    __table_args__ = (Index(None, "finding"), Index(None, "at"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    finding: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
    step: Mapped[str] = mapped_column(String(10))
    role: Mapped[str] = mapped_column(String(20))
    person: Mapped[str | None] = mapped_column(ID)
    note: Mapped[str] = mapped_column(Text)
    photo: Mapped[str] = mapped_column(HASH)


class AskedFindingRow(Row):
    """A finding that the product opened beside the officers' one `of`: a window was empty, and `person` clocked in.

    `id` follows from both, so that it is opened once; everything else is the officers' finding's.
    """

    __tablename__ = "asked_findings"
    __table_args__ = (Index(None, "of"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    of: Mapped[str] = mapped_column(ID)
    person: Mapped[str] = mapped_column(ID)
    item: Mapped[str] = mapped_column(ID)
    opened: Mapped[datetime]


class NeedStepRow(Row):
    """Something done about a difficulty that staff or the public told of (wanzhou:patrol:5.4): answered, settled."""

    __tablename__ = "need_steps"
    __table_args__ = (Index(None, "need"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    need: Mapped[str] = mapped_column(String(NEED))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
    step: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)


class KeyDecisionRow(Row):
    """What was decided on a proposed key patrol of a window. What was found before `at` proposes none again."""

    __tablename__ = "key_decisions"
    __table_args__ = (Index(None, "window", "at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    window: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
