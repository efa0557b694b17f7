"""What goes on while the demonstration runs: people come and press, and whoever sits at the terminal may meddle."""

import queue
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping

import click

from config.words import say
from drivers.sim.rdm6300 import Rdm6300Simulator
from drivers.sim.zfm import ZfmSimulator
from web.demo.hall import Hall

STRANGER = "生人"
UNKNOWN_CARD = "0EFFFFFF"
HELD_S = 1.2  # how long a finger rests on the glass
ARRIVAL_S = (4.0, 9.0)
LATER_S = (12.0, 30.0)

HELP = """可输入：
  press 姓名    让某人按手指（press 生人：未录入的手指；屏上点“管理”后 press 欧阳建国，他是值班长）
  tag 巡查点    在读卡器上贴巡查点的标签，如 tag 101（tag 生人：不认识的标签）
  unplug / plug 拔下 / 插回指纹机
  hub           停止 / 启动中枢（停着照常打卡，启动后自动补传）
  quit          结束（或 Ctrl-C）"""


class Tags:
    """The simulated tag reader, and the card at each checkpoint."""

    def __init__(self, reader: Rdm6300Simulator, cards: Mapping[str, str]) -> None:
        self._reader, self._cards = reader, cards

    def lay(self, name: str) -> None:
        """Lay the card of the checkpoint whose name begins so on the reader for a moment; an unknown one for others."""
        card = next((card for point, card in self._cards.items() if point.startswith(name)), UNKNOWN_CARD)
        self._reader.tag(card)
        threading.Event().wait(HELD_S)
        self._reader.lift()


class Console:
    """One thread: presses when they are due, commands when they are typed."""

    def __init__(
        self, hall: Hall, module: ZfmSimulator, tags: Tags, names: tuple[list[str], list[str]], dice: random.Random
    ) -> None:
        self._hall, self._module, self._dice = hall, module, dice
        self._typed: queue.Queue[str] = queue.Queue()
        self._here, self._to_come = names
        self._acts: dict[str, Callable[[str], None]] = {
            "press": self._press,
            "tag": tags.lay,
            "unplug": lambda _: self._module.fault("gone"),
            "plug": lambda _: self._module.heal(),
            "hub": lambda _: self._toggle_hub(),
            "help": lambda _: click.echo(say(HELP)),
        }

    def run(self) -> None:
        """Until quit, Ctrl-C, or the station's end."""
        if sys.stdin.isatty():
            click.echo(say(HELP))
        threading.Thread(target=self._read, daemon=True).start()
        due = time.monotonic() + 3
        try:
            while self._watch():
                try:
                    line = self._typed.get(timeout=max(0.1, min(1.0, due - time.monotonic())))
                except queue.Empty:
                    if time.monotonic() >= due:
                        due = time.monotonic() + self._next_press()
                    continue
                if line == "quit":
                    return
                self._obey(line)
        except KeyboardInterrupt:
            click.echo()

    def _read(self) -> None:
        for line in sys.stdin:
            self._typed.put(line.strip())

    def _watch(self) -> bool:
        """Say when the hub was stopped from outside; end when the station is gone."""
        hub = self._hall.processes.get("hub")
        if hub is not None and hub.poll() is not None:
            del self._hall.processes["hub"]
            click.echo(say("中枢已停止，打卡照常。再启动：zaigang hub serve --folder {f}", f=self._hall.hub_folder))
        if self._hall.processes["station"].poll() is not None:
            click.echo(say("考勤站已停止，原因见 {log}", log=self._hall.folder / "station.log"))
            return False
        return True

    def _next_press(self) -> float:
        """Let the next person press; seconds until the one after."""
        if self._to_come:
            self._here.append(self._to_come.pop(0))
            self._press(self._here[-1])
            return self._dice.uniform(*ARRIVAL_S)
        self._press(STRANGER if self._dice.randrange(6) == 0 else self._dice.choice(self._here))
        return self._dice.uniform(*LATER_S)

    def _press(self, name: str) -> None:
        self._module.finger(name)
        threading.Event().wait(HELD_S)
        self._module.lift()

    def _obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word:
            self._acts.get(word, self._acts["help"])(rest.strip() or STRANGER)

    def _toggle_hub(self) -> None:
        if "hub" in self._hall.processes:
            self._hall.stop("hub")
            click.echo(say("中枢已停止，打卡照常"))
        else:
            self._hall.start_hub()
            click.echo(say("中枢已启动"))
