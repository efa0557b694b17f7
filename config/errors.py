"""Refusals: what was not taken, said so that a clerk knows what to do next."""

from config.words import say


class Refused(Exception):
    """An input or request that was not taken. `str()` says what happened, what was saved, what next.

    On the command line it ends with exit status 2 and this one line on standard error; in a browser it is a 4xx
    with the same words.
    """

    def __init__(self, what: str, *, saved: str = "", remedy: str = "") -> None:
        self.what = what
        self.saved = saved or say("没有改动任何数据")
        self.remedy = remedy
        stop = say("。")
        end = stop.rstrip()
        super().__init__(stop.join(part.removesuffix(end) for part in (what, self.saved, remedy) if part) + end)


class BadFile(Refused):
    """A file of settings, policy or a case that cannot be used; every fault in it is listed, each with its key."""

    def __init__(self, path: str, faults: list[str]) -> None:
        self.faults = faults
        joined = say("；").join(faults)
        super().__init__(say("{name}：{what}", name=path, what=joined), remedy=say("请改正后再试"))
