"""`zaigang sim …`: simulated devices for anyone, driven by lines on standard input."""

import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

import click

from config.errors import Refused
from config.words import say
from drivers.sim.camera import CameraSimulator
from drivers.sim.models import MODELS
from drivers.sim.pn532 import Pn532Simulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from drivers.sim.serial_device import SerialDevice
from drivers.sim.zfm import ZfmSimulator


@click.group()
def sim() -> None:
    """启动模拟设备：第一行打印端口，然后从标准输入逐行读命令。"""


@sim.command()
@click.option("--model", type=click.Choice(list(MODELS)), default="zfm20", show_default=True, help="模拟哪种模块")
@click.option("--link", type=click.Path(path_type=Path), help="给端口一个固定名字（符号链接）")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="保存模块内容的文件")
@click.option("--baud", type=int, default=57600, show_default=True, help="波特率")
@click.option("--pace", is_flag=True, help="按波特率逐字节收发")
@click.option("--think", type=float, default=0.0, show_default=True, help="思考时间：0 立即回答，1 与真实模块相同")
@click.option("--capacity", type=click.IntRange(1, 65535), help="能存多少枚指纹")
@click.option("--template-size", type=click.IntRange(64, 16384), help="指纹模板字节数")
@click.option("--packet-size", type=click.Choice(["32", "64", "128", "256"]), help="数据包字节数")
@click.option("--password", type=int, default=0, show_default=True, help="模块口令")
@click.option("--address", type=str, default="0xFFFFFFFF", show_default=True, help="模块地址")
@click.option("--short-refusals", is_flag=True, help="没找到时只回确认码，不补零")
@click.option("--tcp", type=click.IntRange(0, 65535), help="改用本机 TCP 端口（0 为任意空闲端口）")
@click.option("--enrol", multiple=True, metavar="NAME=PLACE", help="预先录入一枚手指，可多次给出")
def zfm(  # every parameter is one option of the command line
    model: str, link: Path | None, state: Path | None, baud: int, pace: bool, think: float, capacity: int | None,
    template_size: int | None, packet_size: str | None, password: int, address: str, short_refusals: bool,
    tcp: int | None, enrol: tuple[str, ...],
) -> None:  # fmt: skip
    """模拟指纹模块。命令：finger 名字、lift、fault 类型、heal、power、quit。"""
    module = ZfmSimulator(
        model, link=link, state=state, baud=_baud(baud), pace=pace, think=think, capacity=capacity,
        template_size=template_size, packet_size=int(packet_size) if packet_size else None, password=password,
        address=_address(address), short_refusals=short_refusals, tcp=tcp,
    )  # fmt: skip
    for pair in enrol:
        _enrol(module, pair)
    with module:
        signal.signal(signal.SIGTERM, _leave)
        click.echo(module.port)
        sys.stdout.flush()
        serve(sys.stdin, zfm_orders(module))


@sim.command()
@click.option("--link", type=click.Path(path_type=Path), help="给端口一个固定名字（符号链接）")
@click.option("--baud", type=int, default=9600, show_default=True, help="波特率")
@click.option("--pace", is_flag=True, help="按波特率逐字节收发")
def rdm6300(link: Path | None, baud: int, pace: bool) -> None:
    """模拟 RDM6300 读卡器。命令：tag 卡号，lift，fault 类型，heal，quit。"""
    reader = Rdm6300Simulator(link=link, baud=baud, pace=pace)
    _run(reader, {"tag": reader.tag, "lift": lambda _: reader.lift(), **serial_orders(reader)})


@sim.command()
@click.option("--link", type=click.Path(path_type=Path), help="给端口一个固定名字（符号链接）")
@click.option("--baud", type=int, default=115200, show_default=True, help="波特率")
@click.option("--pace", is_flag=True, help="按波特率逐字节收发")
@click.option("--extended", is_flag=True, help="所有回应都用扩展帧")
def pn532(link: Path | None, baud: int, pace: bool, extended: bool) -> None:
    """模拟 PN532 读卡器。命令：tag 标签号 [网址]，tag4 标签号 [网址]，lift，power，fault 类型，heal，quit。"""
    reader = Pn532Simulator(link=link, baud=baud, pace=pace, extended=extended)
    _run(reader, {
        "tag": lambda rest: _tag(reader, rest),
        "tag4": lambda rest: _tag(reader, rest, speaks4=True),
        "lift": lambda _: reader.lift(),
        "power": lambda _: reader.power_cycle(),
        **serial_orders(reader),
    })  # fmt: skip


