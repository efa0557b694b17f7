"""The simulator against clients that we did not write, and against the manuals."""

import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import serial
from PIL import Image
from pyfingerprint.pyfingerprint import PyFingerprint

from config.errors import BadFile, Refused
from drivers.sim import framing
from drivers.sim.command import sim
from drivers.sim.faults import FAULTS
from drivers.sim.models import MODELS
from drivers.sim.zfm import ZfmSimulator
from tests.drivers.conftest import Open, Plug

ADDRESS = 0xFFFFFFFF


class Host:
    """A bare host: frames out, frames in, by pyserial alone."""

    def __init__(self, port: str, baud: int = 57600) -> None:
        self.line = serial.serial_for_url(port, baudrate=baud, timeout=2)

    def ask(self, payload: str | bytes, address: int = ADDRESS) -> bytes:
        """The acknowledgement's payload."""
        raw = bytes.fromhex(payload) if isinstance(payload, str) else payload
        self.line.write(framing.frame(address, 1, raw))
        return self.frame()[1]

    def frame(self) -> tuple[int, bytes]:
        """The next frame: id and payload."""
        head = self.line.read(9)
        assert len(head) == 9, head
        body = self.line.read(int.from_bytes(head[7:9]))
        assert int.from_bytes(body[-2:]) == sum(head[6:] + body[:-2]) % 65536
        return head[6], body[:-2]

    def data(self) -> bytes:
        """Data packets to the marked one."""
        parts = []
        while True:
            pid, payload = self.frame()
            parts.append(payload)
            if pid == 8:
                return b"".join(parts)

    def send(self, data: bytes, size: int) -> None:
        """Data packets to the module."""
        for at in range(0, len(data), size):
            self.line.write(framing.frame(ADDRESS, 8 if at + size >= len(data) else 2, data[at : at + size]))


@pytest.fixture
def host() -> Any:
    """Opens bare hosts; all are closed at the end."""
    hosts: list[Host] = []

    def start(port: str, baud: int = 57600) -> Host:
        hosts.append(Host(port, baud))
        return hosts[-1]

    yield start
    for one in hosts:
        one.line.close()


MakeHost = Callable[..., Host]

# ---- pyfingerprint, the library itself with its own serial port


@pytest.mark.parametrize("model", ["zfm20", "r307", "r301", "r503"])
def test_pyfingerprint_works_on_it(model: str, plug: Plug) -> None:
    simulator = plug(model)
    library = PyFingerprint(simulator.port, 57600, ADDRESS, 0)
    assert library.verifyPassword()
    assert library.getStorageCapacity() == simulator.model.capacity
    assert library.readImage() is False
    simulator.finger("anna")
    assert library.readImage()
    assert library.convertImage(1)
    assert library.searchTemplate() == (-1, -1)
    simulator.lift()
    simulator.finger("anna")
    assert library.readImage()
    assert library.convertImage(2)
    assert library.compareCharacteristics() > 100
    assert library.createTemplate()
    assert library.storeTemplate() == 0
    template = library.downloadCharacteristics(1)
    assert len(template) == simulator.model.template
    assert library.uploadCharacteristics(2, template)
    assert library.getTemplateCount() == 1
    assert library.getTemplateIndex(0)[:2] == [True, False]
    assert library.loadTemplate(0, 1)
    assert library.searchTemplate()[0] == 0
    assert library.deleteTemplate(0)
    assert library.clearDatabase()
    assert library.getTemplateCount() == 0


def test_pyfingerprint_downloads_ridges(plug: Plug, tmp_path: Path) -> None:
    simulator = plug()
    library = PyFingerprint(simulator.port)
    pictures = []
    for name in ("anna", "bert"):
        simulator.finger(name)
        library.readImage()
        library.downloadImage(str(tmp_path / f"{name}.bmp"))
        simulator.lift()
        with Image.open(tmp_path / f"{name}.bmp") as picture:
            assert picture.size == (256, 288)
            pictures.append(picture.tobytes())
    assert pictures[0] != pictures[1]
    assert all(len(set(picture)) >= 8 for picture in pictures), "grey levels"


def test_pyfingerprint_loses_the_module_when_it_changes_the_rate(plug: Plug, opened: Open) -> None:
    """The library never switches its own port: that is true to life, and our driver finds the module again."""
    simulator = plug()
    library = PyFingerprint(simulator.port)
    library.setBaudRate(115200)
    library._PyFingerprint__serial.close()
    reader = opened("zfm", simulator.port)
    assert reader.info().baud == 115200


