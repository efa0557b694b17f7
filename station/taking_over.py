"""Taking a post over at the screen in an emergency, and giving it back: who may, and what is open now.

It holds from its fact on and is approved afterwards (`taigu:ab_post:3`, `wanzhou:substitution:4.5`). Where the papers
know the post's registered Bs, anybody else is refused here; what they do not know is looked at by the hub.
"""

from collections.abc import Iterable
from datetime import datetime

from config.clauses import cite
from config.errors import Refused
from config.words import say, series
from station.duty_day import policy_at
from station.facts import Fact, read_instant
from station.papers import OpenCover, Papers, Person
from station.rules.coverage import may_cover


def check_emergency(papers: Papers, away: Person, stands_in: Person, now: datetime) -> None:
    """Refused, with the clause, when the papers know the post and this person may not take it over."""
    post = papers.post_of(away.id)
    if post is None:
        return
    found = may_cover(policy_at(papers, now), "emergency", ["registered_b"] if stands_in.id in post.backups else [])
    if found.allowed:
        return
    raise Refused(
        say("{name}不是这个岗位备案的 B岗，不能紧急顶岗（{clauses}）", name=stands_in.name,
            clauses=series(map(cite, found.clauses))),
        remedy=say("请备案的 B岗 来顶，或由窗口负责人、值班长在中枢登记顶岗"),
    )  # fmt: skip


def open_covers(papers: Papers | None, newest_first: Iterable[Fact], now: datetime) -> list[OpenCover]:
    """The covers that are open at `now` as far as this station knows, by their start.

    What the papers say, and what was begun and given back here today (`newest_first`: the journal's requests).
    """
    today = []
    for fact in newest_first:
        if fact.at.astimezone(now.tzinfo).date() < now.date():
            break
        today.append(fact)
    found = {each.id: each for each in (papers.covers if papers else [])}
    for fact in reversed(today):
        asks, fields = fact.body.get("asks"), fact.body.get("fields", {})
        pair = (fields.get("covered"), fields.get("covering"))
        if asks == "cover" and fields.get("emergency") is True:
            end = read_instant(str(fields["to"]))
            found[fact.id] = OpenCover(id=fact.id, covered=pair[0], covering=pair[1], start=fact.at, end=end)
        elif asks == "hand_back":
            for id_, each in list(found.items()):
                if each.start <= fact.at and (id_ == fields.get("cover") or (each.covered, each.covering) == pair):
                    del found[id_]
    still = [each for each in found.values() if each.start <= now and (each.end is None or now < each.end)]
    return sorted(still, key=lambda each: (each.start, each.id))
