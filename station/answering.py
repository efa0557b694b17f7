"""Answering at the screen what a round says of oneself, before it is judged (assumed).

The papers say what is asked of whom; an answer is a `request` fact. It may be weeks until the hub has it, so what was
said here counts from its fact on, and is shown with whether it has gone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.errors import Refused
from config.words import say
from station.display import Shown
from station.facts import Fact, Request
from station.going_out import By
from station.journal import ACKED, Journal, Reader
from station.papers import Papers, Question
from station.requesting import REASON_LONGEST, plain

ANSWER = "answer"
REASONS = ("情况属实，已改正", "在为群众办理业务", "短时离开，已返回", "已请假或登记外出", "参加会议或培训", "不是本人")
KEPT = timedelta(days=62)  # so long an answer given here is remembered: as far back as the papers ask


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to somebody, with when they answered it here, and whether the hub has an answer of theirs."""

    question: Question
    said: tuple[datetime, ...]
    delivered: bool

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it yet, as far as this station knows."""
        return not self.said and not self.question.answered


class Answering:
    """What the papers ask people, and what they answered here."""

    def __init__(
        self, journal: Journal, facts: Reader, papers: Callable[[], Papers | None], now: Callable[[], datetime]
    ) -> None:
        self._journal, self._papers, self._now = journal, papers, now
        self._said: dict[str, tuple[Fact, ...]] = {}
        self._opened: dict[str, Question] = {}  # what stands on the screen, should the papers drop it meanwhile
        for fact in reversed(list(_since(facts, now() - KEPT))):
            self._learn(fact)

    def waiting(self, person: str) -> int:
        """How many questions wait for this person's word."""
        held = self._papers()
        asked = held.questions_to(person) if held else []
        return sum(not each.answered and each.id not in self._said for each in asked)

    def asked(self, person: str) -> list[Asked]:
        """What this person may answer, what waits for their word first, then the newest."""
        held = self._papers()
        found = [self._asked(each) for each in (held.questions_to(person) if held else [])]
        return sorted(found, key=lambda each: (not each.waits, -each.question.at.timestamp(), each.question.id))

    def open(self, person: str, finding: str) -> Asked:
        """One of this person's questions, for its form. Refused when it is none of theirs, or judged by now."""
        found = next((each for each in self.asked(person) if each.question.id == finding), None)
        if found is None:
            raise Refused(say("这条问题已经处理完，或不是您的"), remedy=say("请回到列表查看；有异议请找督查部门"))
        self._opened = {finding: found.question}
        return found

    def answer(self, person: str, by: By, finding: str, given: Mapping[str, str]) -> Shown:
        """Make an answer durable. What was judged while its form was open is taken all the same: it goes to the hub and
        stands beside the judgement. Refused, NotDurable: nothing was recorded."""
        words, held = read_answer(given), self._papers()
        known = {each.id: each for each in (held.questions_to(person) if held else [])}
        question = known.get(finding) or self._opened.get(finding)
        if question is None or question.person != person:
            raise Refused(say("这条问题已经处理完，或不是您的"), remedy=say("请回到列表查看；有异议请找督查部门"))
        fields: dict[str, str | int | bool | None] = {"finding": finding, "reason": words, "by": by}
        fact = self._journal.append(Request(person=person, asks="answer", fields=fields))
        self._learn(fact)
        named = held.person(person) if held else None
        note = say("编号 {seq}", seq=fact.seq)
        if finding not in known:
            note = say("编号 {seq}，这条已由督查部门处理，说明附在后面", seq=fact.seq)
        name = named.name if named else "—"
        return Shown("blue", name, say("说明已记录"), note, f"{self._now():%H:%M:%S}", fact.seq)

    def _asked(self, question: Question) -> Asked:
        said = self._said.get(question.id, ())
        return Asked(question, tuple(fact.at for fact in said), question.answered or any(map(self._gone, said)))

    def _gone(self, fact: Fact) -> bool:
        """Whether the hub acknowledged it."""
        acked = self._journal.get_state(ACKED)
        return fact.lineage == self._journal.lineage and acked is not None and fact.seq <= json.loads(acked)["upto"]

    def _learn(self, fact: Fact) -> None:
        finding = str(fact.body.get("fields", {}).get("finding", ""))
        self._said[finding] = (*self._said.get(finding, ()), fact)


def read_answer(given: Mapping[str, str]) -> str:
    """What was ticked and what was written, together; Refused when there is neither."""
    parts = [given.get("ticked", "").strip(), plain(given.get("reason", ""))]
    words = say("，").join(part for part in parts if part)
    if not words:
        raise Refused(say("没有填说明"), remedy=say("请选一个说法，或写几个字"))
    if len(words) > REASON_LONGEST:
        raise Refused(say("说明太长"), remedy=say("请写在 {n} 个字以内", n=REASON_LONGEST))
    return words


def _since(facts: Reader, when: datetime) -> list[Fact]:
    """The answers given here since then, the newest first."""
    found = []
    for fact in facts.latest(("request",)):
        if fact.clock != "unsynced" and fact.at < when:
            break
        if fact.body.get("asks") == ANSWER:
            found.append(fact)
    return found
