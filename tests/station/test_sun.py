"""SUN addresses: the published vectors, then everything that must not be believed."""

from datetime import UTC, datetime, timedelta

import pytest

from station.sun import (
    BadSun,
    Keys,
    Tapped,
    address,
    diversified,
    keys_of,
    session_enc_key,
    session_mac_key,
    verify,
)

ZERO = Keys(bytes(16), lambda _: bytes(16))
AT = datetime(2026, 3, 2, 1, 32, tzinfo=UTC)
ROUND = (AT - timedelta(minutes=7), AT + timedelta(minutes=50))
HALL = keys_of(bytes(range(32)))
UID = "04C0FFEE123480"
BASE = "https://hub.example.cn/patrol/t/x"


def never(_: str) -> int:
    return -1


def test_session_keys_of_an12196() -> None:
    """Table 1: SV1 and SV2 of UID 04C767F2066180, counter 1, key 5ACE7E50AB65D5D51FD5BF5A16B8205B."""
    key, uid = bytes.fromhex("5ACE7E50AB65D5D51FD5BF5A16B8205B"), bytes.fromhex("04C767F2066180")
    assert session_enc_key(key, uid, 1).hex().upper() == "66DA61797E23DECA5D8ECA13BBADF7A9"
    assert session_mac_key(key, uid, 1).hex().upper() == "3A3E8110E05311F7A3FCF0D969BF2B48"


def test_the_key_of_an10922() -> None:
    """Section 2.2.1: AES-128 diversified by UID, application id and system name."""
    master, of = bytes.fromhex("00112233445566778899AABBCCDDEEFF"), "04782E21801D803042F54E585020416275"
    assert diversified(master, bytes.fromhex(of)).hex().upper() == "A8DD63A3B89D54B37CA802473FDA9175"


# Zero keys. Fields of the address, number, counter.
VECTORS = [
    ("picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086", "04DE5F1EACC040", 61),
    ("picc_data=FD91EC264309878BE6345CBE53BADF40&enc=CEE9A53E3E463EF1F459635736738962&cmac=ECC1E7F6C6C73BF6",
     "04958CAA5C5E80", 8),
    ("uid=041E3C8A2D6B80&ctr=000006&cmac=4B00064004B0B3D3", "041E3C8A2D6B80", 6),
]  # fmt: skip


@pytest.mark.parametrize(("query", "uid", "counter"), VECTORS)
def test_published_addresses(query: str, uid: str, counter: int) -> None:
    assert verify(f"{BASE}?{query}", ZERO, never, AT) == Tapped(uid, counter, counter)


@pytest.mark.parametrize("query", [vector[0] for vector in VECTORS])
def test_one_changed_digit_proves_nothing(query: str) -> None:
    for at, digit in enumerate(query):
        if digit in "0123456789ABCDEF" and "=" in query[:at] and query[:at].rpartition("&")[2].find("=") > 0:
            changed = query[:at] + ("1" if digit == "0" else "0") + query[at + 1 :]
            with pytest.raises(BadSun):
                verify(f"{BASE}?{changed}", ZERO, never, AT, ROUND)


def test_a_hall_derives_a_key_for_every_tag_and_reads_its_own_addresses() -> None:
    other = "04C0FFEE123481"
    assert HALL.file_of(bytes.fromhex(UID)) != HALL.file_of(bytes.fromhex(other))
    assert verify(address(BASE, HALL, UID, 5), HALL, never, AT, ROUND) == Tapped(UID, 5, 5)
    assert verify(address(BASE + "?a=1", HALL, UID, 2**24 - 1), HALL, lambda _: 2**24 - 2, AT).skipped == 0


@pytest.mark.parametrize(
    ("url", "last", "at", "reason"),
    [
        (address(BASE, HALL, UID, 5), 5, AT, "replayed"),  # the same address again
        (address(BASE, HALL, UID, 4), 5, AT, "replayed"),  # an older one
        (address(BASE, HALL, UID, 6), None, AT, "unknown"),  # a tag of nobody's
        (address(BASE, keys_of(bytes(32)), UID, 6), 5, AT, "bad_mac"),  # another hall's
        (address(BASE, HALL, UID, 6), 5, ROUND[0] - timedelta(seconds=1), "outside"),  # kept for later
        (address(BASE, HALL, UID, 6), 5, ROUND[1] + timedelta(seconds=1), "outside"),
        (BASE, 5, AT, "no_sun"),
        (BASE + "?picc_data=00&cmac=94EED9EE65337086", 5, AT, "no_sun"),
        (BASE + "?picc_data=EF963FF7828658A599F3041510671E88&cmac=xy", 5, AT, "no_sun"),
        (BASE + "?uid=04C0FFEE123480&ctr=zz&cmac=94EED9EE65337086", 5, AT, "no_sun"),
    ],
)
def test_what_is_not_believed(url: str, last: int | None, at: datetime, reason: str) -> None:
    with pytest.raises(BadSun) as refused:
        verify(url, HALL, lambda _: last, at, ROUND)
    assert refused.value.reason == reason


def test_taps_that_nobody_saw_are_counted() -> None:
    assert verify(address(BASE, HALL, UID, 9), HALL, lambda _: 5, AT, ROUND).skipped == 3
