"""`zaigang policy show|check|diff`: the rules in force, whether a file of them is sound, what a change means."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.errors import Refused
from config.words import say

if TYPE_CHECKING:
    from config.policy import Policy


@click.group(help=say("查看、检查、比较制度。NAME 是大厅或制度的名字，或一个 .toml 文件。"))
def policy() -> None:
    """The branch `policy`."""


@policy.command(help=say("逐条打印一份制度和每个数的出处"))
@click.argument("name", default="default")
def show(name: str) -> None:
    """Print every line of a policy with its clauses."""
    from config.policy_words import shown

    for line in shown(_policy(name)):
        click.echo(line)


@policy.command(help=say("检查制度文件，一次列出全部错误；没有给出文件时检查自带的全部制度"))
@click.argument("files", nargs=-1, metavar="[FILE.toml]...")
def check(files: tuple[str, ...]) -> int:
    """Check policy files; exit status 1 when any has faults."""
    from config.policy import halls, packs

    faulty = False
    for name in files or (*halls(), *packs()):
        try:
            _policy(name)
            click.echo(say("{name}：没有问题", name=name))
        except Refused as error:
            faulty = True
            for line in getattr(error, "faults", [error.what]):
                click.echo(say("{name}：{fault}", name=name, fault=line))
    return int(faulty)


@policy.command(help=say("用文字说明从一份制度改到另一份，对人有哪些变化"))
@click.argument("before")
@click.argument("after")
def diff(before: str, after: str) -> None:
    """Print what changes for people."""
    from config.policy_words import changes

    told = list(changes(_policy(before), _policy(after)))
    for line in told or [say("没有变化")]:
        click.echo(line)


def _policy(name: str) -> "Policy":
    from config.policy import load_policy, load_policy_file

    path = Path(name)
    return load_policy_file(path) if path.suffix == ".toml" or path.exists() else load_policy(name)