# ---- the manuals


def test_every_instruction_of_the_manuals_answers(plug: Plug, host: MakeHost) -> None:
    simulator = plug()
    one = host(simulator.port)
    simulator.finger("anna")
    expected = {
        "1300000000": "00", "01": "00", "0201": "00", "0202": "00", "05": "00", "06010005": "00", "07010005": "00",
        "0C00050001": "00", "0D": "00", "0E0503": "00", "0E0101": "1A", "0E0509": "1B", "1D": "000000",
        "1200000000": "00", "1801" + "41" * 32: "00", "1901": "00" + "41" * 32, "1910": "1C", "1F00": "00" + "00" * 32,
        "1701": "00", "40": "00", "50": "00", "51": "00", "52": "00", "53": "55", "11": "09" + "00" * 4,
        "0601FFFF": "0B", "07010009": "0C", "1B010000FFFF": "09" + "00" * 4, "0600": "01", "EE": "13",
        "10": "000000",
    }  # fmt: skip
    assert {command: one.ask(command).hex().upper() for command in expected} == {
        command: answer.upper() for command, answer in expected.items()
    }
    assert len(one.ask("14")) == 5
    page = struct.unpack(">HHHHIHH", one.ask("0F")[1:])
    assert page[2:] == (1000, 3, ADDRESS, 2, 6)
    assert one.ask("16") == b"\0"
    assert len(one.data()) == 512


def test_the_extras_of_a_grow_module(plug: Plug, host: MakeHost) -> None:
    simulator = plug("r503")
    one = host(simulator.port)
    assert one.ask("28") == b"\2"
    assert one.ask("3501800200") == b"\0"
    assert simulator.brain.light == bytes.fromhex("01800200")
    assert one.ask("36") == b"\0"
    assert len(one.ask("39")) == len(one.ask("3A")) == 33
    product = one.ask("3C")
    assert len(product) == 47
    assert struct.unpack(">HHHH", product[-8:]) == (192, 192, 1536, 200)
    assert one.ask("3D") == b"\0"
    assert one.line.read(1) == b"\x55"
    assert one.ask("99") == b"\xfc"


def test_grow_enrols_and_identifies_by_itself(plug: Plug, host: MakeHost) -> None:
    simulator = plug("r503")
    one = host(simulator.port)
    simulator.finger("anna")
    one.line.write(framing.frame(ADDRESS, 1, bytes((0x31, 9, 0, 0, 1, 0))))
    steps = [one.frame()[1] for _ in range(15)]
    assert [step[1] for step in steps] == list(range(1, 16))
    assert {step[0] for step in steps} == {0}
    assert one.ask("3203000000" + "01")[:2] == b"\0\3"
    assert one.ask(bytes((0x31, 10, 0, 0, 0, 0))) == bytes((0x27, 13, 10)), "a duplicate"
    assert one.ask(bytes((0x31, 9, 0, 1, 0, 0))) == bytes((0x22, 0, 9)), "a place that is taken"
    simulator.lift()
    one.line.write(framing.frame(ADDRESS, 1, bytes.fromhex("320300C80000")))
    one.line.write(framing.frame(ADDRESS, 1, b"\x30"))
    assert one.frame()[1][:1] == b"\x26", "cancelled"
    assert one.frame()[1] == b"\0"


def test_the_synochip_dialect(plug: Plug, host: MakeHost) -> None:
    simulator = plug("zw101")
    one = host(simulator.port)
    assert one.ask("35") == b"\0", "a handshake here"
    assert one.ask("1B0100000032") == b"\x13", "no fast search"
    simulator.finger("anna")
    assert one.frame() == (7, b"\xff"), "the wake notice comes unasked"
    assert one.ask(bytes.fromhex("31000702002C"))[:1] == b"\0"
    assert one.ask(bytes.fromhex("3203FFFF0004"))[:4] == b"\0\5\0\7"


