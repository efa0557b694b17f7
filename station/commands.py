"""`zaigang station …`: join a hub, run, say how it is."""

import json
from pathlib import Path

import click

from config.errors import Refused
from config.words import say

FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("var/station"), show_default=True,
    envvar="ZAIGANG_STATION_FOLDER", help="数据目录",
)  # fmt: skip


@click.group()
def station() -> None:
    """考勤站:接入中枢、运行、查看状态。"""


@station.command()
@click.argument("url")
@click.option("--code", required=True, help="中枢上生成的一次性接入码(30 分钟有效)")
@FOLDER
def join(url: str, code: str, folder: Path) -> None:
    """接入中枢:交换公钥,由管理员核对文字后确认。"""
    from config.settings import load_station
    from station.keys import load_or_make, words
    from station.uplink import KEY, load_joined
    from station.uplink import join as join_hub

    settings = load_station(folder)
    already = load_joined(folder)
    if already:
        raise Refused(say("本站已接入 {hall}({url})", hall=already.hall, url=already.url))
    key = load_or_make(folder / KEY)
    joined = join_hub(folder, url, code, settings.name, key)
    click.echo(say("已向 {hall} 申请接入。请管理员在中枢“考勤站”页核对以下文字后确认:", hall=joined.hall))
    click.echo(say("  本站:{words}", words=words(key.public)))
    click.echo(say("  中枢:{words}", words=words(joined.hub_key)))


@station.command()
@FOLDER
@click.pass_context
def run(ctx: click.Context, folder: Path) -> None:
    """运行考勤站,直到收到停止信号。"""
    from config.settings import load_station
    from station.wiring import run as run_station

    ctx.exit(run_station(load_station(folder)))


@station.command()
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def status(folder: Path, as_json: bool) -> None:
    """查看本站状态(只读,运行时也可用)。"""
    from station.status import read_status

    facts = read_status(folder)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{say(name)}:{value}")
