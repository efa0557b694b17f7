"""`zaigang demo`: a small hall at work on this machine.

Real verbs, real bytes over a real port; only the module and the people are simulated, and every page says so.
"""

from web.demo.run import run

__all__ = ["run"]
