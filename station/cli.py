"""The command `zaigang`: one root, each branch imported only when it is called."""

import importlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from config.errors import Refused
from config.words import say

# Branch → where its click command stands, and its line in the list. The hub's branches come by entry point,
# never by import: a station without the hub's libraries still has its command.
BRANCHES = {
    "doctor": ("station.doctor:doctor", "体检：设备、端口、时钟、磁盘、联网，逐条说明怎么办"),
    "judge": ("station.rules.command:judge", "按制度判定一个案例文件"),
    "policy": ("config.command:policy", "查看、检查、比较制度"),
    "sim": ("drivers.sim.command:sim", "启动模拟设备"),
    "station": ("station.commands:station", "考勤站：接入、运行、录指纹、状态"),
    "verify": ("station.verify:verify", "核验账本、照片与签名"),
}
HUB_BRANCHES = "zaigang.commands"
HUB_LINES = {"demo": "演示大厅：一台中枢、一个考勤站、模拟设备", "hub": "中枢：初始化、运行、账号、重建"}

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def _hub_branches() -> "Iterator[EntryPoint]":
    """The hub's branches, if it is installed. Reading every package's metadata is slow: only when it is asked for."""
    from importlib.metadata import entry_points

    yield from entry_points(group=HUB_BRANCHES)


def _target(name: str) -> str | None:
    if name in BRANCHES:
        return BRANCHES[name][0]
    return next((entry.value for entry in _hub_branches() if entry.name == name), None)


class LazyGroup(click.Group):
    """A group that knows its branches by name and imports one only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all branches, in alphabetical order."""
        return sorted({*BRANCHES, *(entry.name for entry in _hub_branches())})

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a branch, without importing any."""
        lines = {name: line for name, (_, line) in BRANCHES.items()} | HUB_LINES
        with formatter.section(say("命令")):
            formatter.write_dl([(name, say(lines.get(name, ""))) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The branch of that name, imported now; None if there is none."""
        target = _target(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zaigang", prog_name="zaigang")
def zaigang() -> None:
    """在岗：政务服务中心考勤与巡查。"""


def main() -> None:
    """Entry point: refusals become one clear line and exit status 2; nobody sees a traceback for bad input."""
    try:
        status = zaigang.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Refused as error:
        click.echo(f"zaigang: {error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
