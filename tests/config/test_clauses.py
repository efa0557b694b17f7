"""The clause catalogue: complete, of one grammar, in both languages, and honest about what is served elsewhere."""

import re
from pathlib import Path

import pytest

from config.clauses import ASSUMED, CATALOGUE, ID, REASONS, cite, clause, load_clauses, load_documents
from config.errors import BadFile, Refused
from tests.config.mechanisms import RULES, cited, files, sections

# The 66 systems of the five documents, with the articles that each must have.
SYSTEMS = """
shanxi attendance 1-14           | shanxi complaints 1-24           | shanxi service 1-8
wanzhou attendance 1-8           | wanzhou conduct 1-4 annex        | wanzhou patrol 1-7 7b 8-9 form
wanzhou substitution 1-9         | wanzhou commitment 1-9           | wanzhou first_inquiry 1-8
wanzhou chief_rep 1-7            | wanzhou complaints 1-13 annex.a  | wanzhou civil_service 1-8
wanzhou time_limit 1-7           | wanzhou one_time_notice 1-7      | wanzhou accountability 1-6
wanzhou self_service 1-10
xingling attendance 1-4          | xingling hygiene 1-4             | xingling training 1-3
xingling inquiry 1-5             | xingling post_duty 1-4           | xingling computers 1-7
xingling inspection 1-2          | xingling integrity 1-12          | xingling accountability 1-18 aggravated
xingling security 1-3
taigu committed_items 1-6        | taigu time_limit 1-5             | taigu first_office 1-4
taigu chief_rep 1-5              | taigu review_approve 1-6         | taigu ab_post 1-5
taigu staffing 1-3               | taigu duty 0-2                   | taigu hygiene 1-5
taigu computers 1-8              | taigu assets 1-7                 | taigu attendance 1-6
taigu archives 1-5               | taigu security 1-9               | taigu seals 1-5
taigu five_bans 1-5 end          | taigu meetings 1-5               | taigu complaints 1-7
taigu service 1-3
ruzhu selection 1-3              | ruzhu management 1-6             | ruzhu posting 1-3
ruzhu review 1-2                 | duties first_inquiry 1-4         | duties one_time_notice 1-4
centre_rules rules 1-17          | xuzhou rules 1-2                 | jinzhong rules 1-2
county_x rules 1-17              | hohhot rules 1-5                 | pay rules 1-3
agencies rules 1-9               | harbin rules 1-2                 | guiyang rules 1-3
zhuhai rules 1-6                 | municipal assessment 1-7         | hexian assessment window
hunan rules 1-5                  | longnan rules 1-7                | headcount rules 1-2
"""

