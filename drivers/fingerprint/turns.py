"""One thread does all input and output of a module; everybody else leaves a job and waits for its result."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

from config.words import say
from drivers.errors import DeviceGone

T = TypeVar("T")


class _Job(Generic[T]):
    """Work, and room for its result or its fault."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Event()
        self._fault: BaseException | None = None
        self._result: list[T] = []

    def do(self) -> None:
        try:
            self._result.append(self._work())
        except BaseException as fault:  # whatever it is belongs to the caller
            self._fault = fault
        self._done.set()

    def wait(self) -> T:
        self._done.wait()
        if self._fault is not None:
            raise self._fault
        return self._result[0]


class Turns:
    """A queue and its thread. Jobs run in the order they were left."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, done by the thread; its exceptions are raised here. `DeviceGone` after `close`."""
        if threading.current_thread() is self._thread:
            return work()
        job = _Job(work)
        with self._closing:
            if self._closed:
                raise DeviceGone(say("指纹模块已经关闭"))
            self._jobs.put(job.do)
        return job.wait()

    def close(self) -> None:
        """Finish the jobs that wait, then end the thread. Closing twice is well."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
