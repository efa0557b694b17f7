"""Cameras by name. Nothing of OpenCV is imported here."""

from typing import Any
from urllib.parse import urlsplit

from config.errors import Refused
from config.words import say
from drivers.camera.process import DEADLINE_S, ChildCamera

SETTLE = 5  # pictures until exposure is right after opening (number differs by camera)
WARM_S = 15.0


def open_v4l2(
    port: str, width: int = 1280, height: int = 720, settle: int = SETTLE, deadline_s: float = DEADLINE_S,
    warm_s: float = WARM_S,
) -> ChildCamera:  # fmt: skip
    """A camera at this board: `port` is its stable path under /dev/v4l/by-id."""
    if not port.startswith("/"):
        raise Refused(say("摄像头路径 {port} 写法不对", port=port), remedy=say("请用 /dev/v4l/by-id/ 下的路径"))
    return _open("capture", port, deadline_s, width=width, height=height, settle=settle, warm_s=warm_s)


def open_http(
    port: str, user: str = "", password: str = "", settle: int = 1, deadline_s: float = DEADLINE_S,
    warm_s: float = WARM_S,
) -> ChildCamera:  # fmt: skip
    """A network camera that gives JPEG: `port` is the address of its picture or of its MJPEG stream."""
    _check_address(port, ("http", "https"))
    return _open("http", port, deadline_s, user=user, password=password, settle=settle, warm_s=warm_s)


def open_rtsp(port: str, settle: int = SETTLE, deadline_s: float = DEADLINE_S, warm_s: float = WARM_S) -> ChildCamera:
    """A network camera that gives video only: `port` is its rtsp:// address."""
    _check_address(port, ("rtsp", "rtsps"))
    return _open("capture", port, deadline_s, settle=settle, warm_s=warm_s)


def _open(kind: str, port: str, deadline_s: float, **settings: Any) -> ChildCamera:
    usual = {"width": 1280, "height": 720, "user": "", "password": ""}
    return ChildCamera({"kind": kind, "port": port, **usual, **settings}, deadline_s)


def _check_address(port: str, schemes: tuple[str, ...]) -> None:
    parts = urlsplit(port)
    if parts.scheme not in schemes or not parts.hostname:
        raise Refused(say("摄像头地址写法不对"), remedy=say("请写成 {scheme}://地址/…", scheme=schemes[0]))
