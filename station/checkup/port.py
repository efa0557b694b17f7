"""The serial port: is it there, whose is it, may we, and is somebody else on it."""

import contextlib
import grp
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from config.words import say, series
from drivers.port import SOCKET_SCHEME
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line

BY_ID = Path("/dev/serial/by-id")
PROC = Path("/proc")
USUAL = ("ttyUSB*", "ttyACM*", "ttyAMA*")
MOVING = ("/dev/ttyUSB", "/dev/ttyACM")  # names that change with the order of plugging


@dataclass(frozen=True, slots=True)
class PortSeen:
    """A port as it looks from outside, without opening it. `holders`: process ids and names that have it open."""

    path: str
    kind: str = "missing"  # missing, other (no device), device, socket
    allowed: bool = False
    group: str = ""
    better: str = ""  # a by-id name of the same device
    found: tuple[str, ...] = ()  # ports that are there, for one that is not
    holders: tuple[tuple[int, str], ...] = ()
    pseudo: bool = False  # a pseudo terminal: whoever made it has it open too


def see_port(path: str, by_id: Path = BY_ID, proc: Path = PROC) -> PortSeen:
    """Look at the port that the settings name."""
    if path.startswith(SOCKET_SCHEME):
        return PortSeen(path, "socket", allowed=True)
    try:
        real = Path(path).resolve(strict=True)
        about = real.stat()
    except OSError:
        return PortSeen(path, found=ports_there(by_id))
    kind = "device" if stat.S_ISCHR(about.st_mode) else "other"
    return PortSeen(
        path, kind, os.access(real, os.R_OK | os.W_OK), _group(about.st_gid), _by_id_name(path, real, by_id),
        holders=holders_of(real, proc), pseudo=real.is_relative_to("/dev/pts"),
    )  # fmt: skip


def ports_there(by_id: Path) -> tuple[str, ...]:
    """Serial ports of this board, the names that stay first."""
    usual = [path for pattern in USUAL for path in Path("/dev").glob(pattern)]
    return tuple(str(path) for path in [*sorted(by_id.glob("*")), *sorted(usual)])


def holders_of(real: Path, proc: Path = PROC) -> tuple[tuple[int, str], ...]:
    """Every other process that has the file open, as far as this account may see them."""
    found = []
    for folder in proc.glob("[0-9]*/fd"):
        pid = int(folder.parent.name)
        if pid != os.getpid() and _has(folder, str(real)):
            with contextlib.suppress(OSError):
                found.append((pid, (folder.parent / "comm").read_text().strip()))
    return tuple(sorted(found))


def port_line(seen: PortSeen, runner: int | None, *, refused: bool = False) -> Line:
    """What to say of the port. `runner`: the process of the station that runs on this folder; `refused`: opening it
    was, because somebody else holds it."""
    name = say("端口")
    if not seen.path:
        remedy = say("请在 station.toml 的 [reader] 中写明 port")
        return Line(WRONG, name, say("没有设置指纹机端口"), remedy)
    if seen.kind == "missing":
        there = series(seen.found) or say("无")
        words = say("没有 {path}；现有串口：{there}", path=seen.path, there=there)
        return Line(WRONG, name, words, say("请检查指纹机是否插好，或改 [reader] 的 port"))
    if seen.kind == "other":
        return Line(WRONG, name, say("{path} 不是串口", path=seen.path), say("请改 [reader] 的 port"))
    if not seen.allowed:
        remedy = say("请执行 sudo usermod -aG {group} $USER，重新登录后再试", group=seen.group)
        return Line(
            WRONG, name, say("没有权限打开 {path}（属于 {group} 组）", path=seen.path, group=seen.group), remedy
        )
    others = [say("{name}（{more}）", name=pid, more=comm) for pid, comm in seen.holders if pid != runner]
    if refused or (others and not seen.pseudo):
        words = say("{path} 正被进程 {others} 占用", path=seen.path, others=series(others) or "?")
        return Line(WRONG, name, words, say("请先关掉那个程序"))
    return _usable(seen, name)


def _usable(seen: PortSeen, name: str) -> Line:
    if seen.path.startswith(MOVING) and seen.better:
        words = say("{path} 可用，但插拔后名字可能变", path=seen.path)
        return Line(WORTH_A_LOOK, name, words, say("请把 port 改为 {better}", better=seen.better))
    return Line(WELL, name, say("{path} 可用", path=seen.path))


def _has(folder: Path, target: str) -> bool:
    try:
        return any(_leads_to(each) == target for each in folder.iterdir())
    except OSError:  # not ours to see
        return False


def _leads_to(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile
        return ""


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _by_id_name(path: str, real: Path, by_id: Path) -> str:
    same = [str(link) for link in sorted(by_id.glob("*")) if link.resolve() == real]
    return same[0] if same and path not in same else ""
