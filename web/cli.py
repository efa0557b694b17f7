"""`zaigang hub …` and `zaigang demo`. Nothing heavy is imported before a command runs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.words import say, series

if TYPE_CHECKING:
    from web.services.hub import Hub

FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("var/hub"), show_default=True,
    envvar="ZAIGANG_HUB_FOLDER", help="数据目录",
)  # fmt: skip


@click.group()
def hub() -> None:
    """中枢：初始化、运行、账号、重建。"""


@hub.command()
@FOLDER
@click.option("--name", default="政务服务中心", show_default=True, help="大厅名称")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="大厅时区")
def init(folder: Path, name: str, zone: str) -> None:
    """建立一个新的中枢：密钥和空数据库。管理员账号在浏览器里由设置向导建立。"""
    from config.settings import load_hub
    from station.keys import words
    from web.services.hub import begin

    made = begin(load_hub(folder), name, zone)
    click.echo(say("中枢已建立：{name}，数据目录 {folder}", name=name, folder=folder))
    click.echo(say("中枢密钥文字：{words}", words=words(made.key.public)))
    click.echo(say("下一步：运行 zaigang hub serve，用浏览器打开它显示的地址，输入它显示的设置码"))
    made.close()


@hub.command()
@FOLDER
@click.option("--host", default=None, help="监听地址（默认取自 hub.toml）")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="监听端口（默认取自 hub.toml）")
def serve(folder: Path, host: str | None, port: int | None) -> None:
    """运行中枢，直到收到停止信号。还没有账号时，显示一次性的设置码。"""
    from web.services.hub import settings_of
    from web.serving import serve as run

    settings = settings_of(folder)
    host, port = host or settings.host, settings.port if port is None else port
    run(settings, host, port, lambda opened: _offer_setup(opened, host, port))


@hub.command()
@FOLDER
def upgrade(folder: Path) -> None:
    """把数据库升级到本程序的版本。请先停止中枢。"""
    from station.journal import Hold
    from web.ledger.migrate import upgrade as migrate
    from web.services.hub import settings_of

    settings = settings_of(folder)
    hold = Hold(folder)
    try:
        migrate(settings.database_url())
    finally:
        hold.release()
    click.echo(say("数据库已是最新版本"))


@hub.command()
@FOLDER
def rebuild(folder: Path) -> None:
    """从原始记录重新生成全部读出的数据。请先停止中枢。"""
    from zoneinfo import ZoneInfo

    from station.journal import Hold
    from web.services.rebuild import rebuild as run
    from web.services.recording import Recorder, folder_of

    opened = _open(folder)
    hold = Hold(folder)
    try:
        if folder_of(opened).exists():
            recorder = Recorder(opened)
            recorder.catch_up()
            recorder.close()
        with opened.ledger.writing() as session:
            count = run(session, ZoneInfo(opened.hall.zone), _progress)
    finally:
        hold.release()
        opened.close()
    click.echo(say("已重建 {count} 条记录", count=count))


@hub.command()
@FOLDER
@click.pass_context
def verify(ctx: click.Context, folder: Path) -> None:
    """核验中枢收到的全部账本和照片：逐个账本核对链条、末尾与签名。只读，中枢运行时也可用。"""
    from station.photo_walk import tell_photos, walk_photos
    from station.progress import counted
    from station.verify import files_of, tell, verify_file
    from web.services import picture_uses
    from web.services.recording import folder_of
    from web.services.verifying import lineages, verify_lineage

    opened, sound = _open(folder), []
    try:
        with opened.ledger.reading() as session:
            for lineage, station in lineages(session):
                with counted(station.name) as progress:
                    found = verify_lineage(session, lineage, station, progress)
                sound.append(tell(station.name, found))
        for file in files_of(folder_of(opened)) if folder_of(opened).exists() else []:
            sound.append(tell(say("中枢自己的账本文件 {name}", name=file.name), verify_file(file)))
        if not sound:
            click.echo(say("中枢还没有收到任何账本"))
        with opened.ledger.reading() as session, counted(say("照片")) as progress:
            sound.append(tell_photos(walk_photos(opened.photos, picture_uses.own(session), progress)))
    finally:
        opened.close()
    ctx.exit(0 if all(sound) else 1)


@hub.command("let-go")
@FOLDER
def let_go(folder: Path) -> None:
    """删除超过保存天数的巡查照片（记录保留，有问题的照片不删）。中枢运行时每晚自动做；手动运行请先停止中枢。"""
    from station.journal import Hold
    from web.services.photo_keeping import FINISHED, erase, let_go_all

    opened = _open(folder)
    try:
        hold = Hold(folder)
        try:
            with opened.ledger.writing() as session:
                count = let_go_all(session, opened)
            with opened.ledger.reading() as session:
                erase(session, opened, opened.now() - FINISHED)
        finally:
            hold.release()
    finally:
        opened.close()
    click.echo(say("已删除 {count} 张到期照片", count=count))


@hub.command("import-staff")
@FOLDER
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_staff(folder: Path, file: Path) -> None:
    """从 Excel 名单（.xlsx）导入人员：有一处错误就一个也不导入，并逐处列出。"""
    from zoneinfo import ZoneInfo

    from web.services.importing import carry_out, in_words, plan

    opened = _open(folder)
    try:
        today = opened.now().astimezone(ZoneInfo(opened.hall.zone)).date()
        with opened.ledger.writing() as session:
            made = plan(session, file.read_bytes(), today)
            for line in in_words(made):
                click.echo(line, err=True)
            count = carry_out(session, made, today, opened.now(), None, _progress)
    finally:
        opened.close()
    click.echo(say("已导入 {count} 人", count=count))


@hub.command()
@FOLDER
@click.argument("names", nargs=-1, required=True)
def tls(folder: Path, names: tuple[str, ...]) -> None:
    """为中枢制作本厅自己的 https 证书；NAMES 为手机上用的名称或内网地址。再次运行即换新，手机不用重新信任。"""
    from web.services.tls import certify

    opened = _open(folder)
    try:
        made = certify(folder, opened.hall.name, names, opened.now())
    finally:
        opened.close()
    if made.new_authority:
        click.echo(say("已建立本厅证书，指纹（SHA-256）：{print}", print=made.print256.upper()))
    click.echo(say("中枢证书有效至 {day}：{names}", day=made.until.date().isoformat(), names=series(made.names)))
    port = opened.settings.tls_port
    click.echo(say("重启中枢后生效：https://{name}:{port}/patrol", name=made.names[0], port=port))
    click.echo(say("手机先打开 http://{name}:{port}/ca 信任本厅证书", name=made.names[0], port=opened.settings.port))


@hub.command()
@FOLDER
@click.argument("month")
@click.option("--unit", "units", multiple=True, help="单位，可重复；不写则全部单位")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="写到哪个目录")
@click.option("--kind", "kinds", type=click.Choice(("xlsx", "pdf")), multiple=True, help="只要一种文件")
def month(folder: Path, month: str, units: tuple[str, ...], out: Path, kinds: tuple[str, ...]) -> None:
    """写出一个月（如 2026-03）的考勤月表：每单位一个 Excel 和一个 PDF。只读，中枢运行时也可用。"""
    from typing import cast

    from web.services import month_files

    opened = _open(folder)
    try:
        first = month_files.month_of(month)
        with opened.ledger.reading() as session:
            wanted = month_files.units_of(session, opened, first, units)
        if not wanted:
            click.echo(say("这个月没有入驻人员，没有月表"))
        chosen = cast("tuple[month_files.Kind, ...]", kinds) or month_files.KINDS
        for written in month_files.write(opened, first, wanted, out, chosen):
            state = say("已锁定") if written.closed else say("未锁定")
            click.echo(say("{unit}：{n} 人，{state}，数据校验码 {hash}", unit=written.unit, n=written.people,
                           state=state, hash=written.hash))  # fmt: skip
            for path in written.files:
                click.echo(f"  {path}")
            for obstacle in written.obstacles:
                click.echo(say("  锁定前须处理：{what}", what=obstacle))
    finally:
        opened.close()


@hub.command("tag-keys")
@FOLDER
@click.argument("uid")
@click.option("--address", required=True, help="手机打开中枢用的网址，如 https://hall.local:8443")
def tag_keys(folder: Path, uid: str, address: str) -> None:
    """显示写入一枚防复制标签（NTAG 424 DNA）的网址和密钥。UID 为标签号，14 个十六进制字符。"""
    from web.services import sun_keys

    opened = _open(folder)
    try:
        with opened.ledger.writing() as session:
            for line in sun_keys.to_write(session, opened, uid, address):
                click.echo(line)
    finally:
        opened.close()


@hub.command("join-code")
@FOLDER
def join_code(folder: Path) -> None:
    """生成一个考勤站接入码（30 分钟内有效，只能用一次）。"""
    from web.services.stations import make_code

    opened = _open(folder)
    with opened.ledger.writing() as session:
        code = make_code(session, opened.now())
    click.echo(code)
    opened.close()


@hub.group()
def user() -> None:
    """账号：查看、新增、重设密码。"""


@user.command("list")
@FOLDER
def list_users(folder: Path) -> None:
    """列出全部账号。"""
    from web.services.accounts import listed

    opened = _open(folder)
    with opened.ledger.reading() as session:
        for row, person in listed(session):
            state = say("已停用") if row.closed else say("待改密码") if row.must_change else say("正常")
            click.echo(f"{row.name}\t{person}\t{state}")
    opened.close()


@user.command("add")
@FOLDER
@click.argument("login")
@click.option("--person", required=True, help="姓名；与现有人员同名时用其工号")
@click.option("--role", "roles", multiple=True, default=("admin",), show_default=True, help="新人员的角色，可重复")
def add_user(folder: Path, login: str, person: str, roles: tuple[str, ...]) -> None:
    """为一个人新增账号；没有这个人时先登记。一次性密码只显示这一次。"""
    from web.services.setup import account_for

    opened = _open(folder)
    with opened.ledger.writing() as session:
        password = account_for(session, login, person, roles, opened.now())
    _show_password(login, password)
    opened.close()


@user.command()
@FOLDER
@click.argument("login")
def rescue(folder: Path, login: str) -> None:
    """重设密码：给出新的一次性密码，并让这个账号在各处退出。"""
    from web.services.accounts import rescue as run

    opened = _open(folder)
    with opened.ledger.writing() as session:
        password = run(session, login, opened.now())
    _show_password(login, password)
    opened.close()


@user.command("forget-factor")
@FOLDER
@click.argument("login")
def forget_factor(folder: Path, login: str) -> None:
    """解除动态验证码：手机和恢复码都丢了时用，之后登录只要密码。"""
    from web.services.second_factor import rescue as run

    opened = _open(folder)
    try:
        with opened.ledger.writing() as session:
            run(session, login, opened.now())
    finally:
        opened.close()
    click.echo(say("{login} 的动态验证码已解除，请尽快重新启用", login=login))


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址；给手机用时填 0.0.0.0")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="中枢端口")
@click.option("--kiosk-port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="打卡屏端口")
@click.option("--fresh", is_flag=True, help="清空演示数据，重新开始")
@click.option("--small", is_flag=True, help="小演示：12 人、9 天，开门快；只在第一次运行时有用")
def demo(folder: Path, host: str, port: int, kiosk_port: int, fresh: bool, small: bool) -> None:
    """运行演示大厅：一台中枢、一个考勤站、模拟设备。"""
    from web.demo import run

    run(folder, host, port, kiosk_port, fresh, small)


def _open(folder: Path) -> "Hub":
    from web.services.hub import open_hub, settings_of

    return open_hub(settings_of(folder))


def _offer_setup(opened: "Hub", host: str, port: int) -> None:
    """Show the code of the first run where there is no account yet; each start shows a new one."""
    from web.services.first_run import offer
    from web.serving import address_of

    with opened.ledger.writing() as session:
        code = offer(session, opened.now())
    if code is None:
        return
    at = address_of(host)
    click.echo(say("还没有管理员。请用浏览器打开 http://{at}:{port}/setup", at=at, port=port))
    click.echo(say("设置码：{code}（建立管理员后作废；重新启动会换一个）", code=code))


def _show_password(login: str, password: str) -> None:
    click.echo(say("登录名：{login}", login=login))
    click.echo(say("一次性密码：{password}（只显示这一次，首次登录须修改）", password=password))


def _progress(done: int, total: int) -> None:
    if done == total or done % 50_000 == 0:
        click.echo(say("已处理 {done}/{total}", done=done, total=total), err=True)
