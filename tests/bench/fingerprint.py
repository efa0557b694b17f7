"""The fingerprint driver on the wire: bytes, writes, time and work, beside pyfingerprint and the CircuitPython library.

Simulated modules run in their own processes, paced at 10 bits a byte. The CircuitPython library cannot live in our
environment (it needs Blinka), so it gets one of its own under var/bench-env, with two stubs; without a package index
its rows say so.
"""

import json
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyfingerprint.pyfingerprint import PyFingerprint

from drivers.catalogue import open_reader
from drivers.fingerprint import recovery
from drivers.fingerprint.zfm import ZfmModule
from drivers.port import Port

ROUNDS = 5
IDLE_SECONDS = 5.0
SECOND_ENVIRONMENT = Path("var/bench-env")
OTHER = "adafruit-circuitpython-fingerprint==2.2.25"
PLACE = 7

# Bytes of the bare operation, both ways, and the writes it takes (512-byte template, 128-byte packets).
MINIMUM: Final = {
    "verify": (28, 1),
    "poll": (24, 1),
    "search": (33, 1),
    "template down": (581, 1),
    "template up + read-back": (1162, 6),
    "clock-in": (82, 3),
}
REPEATS = {"verify": 12, "poll": 12, "search": 12, "clock-in": 8, "template down": 3, "template up + read-back": 2}


class Counted(Port):
    """A port that counts what passes through it."""

    sent = got = writes = 0

    def write(self, data: bytes, deadline: float) -> None:
        self.sent += len(data)
        self.writes += 1
        super().write(data, deadline)

    def read(self, deadline: float) -> bytes:
        data = super().read(deadline)
        self.got += len(data)
        return data


