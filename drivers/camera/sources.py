"""Where pictures come from: an HTTP camera's own JPEGs, read part by part, or OpenCV's captures (V4L2, RTSP).

Each is used by one thread alone: it opens, grabs and closes. For the child process.
"""

import time
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import cv2
import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from config.words import say
from drivers.camera import jpeg
from drivers.camera.measures import encode
from drivers.camera.multipart import LONGEST, PartParser, boundary_of
from drivers.errors import BadPacket, DeviceFault, DeviceGone, DeviceRefused, NoAnswer

PATIENCE_S = 1.2  # the longest silence in the middle of anything
CHUNK = 65536
SPOILT = 3  # broken parts in a row after which the stream is given up


class Source(Protocol):
    """`streams`: pictures come by themselves once it is open; else each is asked for. Times: `time.monotonic()`."""

    streams: bool

    def open(self, until: float) -> None: ...

    def grab(self, until: float) -> None:
        """Let the next picture come; `DeviceGone`, `NoAnswer`, `BadPacket`, `DeviceRefused` as they happen."""

    def picture(self) -> bytes:
        """The JPEG of the newest picture, whole; `BadPacket` when it is not."""

    def close(self) -> None: ...


class HttpSource:
    """An HTTP camera: a picture (image/jpeg) at its address, or a stream of them (multipart)."""

    def __init__(self, url: str, user: str = "", password: str = "") -> None:
        self.streams = False
        self._url, self._user, self._password = url, user, password
        self._auth: AuthBase | None = None
        self._session = requests.Session()
        self._response: requests.Response | None = None
        self._parser = PartParser("")
        self._body = b""

    def open(self, until: float) -> None:
        """Ask the address; what it answers decides whether it streams."""
        response = self._ask()
        kind = response.headers.get("Content-Type", "")
        boundary = boundary_of(kind)
        if boundary is None and not kind.startswith("image/"):
            response.close()
            raise DeviceRefused(say("这个地址给的不是画面（{kind}），请核对摄像头地址", kind=kind or "?"))
        self._response, self.streams = response, boundary is not None
        self._parser = PartParser(boundary or "")

    def grab(self, until: float) -> None:
        """The next part of the stream, or the body of one answer."""
        if self._response is None:
            self.open(until)
        assert self._response is not None
        self._body = self._part(self._response, until) if self.streams else self._still(self._response, until)

    def picture(self) -> bytes:
        """The camera's own bytes."""
        return jpeg.whole(self._body)

    def close(self) -> None:
        """Hang up."""
        if self._response is not None:
            self._response.close()
            self._response = None

    def _part(self, response: requests.Response, until: float) -> bytes:
        broken = self._parser.broken
        while (part := self._parser.pull()) is None:
            if self._parser.broken - broken >= SPOILT:
                raise BadPacket(say("摄像头的画面没有传完"))
            self._parser.push(_receive(response, until) or _hung_up())
        return part

    def _still(self, response: requests.Response, until: float) -> bytes:
        """One whole answer: as long as it said it would be."""
        self._response = None  # the next one is asked for anew
        told, body = response.headers.get("Content-Length"), bytearray()
        with response:
            while data := _receive(response, until):
                body += data
                if len(body) > LONGEST:
                    raise BadPacket(say("摄像头的图片太大"))
        if told is not None and told.isdigit() and int(told) != len(body):
            raise BadPacket(say("摄像头的画面没有传完"))
        return bytes(body)

    def _ask(self) -> requests.Response:
        response = self._get()
        if response.status_code == requests.codes.unauthorized and self._user and self._auth is None:
            response.close()
            digest = "digest" in response.headers.get("WWW-Authenticate", "").lower()
            self._auth = (HTTPDigestAuth if digest else HTTPBasicAuth)(self._user, self._password)
            response = self._get()
        if response.status_code != requests.codes.ok:
            response.close()
            raise refusal(response.status_code)
        return response

    def _get(self) -> requests.Response:
        try:
            return self._session.get(self._url, stream=True, timeout=PATIENCE_S, auth=self._auth)
        except requests.Timeout as error:
            raise NoAnswer(say("摄像头没有在规定时间内回应")) from error
        except (requests.RequestException, ValueError) as error:
            raise DeviceGone(say("连不上摄像头 {where}，请检查电源、网线和地址", where=where(self._url))) from error


