"""Every page of the hub as a reader meets it: accessible and within the screen, wide and on a phone, light and dark.

A new page is covered by itself: the addresses are those that are counted in test_every_page.
"""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from config.settings import HubSettings
from tests.journeys.hub_server import served
from tests.journeys.looks import graves
from tests.web.browsing import signed_in
from tests.web.crowds import Crowd, gather
from tests.web.english import left_in_chinese, own_words
from tests.web.test_every_page import DAYS, NOW, ROLES, pages
from web.services.hub import begin

PEOPLE = 40

pytestmark = pytest.mark.timeout(600)  # a hundred pages, three looks each


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A small hall in which everything has happened once."""
    folder = tmp_path_factory.mktemp("looks")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    made = gather(folder / "template", folder / "crowd", "", PEOPLE, DAYS, NOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(crowd: Crowd) -> FlaskClient:
    """Somebody who may see everything."""
    return signed_in(crowd.hall, *ROLES)


def test_every_page_is_accessible_and_fits(browser: Browser, crowd: Crowd, client: FlaskClient) -> None:
    cookie = client.get_cookie("zaigang")
    assert cookie is not None
    found = {}
    with served(crowd.hall.app) as url:
        context = browser.new_context(locale="zh-CN", bypass_csp=True)
        context.add_cookies([{"name": "zaigang", "value": cookie.value, "url": url}])
        page = context.new_page()
        for address in pages(crowd.hall):
            path = address.format(**crowd.names)
            answer = client.get(path, follow_redirects=True)
            if answer.mimetype == "text/html" and "<main" in answer.text:  # no file, no part of a page
                page.goto(url + path)
                found[address] = graves(page)
        context.close()
    assert len(found) > 60
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_every_page_is_english_for_its_readers(crowd: Crowd, client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    own = own_words(crowd)
    found = {}
    for address in pages(crowd.hall):
        answer = client.get(address.format(**crowd.names), follow_redirects=True)
        if answer.mimetype == "text/html":
            found[address] = left_in_chinese(answer.text, own)
    client.delete_cookie("lang")
    assert len(found) > 60
    assert {address: words for address, words in found.items() if words} == {}


def test_chinese_of_the_product_is_found(crowd: Crowd) -> None:
    page = '<h1>单位0</h1><p title="Late, 迟到">Left: 早退</p><p lang="zh-CN">中文</p>'
    assert left_in_chinese(page, own_words(crowd)) == ["Late, 迟到", "Left: 早退"]