# Parts that verdicts, alerts, scores and forms are printed with, or that a range reaches.
PARTS = """
shanxi:attendance:9.1-5 shanxi:complaints:3.1-5 shanxi:complaints:10.1-8 shanxi:complaints:12.1-4
shanxi:complaints:15.1-2 shanxi:complaints:18.1-7 shanxi:service:1.1-2 shanxi:service:2.1-3 shanxi:service:3.1-5
shanxi:service:4.1-3 shanxi:service:5.1-7 shanxi:service:6.1-3
wanzhou:attendance:4#1-4 wanzhou:attendance:5#1-6 wanzhou:conduct:1.1.1-3 wanzhou:conduct:1.2.1-4
wanzhou:conduct:1.3.1-4 wanzhou:conduct:1.4.1-3 wanzhou:conduct:1.1-5 wanzhou:conduct:2.1.1-2
wanzhou:conduct:2.2.1-3 wanzhou:conduct:2.3.1-2 wanzhou:conduct:2.1-4 wanzhou:conduct:3.1.1-4
wanzhou:conduct:3.2.1-4 wanzhou:conduct:4.1-7 wanzhou:conduct:4.7.1-9 wanzhou:conduct:annex.1-2
wanzhou:patrol:5.1-4 wanzhou:substitution:2.1-5 wanzhou:substitution:3.1-3 wanzhou:substitution:4.1-8
wanzhou:substitution:6.1-3 wanzhou:substitution:7.1-3 wanzhou:complaints:4.1-3 wanzhou:complaints:5.1-9
wanzhou:complaints:7.1-3 wanzhou:complaints:7.3.1-3 wanzhou:complaints:9.1-3 wanzhou:civil_service:5.1.1-7
wanzhou:civil_service:5.2.1-4 wanzhou:accountability:3.1.1-5 wanzhou:accountability:3.2.1-5
wanzhou:chief_rep:3.1-4 wanzhou:chief_rep:4.1-2 wanzhou:chief_rep:5.1-5 wanzhou:self_service:6.1-2
wanzhou:one_time_notice:4.1-5 wanzhou:time_limit:2.1-6 wanzhou:first_inquiry:4.1-8 wanzhou:commitment:4.1-2
xingling:computers:3.1-2 xingling:computers:3.4-5 xingling:inspection:1.1-4 xingling:inspection:2.1-3
xingling:accountability:aggravated.1-6
taigu:duty:1.1-5 taigu:duty:2.1-4 taigu:chief_rep:2.1-6 taigu:archives:2.1-4 taigu:archives:3.1-5
taigu:archives:4.1-4 taigu:archives:5.1-2 taigu:staffing:1.1-3 taigu:staffing:2.1-4 taigu:staffing:3.1-3
taigu:committed_items:6.1-2 taigu:complaints:2.1-6 taigu:service:1.1.1-4 taigu:service:1.2.1-5
taigu:service:1.3.1-2 taigu:service:1.4.1-3 taigu:service:1.5.1-3
municipal:assessment:7.1.1#1-7 municipal:assessment:7.1.2#1-5 municipal:assessment:7.1.1-5
hexian:assessment:window.1-5 hexian:assessment:window.1.1-4 hexian:assessment:window.2.1-6
hexian:assessment:window.2.8-9 hexian:assessment:window.3.1-4 hexian:assessment:window.4.3-4
hexian:assessment:window.5.1-3
ruzhu:selection:3.1-4 duties:first_inquiry:3.1-5 centre_rules:rules:9.1-5 hohhot:rules:3.1-9 pay:rules:3.1.1-3
agencies:rules:4.1-4 agencies:rules:5.1-3 harbin:rules:1.1-2 jinzhong:rules:2.1-2 headcount:rules:2.1-2
"""

# What the documents as they have come down to us do not hold, or hold with characters lost or out of line.
LOST = ["hexian:assessment:window.2.7", "hexian:assessment:window.4.2", "xingling:computers:3.3"]
DAMAGED = {
    "wanzhou:complaints:9.2", "xingling:training:1", "xingling:training:2", "xingling:inquiry:2", "xingling:inquiry:3",
    "xingling:computers:1", "xingling:computers:3.2", "xingling:computers:3.5", "xingling:integrity:12",
    "xingling:accountability:13", "xingling:accountability:14", "xingling:security:1", "xingling:security:2",
}  # fmt: skip

HAN = re.compile(r"[\u4e00-\u9fff]")


def spread(text: str) -> list[str]:
    """ "x:1-3" as x:1, x:2, x:3."""
    found = re.fullmatch(r"(.*?)(\d+)-(\d+)", text)
    return [f"{found[1]}{n}" for n in range(int(found[2]), int(found[3]) + 1)] if found else [text]


def systems() -> dict[tuple[str, str], set[str]]:
    rows = [row.split() for line in SYSTEMS.strip().splitlines() for row in line.split("|")]
    return {(row[0], row[1]): {path for part in row[2:] for path in spread(part)} for row in rows}


def test_all_66_systems_are_there_with_all_their_articles() -> None:
    articles: dict[tuple[str, str], set[str]] = {}
    for id_ in load_clauses():
        document, system, path = id_.split(":")
        if not list(sections(id_)) or path == "annex.a":
            articles.setdefault((document, system), set()).add(path)
    assert len(systems()) == 66
    assert articles == systems()


def test_every_system_that_a_document_names_is_one_of_them() -> None:
    named = {(document.id, system) for document in load_documents().values() for system in document.systems}
    assert named == set(systems())


@pytest.mark.parametrize("part", PARTS.split())
def test_parts_are_clauses_of_their_own(part: str) -> None:
    assert [id_ for id_ in spread(part) if id_ not in load_clauses()] == []


def test_what_the_documents_lack_has_no_entry() -> None:
    assert [id_ for id_ in LOST if id_ in load_clauses()] == []


def test_damaged_text_is_marked() -> None:
    assert {id_ for id_, found in load_clauses().items() if found.damaged} == DAMAGED


