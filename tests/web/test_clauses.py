"""Clauses: each has a page, an index finds them, and every clause of a policy leads somewhere."""

import pytest
from flask.testing import FlaskClient

from config.clauses import load_clauses, load_documents
from config.policy import load_policy, packs
from config.policy_words import lines
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest


@pytest.fixture
def client(hall: HallUnderTest) -> FlaskClient:
    return signed_in(hall, "staff")


def test_a_clause_says_where_it_stands_what_it_asks_and_where_it_is_used(client: FlaskClient) -> None:
    page = text_of(client.get("/clauses/wanzhou:attendance:5"))
    clause = load_clauses()["wanzhou:attendance:5"]
    for words in ("万州 考勤 第五条", clause.zh, clause.en, clause.system, "出勤判定", "迟到早退累计折算旷工"):
        assert words in page, words
    item = text_of(client.get("/clauses/wanzhou:conduct:4.5"))
    assert "巡查项目 ·" in item


def test_clauses_with_a_number_sign_have_addresses_too(client: FlaskClient) -> None:
    id_ = next(id_ for id_ in load_clauses() if "#" in id_)
    index = client.get("/clauses", query_string={"q": id_}).get_data(as_text=True)
    address = f"/clauses/{id_.replace('#', '%23')}"
    assert f'href="{address}"' in index
    assert client.get(address).status_code == 200


def test_every_clause_of_every_pack_has_a_page(client: FlaskClient) -> None:
    cited = {id_ for name in packs() for line in lines(load_policy(name)) for id_ in line.clauses} - {"assumed"}
    assert len(cited) > 60
    for id_ in sorted(cited)[::7]:
        assert client.get(f"/clauses/{id_.replace('#', '%23')}").status_code == 200, id_
    assert cited <= set(load_clauses())


def test_the_index_lists_documents_and_finds_by_words(client: FlaskClient) -> None:
    page = text_of(client.get("/clauses"))
    for document in load_documents().values():
        assert document.zh in page
    found = text_of(client.get("/clauses?q=万州 迟到"))
    assert "万州 考勤 第五条" in found
    assert "没有找到“没有的词”" in text_of(client.get("/clauses?q=没有的词"))
    assert "另有" in text_of(client.get("/clauses?document=wanzhou"))


def test_what_no_clause_supports_has_a_page_too_and_every_number_of_it(client: FlaskClient) -> None:
    page = text_of(client.get("/clauses/assumed"))
    assert "推定不新增任何处罚" in page
    assert "考勤 一天从几点算起：04:00" in page
    assert 'href="/clauses/assumed"' in client.get("/policy").get_data(as_text=True)


def test_an_article_leads_to_its_parts_and_a_document_to_its_systems(client: FlaskClient) -> None:
    article = client.get("/clauses/wanzhou:attendance:5").get_data(as_text=True)
    for nth in range(1, 7):
        assert f'href="/clauses/wanzhou:attendance:5%23{nth}"' in article
    duty = text_of(client.get("/clauses?document=taigu&system=duty"))
    assert "太谷 值班" in duty
    assert "太谷 考勤" not in duty


@pytest.mark.parametrize(
    "path", ["/clauses/nowhere:x:1", "/clauses?document=wanzhou&system=x", "/clauses?document=nowhere"]
)
def test_what_there_is_not(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
