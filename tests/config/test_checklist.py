"""The checklist: numbered items with clauses, in the form's columns, grooming off unless a hall wants it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.checklist import FILE, item, listed, load_checklist, word
from config.clauses import clause, load_clauses
from config.errors import BadFile, Refused
from tests.config.mechanisms import RULES, files, with_sections

ITEMS = load_checklist().items
HAN = re.compile(r"[\u4e00-\u9fff]")

# Clauses on a person's looks: hair, nails, make-up, ornaments, stockings, how a shirt is tucked, how hands are held.
GROOMING = re.compile(
    r"wanzhou:conduct:(1\.1|1\.2|1\.3\.[34]|1\.4\.[12]|1\.5|2\.2\.[23]|2\.4)"
    r"|wanzhou:civil_service:3\.4|taigu:service:1\.3\.2"
)

# What an officer must be able to tick off, and the item that says so.
TOPICS = {
    "工作牌": "badge", "拖鞋": "dress", "坐姿": "conduct", "静音": "conduct", "外卖": "conduct",
    "外人进窗口": "conduct", "孩子": "conduct", "不是登记的人员": "on_post", "告知牌": "on_post",
    "椅子": "counter", "桌面留有文件": "counter", "打印机": "other", "门窗": "other", "印章": "other",
    "资料没有锁好": "other", "水杯": "other", "外来光盘": "other", "游戏": "conduct", "炒股": "conduct",
    "网聊": "conduct", "保安没有挂牌": "badge", "易燃易爆": "other", "办事指南": "other", "服务承诺": "other",
    "投诉电话": "other", "告知单用完": "other", "意见箱": "other", "证照": "other", "标识不统一": "other",
    "抽烟": "conduct", "零食": "counter", "睡觉": "conduct", "喧哗": "conduct", "饮酒": "conduct",
    "没有关电脑": "other", "消防器材": "other", "服务时间牌": "other", "一次性告知书": "other",
    "无障碍": "other", "自助终端没开机": "other",
}  # fmt: skip


def raw() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_there_are_at_least_90_items_in_all_four_groups() -> None:
    assert len(ITEMS) >= 90
    assert sum(one.on for one in ITEMS.values()) >= 90
    assert {one.group for one in ITEMS.values()} == {"hygiene", "on_post", "conduct", "other"}
    assert {one.column for one in ITEMS.values()} == {"on_post", "dress", "badge", "counter", "conduct", "other"}
    assert {place for one in ITEMS.values() for place in one.where} == {"window_front", "window_back", "public_area"}
    assert {one.moment for one in ITEMS.values()} == {"opening", "service", "closing"}
    assert {one.severity for one in ITEMS.values()} == {"reminder", "minor", "serious"}


def test_items_are_numbered_without_a_gap_in_their_group() -> None:
    prefix = {"hygiene": "hygiene", "on_post": "post", "conduct": "conduct", "other": "other"}
    for group, name in prefix.items():
        ids = [id_ for id_, one in ITEMS.items() if one.group == group]
        assert ids == [f"{name}-{number:02d}" for number in range(1, len(ids) + 1)]


def test_every_item_names_clauses_of_the_catalogue_that_are_served_here() -> None:
    for id_, one in ITEMS.items():
        assert one.clauses, id_
        assert len(set(one.clauses)) == len(one.clauses), id_
        assert [name for name in one.clauses if clause(name).served == "outside"] == [], id_


def test_every_clause_that_claims_the_checklist_is_named_by_an_item() -> None:
    named = with_sections({name for one in ITEMS.values() for name in one.clauses})
    assert [id_ for id_, found in load_clauses().items() if found.served == "checklist" and id_ not in named] == []


def test_every_text_is_in_both_languages_and_told_apart() -> None:
    for one in ITEMS.values():
        assert HAN.search(one.zh)
        assert one.en
        assert not HAN.search(one.en)
    assert len({one.zh for one in ITEMS.values()}) == len({one.en for one in ITEMS.values()}) == len(ITEMS)
    for kind, terms in load_checklist().words.items():
        assert terms, kind
        assert all(HAN.search(words["zh"]) and not HAN.search(words["en"]) for words in terms.values())


def test_grooming_is_off_and_everything_else_on() -> None:
    for id_, one in ITEMS.items():
        looks = [name for name in one.clauses if GROOMING.match(name)]
        posture = one.column == "conduct" and one.on
        assert one.on != bool(looks) or posture, id_
        assert one.on or all(GROOMING.match(name) or name == "wanzhou:conduct:1.4.3" for name in one.clauses), id_


@pytest.mark.parametrize(("words", "column"), TOPICS.items())
def test_what_the_halls_look_for_is_on_the_list(words: str, column: str) -> None:
    assert [one.id for one in ITEMS.values() if words in one.zh and one.column == column and one.on]


def test_findings_that_the_rules_know_by_name_have_one_item_each() -> None:
    named = {one.category: one for one in ITEMS.values() if one.category}
    assert set(named) == {"left_post", "empty_window", "wandering", "need"}
    assert sum(one.category is not None for one in ITEMS.values()) == 4
    assert "wanzhou:attendance:5" in named["left_post"].clauses
    assert "wanzhou:patrol:5.4" in named["need"].clauses
    assert named["need"].severity == "reminder"


def test_every_list_that_a_policy_names_is_there_and_not_empty() -> None:
    wanted = {
        kind["checklist"]
        for path in files(*RULES)
        for kind in tomllib.loads(path.read_text(encoding="utf-8")).get("patrol", {}).get("kinds", [])
    }
    assert wanted
    assert {name for name in wanted if not listed(name)} == set()


def test_lists_hold_what_their_inspector_can_see() -> None:
    assert {one.moment for one in listed("patrol")} == {"service"}
    assert {one.moment for one in listed("closing")} == {"closing"}
    assert {one.group for one in listed("hygiene")} == {"hygiene"}
    assert all(one.where & {"window_front", "public_area"} for one in listed("undisclosed"))
    assert len(listed("duty")) == sum(one.on for one in ITEMS.values())
    assert "conduct-35" not in {one.id for one in listed("video")}
    assert all(one.on for name in load_checklist().lists for one in listed(name))


def test_terms_are_read_as_the_form_prints_them() -> None:
    columns = ["on_post", "dress", "badge", "counter", "conduct", "other"]
    printed = ["在岗情况", "规范着装", "佩戴工作牌", "柜台面整洁", "服务行为", "其他事宜"]
    assert [word("columns", column) for column in columns] == printed
    assert word("groups", "on_post") == "在岗"
    assert word("severities", "minor", "en") == "Minor"


def test_what_is_not_on_the_list_is_refused_with_the_nearest_spelling() -> None:
    with pytest.raises(Refused, match="检查清单里没有 pst-02，是不是 post-02"):
        item("pst-02")
    with pytest.raises(Refused, match="检查清单里没有 patrols，是不是 patrol"):
        listed("patrols")


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ('severity = "minor"', 'severity = "minr"', "items.hygiene-01：不认识 minr，是不是 minor"),
        ('column = "counter"', 'colum = "counter"', "items.hygiene-01：没有 colum 这一项，是不是 column"),
        ('column = "counter"\n', "", "items.hygiene-01：缺少 column"),
        ('"wanzhou:patrol:5.1",', '"wanzhou:patrols:5.1",', "不认识 wanzhou:patrols:5.1，是不是 wanzhou:patrol:5.1"),
        ('where = ["window_front", "window_back"]', 'where = ["window"]', "items.hygiene-01：不认识 window"),
        ('groups = ["hygiene"]', 'groups = ["cleaning"]', "lists.hygiene：不认识 cleaning"),
        ('groups = ["hygiene"]', 'group = ["hygiene"]', "lists.hygiene：没有 group 这一项"),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_key(tmp_path: Path, right: str, wrong: str, fault: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert right in text
    broken = tmp_path / "checklist.toml"
    broken.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(BadFile) as refusal:
        load_checklist(broken)
    assert fault in str(refusal.value)


def test_no_item_is_written_twice() -> None:
    assert len(raw()["items"]) == len(ITEMS)
