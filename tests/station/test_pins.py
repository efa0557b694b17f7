"""Who may use which PIN, how often one may be wrong, and where a PIN never stands."""

import logging
from pathlib import Path

import pytest

from station.facts import Refused
from station.pins import FILE, FROM_HUB, TO_HUB, PinRefused
from station.sealed import BadSeal, seal
from tests.station.counters import CHEAP, CHEN, HUB_SEAL, LIU, WANG, Counter, papers, pins_content

PIN, WRONG = "204816", "135790"


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    """A station that holds 陈静's PIN."""
    return Counter(tmp_path, pins={CHEN: PIN})


def refused(counter: Counter, person: str, digits: str) -> str:
    with pytest.raises(PinRefused) as error:
        counter.pins.check(person, digits)
    return str(error.value)


def test_the_right_one_is_right_and_the_wrong_one_says_how_often_one_may_try(counter: Counter) -> None:
    counter.pins.check(CHEN, PIN)
    assert "还可以再试 4 次" in refused(counter, CHEN, WRONG)
    assert "还可以再试 3 次" in refused(counter, CHEN, WRONG)
    counter.pins.check(CHEN, PIN)
    assert "还可以再试 4 次" in refused(counter, CHEN, WRONG)
    assert counter.of("refused") == []


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345a", "１２３４５６", "12 456", "一二三四五六"])
def test_what_is_no_pin_is_no_try(counter: Counter, digits: str) -> None:
    for _ in range(6):
        assert "6 位数字" in refused(counter, CHEN, digits)
    counter.pins.check(CHEN, PIN)


def test_five_wrong_in_a_row_are_a_fact_and_five_minutes(counter: Counter) -> None:
    for _ in range(5):
        refused(counter, CHEN, WRONG)
    assert [fact.body for fact in counter.of("refused")] == [{"what": "pin", "person": CHEN, "detail": "wait"}]
    assert "请 5 分钟后再试" in refused(counter, CHEN, PIN)
    counter.wait(minutes=4, seconds=59)
    assert "请 1 分钟后再试" in refused(counter, CHEN, PIN)
    counter.wait(seconds=1)
    counter.pins.check(CHEN, PIN)


def test_the_wait_is_one_persons_and_is_not_prolonged_by_trying(counter: Counter) -> None:
    counter.pins.take(pins_content(counter.key, {CHEN: PIN, WANG: WRONG}))
    for _ in range(5):
        refused(counter, CHEN, WRONG)
    counter.pins.check(WANG, WRONG)
    counter.wait(minutes=3)
    refused(counter, CHEN, WRONG)
    counter.wait(minutes=2)
    counter.pins.check(CHEN, PIN)
    assert len(counter.of("refused")) == 1


def test_the_wait_survives_a_restart_and_ends_when_it_should(counter: Counter) -> None:
    for _ in range(5):
        refused(counter, CHEN, WRONG)
    counter.wait(minutes=2)
    at = counter.now()
    counter.close()
    after = Counter(counter.folder, at=at)
    assert "请 3 分钟后再试" in refused(after, CHEN, PIN)
    after.wait(minutes=3)
    after.pins.check(CHEN, PIN)
    after.close()


def test_a_clock_that_went_back_makes_the_wait_whole_but_not_longer(counter: Counter) -> None:
    for _ in range(5):
        refused(counter, CHEN, WRONG)
    at = counter.now()
    counter.close()
    after = Counter(counter.folder, at=at.replace(year=2020))
    assert "请 5 分钟后再试" in refused(after, CHEN, PIN)
    after.wait(minutes=5)
    after.pins.check(CHEN, PIN)
    after.close()


def test_other_refusals_in_the_journal_are_no_wait(counter: Counter) -> None:
    counter.journal.append(Refused(what="unlock", person=CHEN, detail="wait"))
    counter.journal.append(Refused(what="pin", person=CHEN, detail="another reason"))
    at = counter.now()
    counter.close()
    after = Counter(counter.folder, at=at)
    after.pins.check(CHEN, PIN)
    after.close()


def test_who_has_none_hears_the_same_words_and_costs_the_same_kind_of_work(counter: Counter) -> None:
    for known, unknown in zip(range(5), range(5), strict=True):
        assert refused(counter, CHEN, WRONG) == refused(counter, LIU, WRONG), (known, unknown)
    assert refused(counter, CHEN, WRONG) == refused(counter, LIU, WRONG)


