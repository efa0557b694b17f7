"""A simulated module's flash: what survives a power cut, and may survive the process in a file."""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import BadFile
from config.words import say


@dataclass(slots=True)
class Flash:
    """Templates by place, the notepad's 16 pages, and the settings. With a `path`, every change is on disk before it
    is acknowledged."""

    baud_code: int = 6
    security: int = 3
    packet_code: int = 2
    address: int = 0xFFFFFFFF
    password: int = 0
    templates: dict[int, bytes] = field(default_factory=dict)
    notepad: list[bytes] = field(default_factory=lambda: [bytes(32)] * 16)
    path: Path | None = None

    def save(self) -> None:
        """Write the file whole: a new one beside it, then in its place."""
        if self.path is None:
            return
        kept = {
            "baud_code": self.baud_code,
            "security": self.security,
            "packet_code": self.packet_code,
            "address": self.address,
            "password": self.password,
            "templates": {str(place): _text(body) for place, body in sorted(self.templates.items())},
            "notepad": [_text(page) for page in self.notepad],
        }
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("w", encoding="ascii") as file:
            json.dump(kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    @classmethod
    def load(cls, path: Path, *, fresh: "Flash") -> "Flash":
        """The flash kept in `path`; `fresh`, to be kept there, when there is no such file. `BadFile` if unusable."""
        fresh.path = path
        if not path.parent.is_dir():
            raise BadFile(str(path), [say("没有这个文件夹")])
        if not path.exists():
            return fresh
        try:
            kept = json.loads(path.read_text("ascii"))
            return cls(
                baud_code=int(kept["baud_code"]),
                security=int(kept["security"]),
                packet_code=int(kept["packet_code"]),
                address=int(kept["address"]),
                password=int(kept["password"]),
                templates={int(place): base64.b64decode(body) for place, body in kept["templates"].items()},
                notepad=[base64.b64decode(page) for page in kept["notepad"]],
                path=path,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadFile(str(path), [say("不是模拟指纹模块的存储文件")]) from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
