"""The command `zaigang`: one root, each branch imported only when it is called."""

import importlib
import sys
from importlib.metadata import entry_points

import click

from config.errors import Refused

# Branch → where its click command stands. The hub's branches come by entry point, never by import:
# a station without the hub's libraries still has its command.
BRANCHES = {
    "station": "station.commands:station",
    "judge": "station.rules.command:judge",
    "policy": "config.command:policy",
    "sim": "drivers.sim.command:sim",
    "verify": "station.verify:verify",
    "doctor": "station.doctor:doctor",
}
HUB_BRANCHES = "zaigang.commands"


class LazyGroup(click.Group):
    """A group that knows its branches by name and imports one only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all branches, in alphabetical order."""
        return sorted({*BRANCHES, *(entry.name for entry in entry_points(group=HUB_BRANCHES))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The branch of that name, imported now; None if there is none."""
        target = BRANCHES.get(cmd_name)
        if target is None:
            found = [entry for entry in entry_points(group=HUB_BRANCHES) if entry.name == cmd_name]
            if not found:
                return None
            target = found[0].value
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zaigang", prog_name="zaigang")
def zaigang() -> None:
    """在岗:政务服务中心考勤与巡查。"""


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
