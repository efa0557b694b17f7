"""A clause that claims a mechanism is named where it is served, or stands in the list of those to come."""

from pathlib import Path

import pytest

from config.clauses import load_clauses
from tests.config import mechanisms
from tests.config.mechanisms import cited, main, sections, to_come, unserved, with_sections

AGAIN = "run: python -m tests.config.mechanisms"


def test_every_claimed_mechanism_is_served_or_to_come() -> None:
    assert sorted(unserved() - set(to_come())) == []


def test_the_list_holds_nothing_that_is_served_by_now() -> None:
    assert [id_ for id_ in to_come() if id_ in load_clauses() and id_ not in unserved()] == [], AGAIN


def test_the_list_holds_nothing_unknown_or_twice() -> None:
    assert [id_ for id_ in to_come() if id_ not in load_clauses()] == [], AGAIN
    assert len(to_come()) == len(set(to_come()))


def test_a_section_is_served_where_a_part_is_but_not_the_other_way() -> None:
    assert list(sections("municipal:assessment:7.1.1#2")) == [
        "municipal:assessment:7.1.1",
        "municipal:assessment:7.1",
        "municipal:assessment:7",
    ]
    assert with_sections({"wanzhou:patrol:5"}) == {"wanzhou:patrol:5"}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.toml", 'source = "wanzhou:attendance:5#6"', {"wanzhou:attendance:5#6"}),
        ("a.toml", 'source = ["hexian:assessment:window.1.1", "assumed"]', {"hexian:assessment:window.1.1"}),
        ("a.toml", "ready = 10  # wanzhou:civil_service:5.1.1", {"wanzhou:civil_service:5.1.1"}),
        ("a.py", '"""Closing (taigu:duty:2.3)."""', {"taigu:duty:2.3"}),
        ("a.py", 'URL = "http://127.0.0.1:8000"; KEY = "a:b:1"', set()),
        ("a.toml", 'source = "nowhere:attendance:1"', {"nowhere:attendance:1"}),
    ],
)
def test_clause_ids_are_found_in_text(tmp_path: Path, name: str, text: str, found: set[str]) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert cited(path) == found


def test_the_list_is_rewritten_and_only_shrinks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "to_come.txt"
    monkeypatch.setattr(mechanisms, "LIST", path)
    monkeypatch.setattr(mechanisms, "unserved", lambda: {"wanzhou:attendance:1", "wanzhou:attendance:2"})
    path.write_text("wanzhou:attendance:2\nwanzhou:attendance:3\ngone:attendance:1\n", encoding="utf-8")
    assert main() == 1
    assert to_come() == ["wanzhou:attendance:2"]
    monkeypatch.setattr(mechanisms, "unserved", lambda: {"wanzhou:attendance:2"})
    assert main() == 0
