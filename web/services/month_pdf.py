"""The month's sheet as the paper that is signed."""

import io

from config.words import say
from station.facts import Json
from web.print.pdf import pdf
from web.services import month_words as words
from web.services.months import bytes_of, hash_of

TINTS = {"absent": "bad", "not_there": "bad", "late": "warn", "early": "warn", "late_and_early": "warn",
         "missing": "warn", "provisional": "open", "rest": "rest"}  # fmt: skip


def month_paper(sheet: Json, signatures: list[str], rule: str = "") -> bytes:
    """The PDF. `signatures`: a line each; `rule`: what the sheet says of accumulated days, empty for nothing."""
    absent, digest = words.absent_word(sheet), hash_of(bytes_of(sheet))
    legend = "　".join(f"{mark} {word}" for mark, word in words.legend_words(sheet))
    return pdf("month", {
        "title": words.title(sheet),
        "unit": say("单位：{unit}", unit=sheet["unit"]),
        "legend": legend,
        "days": [
            {"day": str(day["day"]), "weekday": words.weekday(day), "worked": day["worked"]} for day in sheet["days"]
        ],
        "name_heads": [say("姓名"), say("窗口"), say("时段")],
        "heads": words.heads(absent),
        "rows": [_row(one, words.session_words(sheet)) for one in sheet["people"]],
        "rule": rule,
        "signatures": signatures,
        "annex_title": say("异常明细"),
        "annex_heads": [say("姓名"), say("日期"), say("时段"), say("情况"), say("依据")],
        "annex": [list(line) for line in words.exception_lines(sheet)],
        "sheet": f"{sheet['unit']} {sheet['month']}",  # on every page: pages come apart
        "code": say("数据校验码 {hash}", hash=digest),
        "qr": _qr(digest),
        "page_words": [say("第"), say("页，共"), say("页")],
    })  # fmt: skip


def _row(one: Json, sessions: list[str]) -> Json:
    return {
        "name": one["name"], "turns": words.turn_words(one), "window": one["window"],
        "sessions": [
            {"word": word, "cells": [
                {"mark": mark, "tint": TINTS.get(key, "plain")}
                for key, mark in zip(one["keys"][number], one["marks"][number], strict=True)
            ]}
            for number, word in enumerate(sessions) if number < len(one["keys"])
        ],
        "totals": words.values(one["totals"]),
    }  # fmt: skip


def _qr(text: str) -> str:
    import segno

    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=1, xmldecl=True, svgns=True)
    return out.getvalue().decode()