def test_every_id_is_of_the_grammar_and_stands_once() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in CATALOGUE.glob("*.toml"))
    ids = re.findall(r'^\["(.*)"\]$', text, re.MULTILINE)
    assert [id_ for id_ in ids if not ID.fullmatch(id_)] == []
    assert sorted(ids) == sorted(load_clauses())
    assert len(ids) == len(set(ids))


def test_every_part_stands_in_a_section() -> None:
    whole = {id_: next(sections(id_), id_) for id_ in load_clauses() if not id_.endswith(":annex.a")}
    assert [id_ for id_, section in whole.items() if section not in load_clauses()] == []


NUMERALS = "〇一二三四五六七八九十①②③④⑤⑥⑦⑧⑨"


def numbers(article: str) -> list[int]:
    """The numbers of a printed place, in order: 第十二条第（三）项 is 12, 3."""
    found = []
    for word in re.findall(r"\d+|[一二三四五六七八九十]+|[①-⑨]", article):
        if word.isdigit() and word.isascii():
            found.append(int(word))
        elif "十" in word:
            tens, units = word.split("十")
            found.append(10 * (NUMERALS.index(tens) if tens else 1) + (NUMERALS.index(units) if units else 0))
        else:
            found.append(NUMERALS.index(word) - (10 if word in "①②③④⑤⑥⑦⑧⑨" else 0))
    return found


def test_the_printed_place_says_the_same_as_the_id() -> None:
    """A section's own numeral may stand before (二（五） of the posted staff's management is 5)."""
    wrong = []
    for id_, found in load_clauses().items():
        path = id_.split(":")[2].split("#")[0].removeprefix("window")
        expected = [int(part.rstrip("b")) for part in path.split(".") if part.rstrip("b").isdigit() and part != "0"]
        printed = numbers(found.article.split("（重号")[0])
        if expected and expected not in (printed, printed[1:], printed[: len(expected)] if "#" in id_ else None):
            wrong.append((id_, found.article))
    assert wrong == []


def test_every_text_is_in_both_languages_and_short() -> None:
    for id_, found in load_clauses().items():
        assert HAN.search(found.zh), id_
        assert len(found.zh) <= 60, id_
        assert found.en, id_
        assert not HAN.search(found.en), id_
    for document in load_documents().values():
        assert HAN.search(document.zh)
        assert HAN.search(document.short_zh)
        assert not HAN.search(document.en + document.short_en + document.note_en)
        assert bool(document.note_zh) == bool(document.note_en)


def test_what_is_served_elsewhere_says_why() -> None:
    for id_, found in load_clauses().items():
        assert (found.served == "outside") == (found.reason is not None), id_
    reasons = {found.reason for found in load_clauses().values() if found.reason}
    assert len(reasons) == 9
    assert all(HAN.search(reason.zh) and not HAN.search(reason.en) for reason in reasons)


def test_every_clause_that_the_rules_name_is_in_the_catalogue_and_served_here() -> None:
    wrong = {
        str(path.name): sorted(id_ for id_ in cited(path) if id_ not in load_clauses() or clause(id_).reason)
        for path in files(*RULES)
    }
    assert {name: ids for name, ids in wrong.items() if ids} == {}


def test_every_clause_that_the_program_names_is_in_the_catalogue() -> None:
    wrong = {str(path): sorted(cited(path) - set(load_clauses())) for path in files("station", "web")}
    assert {name: ids for name, ids in wrong.items() if ids} == {}


