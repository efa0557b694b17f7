"""What can be done at the screen without JavaScript, who may send a form, and how no is said."""

import re
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from drivers.contract import Touch
from tests.station.counters import CHEN, LIU, PEOPLE, WANG, ZHAO, ZHOU, Counter, papers
from tests.web_kiosk.running import TOKEN
from web.kiosk.app import create_kiosk
from web.kiosk.guard import COOKIE
from web.kiosk.picking import initials_of, picking

HOST = "127.0.0.1:8001"
ORIGIN = f"http://{HOST}"
PIN = "204816"
LATIN = re.compile(r"[A-Za-z]{2,}")
ALLOWED = {"PIN"}  # the Latin words that SCREENS allows

LEAVE = {"kind": "sick", "first": "2026-03-02", "last": "", "part": "morning", "ticked": "就医"}


class Screen:
    """A browser on the board, by its words and forms only."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.client: FlaskClient = create_kiosk(counter.display, TOKEN, acts=counter.acts).test_client()
        self.client.set_cookie(COOKIE, TOKEN, domain="127.0.0.1", path="/kiosk")
        self.answer: TestResponse | None = None

    def get(self, path: str) -> str:
        """Open a page, following where it leads; its words."""
        self.answer = self.client.get(path, headers={"Host": HOST}, follow_redirects=True)
        return self.words

    def send(self, origin: str | None = ORIGIN, token: str | None = None, to: str = "", **given: str) -> str:
        """Send the form of the page that is open, to that page unless it says another; the words of where it leads."""
        path = to or (self.answer.request.full_path.rstrip("?") if self.answer else "")
        headers = {"Host": HOST} | ({"Origin": origin} if origin else {})
        form = {"token": self.token if token is None else token, **given}
        self.answer = self.client.post(path, data=form, headers=headers, follow_redirects=True)
        return self.words

    @property
    def token(self) -> str:
        """The token of the form on the page."""
        assert self.answer
        found = re.search(r'name="token" value="([^"]+)"', self.answer.text)
        assert found, self.words
        return found[1]

    @property
    def status(self) -> int:
        """How the last page was answered."""
        assert self.answer
        return self.answer.status_code

    @property
    def path(self) -> str:
        """Where the browser is."""
        assert self.answer
        return self.answer.request.path

    @property
    def words(self) -> str:
        """What a person reads."""
        assert self.answer
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.answer.text)).strip()

    def press(self, place: int = 1) -> None:
        """A finger at the module."""
        self.counter.punching.heard(Touch(place, 120, time.monotonic_ns()))

    def kinds(self) -> list[str]:
        """What was recorded since the two enrolments."""
        raws = self.counter.of("punch", "exit", "sign_in", "request", "refused", "consent", "forgotten")
        return [fact.kind for fact in raws]


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    """The screen of a station that holds 陈静's (duty leader) and 赵强's PINs."""
    return Screen(Counter(tmp_path, pins={CHEN: PIN, ZHAO: PIN}))


def unlock(screen: Screen) -> None:
    screen.get("/kiosk/admin")
    screen.send(turn="name")
    screen.get(f"/kiosk/pin/{CHEN}")
    screen.send(code=PIN)
    assert screen.path == "/kiosk/admin"


def test_the_bar_stands_on_the_screen_and_only_where_it_can_be_touched(screen: Screen) -> None:
    words = screen.get("/kiosk")
    for name in ("外出 / 返回", "签到", "请假", "管理"):
        assert name in words
    untouched = Counter(screen.counter.folder.parent / "other")
    bare = Screen(untouched)
    bare.client = create_kiosk(untouched.display, TOKEN).test_client()
    bare.client.set_cookie(COOKIE, TOKEN, domain="127.0.0.1", path="/kiosk")
    assert "外出" not in bare.get("/kiosk")
    assert "没有这个页面" in bare.get("/kiosk/out")


def test_going_out_by_finger(screen: Screen) -> None:
    assert "外出 / 返回" in screen.get("/kiosk/out")
    assert "请按手指" in screen.send(way="out")
    assert 'content="2"' in (screen.answer.text if screen.answer else "")  # looks again without JavaScript
    screen.press()
    words = screen.get("/kiosk/finger")
    assert (screen.path, "刘明" in words, screen.kinds()) == ("/kiosk", True, ["exit"])


def test_going_back_to_the_screen_gives_the_next_press_back_to_punching(screen: Screen) -> None:
    screen.get("/kiosk/out")
    screen.send(way="out")
    screen.get("/kiosk")
    screen.press()
    assert screen.kinds() == ["punch"]


def test_cancelling_too(screen: Screen) -> None:
    screen.get("/kiosk/out")
    screen.send(way="back")
    screen.send(turn="cancel")
    screen.press()
    assert (screen.path, screen.kinds()) == ("/kiosk", ["punch"])


def test_the_pad_works_key_by_key_without_javascript_and_shows_no_digit(screen: Screen) -> None:
    screen.get("/kiosk/out")
    screen.send(way="out")
    words = screen.send(turn="name")
    assert (screen.path, "赵强" in words, "刘明" in words) == ("/kiosk/who", True, False)
    screen.get(f"/kiosk/pin/{ZHAO}")
    for key in [*PIN[:3], "9", "back", *PIN[3:]]:
        screen.send(key=key)
        assert screen.answer
        assert not re.search(rf"value=\"{PIN[0]}\d", screen.answer.text)
    assert "●●●●●●" in screen.words
    words = screen.send()
    assert (screen.path, "赵强" in words, screen.kinds()) == ("/kiosk", True, ["exit"])


def test_a_wrong_pin_says_how_often_one_may_try(screen: Screen) -> None:
    screen.get("/kiosk/out")
    screen.send(way="out")
    screen.send(turn="name")
    screen.get(f"/kiosk/pin/{ZHAO}")
    assert "还可以再试 4 次" in screen.send(code="999888")
    assert screen.status == 422
    assert "还可以再试 3 次" in screen.send(code="999888")
    assert screen.kinds() == []


@pytest.mark.parametrize(
    "origin", [None, "null", "http://hall.example", "http://127.0.0.1:9999", "https://127.0.0.1:8001"]
)
def test_a_form_from_elsewhere_is_not_taken(screen: Screen, origin: str | None) -> None:
    screen.get("/kiosk/out")
    screen.send(origin, way="out")
    assert screen.status == 403
    screen.press()
    assert screen.kinds() == ["punch"]


def test_a_form_is_taken_once(screen: Screen) -> None:
    screen.get("/kiosk/out")
    token = screen.token
    screen.send(way="out")
    screen.get("/kiosk/out")
    assert "已经提交过" in screen.send(token=token, way="out")
    for nonsense in ("", "made-up"):
        screen.get("/kiosk/out")
        assert "已经提交过" in screen.send(token=nonsense, way="out")
    assert screen.status == 422


ALL_PAGES = [
    "out", "finger", "finger/state", "told", "who", f"pin/{CHEN}", "sign-in", f"sign-in/{LIU}", f"sign-in/{LIU}/own",
    "ask", "ask/leave", "ask/cover", "ask/hand-back", "ask/correction", "answers", f"answers/{LIU}", "admin",
    "admin/rescue", "admin/turn",
    "admin/enrol", f"admin/enrol/{LIU}", "admin/enrolment", "admin/enrolment/state", "admin/forget",
    f"admin/forget/{LIU}", "admin/pin", f"admin/pin/{LIU}", "admin/fingers", "admin/status",
]  # fmt: skip

# What may be seen of administration without unlocking: the way in, and the enrolment that was begun while it was open.
OPEN = {"admin", "admin/rescue", "admin/enrolment", "admin/enrolment/state"}
UNLOCKED = [each for each in ALL_PAGES if each.startswith("admin/") and each not in OPEN]


def test_this_list_of_pages_is_whole(screen: Screen) -> None:
    adapter = screen.client.application.url_map.bind(HOST)
    reached = {adapter.match(f"/kiosk/{page}")[0] for page in ALL_PAGES}
    rules = {rule.endpoint for rule in screen.client.application.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert rules - reached == {"home", "kiosk", "frame", "stream", "static"}
    assert len(reached) == len(ALL_PAGES)


@pytest.mark.parametrize("page", ALL_PAGES)
def test_no_page_opens_for_a_browser_that_was_not_let_in(screen: Screen, page: str) -> None:
    screen.client.delete_cookie(COOKIE, domain="127.0.0.1", path="/kiosk")
    for method in ("GET", "POST"):
        answer = screen.client.open(f"/kiosk/{page}", method=method, headers={"Host": HOST, "Origin": ORIGIN})
        assert answer.status_code in (403, 405)
        assert "刘明" not in answer.text


@pytest.mark.parametrize("page", UNLOCKED)
def test_administration_is_closed_until_unlocked(screen: Screen, page: str) -> None:
    for method in ("GET", "POST"):
        answer = screen.client.open(f"/kiosk/{page}", method=method, headers={"Host": HOST, "Origin": ORIGIN})
        assert (answer.status_code, answer.location) in ((303, "/kiosk/admin"), (405, None))
    assert screen.counter.of("request", "consent", "forgotten") == []


@pytest.mark.parametrize("page", [each for each in ALL_PAGES if not each.endswith("state")])
def test_every_page_speaks_chinese_and_has_nothing_inline(screen: Screen, page: str) -> None:
    unlock(screen)
    screen.get(f"/kiosk/{page}")
    text = re.sub(r"<title>.*?</title>", "", screen.words).replace("http://127.0.0.1", "")
    assert set(LATIN.findall(text)) <= ALLOWED
    assert screen.answer
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", screen.answer.text)
    assert "Traceback" not in screen.answer.text


def test_signing_in_with_a_witness_when_the_module_is_gone(screen: Screen) -> None:
    screen.counter.lose_reader()
    assert "请点“签到”" in screen.get("/kiosk")
    assert "刘明" in screen.get("/kiosk/sign-in")
    assert "陈静 值班长" in screen.get(f"/kiosk/sign-in/{LIU}")
    assert "请作证人 陈静 输入" in screen.get(f"/kiosk/sign-in/{LIU}/{CHEN}")
    words = screen.send(code=PIN)
    assert (screen.path, "刘明" in words, "上班 正常" in words) == ("/kiosk", True, True)
    assert screen.counter.of("sign_in")[0].body["witness"] == CHEN


def test_one_with_a_finger_is_sent_to_the_module_while_it_is_well(screen: Screen) -> None:
    assert "刘明" not in screen.get("/kiosk/sign-in")
    assert "请直接按手指" in screen.get(f"/kiosk/sign-in/{LIU}")
    assert "请 赵强 输入自己的" in screen.get(f"/kiosk/sign-in/{ZHAO}")
    assert screen.path == f"/kiosk/sign-in/{ZHAO}/own"
    screen.send(code=PIN)
    assert screen.counter.of("sign_in")[0].body["by"] == "own_pin"


def test_nobody_to_vouch_is_the_paper_sheet(tmp_path: Path) -> None:
    screen = Screen(Counter(tmp_path))
    screen.counter.lose_reader()
    assert "纸质签到表" in screen.get(f"/kiosk/sign-in/{LIU}")


def test_a_leave_is_asked_for_signed_and_told_with_its_number(screen: Screen) -> None:
    screen.get("/kiosk/ask/leave")
    words = screen.send(**LEAVE)
    assert screen.path == "/kiosk/finger"
    for said in ("请按手指", "病假", "3月2日（一） 上午", "就医"):
        assert said in words
    assert screen.kinds() == []  # nothing before somebody signs it
    screen.press()
    words = screen.get("/kiosk/finger")
    (fact,) = screen.counter.of("request")
    assert f"编号 {fact.seq}，等待批准" in words
    assert (screen.path, fact.body["person"], fact.body["fields"]["kind"]) == ("/kiosk/told", LIU, "sick")


def test_a_form_that_is_not_sound_comes_back_as_it_was_filled(screen: Screen) -> None:
    screen.get("/kiosk/ask/leave")
    words = screen.send(**{**LEAVE, "part": "times", "start": "10:00", "end": "09:00", "reason": "看病"})
    assert (screen.status, "结束时间早于开始时间" in words) == (422, True)
    assert screen.answer
    for kept in (
        'value="sick" checked',
        'value="times" checked',
        'value="10:00"',
        'value="看病"',
        'value="就医" checked',
    ):
        assert kept in screen.answer.text
    assert "请按手指" in screen.send(**LEAVE)  # and can be sent again


def test_a_cover_goes_by_two_names(screen: Screen) -> None:
    assert "谁要离岗" in screen.get("/kiosk/ask/cover")
    words = screen.get(f"/kiosk/ask/cover?covered={LIU}")
    assert "谁来顶 刘明 的岗" in words
    assert words.index("赵强") < words.index("陈静")  # those of the same unit first
    screen.get(f"/kiosk/ask/cover?covered={LIU}&covering={ZHAO}")
    screen.send(first="2026-03-02", last="", part="day")
    screen.press(place=2)
    assert "批准以前不算数" in screen.get("/kiosk/told")
    (fact,) = screen.counter.of("request")
    assert (fact.body["person"], fact.body["fields"]["covered"], fact.body["fields"]["covering"]) == (WANG, LIU, ZHAO)
    assert "交还岗位" not in screen.get("/kiosk/ask"), "a request that waits is no cover"


def test_a_post_is_taken_over_at_once_and_given_back(screen: Screen) -> None:
    screen.counter.held = papers(posts=[{"window": "12", "a": LIU, "backups": [WANG]}])
    assert "没有正在顶岗" in screen.get("/kiosk/ask/hand-back")
    words = screen.get(f"/kiosk/ask/cover?covered={LIU}")
    assert words.index("王芳") < words.index("赵强"), "registered Bs before those of the unit"
    assert "B岗 · 税务局" in words
    screen.get(f"/kiosk/ask/cover?covered={LIU}&covering={ZHAO}")
    words = screen.send(first="2026-03-02", last="", part="day", emergency="yes")
    assert "赵强不是这个岗位备案的 B岗" in words
    assert "由窗口负责人、值班长在中枢登记" in words
    screen.get(f"/kiosk/ask/cover?covered={LIU}&covering={WANG}")
    screen.send(first="2026-03-02", last="", part="day", emergency="yes")
    screen.press(place=2)
    assert "从现在起算顶岗" in screen.get("/kiosk/told")
    assert "结束顶岗，现有 1 处" in screen.get("/kiosk/ask")
    assert "刘明 王芳顶岗，08:00 起" in screen.get("/kiosk/ask/hand-back")
    (begun,) = screen.counter.of("request")
    screen.get(f"/kiosk/ask/hand-back?cover={begun.id}")
    screen.send(note="已交清")
    screen.press()
    assert "从现在起岗位已交还" in screen.get("/kiosk/told")
    assert screen.counter.of("request")[-1].body["fields"]["note"] == "已交清"
    assert "没有正在顶岗" in screen.get("/kiosk/ask/hand-back")


def test_a_correction_of_a_day_to_come_is_refused(screen: Screen) -> None:
    screen.get("/kiosk/ask/correction")
    assert "过去 31 天" in screen.send(day="2026-03-03", which="morning-in", ticked="忘记打卡")
    assert "还没到" in screen.send(day="2026-03-02", which="morning-in", ticked="忘记打卡")
    screen.send(day="2026-02-27", which="morning-in", ticked="忘记打卡")
    assert screen.path == "/kiosk/finger"


def test_unlocking_by_somebody_without_the_role(screen: Screen) -> None:
    screen.get("/kiosk/admin")
    screen.send(turn="finger")
    screen.press()
    assert "没有管理权限" in screen.get("/kiosk/finger")
    assert screen.kinds() == ["refused"]
    assert "解锁" in screen.get("/kiosk/admin") or not screen.counter.acts.unlocking.is_open


def test_leaving_administration_closes_it(screen: Screen) -> None:
    unlock(screen)
    token = screen.token
    answer = screen.client.post(
        "/kiosk/admin/turn", data={"token": token, "turn": "lock"}, headers={"Host": HOST, "Origin": ORIGIN}
    )
    assert (answer.location, screen.counter.acts.unlocking.is_open) == ("/kiosk", False)


def test_a_pin_is_set_by_typing_it_twice(screen: Screen) -> None:
    unlock(screen)
    screen.get(f"/kiosk/admin/pin/{LIU}")
    assert "再输一次" in screen.send(code="640582")
    assert "不一样" in screen.send(code="640583")
    assert "再输一次" in screen.send(code="640582")
    assert "刘明 的 PIN 已设好" in screen.send(code="640582")
    screen.counter.pins.check(LIU, "640582")
    assert screen.answer
    assert "640582" not in screen.answer.text


def test_enrolling_without_a_module_and_saying_no(screen: Screen) -> None:
    unlock(screen)
    screen.get(f"/kiosk/admin/enrol/{ZHOU}")
    assert "没有连接" in screen.send(answer="yes", finger="右手食指")
    assert screen.counter.of("consent") == []
    screen.get(f"/kiosk/admin/enrol/{ZHOU}")
    words = screen.send(answer="no")
    assert ("用 PIN" in words, "用纸质签到表" in words) == (True, True)
    assert [fact.body["given"] for fact in screen.counter.of("consent")] == [False]


def test_the_hubs_wish_to_enrol_somebody_stands_first(tmp_path: Path) -> None:
    wish = {"id": "c1", "do": "enrol", "person": ZHOU, "finger": ""}
    screen = Screen(Counter(tmp_path, papers(commands=[wish]), pins={CHEN: PIN}))
    unlock(screen)
    assert "有 1 人待录" in screen.words
    words = screen.get("/kiosk/admin/enrol")
    assert words.index("周涛") < words.index("陈静")


def test_a_disk_that_takes_nothing_says_so_and_what_to_do(screen: Screen) -> None:
    screen.counter.lose_reader()
    screen.get(f"/kiosk/sign-in/{LIU}/{CHEN}")
    assert screen.counter.journal._db
    screen.counter.journal._db.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(screen.counter.journal.path, timeout=0, isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        words = screen.send(code=PIN)
        blocker.execute("ROLLBACK")
    assert ("未能记录" in words, "没有存下来" in words, "纸质签到表" in words) == (True, True, True)
    assert screen.kinds() == []


def test_the_names_are_found_by_initials_and_unit() -> None:
    assert [initials_of(each) for each in PEOPLE[:2]] == ["LM", "WF"]
    assert initials_of(PEOPLE[0].model_copy(update={"spoken": "", "name": "欧阳明月"})) == "OYMY"
    everybody = picking(PEOPLE, "", "")
    assert (everybody.letters, len(everybody.people)) == (("C", "L", "S", "W", "Z"), 7)
    found = picking(PEOPLE, "w", "")
    assert ([each.name for each in found.people], found.letters) == (["王芳", "吴霞"], ("F", "X"))
    assert [each.name for each in picking(PEOPLE, "wx", "税务局").people] == ["吴霞"]
    assert picking(PEOPLE, "w", "督查室").people == ()


def test_the_module_coming_back_closes_signing_in_on_the_screen(screen: Screen) -> None:
    marks = []
    for turn in (screen.counter.lose_reader, screen.counter.find_reader):
        turn()
        screen.get("/kiosk")
        assert screen.answer
        marks.append(re.findall(r'data-signing="(\w+)"', screen.answer.text))
    assert marks == [["yes"], ["no"]]


def test_pages_and_presses_at_once_record_each_once(screen: Screen) -> None:
    """Eight presses while the same form is sent: one exit, seven punches, whatever the order."""
    screen.get("/kiosk/out")
    screen.send(way="out")
    acts: list[Callable[[], None]] = [screen.press] * 8
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(screen.kinds()) == ["exit", *["punch"] * 7]
