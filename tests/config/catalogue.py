"""Every Chinese word of the product and of the policies that come with it, and the English catalogue held against it.

`python -m tests.config.catalogue` lists what has no English yet; with `--write` it adds those words, still empty, and
compiles the catalogue.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.words import DOMAIN, TRANSLATIONS

HERE = Path(__file__).parents[2]
POLICIES = HERE / "config" / "policies"
ROOMS = ("config", "station", "web", "drivers")
FOLDER = TRANSLATIONS / "en" / "LC_MESSAGES"
PO, MO = FOLDER / f"{DOMAIN}.po", FOLDER / f"{DOMAIN}.mo"
CHINESE = re.compile("[\u3400-\u9fff，。；：（）、]")
GAP = re.compile(r"\{[^{}]*\}|%\(\w+\)s")
# Not for readers in another language: the demonstration's people, simulators, and columns of the halls' own files.
# A station's key in characters (station/keys.py) is read aloud as it is in any language.
APART = (
    "web/demo/", "station/keys.py", "drivers/sim/", "web/ledger/migrations/", "web/services/staff_rows.py",
    "web/services/staff_template.py",
)  # fmt: skip
KEYWORDS = {"_": None, "say": None}


def words() -> dict[str, str]:
    """Message → the file it stands in: in calls of `_` and `say`, in templates, and in tables of words."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path, _, message, *_ in extract_from_dir(
            str(HERE / room), [("**.py", "python"), ("**/templates/**.html", "jinja2")], {}, KEYWORDS
        ):
            if isinstance(message, str) and CHINESE.search(message):
                found.setdefault(message, f"{room}/{path}")
        for file in sorted((HERE / room).rglob("*.py")):
            name = str(file.relative_to(HERE))
            if not name.startswith(APART):
                for text in _tables(file):
                    found.setdefault(text, name)
    for file in sorted(POLICIES.glob("*.toml")):
        for text in _said(tomllib.loads(file.read_text(encoding="utf-8"))):
            found.setdefault(text, f"config/policies/{file.name}")
    return found


def english() -> Catalog:
    """The catalogue as it stands."""
    return read_po(BytesIO(PO.read_bytes()), locale="en", domain=DOMAIN)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue in the form that is read at run time."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def missing(catalogue: Catalog) -> dict[str, str]:
    """Words without English, and where they stand."""
    return {text: where for text, where in words().items() if not (found := catalogue.get(text)) or not found.string}


def _said(told: object) -> Iterator[str]:
    """What a policy calls things; not its month sheet's marks, which are drawn alike for every reader."""
    if isinstance(told, dict):
        for key, each in told.items():
            if key != "marks":
                yield from _said(each)
    elif isinstance(told, list):
        for each in told:
            yield from _said(each)
    elif isinstance(told, str) and CHINESE.search(told):
        yield told


def _tables(path: Path) -> Iterator[str]:
    """Chinese literals that are no docstring and no part of an f-string."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = set(_passed(tree))
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in passed else None
        if isinstance(text, str) and CHINESE.search(text):
            yield text


def _passed(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        elif isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")
        ):
            yield from (id(part) for part in ast.walk(node))


def save(catalogue: Catalog) -> None:
    """Write both forms, in the order of the words."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    out = BytesIO()
    write_po(out, catalogue, width=120, sort_output=True, omit_header=False, include_previous=False)
    PO.write_bytes(out.getvalue())
    MO.write_bytes(compiled(catalogue))


if __name__ == "__main__":
    held = english()
    lacking = missing(held)
    for text, where in lacking.items():
        print(f"{where}: {text}")
    if "--write" in sys.argv:
        for text in lacking:
            held.add(text, "")
        save(held)
    sys.exit(1 if lacking else 0)
