"""Lamps and a buzzer on a board's GPIO pins (BCM numbers), through gpiozero and lgpio."""

import importlib
import os
import tempfile
from typing import Any, Literal

from config.words import say
from drivers.contract import Light
from drivers.errors import DeviceGone, DeviceRefused

Factory = Literal["lgpio", "mock"]
LAMP_S = 2.0
SHORT_S = 0.08
LONG_S = 0.7


class Panel:
    """A green and a red lamp and a buzzer, each of which may be missing. A newer mood replaces the one before."""

    def __init__(self, parts: dict[str, Any], factory: Any) -> None:
        self._parts, self._factory = parts, factory

    def show(self, mood: Light) -> None:
        """Green lamp and a short beep for `GOOD`, red lamp and a long one for `BAD`; returns at once."""
        good = mood is Light.GOOD
        for name, lit in (("led_green", good), ("led_red", not good)):
            if name in self._parts:
                self._parts[name].off()
                if lit:
                    self._parts[name].blink(on_time=LAMP_S, off_time=0, n=1)
        if "buzzer" in self._parts:
            self._parts["buzzer"].beep(on_time=SHORT_S if good else LONG_S, off_time=0, n=1)

    def close(self) -> None:
        """Everything off and the pins let go of."""
        for part in self._parts.values():
            part.close()
        self._factory.close()


def open_panel(
    led_green: int | None = None, led_red: int | None = None, buzzer: int | None = None, factory: Factory = "lgpio"
) -> Panel:
    """The panel on these pins. `factory` mock: gpiozero's own simulated pins.

    DeviceGone where the board has no usable GPIO, DeviceRefused for a pin that cannot be used.
    """
    pins = {"led_green": led_green, "led_red": led_red, "buzzer": buzzer}
    gpiozero, made = _factory(factory)
    parts: dict[str, Any] = {}
    try:
        for name, pin in pins.items():
            if pin is not None:
                kind = gpiozero.Buzzer if name == "buzzer" else gpiozero.LED
                parts[name] = kind(pin, pin_factory=made)
    except Exception as error:  # gpiozero's, lgpio's and the kernel's have no class in common
        Panel(parts, made).close()
        raise DeviceRefused(
            say("信号灯的引脚 {pin} 用不了（{reason}），请核对 [signals] 的引脚号", pin=pin, reason=error)
        ) from error
    return Panel(parts, made)


def _factory(name: Factory) -> tuple[Any, Any]:
    os.environ.setdefault("LG_WD", tempfile.gettempdir())  # lgpio keeps a pipe, by default in the working folder
    try:
        gpiozero = importlib.import_module("gpiozero")
        if name == "mock":
            return gpiozero, importlib.import_module("gpiozero.pins.mock").MockFactory()
        return gpiozero, importlib.import_module("gpiozero.pins.lgpio").LGPIOFactory()
    except Exception as error:  # as above; a missing library too
        raise DeviceGone(
            say("打不开 GPIO（{reason}），请核对主板和 /dev/gpiochip0 的权限，或去掉 [signals] 的引脚", reason=error)
        ) from error
