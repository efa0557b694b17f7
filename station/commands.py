"""`zaigang station …`: join a hub, run, enrol and forget fingers, say how it is, stop."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from config.errors import Refused
from config.words import say

FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("var/station"), show_default=True,
    envvar="ZAIGANG_STATION_FOLDER", help="数据目录",
)  # fmt: skip


PERSON_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
T = TypeVar("T")


@click.group()
def station() -> None:
    """考勤站：接入中枢、运行、录指纹、查看状态。"""


@station.command()
@click.argument("url")
@click.option("--code", required=True, help="中枢上生成的一次性接入码（30 分钟有效）")
@click.option("--again", is_flag=True, help="已接入过的考勤站重新接入，并换新密钥")
@FOLDER
def join(url: str, code: str, again: bool, folder: Path) -> None:
    """接入中枢：交换公钥，由管理员核对文字后确认。"""
    from config.settings import load_station
    from station.joining import KEY, load_joined, own_words
    from station.joining import join as join_hub
    from station.keys import load_or_make, words
    from station.rekeying import prepare, take_over
    from station.unlocking import make_rescue_code

    settings = load_station(folder)
    already = load_joined(folder)
    if already and not again:
        raise Refused(
            say("本站已接入 {hall}（{url}）", hall=already.hall, url=already.url),
            remedy=say("要重新接入，请在中枢这个考勤站的页面生成重新接入码，并加上 --again"),
        )
    key = load_or_make(folder / KEY)
    joined = join_hub(folder, url, code, settings.name, prepare(folder) if already else key)
    if already:
        take_over(folder, key)
    click.echo(say("已向 {hall} 申请接入。请管理员在中枢“考勤站”页核对以下文字后确认：", hall=joined.hall))
    click.echo(say("  本站：{words}", words=own_words(folder, key)))
    click.echo(say("  中枢：{words}", words=words(joined.hub_key)))
    if already:
        click.echo(say("救援码不变。考勤站正在运行的话，请重启它。"))
        return
    click.echo(say("救援码（只显示这一次，请抄下封存；本站没有可用的指纹或 PIN 时，用它打开屏幕上的“管理”）："))
    click.echo(f"  {make_rescue_code(folder)}")


@station.command()
@FOLDER
def rekey(folder: Path) -> None:
    """换新密钥：下次联系中枢时用旧密钥签名交接，记录不受影响。"""
    from station.joining import load_joined, own_words
    from station.rekeying import prepare

    if load_joined(folder) is None:
        raise Refused(say("本站尚未接入中枢"), remedy=say("请先运行 zaigang station join"))
    click.echo(say("新密钥已备好，考勤站下次联系中枢时自动交接；交接后的核对文字："))
    click.echo(say("  本站：{words}", words=own_words(folder, prepare(folder))))


@station.command()
@FOLDER
@click.pass_context
def run(ctx: click.Context, folder: Path) -> None:
    """运行考勤站，直到收到停止信号。"""
    from config.settings import load_station
    from station.wiring import run as run_station

    ctx.exit(run_station(load_station(folder)))


@station.command()
@click.argument("person")
@click.option("--finger", default="右手食指", show_default=True, help="哪一枚手指")
@click.option("--consent", "form", default="", metavar="FORM", help="已签同意书的编号（脚本用；不写则当面询问）")
@FOLDER
@click.pass_context
def enrol(ctx: click.Context, person: str, finger: str, form: str, folder: Path) -> None:
    """给 PERSON（工号、姓名或拼音）录指纹。"""
    from station import terminal

    who = terminal.person_of(folder, person)
    terminal.agreed(who, form)

    def work() -> None:
        with terminal.progress() as tell:
            terminal.enrol(folder, who, finger, form, tell)

    _try(ctx, work)
    click.echo(say("已录入：{name} {finger}", name=who.name, finger=finger))


@station.command()
@click.argument("person")
@FOLDER
@click.pass_context
def forget(ctx: click.Context, person: str, folder: Path) -> None:
    """删除 PERSON（工号、姓名、拼音或内部编号）在本站的全部指纹。"""
    from station import terminal

    who = person if PERSON_ID.fullmatch(person) else terminal.person_of(folder, person).id
    forgotten = _try(ctx, lambda: terminal.forget(folder, who))
    click.echo(say("已删除 {n} 枚指纹", n=forgotten) if forgotten else say("此人在本站没有指纹"))


@station.command()
@FOLDER
@click.pass_context
def stop(ctx: click.Context, folder: Path) -> None:
    """让正在运行的考勤站有序停下。"""
    from station.control import NobodyRuns, done

    try:
        _try(ctx, lambda: done(folder, {"ask": "stop"}))
    except NobodyRuns:
        raise Refused(say("没有考勤站在使用 {folder}", folder=folder), remedy=say("请核对 --folder")) from None
    click.echo(say("已通知考勤站停下"))


@station.command()
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def status(folder: Path, as_json: bool) -> None:
    """查看本站状态（只读，运行时也可用）。"""
    from station.status import read_all

    facts = read_all(folder)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{say(name)}：{value}")


def _try(ctx: click.Context, work: Callable[[], T]) -> T:
    """What came of `work`; what was tried and did not succeed is one line on standard error and exit status 1."""
    from station.control import NotDone

    try:
        return work()
    except NotDone as error:
        click.echo(f"zaigang: {error}", err=True)
        ctx.exit(1)
