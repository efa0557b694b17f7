"""The thread that answers on the control socket: to the station's own account and to root, nobody else."""

import json
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from config.errors import Refused
from config.words import say
from drivers.contract import Cancel
from drivers.errors import DeviceFault
from station.control import FILE, MAX_LINE, Json, bind
from station.errors import NotDurable

LOOK_S = 1.0
QUESTION_S = 5.0  # a line must be whole within this
AT_ONCE = 4
log = structlog.get_logger("control")


class Asker:
    """Who asked. As a cancel it is set once they hung up or the station stops."""

    def __init__(self, link: socket.socket, stop: Cancel) -> None:
        self._link, self._stop = link, stop
        self._gone = False

    def step(self, said: Json) -> None:
        """Tell how far it is; one who hung up hears nothing and is noticed."""
        self.say({"step": said})

    def say(self, line: Json) -> None:
        """Send one line."""
        try:
            self._link.sendall(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        except OSError:
            self._gone = True

    def is_set(self) -> bool:
        """Whether they hung up, or the station stops."""
        if not self._gone and select.select([self._link], [], [], 0)[0]:
            try:
                self._gone = self._link.recv(1) == b""
            except OSError:
                self._gone = True
        return self._gone or self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for either."""
        select.select([self._link], [], [], timeout)
        return self.is_set()


Verb = Callable[[Json, Asker], Json]  # the question and who asked → the last word; may tell steps


class Control:
    """Answers one question a connection, each in a thread of its own."""

    def __init__(self, folder: Path, verbs: Mapping[str, Verb], accounts: frozenset[int] | None = None) -> None:
        """`accounts`: the user ids that may ask; usually root and the station's own."""
        self._folder, self._verbs = folder, verbs
        self._accounts = frozenset({0, os.getuid()}) if accounts is None else accounts
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def run(self, stop: Cancel) -> None:
        """Until told to stop; the socket is gone afterwards."""
        with bind(self._folder) as door:
            try:
                while not stop.is_set():
                    if select.select([door], [], [], LOOK_S)[0]:
                        self._let_in(door.accept()[0], stop)
            finally:
                (self._folder / FILE).unlink(missing_ok=True)

    def _let_in(self, link: socket.socket, stop: Cancel) -> None:
        asker = Asker(link, stop)
        if account_of(link) not in self._accounts:
            log.warning("refused", account=account_of(link))
            asker.say({"refused": say("只有运行考勤站的账号和 root 可以询问"), "status": 2})
            link.close()
        elif not self._places.acquire(blocking=False):
            asker.say({"refused": say("同时询问的太多"), "status": 1})
            link.close()
        else:
            threading.Thread(target=self._answer, args=(link, asker), name="control-one", daemon=True).start()

    def _answer(self, link: socket.socket, asker: Asker) -> None:
        try:
            with link:
                asker.say(self._last_word(link, asker))
        finally:
            self._places.release()

    def _last_word(self, link: socket.socket, asker: Asker) -> Json:
        try:
            question = _read(link)
            verb = self._verbs.get(str(question.get("ask")))
            if verb is None:
                raise Refused(say("考勤站不认识 {ask}", ask=question.get("ask")), remedy=say("请更新到同一版本"))
            return {"done": verb(question, asker)}
        except Refused as error:
            return {"refused": error.what, "saved": error.saved, "remedy": error.remedy, "status": 2}
        except NotDurable as error:
            return {"refused": say("本机磁盘写不进：{reason}；没有完成，请检查磁盘", reason=error), "status": 1}
        except DeviceFault as error:
            return {"refused": say("指纹机没有完成：{reason}", reason=error), "status": 1}
        except Exception:  # whatever it was belongs to this question alone
            log.exception("broke")
            return {"refused": say("考勤站处理时出了故障；请查看它的日志"), "status": 1}


def account_of(link: socket.socket) -> int:
    """The user id at the other end, as the kernel knows it (SO_PEERCRED, unix(7))."""
    given = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", given)[1])


def _read(link: socket.socket) -> Json:
    link.settimeout(QUESTION_S)
    line = b""
    try:
        while not line.endswith(b"\n"):
            if not (more := link.recv(4096)) or len(line) > MAX_LINE:
                raise Refused(say("问题没有说完"))
            line += more
        question = json.loads(line)
    except (ValueError, OSError) as error:
        raise Refused(say("问题无法读取")) from error
    finally:
        link.settimeout(None)
    if not isinstance(question, dict):
        raise Refused(say("问题无法读取"))
    return question