@contextmanager
def module(baud: int, *, finger: bool = True) -> Iterator[str]:
    """A paced module in its own process; its port."""
    command = ["sim", "zfm", "--pace", "--baud", str(baud), "--enrol", f"anna={PLACE}"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from station.cli import main; main()", *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        process.stdin.write("finger anna\n" if finger else "\n")
        process.stdin.flush()
        yield port
        process.communicate("quit\n", timeout=10)
    finally:
        process.kill()
        process.wait()


Operations = dict[str, Callable[[], Any]]


def our_operations(one: ZfmModule) -> Operations:
    """What is measured, by our driver."""
    one.capture()
    one.features(1)
    template = one.read_template(1)
    return {
        "verify": lambda: recovery.verify_password(one.link, 0),
        "poll": one.capture,
        "search": lambda: one.search(1),
        "template down": lambda: one.read_template(1),
        "template up + read-back": lambda: one.write_template(1, template),
        "clock-in": lambda: (one.capture(), one.features(1), one.search(1)),
    }


def pyfingerprint_operations(port: str, baud: int) -> Operations:
    """The same by pyfingerprint on its own serial port."""
    library = PyFingerprint(port, baud)
    library.readImage()
    library.convertImage(1)
    template = library.downloadCharacteristics(1)
    return {
        "verify": library.verifyPassword,
        "poll": library.readImage,
        "search": library.searchTemplate,
        "template down": lambda: library.downloadCharacteristics(1),
        "template up + read-back": lambda: library.uploadCharacteristics(1, template),
        "clock-in": lambda: (library.readImage(), library.convertImage(1), library.searchTemplate()),
    }


# Run by the second environment: the port and rate as arguments, "operation repeats" a line in, a line of JSON out.
OTHER_HOST = """
import json, statistics, sys, time
import serial, adafruit_fingerprint
line = serial.Serial(sys.argv[1], int(sys.argv[2]), timeout=2)
one = adafruit_fingerprint.Adafruit_Fingerprint(line)
one.get_image(); one.image_2_tz(1)
template = one.get_fpdata("char", 1)
operations = {
    "verify": one.verify_password,
    "poll": one.get_image,
    "search": one.finger_fast_search,
    "template down": lambda: one.get_fpdata("char", 1),
    "template up + read-back": lambda: (one.send_fpdata(template, "char", 1), one.get_fpdata("char", 1)),
    "clock-in": lambda: (one.get_image(), one.image_2_tz(1), one.finger_fast_search()),
}
print("ready", flush=True)
for order in sys.stdin:
    name, _, repeats = order.strip().rpartition(" ")
    walls, work = [], time.process_time()
    for _ in range(int(repeats)):
        start = time.perf_counter(); operations[name](); walls.append(time.perf_counter() - start)
    print(json.dumps([statistics.median(walls), (time.process_time() - work) / int(repeats)]), flush=True)
"""


def second_environment() -> tuple[Path | None, str]:
    """The interpreter that has the CircuitPython library, or why there is none."""
    python = SECOND_ENVIRONMENT / "bin" / "python"
    if not (SECOND_ENVIRONMENT / "complete").exists():
        venv.create(SECOND_ENVIRONMENT, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*install, OTHER, "pyserial==3.5"], capture_output=True, text=True, check=False)
        if done.returncode:
            return None, (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        site = next(SECOND_ENVIRONMENT.glob("lib/python*/site-packages"))
        (site / "busio.py").write_text("class UART: ...\n")
        (site / "micropython.py").write_text("def const(value):\n    return value\n")
        (SECOND_ENVIRONMENT / "complete").touch()
    return python, ""


@dataclass
class Measured:
    """Medians of one run: seconds of wall time and of processor time an operation."""

    wall: float
    cpu: float


Measure = Callable[[str, int], Measured]


def _here(operations: Operations) -> Measure:
    def measure(name: str, repeats: int) -> Measured:
        walls, work = [], time.process_time()
        for _ in range(repeats):
            start = time.perf_counter()
            operations[name]()
            walls.append(time.perf_counter() - start)
        return Measured(statistics.median(walls), (time.process_time() - work) / repeats)

    return measure


def _there(process: subprocess.Popen[str]) -> Measure:
    def measure(name: str, repeats: int) -> Measured:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{name} {repeats}\n")
        process.stdin.flush()
        return Measured(*json.loads(process.stdout.readline()))

    return measure


def _clients(stack: ExitStack, baud: int) -> tuple[dict[str, Measure], str]:
    """Who is measured, each on a module of its own, and why somebody is missing."""
    line = stack.enter_context(_closing(Port(stack.enter_context(module(baud)), baud)))
    clients = {"ours": _here(our_operations(ZfmModule(line)))}
    clients["pyfingerprint"] = _here(pyfingerprint_operations(stack.enter_context(module(baud)), baud))
    python, missing = second_environment()
    if python is not None:
        host = subprocess.Popen(
            [python, "-c", OTHER_HOST, stack.enter_context(module(baud)), str(baud)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        stack.callback(host.wait)
        stack.callback(host.kill)
        assert host.stdout is not None
        if host.stdout.readline().strip() == "ready":
            clients["adafruit"] = _there(host)
        else:
            missing = "it did not start"
    return clients, missing


@contextmanager
def _closing(line: Port) -> Iterator[Port]:
    yield line
    line.close()


def rows() -> list[dict[str, Any]]:
    """Bytes and writes (gates), wall and processor time beside the others, and the cost of waiting."""
    made = _counts()
    for baud in (57600, 115200):
        made += _beside_others(baud)
    return [*made, *_waiting()]


def _counts() -> list[dict[str, Any]]:
    """Bytes and writes of each operation against the least the protocol allows."""
    made = []
    with module(57600) as port, _closing(Counted(port, 57600)) as line:
        assert isinstance(line, Counted)
        operations = our_operations(ZfmModule(line))
        for name, operation in operations.items():
            before = (line.sent + line.got, line.writes)
            operation()
            counted = (line.sent + line.got - before[0], line.writes - before[1])
            least = MINIMUM[name]
            made.append(
                _row(
                    f"{name}: bytes, writes",
                    "{} B, {}".format(*counted),
                    "= {} B, {}".format(*least),
                    counted == least,
                    gate=True,
                )
            )
    return made


def _beside_others(baud: int) -> list[dict[str, Any]]:
    """Each operation in turns, client after client, round after round; the best round's median."""
    with ExitStack() as stack:
        clients, missing = _clients(stack, baud)
        best: dict[str, dict[str, Measured]] = {name: {} for name in MINIMUM}
        for _ in range(ROUNDS):
            for name, repeats in REPEATS.items():
                for client, measure in clients.items():
                    now, held = measure(name, repeats), best[name].get(client)
                    best[name][client] = (
                        now if held is None else Measured(min(now.wall, held.wall), min(now.cpu, held.cpu))
                    )
    made = [_wall_row(name, baud, measured) for name, measured in best.items()]
    made += [_cpu_row(name, baud, best[name]) for name in ("template down", "template up + read-back", "poll")]
    if missing:
        made.append(_row(f"adafruit at {baud}", f"not measured: {missing}", "-", ok=True))
    return made


def _wall_row(name: str, baud: int, measured: dict[str, Measured]) -> dict[str, Any]:
    wire = MINIMUM[name][0] * 10 / baud
    others = min(one.wall for who, one in measured.items() if who != "ours")
    value = ", ".join(f"{who} {one.wall * 1e3:.2f} ({one.wall / wire:.2f})" for who, one in measured.items())
    return _row(
        f"{name} at {baud}: ms (times the wire's {wire * 1e3:.2f})",
        value,
        "≤ 1.10 of the faster other",
        measured["ours"].wall <= 1.1 * others,
    )


def _cpu_row(name: str, baud: int, measured: dict[str, Measured]) -> dict[str, Any]:
    """Processor time; transfers are a gate as a ratio to pyfingerprint in the same run."""
    value = ", ".join(f"{who} {one.cpu * 1e3:.3f}" for who, one in measured.items())
    ratio = measured["ours"].cpu / measured["pyfingerprint"].cpu
    bar = {"template down": 1.0, "poll": 0.15}.get(name)
    if name == "template down":
        return _row(
            f"{name} at {baud}: CPU ms",
            f"{value}; ratio {ratio:.2f}",
            f"ratio to pyfingerprint ≤ 0.50 (and ≤ {bar} ms, reported)",
            ratio <= 0.5,
            gate=True,
        )
    return _row(
        f"{name} at {baud}: CPU ms",
        value,
        f"≤ {bar} ms" if bar else "-",
        bar is None or measured["ours"].cpu * 1e3 <= bar,
    )


def _waiting() -> list[dict[str, Any]]:
    """The station's own wait: ten looks a second at an empty glass."""
    with module(57600, finger=False) as port:
        reader = open_reader("zfm", port=port)
        try:
            start, work = time.monotonic(), time.process_time()
            reader.wait_touch(start + IDLE_SECONDS)
            share = (time.process_time() - work) / (time.monotonic() - start)
        finally:
            reader.close()
    return [_row("idle wait, 10 looks a second: share of a core", f"{share:.2%}", "≤ 1 %", share <= 0.01)]


def _row(measure: str, value: str, bar: str, ok: bool, *, gate: bool = False) -> dict[str, Any]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}
