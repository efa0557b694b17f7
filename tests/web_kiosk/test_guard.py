"""Who is let in, what every answer carries, and how a refusal reads."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web_kiosk.running import TOKEN, display, shown
from web.kiosk.app import create_kiosk
from web.kiosk.guard import COOKIE, HEADERS

HOST = {"Host": "127.0.0.1:8001"}
LATIN = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def browser() -> FlaskClient:
    """A browser on the board that has not been let in."""
    return create_kiosk(display(), TOKEN).test_client()


@pytest.fixture
def inside(browser: FlaskClient) -> FlaskClient:
    """A browser that was opened by the autostart address."""
    browser.get(f"/kiosk?token={TOKEN}", headers=HOST)
    return browser


def words(answer: TestResponse) -> str:
    """What a person reads of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)).strip()


def test_the_autostart_address_sets_a_cookie_and_leaves_no_token_in_the_address(browser: FlaskClient) -> None:
    answer = browser.get(f"/kiosk?token={TOKEN}", headers=HOST)
    assert (answer.status_code, answer.location) == (303, "/kiosk")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/kiosk"} <= set(cookie.split("; "))
    assert browser.get("/kiosk", headers=HOST).status_code == 200


@pytest.mark.parametrize("path", ["/kiosk", "/kiosk/", "/kiosk/live", "/kiosk/frame"])
@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", f"?token={TOKEN}x", "?token=口令", "?token=%ff"])
def test_without_the_token_there_is_a_plain_refusal(browser: FlaskClient, path: str, query: str) -> None:
    answer = browser.get(path + query, headers=HOST)
    assert answer.status_code == 403
    assert "请重启考勤站" in words(answer)
    assert "刘明" not in answer.text


@pytest.mark.parametrize("cookie", ["", "wrong", TOKEN[:-1], TOKEN.upper()])
def test_a_wrong_cookie_is_no_cookie(browser: FlaskClient, cookie: str) -> None:
    browser.set_cookie(COOKIE, cookie, domain="127.0.0.1", path="/kiosk")
    assert browser.get("/kiosk", headers=HOST).status_code == 403


@pytest.mark.parametrize(
    "host", ["hall.example", "127.0.0.1.hall.example", "127.0.0.1:80@hall.example", "127.0.0.2", "[::1]:8001", ""]
)
def test_a_foreign_name_for_this_board_gets_nothing(inside: FlaskClient, host: str) -> None:
    for path in ("/", "/kiosk", "/kiosk/frame", "/kiosk/static/kiosk.css"):
        answer = inside.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "刘明" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8001", "localhost:8001", "LocalHost"])
def test_this_boards_own_names_are_taken(browser: FlaskClient, host: str) -> None:
    assert browser.get(f"/kiosk?token={TOKEN}", headers={"Host": host}).status_code == 303


@pytest.mark.parametrize(
    "path", ["/", "/kiosk", "/kiosk/frame", "/kiosk/static/kiosk.js", "/nowhere", "/kiosk/static/x"]
)
def test_every_answer_carries_the_headers(inside: FlaskClient, path: str) -> None:
    answer = inside.get(path, headers=HOST)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert (HEADERS["Cache-Control"], HEADERS["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/kiosk", 405), ("GET", "/kiosk/static/../app.py", 404)],
)
def test_refusals_say_what_happened_and_what_to_do_in_chinese(
    inside: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = inside.open(path, method=method, headers=HOST)
    assert answer.status_code == status
    assert "没有改动任何数据" in words(answer)
    assert "请" in words(answer)
    assert not LATIN.search(words(answer))


def test_a_fault_of_ours_shows_no_traceback() -> None:
    shows = display()
    app = create_kiosk(shows, TOKEN)
    browser = app.test_client()
    browser.get(f"/kiosk?token={TOKEN}", headers=HOST)

    def broken() -> None:
        raise RuntimeError("the clock fell down")

    shows.now = broken  # type: ignore[assignment]
    answer = browser.get("/kiosk", headers=HOST)
    assert answer.status_code == 500
    assert "按手指打卡照常" in words(answer)
    assert not LATIN.search(words(answer))


def test_the_root_leads_to_the_screen(browser: FlaskClient) -> None:
    answer = browser.get("/", headers=HOST)
    assert (answer.status_code, answer.location) == (302, "/kiosk")


def test_the_page_is_whole_without_javascript(inside: FlaskClient) -> None:
    text = words(inside.get("/kiosk", headers=HOST))
    for said in (
        "08:57:12",
        "2026年3月2日 星期一",
        "上午上班打卡",
        "请按手指",
        "指纹机正常",
        "已同步",
        "一楼东门打卡站",
    ):
        assert said in text
    assert "今日已到 52/64（10:02 同步）" in text
    assert not LATIN.search(text)


def test_a_result_that_is_up_is_in_the_page_itself() -> None:
    shows = display(demo=True)
    shows.show(shown("amber", "刘明", "迟到 12 分钟"))
    shows.set_alarm("磁盘快满")
    browser = create_kiosk(shows, TOKEN).test_client()
    browser.get(f"/kiosk?token={TOKEN}", headers=HOST)
    text = words(browser.get("/kiosk", headers=HOST))
    for said in ("刘明", "迟到 12 分钟", "医疗保障局 · 08:57:12", "演示数据·模拟设备", "磁盘快满"):
        assert said in text
    assert "请按手指" not in text


def test_names_are_text_never_markup() -> None:
    shows = display()
    shows.show(shown(name="<b>刘明</b>", verdict='"><script>'))
    browser = create_kiosk(shows, TOKEN).test_client()
    browser.get(f"/kiosk?token={TOKEN}", headers=HOST)
    page = browser.get("/kiosk", headers=HOST).text
    assert "&lt;b&gt;刘明&lt;/b&gt;" in page
    assert "<b>" not in page
    assert page.count("<script") == 1


def test_the_page_has_nothing_inline(inside: FlaskClient) -> None:
    page = inside.get("/kiosk", headers=HOST).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)
    assert addresses
    assert all(address.startswith("/kiosk/static/") for address in addresses)
    assert all(inside.get(address, headers=HOST).status_code == 200 for address in addresses)


def test_a_kiosk_without_a_token_is_not_made() -> None:
    with pytest.raises(ValueError, match="token"):
        create_kiosk(display(), "")
