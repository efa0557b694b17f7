"""The duty room: its address, who may what in it, and what its pages share."""

from collections.abc import Callable
from datetime import date, datetime

from flask import Blueprint, flash, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.door import hub, writing
from web.people.forms import day_of
from web.services import in_force
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.words import _

bp = Blueprint("duty", __name__, url_prefix="/duty")
Answer = str | Response | tuple[str, int]
Act = Callable[[Session, InForce, datetime], None]
LEADERS = ("duty_leader", "supervision")  # who does the day's work
ACT_WORDS = {
    "plan": "排班", "change": "改班", "swap": "换班", "delegate": "代班", "back": "值班长返回",
    "agree": "对方已同意", "decline": "对方不同意", "approve": "督查部门同意", "refuse": "督查部门不同意",
    "withdraw": "已撤回",
}  # fmt: skip
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SEEN = "seen"


def asked_day(text: str, otherwise: date | None = None) -> date:
    """The day in an address; BadInput for nonsense and for years that nobody asks about."""
    day = day_of(text, otherwise)
    if day.year not in range(2000, 2100):
        raise BadInput(_("只能查 2000 到 2099 年"), remedy=_("请改正后再查"))
    return day


def done(act: Act, said: str, back: str, again: Callable[[BadInput], str]) -> Answer:
    """Do it in one transaction, and go back; a refusal stands on the page that was filled in."""
    try:
        with writing() as session:
            act(session, in_force.read(session, hub()), hub().now())
    except BadInput as refusal:
        return again(refusal), 400
    flash(said)
    return redirect(back)
