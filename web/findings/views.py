"""The pages of 待整改, each in its own module; the fixed addresses before those that name a finding."""

from web.findings import listing, one, order, tasks
from web.findings.room import bp

__all__ = ["bp", "listing", "one", "order", "tasks"]
