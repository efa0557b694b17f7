"""One line of the check-up."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["✓", "!", "✗"]
WELL: Mark = "✓"
WORTH_A_LOOK: Mark = "!"
WRONG: Mark = "✗"


@dataclass(frozen=True, slots=True)
class Line:
    """How one thing is: ✓ well, ! works but wants a look, ✗ wrong. `remedy`: what to do, empty when it is well."""

    mark: Mark
    name: str
    words: str
    remedy: str = ""