def _receive(response: requests.Response, until: float) -> bytes:
    """What has come; empty at the end."""
    if time.monotonic() >= until:
        raise NoAnswer(say("摄像头的画面没有按时传完"))
    try:
        data: bytes = response.raw.read1(CHUNK)
    except TimeoutError as error:
        raise NoAnswer(say("摄像头的画面传到一半停了")) from error
    except Exception as error:  # urllib3 and http.client name a broken line in a dozen ways
        if "timed out" in str(error).lower():
            raise NoAnswer(say("摄像头的画面传到一半停了")) from error
        raise DeviceGone(say("摄像头断开了连接")) from error
    return data


def _hung_up() -> bytes:
    raise DeviceGone(say("摄像头断开了连接"))


def refusal(status: int) -> DeviceRefused:
    """What an HTTP status of a camera means, with what to do."""
    if status in (401, 403):
        return DeviceRefused(say("摄像头要用户名和密码，请核对设置中的 user 和 password"), status)
    if status == requests.codes.not_found:
        return DeviceRefused(say("摄像头上没有这个地址（404），请核对"), status)
    return DeviceRefused(say("摄像头拒绝了请求（{status}）", status=status), status)


def where(url: str) -> str:
    """An address as people may see it: without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")


class CaptureSource:
    """An OpenCV capture. FFmpeg hides damage in what it decodes, so an address over HTTP is `HttpSource`'s matter."""

    streams = True

    def __init__(self, port: str, width: int = 1280, height: int = 720) -> None:
        self._port, self._width, self._height = port, width, height
        self._network = "://" in port
        self._capture: Any = None

    def open(self, until: float) -> None:
        """Open it with limits of its own; V4L2's is in the environment (see `child`)."""
        began = time.monotonic()
        limit = max(1, round(min(PATIENCE_S, until - began) * 1000))
        if self._network:
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
            self._capture = cv2.VideoCapture(self._port, cv2.CAP_FFMPEG, limits)
        else:
            self._capture = cv2.VideoCapture(self._port, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            self.close()
            raise self._unopened(time.monotonic() - began)
        if not self._network:
            self._shape()

    def grab(self, until: float) -> None:
        """Let the next picture come; OpenCV's own limit ends the wait."""
        began = time.monotonic()
        if not self._capture.grab():
            late = time.monotonic() - began >= PATIENCE_S / 2
            raise NoAnswer(say("摄像头没有给出画面")) if late else DeviceGone(say("摄像头断开了，请检查插头和连线"))

    def picture(self) -> bytes:
        """The newest picture, made a JPEG."""
        done, picture = self._capture.retrieve()
        if not done:
            raise BadPacket(say("摄像头的画面解不开"))
        return encode(picture)

    def close(self) -> None:
        """Let go of it, in the thread that opened it."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _shape(self) -> None:
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._height)

    def _unopened(self, seconds: float) -> DeviceFault:
        if not self._network and not Path(self._port).exists():
            return DeviceGone(say("没有找到摄像头 {path}，请检查是否插好", path=self._port))
        if not self._network:
            return DeviceGone(say("打不开摄像头 {path}：可能被别的程序占用，或没有权限（video 组）", path=self._port))
        if seconds >= PATIENCE_S / 2:
            return NoAnswer(say("摄像头没有在规定时间内回应"))
        return DeviceGone(say("连不上摄像头 {where}，请检查电源、网线和地址", where=where(self._port)))
