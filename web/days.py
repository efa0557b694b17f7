"""Days as readers write them, in their own language."""

from datetime import date

from flask import Flask

from web.words import _

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
MONTHS = ("1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月")


def install(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters |= {
        "long_day": long_day, "long_month": long_month, "short_day": short_day, "weekday": weekday,
        "month_name": month_name,
    }  # fmt: skip


def long_day(day: date) -> str:
    """2026年3月2日."""
    return _("%(year)s年%(month)s月%(day)s日", year=day.year, month=day.month, day=day.day)


def long_month(month: date | str) -> str:
    """2026年3月, also of a month written as 2026-03."""
    first = date.fromisoformat(f"{month}-01") if isinstance(month, str) else month
    return _("%(year)s年%(month)s月", year=first.year, month=first.month)


def month_name(number: int) -> str:
    """3月, within a year that is known."""
    return _(MONTHS[number - 1])


def short_day(day: date) -> str:
    """3月2日."""
    return _("%(month)s月%(day)s日", month=day.month, day=day.day)


def weekday(day: date) -> str:
    """星期一."""
    return _(WEEKDAYS[day.weekday()])