def test_templates_and_pictures_travel_between_modules(plug: Plug, host: MakeHost) -> None:
    """Template up from one and down to another; a picture likewise: the same finger is found there."""
    one, other = plug(), plug()
    first, second = host(one.port), host(other.port)
    other.enrol("anna", 5)
    one.finger("anna")
    first.ask("01")
    first.ask("0201")
    first.ask("0801")
    template = first.data()
    assert len(template) == 512
    assert second.ask("0901") == b"\0"
    second.send(template, 128)
    assert second.ask("04010000FFFF")[:3] == b"\0\0\5"
    first.ask("0A")
    picture = first.data()
    assert len(picture) == 36_864
    assert second.ask("0B") == b"\0"
    second.send(picture, 128)
    assert second.ask("0201") == b"\0"
    assert second.ask("04010000FFFF")[:3] == b"\0\0\5"


def test_a_picture_of_192_by_192(plug: Plug, host: MakeHost) -> None:
    simulator = plug("r503", packet_size=32)
    simulator.finger("anna")
    one = host(simulator.port)
    one.ask("01")
    one.ask("0A")
    assert len(one.data()) == 18_432


@pytest.mark.parametrize(("short", "refusal"), [(False, "0900000000"), (True, "09")])
def test_not_found_in_both_forms(short: bool, refusal: str, plug: Plug, host: MakeHost) -> None:
    simulator = plug(short_refusals=short)
    simulator.finger("anna")
    one = host(simulator.port)
    one.ask("01")
    one.ask("0201")
    assert one.ask("040100000010").hex() == refusal
    simulator.enrol("bert", 1)
    one.ask("07020001")
    assert one.ask("03").hex() == refusal[: 2 if short else 6].replace("09", "08")


def test_bad_sums_strangers_and_passwords(plug: Plug, host: MakeHost) -> None:
    simulator = plug(password=0x01020304)
    one = host(simulator.port)
    assert one.ask("01") == b"\x21"
    assert one.ask("1300000000") == b"\x13"
    assert one.ask("1301020304") == b"\0"
    assert one.ask("01") == b"\2"
    assert one.ask("01", address=5) == b"\x20"
    one.line.write(framing.frame(ADDRESS, 1, b"\x01")[:-1] + b"\xee")
    assert one.frame()[1] == b"\1"
    assert one.ask("1500000007") == b"\0"
    assert one.ask("01", address=7) == b"\2"


def test_baud_is_acknowledged_at_the_old_rate_and_kept(plug: Plug, host: MakeHost, tmp_path: Path) -> None:
    simulator = plug(state=tmp_path / "flash.json")
    one = host(simulator.port)
    assert one.ask("0E040C") == b"\0"
    one.line.baudrate = 115200
    assert one.ask("01") == b"\2"
    simulator.stop()
    assert host(plug(state=tmp_path / "flash.json").port, 115200).ask("01") == b"\2"


def test_flash_outlives_the_process(plug: Plug, host: MakeHost, tmp_path: Path) -> None:
    simulator = plug(state=tmp_path / "flash.json", capacity=3000)
    simulator.enrol("anna", 2999)
    host(simulator.port).ask("1803" + "5A" * 32)
    simulator.stop()
    again = plug(state=tmp_path / "flash.json", capacity=3000)
    one = host(again.port)
    assert one.ask("1F0B")[1:] == bytes(22) + b"\x80" + bytes(9)
    assert one.ask("1903") == b"\0" + b"\x5a" * 32


def test_a_file_that_is_no_flash_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flash.json").write_text("[]")
    with pytest.raises(BadFile, match="存储文件"):
        ZfmSimulator(state=tmp_path / "flash.json")


def test_bytes_take_their_time_on_a_paced_line(plug: Plug, host: MakeHost) -> None:
    """28 bytes of VfyPwd at 9600 baud: 29.2 ms on the wire, never sooner."""
    one = host(plug(baud=9600, pace=True).port, 9600)
    start = time.monotonic()
    one.ask("1300000000")
    assert time.monotonic() - start >= 28 * 10 / 9600


def test_at_another_rate_nothing_is_understood(plug: Plug, host: MakeHost) -> None:
    one = host(plug().port, 9600)
    one.line.timeout = 0.2
    one.line.write(framing.frame(ADDRESS, 1, b"\x01"))
    assert b"\xef\x01" not in one.line.read(100)


def test_a_socket_speaks_the_same(plug: Plug) -> None:
    simulator = plug(tcp=0)
    host, _, number = simulator.port.removeprefix("socket://").partition(":")
    with socket.create_connection((host, int(number)), 2) as line:
        line.sendall(framing.frame(ADDRESS, 1, b"\x01"))
        assert line.recv(100) == framing.frame(ADDRESS, 7, b"\x02")


