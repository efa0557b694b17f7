"""Whom a clerk means by what is typed."""

import pytest

from config.errors import Refused
from station.finding import find, find_one, syllables
from station.papers import Person

PEOPLE = [
    Person(id="a", name="刘明", number="0012", spoken="liu2 ming2", unit="医疗保障局"),
    Person(id="b", name="刘敏", number="0013", spoken="liu2 min3", unit="税务局"),
    Person(id="c", name="吕洋", number="0101", spoken="lü3 yang2"),
    Person(id="d", name="刘明", number="0200", spoken="liu2 ming2", unit="公安局"),
    Person(id="e", name="欧阳娜", number="7", spoken="ou1 yang2 na4"),
]

TYPED = [
    ("0012", "a"),
    ("7", "e"),
    ("０１０１", "c"),
    ("刘敏", "b"),
    ("liu min", "b"),
    ("LiuMin", "b"),
    ("lv yang", "c"),
    ("lvyang", "c"),
    ("欧阳", "e"),
    ("ouya", "e"),
    ("oyn", "e"),
    ("刘明", "ad"),
    ("liuming", "ad"),
    ("lm", "abd"),
    ("刘", "abd"),
    ("阳", "e"),
    ("王", ""),
    ("0", ""),
    ("", ""),
    ("  ", ""),
]


@pytest.mark.parametrize(("typed", "meant"), TYPED)
def test_whom_the_typed_words_mean(typed: str, meant: str) -> None:
    assert "".join(person.id for person in find(PEOPLE, typed)) == meant


def test_one_is_found_and_several_are_listed_by_number_and_unit() -> None:
    assert find_one(PEOPLE, "刘敏").id == "b"
    with pytest.raises(Refused, match=r"刘明（0012 医疗保障局）、刘明（0200 公安局）.*工号"):
        find_one(PEOPLE, "刘明")
    with pytest.raises(Refused, match="没有“王”"):
        find_one(PEOPLE, "王")


def test_a_long_list_is_cut_and_counted() -> None:
    crowd = [Person(id=str(n), name="张三", number=f"{n:03}") for n in range(20)]
    with pytest.raises(Refused, match="等 20 人"):
        find_one(crowd, "张三")


def test_a_reading_without_its_tones() -> None:
    assert syllables("lü3 yang2") == ["lv", "yang"]
    assert syllables("") == []
