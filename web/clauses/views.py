"""The index of all clauses by document, and a page for each one."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from flask import Blueprint, render_template, request

from config import checklist, words
from config.clauses import ASSUMED, Clause, Document, cite, load_clauses, load_documents
from config.policy_words import followed, named
from web.door import hub, reading
from web.services import in_force
from web.services.errors import NotFound
from web.words import _

bp = Blueprint("clauses", __name__, url_prefix="/clauses")
MOST = 100  # clauses on a page
SERVED = {
    "verdict": ("出勤判定", "决定出勤、在岗或谁可以顶岗"), "alert": ("提醒", "没有做到时提醒"),
    "deadline": ("期限", "倒计时"), "proposal": ("处理建议", "提出处理或计分，由有权的人决定"),
    "checklist": ("巡查项目", "巡查时查看"), "report": ("报表", "报表、公示或表格"), "register": ("台账", "登记备查"),
    "outside": ("不由本系统办理", "在系统之外办理"),
}  # fmt: skip


@bp.get("")
def index() -> str:
    """Documents and their systems; or what is searched for; or one document's clauses."""
    text, chosen = request.args.get("q", "").strip()[:60], request.args.get("document", "")
    documents = load_documents()
    if chosen and chosen not in documents:
        raise NotFound(_("没有这份文件"), remedy=_("请从条款目录进入"))
    system = request.args.get("system", "") if chosen else ""
    if system and system not in documents[chosen].systems:
        raise NotFound(_("没有这项制度"), remedy=_("请从条款目录进入"))
    found = list(_matching(text, chosen, system)) if text or chosen else []
    return render_template(
        "clauses/index.html",
        text=text,
        documents=documents,
        chosen=documents.get(chosen),
        system=documents[chosen].systems[system] if system else None,
        found=found[:MOST],
        more=max(0, len(found) - MOST),
        served=SERVED,
        counts={id_: Counter(one.served for one in each.clauses.values()) for id_, each in documents.items()},
    )


@bp.get("/<clause>")
def page(clause: str) -> str:
    """One clause: where it stands, what it asks, how it is served, where it is used; or what 推定 means."""
    if clause == ASSUMED:
        return render_template("clauses/assumed.html", numbers=_numbers(ASSUMED))
    found = load_clauses().get(clause)
    if found is None:
        raise NotFound(_("没有这一条"), remedy=_("请从条款目录进入"))
    document = load_documents()[clause.split(":")[0]]
    system = document.systems[clause.split(":")[1]]
    return render_template(
        "clauses/page.html",
        clause=found,
        document=document,
        system=system,
        served=SERVED[found.served],
        numbers=_numbers(clause),
        items=[item for item in checklist.load_checklist().items.values() if clause in item.clauses],
        parts=[one for one in document.clauses.values() if re.fullmatch(rf"{re.escape(clause)}[.#]\w+", one.id)],
        near=_near(document, found),
    )


@bp.app_template_filter("cite")
def cited(id_: str) -> str:
    """The citation that people read."""
    return _("推定") if id_ == ASSUMED else _cited(id_, words.language())


@cache
def _cited(id_: str, _language: str) -> str:
    return cite(id_)


def _matching(text: str, document: str, system: str) -> Iterator[Clause]:
    """Clauses of a document (of one of its systems) that hold every word of the text, in the documents' order."""
    words = text.lower().split()
    for each in load_documents().values():
        if document in ("", each.id):
            for found in each.clauses.values():
                where = f"{cited(found.id)} {found.id} {found.system} {found.zh} {found.en}".lower()
                if all(word in where for word in words) and system in ("", found.id.split(":")[1]):
                    yield found


def _numbers(clause: str) -> list[str]:
    """What the policy in force takes from this clause."""
    held = in_force.read(reading(), hub())
    policy = held.on(hub().now().astimezone(held.zone).date()).policy
    found = (line for line in followed(policy) if clause in line.clauses)
    return [_("：").join(filter(None, (named(line.section, line.key, line.row), line.value))) for line in found]


def _near(document: Document, clause: Clause) -> tuple[Clause | None, Clause | None]:
    """The clauses before and after it in its document."""
    listed = list(document.clauses.values())
    place = listed.index(clause)
    return listed[place - 1] if place else None, listed[place + 1] if place + 1 < len(listed) else None
