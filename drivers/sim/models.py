"""Modules that can be simulated, by what their manuals and owners say of them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Model:
    """What distinguishes one module from another.

    `capacity` places, `template` and `feature` bytes, `packet_code` 0..3 for 32..256 bytes a packet, `width` and
    `height` pixels, `buffers` character buffers. `boot`: seconds it is deaf after
    power-up; `announces`: sends the bare 55 when it is ready; `wakes`: sends the wake notice when a finger comes;
    `unknown`: confirmation code for instructions it does not know, None if it says nothing. `lacks`: basic
    instructions it does not know.
    """

    name: str
    dialect: Literal["zfm", "grow", "zw"] = "zfm"
    capacity: int = 1000
    template: int = 512
    feature: int = 512
    packet_code: int = 2
    width: int = 256
    height: int = 288
    buffers: int = 2
    system_id: int = 0
    boot: float = 0.05
    announces: bool = True
    wakes: bool = False
    unknown: int | None = 0x13
    lacks: frozenset[int] = frozenset()


MODELS = {
    model.name: model
    for model in (
        Model("zfm20", boot=0.2, announces=False),
        Model("r305", boot=0.3, announces=False),
        Model("r307", template=768, feature=768, boot=0.3, announces=False),
        Model("r301", capacity=3000, template=810, feature=810, boot=0.3, announces=False),
        Model("r308", capacity=500, boot=0.3, announces=False, unknown=None, lacks=frozenset({0x0E, 0x0F})),
        Model("as608", capacity=300, system_id=9, boot=0.2),
        Model("r503", "grow", 200, 1536, 512, 2, 192, 192, buffers=6, unknown=0xFC),
        Model("zw101", "zw", 50, 512, 512, 2, 96, 96, wakes=True, lacks=frozenset({0x1B})),
    )
}