def test_gone_closes_the_port_and_heal_moves_the_link(plug: Plug, host: MakeHost, tmp_path: Path) -> None:
    simulator = plug("r503", link=tmp_path / "finger")
    one = host(simulator.port)
    simulator.fault("gone")
    assert not (tmp_path / "finger").is_symlink()
    with pytest.raises(OSError):  # noqa: PT011 - pyserial's own, from EIO
        one.ask("01")
    simulator.heal()
    fd = os.open(tmp_path / "finger", os.O_RDWR | os.O_NOCTTY)
    try:
        assert select.select([fd], [], [], 2)[0]
        assert os.read(fd, 10) == b"\x55", "it powered up"
    finally:
        os.close(fd)


def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(Refused, match="不是链接"):
        ZfmSimulator(link=tmp_path / "precious").start()
    assert (tmp_path / "precious").read_text() == "kept"


@pytest.mark.parametrize(
    "settings", [{"model": "zfm99"}, {"packet_size": 100}], ids=lambda settings: next(iter(settings))
)
def test_settings_that_make_no_module(settings: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        ZfmSimulator(**settings)


# ---- the command


def command(*options: str) -> subprocess.Popen[str]:
    """`zaigang sim zfm …` in its own process."""
    code = "from station.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "sim", "zfm", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def order(process: subprocess.Popen[str], *lines: str) -> None:
    """Lines on its standard input."""
    assert process.stdin is not None
    process.stdin.write("".join(f"{line}\n" for line in lines))
    process.stdin.flush()


def test_the_command_prints_its_port_and_obeys(tmp_path: Path, opened: Open) -> None:
    process = command("--link", str(tmp_path / "finger"), "--enrol", "anna=7", "--model", "as608")
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        assert port == str(tmp_path / "finger")
        reader = opened("zfm", port)
        assert reader.places() == {7}
        order(process, "finger anna")
        seen = reader.wait_touch(time.monotonic() + 10)
        assert getattr(seen, "place", None) == 7
        order(process, "", "dance", "fault rain", "fault silent", "heal", "lift", "enrol bert 8", "enrol bert", "quit")
        _, words = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "dance" in words
    assert "rain" in words
    assert "Traceback" not in words
    assert all(kind in words for kind in (*FAULTS, "gone"))


def test_the_command_refuses_nonsense_in_one_line(tmp_path: Path) -> None:
    process = command("--baud", "1234")
    out, words = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert len(words.strip().splitlines()) == 1, words


@pytest.mark.parametrize("option", ["--link", "--state", "--address", "--enrol", "--tcp"])
def test_nonsense_is_refused(option: str, tmp_path: Path) -> None:
    """A folder that is not there, no flash, no address, no place, a port that somebody has: all known refusals."""
    (tmp_path / "bad.json").write_text("{")
    with socket.create_server(("127.0.0.1", 0)) as server:
        nonsense = {
            "--link": str(tmp_path / "nowhere" / "finger"), "--state": str(tmp_path / "bad.json"),
            "--address": "home", "--enrol": "anna", "--tcp": str(server.getsockname()[1]),
        }  # fmt: skip
        with pytest.raises(Refused):
            sim(["zfm", option, nonsense[option]], standalone_mode=False)


def test_the_command_takes_its_link_away_when_it_is_ended(tmp_path: Path) -> None:
    process = command("--link", str(tmp_path / "finger"))
    assert process.stdout is not None
    process.stdout.readline()
    assert (tmp_path / "finger").is_symlink()
    process.terminate()
    process.communicate(timeout=20)
    assert not (tmp_path / "finger").is_symlink()


def test_a_stopped_simulator_touches_nothing(plug: Plug) -> None:
    """Its pipe is closed; a file that got the same number since must stay as it is."""
    simulator = plug()
    simulator.stop()
    pipe = os.pipe()
    try:
        simulator.lift()
        simulator.stop()
        assert select.select([pipe[0]], [], [], 0)[0] == []
    finally:
        os.close(pipe[0])
        os.close(pipe[1])


def test_every_model_starts(plug: Plug, host: MakeHost) -> None:
    for name in MODELS:
        assert host(plug(name).port).ask("1300000000") == b"\0"
