"""All pages of 巡查 gathered, and room for the pictures that come with a check."""

from flask import request

from web.patrol import bulletin, desk, phone, photos, plan, points, random, register, walk
from web.services.pictures import LARGEST, MOST

__all__ = ["bulletin", "desk", "make_room", "phone", "photos", "plan", "points", "random", "register", "walk"]
LARGE = MOST * LARGEST + 1024 * 1024


def make_room() -> None:
    """Let what carries pictures be as large as they may be; every other request stays as small as it was."""
    if request.endpoint in ("patrol.check", "findings.take", "leave.add", "leave.do"):
        request.max_content_length = LARGE