@pytest.mark.parametrize(
    ("id_", "zh", "en"),
    [
        ("wanzhou:attendance:5", "万州 考勤 第五条", "Wanzhou attendance art. 5"),
        ("wanzhou:attendance:5#6", "万州 考勤 第五条末句", "Wanzhou attendance art. 5#6"),
        ("wanzhou:attendance:4#3", "万州 考勤 第四条第3分句", "Wanzhou attendance art. 4#3"),
        ("wanzhou:civil_service:5.1.1", "万州 文明服务 第五条第（一）项第1目", "Wanzhou civil service art. 5.1.1"),
        ("wanzhou:conduct:4.7.2", "万州 礼仪规范 四、7（2）", "Wanzhou conduct art. 4.7.2"),
        ("wanzhou:patrol:7b", "万州 巡查 第七条（重号，第二个）", "Wanzhou patrol art. 7b"),
        ("wanzhou:patrol:form", "万州 巡查 巡查记录表", "Wanzhou patrol form"),
        ("wanzhou:complaints:annex.a", "万州 投诉 附录A", "Wanzhou complaints annex.a"),
        ("shanxi:service:6.2", "山西 服务规范 六、2", "Shanxi service art. 6.2"),
        ("taigu:duty:2.3", "太谷 值班 二、3", "Taigu duty art. 2.3"),
        ("taigu:five_bans:end", "太谷 五禁止 结尾段", "Taigu five bans end"),
        ("xingling:attendance:3", "杏岭 考勤 （三）", "Xingling attendance art. 3"),
        ("ruzhu:management:5", "入驻 人员管理 二（五）", "Posted staff management art. 5"),
        ("hexian:assessment:window.1.2", "和县 窗口考核 一（一）2", "He county assessment window.1.2"),
        ("municipal:assessment:7.1.3", "市级 窗口考核 第七条一、3", "Municipal assessment art. 7.1.3"),
        ("centre_rules:rules:3", "某中心 规章 第三条", "Centre rules rules art. 3"),
        (ASSUMED, "推定（无条文）", "assumed (no clause)"),
    ],
)
def test_a_clause_is_cited_as_people_write_it(id_: str, zh: str, en: str) -> None:
    assert cite(id_) == zh
    assert cite(id_, "en") == en


def test_a_clause_carries_its_titles_and_our_words() -> None:
    found = clause("wanzhou:attendance:5#6")
    assert found.document == "万州区政务服务管理制度"
    assert found.system == "大厅工作人员考勤管理办法（试行）"
    assert found.served == "verdict"


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("wanzhou:attendence:5", "wanzhou:attendance:5"),
        ("wanzhou:patrol:7c", "wanzhou:patrol:7"),
        ("taigu:five_ban:end", "taigu:five_bans:end"),
        ("hexian:assessment:1.2", "hexian:assessment:window.1.2"),
    ],
)
def test_an_unknown_clause_is_refused_with_the_nearest_spelling(wrong: str, near: str) -> None:
    for ask in (clause, cite):
        with pytest.raises(Refused, match=rf"没有条款 {wrong}，是不是 {re.escape(near)}") as refusal:
            ask(wrong)
        assert "没有改动任何数据" in str(refusal.value)


def test_a_clause_like_none_is_refused_with_the_spelling_of_ids() -> None:
    with pytest.raises(Refused, match="文件:制度:条"):
        clause("?")


GOOD = """[document]
zh = "甲"
en = "A"
short_zh = "甲"
short_en = "A"
[systems.duty]
zh = "值班"
en = "duty"
title = "值班"
"""


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('["x:duty:1"]\narticle = "一"\nzh = "甲"\nserved = "report"', "x:duty:1：缺少 en"),
        ('["x:duty:1"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "reports"', "x:duty:1：不认识 reports"),
        ('["x:duty:1"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "outside"', "x:duty:1：outside 须写明理由"),
        (
            '["x:duty:1"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "alert"\nreason = "formal"',
            "x:duty:1：outside 须写明理由",
        ),
        (
            '["x:duty:1"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "report"\nnote = ""',
            "x:duty:1：没有 note 这一项",
        ),
        ('["x:night:1"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "report"', "x:night:1：条款号应写作 x:制度:条"),
        ('["y:duty:1"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "report"', "y:duty:1：条款号应写作 x:制度:条"),
        (
            '["x:duty:1-2"]\narticle = "一"\nzh = "甲"\nen = "a"\nserved = "report"',
            "x:duty:1-2：条款号应写作 x:制度:条",
        ),
        ("[systems.night]\nzh = '夜班'", "[systems.night] 的各项应为 en, title, zh"),
        ('["x:duty:1"]\n["x:duty:1"]', "x.toml"),
    ],
)
def test_a_document_with_a_fault_is_refused_naming_it(tmp_path: Path, entry: str, fault: str) -> None:
    (tmp_path / REASONS).write_text((CATALOGUE / REASONS).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "x.toml").write_text(GOOD + entry + "\n", encoding="utf-8")
    with pytest.raises(BadFile) as refusal:
        load_documents(tmp_path)
    assert fault in str(refusal.value)


def test_every_fault_of_a_document_is_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / REASONS).write_text("", encoding="utf-8")
    (tmp_path / "x.toml").write_text('[document]\nzh = "甲"\n["x:duty:1"]\nzh = "甲"\n', encoding="utf-8")
    with pytest.raises(BadFile) as refusal:
        load_documents(tmp_path)
    assert len(refusal.value.faults) == 3
