"""The sheet of labels: a QR code with the checkpoint's name under it, two columns on A4, set by typst."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import segno
import typst

SHEET = Path(__file__).with_name("labels.typ")


@dataclass(frozen=True, slots=True)
class Label:
    """One label. `token` is printed too, for a phone whose camera reads no code."""

    name: str
    floor: str
    token: str
    address: str


def label_sheet(hall: str, labels: Sequence[Label]) -> bytes:
    """The sheet as PDF."""
    told = [asdict(each) | {"code": _code(each.address)} for each in labels]
    return typst.compile(SHEET, sys_inputs={"hall": hall, "labels": json.dumps(told, ensure_ascii=False)}, format="pdf")


def _code(address: str) -> str:
    """The address as an SVG; level Q, for a label on a counter gets scratched."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()