def test_they_are_kept_as_received_and_open_again_after_a_restart(counter: Counter) -> None:
    sent = pins_content(counter.key, {LIU: PIN})
    counter.pins.take(sent)
    assert (counter.folder / FILE).read_bytes() == sent
    at = counter.now()
    counter.close()
    after = Counter(counter.folder, at=at)
    assert (after.pins.has(LIU), after.pins.has(CHEN)) == (True, False)
    after.pins.check(LIU, PIN)
    after.close()


@pytest.mark.parametrize("content", [b"", b"x" * 80, b"{}"])
def test_what_was_not_sealed_for_this_station_changes_nothing(counter: Counter, content: bytes) -> None:
    before = (counter.folder / FILE).read_bytes()
    for sent in (content, seal(HUB_SEAL.public, b'{"pins":[]}', FROM_HUB), seal(counter.key.public, content, FROM_HUB)):
        with pytest.raises(BadSeal):
            counter.pins.take(sent)
    assert (counter.folder / FILE).read_bytes() == before
    counter.pins.check(CHEN, PIN)


def test_damage_on_the_disk_means_no_pins_until_the_hub_sends_them_again(counter: Counter) -> None:
    at = counter.now()
    counter.close()
    (counter.folder / FILE).write_bytes(b"damaged")
    after = Counter(counter.folder, at=at)
    assert not after.pins.has(CHEN)
    after.pins.take(pins_content(after.key, {CHEN: PIN}))
    after.pins.check(CHEN, PIN)
    after.close()


def test_a_new_one_holds_at_once_and_goes_to_the_hub_sealed(counter: Counter) -> None:
    fact = counter.pins.choose(LIU, PIN, PIN)
    counter.pins.check(LIU, PIN)
    assert (fact.kind, fact.body["person"], fact.body["asks"]) == ("request", LIU, "pin")
    made = HUB_SEAL.open(bytes.fromhex(fact.body["fields"]["sealed"]), TO_HUB).decode()
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert list(fact.body["fields"]) == ["sealed"]


def test_the_new_one_outlives_an_older_one_from_the_hub_until_the_hub_has_it(counter: Counter) -> None:
    fact = counter.pins.choose(CHEN, "975318", "975318")
    counter.pins.take(pins_content(counter.key, {CHEN: PIN}))  # sent before the hub heard of the new one
    counter.pins.check(CHEN, "975318")
    refused(counter, CHEN, PIN)
    made = HUB_SEAL.open(bytes.fromhex(fact.body["fields"]["sealed"]), TO_HUB).decode()
    rows = f'{{"pins": [{{"person": "{CHEN}", "hash": "{made}"}}]}}'.encode()
    counter.pins.take(seal(counter.key.public, rows, FROM_HUB))
    counter.pins.check(CHEN, "975318")
    counter.pins.take(pins_content(counter.key, {CHEN: PIN}))  # changed at the hub since
    counter.pins.check(CHEN, PIN)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("20481", "20481", "要 6 位数字"),
        (PIN, WRONG, "不一样"),
        ("111111", "111111", "太容易"),
        ("123456", "123456", "太容易"),
        ("987654", "987654", "太容易"),
        ("890123", "890123", "太容易"),
    ],
)
def test_a_poor_choice_is_refused_and_recorded_nowhere(counter: Counter, first: str, second: str, why: str) -> None:
    with pytest.raises(PinRefused, match=why):
        counter.pins.choose(LIU, first, second)
    assert (counter.pins.has(LIU), counter.of("request")) == (False, [])


def test_without_the_hubs_key_none_is_set(tmp_path: Path) -> None:
    counter = Counter(tmp_path, papers(hall={"id": "h", "name": "厅", "zone": "Asia/Shanghai", "hub_key": ""}))
    with pytest.raises(PinRefused, match="中枢还不能接收"):
        counter.pins.choose(LIU, PIN, PIN)
    assert counter.of("request") == []


def test_no_digits_stand_in_any_file_or_log(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    counter.pins.choose(LIU, "640582", "640582")
    refused(counter, LIU, "731946")
    counter.close()
    written = b"".join(path.read_bytes() for path in counter.folder.iterdir() if path.is_file())
    for digits in (b"640582", b"731946", PIN.encode()):
        assert digits not in written
        assert digits.decode() not in caplog.text
    assert CHEAP.hash(PIN)[:20].encode() not in written  # nor an unsealed hash
