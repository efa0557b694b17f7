"""`zaigang judge CASE.json`: verdicts as JSON, or in words with --explain. No database, no clock, no network."""

import json
import os
import sys
from pathlib import Path

import click

from config.errors import BadFile, Refused
from config.words import say


@click.command(help=say("按制度判定一个案例文件（JSON；- 为标准输入），打印每个时段的判定与依据。"))
@click.argument("case", metavar="CASE.json")
@click.option("--explain", is_flag=True, help=say("用文字说明每个时段用到的事实、条款与算法"))
def judge(case: str, explain: bool) -> None:
    """Judge the case file and print the verdicts."""
    # No plug-in of another package may change how a policy is read; looking for some also costs start-up time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from station.rules.judge import as_json, judge_text

    read, answers = judge_text(_text_of(case), case)
    if explain:
        from station.rules.explain import explained

        for line in explained(read, answers):
            click.echo(line)
    else:
        click.echo(json.dumps(as_json(read.policy, answers), ensure_ascii=False, indent=2))


def _text_of(case: str) -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig") if case == "-" else Path(case).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(case, [say("不是 UTF-8 文字")]) from error
    except FileNotFoundError as error:
        raise Refused(say("没有找到 {path}", path=case)) from error
    except OSError as error:
        raise Refused(say("读不了 {path}：{reason}", path=case, reason=error.strerror)) from error