@sim.command()
@click.option("--tcp", type=click.IntRange(0, 65535), default=0, show_default=True, help="本机端口（0 为任意空闲端口）")
@click.option("--fps", type=click.FloatRange(0.2, 60), default=10.0, show_default=True, help="每秒几幅")
@click.option("--size", default="1280x720", show_default=True, metavar="宽x高", help="画面大小")
@click.option("--user", help="要求用户名")
@click.option("--password", default="", help="要求密码")
def camera(tcp: int, fps: float, size: str, user: str | None, password: str) -> None:
    """模拟网络摄像头（单幅和 MJPEG）。命令：fault 类型，heal，quit。"""
    secret = (user, password) if user else None
    try:
        width, height = (int(part) for part in size.lower().split("x"))
        device = CameraSimulator(fps=fps, width=width, height=height, secret=secret, number=tcp)
    except ValueError as error:
        raise Refused(say("看不懂画面大小 {size}", size=size), remedy=say("请写成 1280x720")) from error
    except OSError as error:
        raise Refused(say("端口 {number} 已被占用", number=tcp), remedy=say("请换一个端口")) from error
    with device:
        signal.signal(signal.SIGTERM, _leave)
        click.echo(f"{device.still}\n{device.stream}")
        sys.stdout.flush()
        serve(sys.stdin, {"fault": device.fault, "heal": lambda _: device.heal()})


Orders = dict[str, Callable[[str], None]]


def _run(device: SerialDevice, orders: Orders) -> None:
    with device:
        signal.signal(signal.SIGTERM, _leave)
        click.echo(device.port)
        sys.stdout.flush()
        serve(sys.stdin, orders)


def _tag(reader: Pn532Simulator, rest: str, *, speaks4: bool = False) -> None:
    uid, _, url = rest.partition(" ")
    reader.tag(uid, url.strip(), speaks4=speaks4)


def serial_orders(device: SerialDevice) -> Orders:
    """What can be done to the line of any simulated serial device."""
    return {"fault": device.fault, "heal": lambda _: device.heal()}


def serve(lines: Iterable[str], orders: Orders) -> None:
    """Carry out one order a line until `quit` or the end; a line nobody understands is answered, not fatal."""
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word == "quit":
            return
        if not word:
            continue
        try:
            if word not in orders:
                known = "、".join((*orders, "quit"))
                raise Refused(say("没有命令 {word}", word=word), remedy=say("可用的有：{known}", known=known))
            orders[word](rest.strip())
        except Refused as refusal:
            click.echo(str(refusal), err=True)


def zfm_orders(module: ZfmSimulator) -> Orders:
    """What can be done to a simulated fingerprint module, by the first word of a line."""
    return {
        "finger": lambda name: module.finger(name or "anyone"),
        "lift": lambda _: module.lift(),
        "fault": module.fault,
        "heal": lambda _: module.heal(),
        "power": lambda _: module.power_cycle(),
        "enrol": lambda pair: _enrol(module, pair),
    }


def _leave(number: int, _: FrameType | None) -> None:
    """Ended from outside: take the link away on the way out."""
    sys.exit(128 + number)


def _enrol(module: ZfmSimulator, pair: str) -> None:
    name, _, place = pair.replace(" ", "=").rpartition("=")
    if not name or not place.isdecimal() or int(place) >= module.model.capacity:
        raise Refused(say("看不懂 {pair}", pair=pair), remedy=say("请写成 名字=位置，位置小于容量"))
    module.enrol(name, int(place))


def _baud(baud: int) -> int:
    if baud % 9600 or not 1 <= baud // 9600 <= 12:
        raise Refused(say("波特率 {baud} 不可用", baud=baud), remedy=say("请用 9600 的 1 到 12 倍"))
    return baud


def _address(text: str) -> int:
    try:
        address = int(text, 0)
    except ValueError:
        address = -1
    if not 0 <= address <= 0xFFFFFFFF:
        raise Refused(say("模块地址 {text} 不可用", text=text), remedy=say("请写 0x00000000 到 0xFFFFFFFF"))
    return address
