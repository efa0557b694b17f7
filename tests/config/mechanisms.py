"""Clauses whose mechanism is still to come: claimed by the catalogue, named nowhere in the product yet.

`python -m tests.config.mechanisms` rewrites `mechanisms_to_come.txt`. It only ever takes ids away: those that a policy,
a hall, the checklist, the station or the hub names by now, and those that the catalogue no longer holds. A clause that
claims a mechanism, is named nowhere and is not listed is printed, and the exit status is 1: name it where it is
served, say `outside` with a reason, or add the line by hand.
"""

import re
import sys
from collections.abc import Iterator, Set
from functools import cache
from pathlib import Path

from config.clauses import ID, load_clauses, load_documents

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mechanisms_to_come.txt")
RULES = ("config/policies", "config/halls")
PROGRAM = ("station", "web")
KINDS = {".py", ".toml", ".html", ".js", ".txt", ".typ", ".css"}
HEAD = "# Claimed by the catalogue, served nowhere yet. May only shrink: python -m tests.config.mechanisms\n"

_CITED = re.compile(rf"(?<![\w:]){ID.pattern}(?![\w#:])")


def files(*folders: str) -> Iterator[Path]:
    """The product's own files under `folders`, other people's code left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in KINDS and not {"vendor", "__pycache__"} & set(path.parts):
                yield path


def cited(path: Path) -> set[str]:
    """Every clause id written in a file; in a program only those of documents that exist."""
    known = load_documents()
    found = (match for match in _CITED.finditer(path.read_text(encoding="utf-8")))
    return {match[0] for match in found if path.suffix == ".toml" or match["document"] in known}


def sections(id_: str) -> Iterator[str]:
    """The clauses that `id_` is a part of, nearest first: 7.1.1 and 7.1 and 7 of 7.1.1#2; none for an article."""
    while mark := max(id_.rfind("#"), id_.rfind(".")) + 1:
        id_ = id_[: mark - 1]
        yield id_


def with_sections(ids: Set[str]) -> set[str]:
    """`ids` and every section they stand in: a section is served where one of its parts is."""
    return {*ids, *(whole for id_ in ids for whole in sections(id_))}


@cache
def served() -> frozenset[str]:
    """Every clause that the product names somewhere, with its sections."""
    paths = [*files(*RULES, *PROGRAM), ROOT / "config/checklist.toml"]
    return frozenset(with_sections(set().union(*map(cited, paths))))


def unserved() -> set[str]:
    """Clauses that claim a mechanism and are named nowhere."""
    return {id_ for id_, clause in load_clauses().items() if clause.served != "outside"} - served()


def to_come() -> list[str]:
    """The list as it stands."""
    return [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def main() -> int:
    """Rewrite the list; 1 when a clause is neither served nor listed."""
    order = list(load_clauses())
    missing = unserved()
    kept = missing & set(to_come()) if LIST.exists() else missing
    LIST.write_text(HEAD + "".join(f"{id_}\n" for id_ in sorted(kept, key=order.index)), encoding="utf-8")
    for id_ in sorted(missing - kept, key=order.index):
        print(id_)
    return int(missing != kept)


if __name__ == "__main__":
    sys.exit(main())
