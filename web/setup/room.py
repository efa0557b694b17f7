"""What every screen of setting up stands on: its address, the bar of steps, and the way on."""

from dataclasses import dataclass

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from web.auth import gate
from web.door import hub, reading, writing
from web.services import first_run
from web.services.first_run import STEPS, Steps
from web.words import _

bp = Blueprint("setup", __name__, url_prefix="/setup")
ACCOUNT = "account"
WATCHED = ("station", "finger")  # what is done elsewhere, while the screen looks on
TITLES = {
    ACCOUNT: "管理员", "hall": "大厅", "rules": "制度", "staff": "人员", "station": "指纹机", "finger": "首枚指纹",
}  # fmt: skip
PAGES = {step: f"setup.{step}" for step in STEPS} | {"staff": "people.import_page"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A step in the bar. `state`: done, here or open."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar above a screen: which step this is, and how the others stand."""

    step: str
    marks: list[Mark]

    @property
    def place(self) -> int:
        """Which of them this one is, from 1."""
        return next((at for at, mark in enumerate(self.marks, start=1) if mark.state == "here"), 1)


def bar(step: str) -> Bar | None:
    """The bar with this step; None where there is nothing to be done about it any longer."""
    found = _standing()
    if found is None or not _is_open(step, found):
        return None
    shown = [each for each in (ACCOUNT, *STEPS) if each == step or each in found.behind or each in found.left]
    done = found.behind | found.met
    return Bar(step, [Mark(_(TITLES[each]), _state(each, step, each in done)) for each in shown])


def first_bar() -> Bar:
    """The bar before there is an administrator."""
    return Bar(ACCOUNT, [Mark(_(TITLES[each]), _state(each, ACCOUNT, done=False)) for each in (ACCOUNT, *STEPS)])


def onwards(step: str, *, skipped: bool = False) -> Response:
    """This step is behind: to the next that is left, or to the end."""
    login = gate.require("admin")
    with writing() as session:
        found = first_run.leave_behind(session, step, hub().now(), login.person, skipped=skipped)
    return redirect(_page_of(found.after(step)))


def to_next(after: str = "") -> Response:
    """To the first step that is left; to the next one `after` a step that is behind; to 今日 where this is over."""
    found = _standing()
    if found is not None and after:
        return redirect(_page_of(found.after(after)))
    return redirect(_page_of(found.left[0]) if found and found.left else url_for("today.page"))


def left() -> int:
    """How many steps are left for whoever is signed in; 0 for everybody but an administrator of a fresh hall."""
    found = _standing()
    return len(found.left) if found else 0


def _standing() -> Steps | None:
    login = gate.me()
    return first_run.steps(reading()) if login is not None and login.setting_up else None


def _is_open(step: str, found: Steps) -> bool:
    """Left, or gone back to while others are; or watched until the administrator goes on."""
    back = step in found.behind and bool(found.left)
    return step in found.left or back or (step in WATCHED and step in found.met - found.behind)


def _page_of(step: str | None) -> str:
    return url_for(PAGES[step]) if step else url_for("setup.done")


def _state(each: str, here: str, done: bool) -> str:
    return "here" if each == here else "done" if done else "open"
