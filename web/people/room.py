"""What every page of 人员 stands on: its address, the words for roles, and the way back after an act."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from web.door import hub

bp = Blueprint("people", __name__, url_prefix="/people")

ROLE_WORDS = {
    "staff": "窗口人员", "window_head": "窗口负责人", "chief_rep": "首席代表", "attendance_clerk": "考勤员",
    "unit_leader": "派驻单位领导", "duty_leader": "值班长", "supervision": "督查室", "patrol_officer": "巡查人员",
    "office_leader": "政务服务办领导", "centre_leader": "中心分管领导", "admin": "系统管理员",
}  # fmt: skip
WHAT_WORDS = {
    "join": "入驻", "leave": "调离", "back": "撤销调离", "out": "调出", "in": "调入", "data": "信息变更",
    "post": "岗位", "role": "角色", "window": "窗口",
}  # fmt: skip
GROUP_WORDS = {"window": "窗口前台", "back_office": "窗口后台", "other": "其他"}


def local_now() -> datetime:
    """The hub's present time in the hall's zone."""
    return hub().now().astimezone(ZoneInfo(hub().hall.zone))


def today() -> date:
    """The hall's date."""
    return local_now().date()


def back(endpoint: str, said: str, **values: Any) -> Response:
    """To a page, with a word on what was done."""
    flash(said)
    return redirect(url_for(endpoint, **values))
