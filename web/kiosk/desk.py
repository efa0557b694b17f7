"""What all pages on which something is done have in common: who may open them, how forms come back, how no is said."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.errors import Refused
from config.words import say
from drivers.errors import DeviceFault
from station.acts import Acts
from station.errors import NotDurable
from station.papers import Person
from web.kiosk.forms import Forms, Ticket, entered, is_own
from web.kiosk.painting import clock_face, result
from web.kiosk.picking import picking

REFUSED = 422
IDLE_S = 60  # a page nobody touches gives way to the main screen
Answer = AnyResponse | str | tuple[str, int]
View = Callable[..., Answer]


class Desk:
    """Pages over the station's verbs."""

    def __init__(self, app: Flask, acts: Acts, check: Callable[[], AnyResponse | None]) -> None:
        self.acts = acts
        self._app, self._check, self._forms = app, check, Forms()

    def page(self, rule: str, *, sends: bool = False, unlocked: bool = False) -> Callable[[View], View]:
        """Register a view. `sends`: its form comes back to it; `unlocked`: for administration only."""

        def register(view: View) -> View:
            @wraps(view)
            def guarded(**given: Any) -> Answer:
                if came := self._check():
                    return came
                if unlocked and not self.acts.unlocking.is_open:
                    return redirect(url_for("admin"), 303)
                return self._answered(view, given)

            methods = ["GET", "POST"] if sends else ["GET"]
            self._app.add_url_rule(f"/kiosk/{rule}", view.__name__, guarded, methods=methods)
            return view

        return register

    def show(self, template: str, title: str, *, back: str = "", refused: Refused | None = None, **more: Any) -> Answer:
        """A page with a fresh token for its form; `refused` stands above it in words."""
        frame = self.acts.display.frame
        filled = render_template(
            f"kiosk/{template}.html", title=title, back=back or url_for("kiosk"), refused=refused, idle_s=IDLE_S,
            token=more.pop("token", None) or self._forms.issue(), time=clock_face(self.acts.now()), demo=frame.demo,
            seen=result(frame.shown).key if frame.shown else "", **more,
        )  # fmt: skip
        return (filled, REFUSED) if refused else filled

    def refuse(self, refused: Refused, back: str = "") -> Answer:
        """A page that says no: what happened, what was saved, what to do next."""
        return self.show("no", say("没有办成"), refused=refused, back=back)

    def pad(self, title: str, who: str, **more: Any) -> Answer:
        """The number pad, empty."""
        return self.show("pad", title, who=who, **{"typed": 0, "longest": 6, **more})

    def digits(self, longest: int = 6) -> str | None:
        """What was typed on the pad; None while keys are still being pressed (see `pad_again`)."""
        digits, sent = entered(request, self.ticket, longest)
        if sent:
            return digits
        g.token, g.typed = self._forms.issue(digits, self.ticket.first), len(digits)
        return None

    def pad_again(self, title: str, who: str, **more: Any) -> Answer:
        """The number pad with what was pressed so far."""
        return self.pad(title, who, **{**more, "typed": g.typed, "token": g.token})

    def pad_second(self, first: str, title: str, who: str, **more: Any) -> Answer:
        """The number pad once more, for the same code."""
        return self.pad(title, who, token=self._forms.issue(first=first), **more)

    @property
    def ticket(self) -> Ticket:
        """The ticket of the form that was sent."""
        ticket: Ticket = g.ticket
        return ticket

    def names(
        self, title: str, people: Iterable[Person], link: Callable[[Person], str], *, nobody: str, note: str = "",
        back: str = "", first: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """The list of names; `first`: person → why they stand before the others; `nobody`: what to say of no name."""
        pick = picking(people, request.args.get("q", ""), request.args.get("unit", ""))
        wanted = [each for each in pick.people if each.id in (first or {})]
        others = [each for each in pick.people if each.id not in (first or {})]
        return self.show(
            "names", title, back=back, pick=pick, people=[*wanted, *others], link=link, note=note, nobody=nobody,
            first=first or {}, narrowed=_narrowed,
        )  # fmt: skip

    def known(self, person_id: str) -> Person:
        """The person of that id; Refused when the papers do not know them (any longer)."""
        person = self.acts.punching.person(person_id)
        if person is None:
            raise Refused(say("名单中没有这个人"), remedy=say("请从名单中重新选"))
        return person

    def everybody(self) -> list[Person]:
        """Everybody whom the papers know."""
        held = self.acts.papers()
        return list(held.people) if held else []

    def _answered(self, view: View, given: dict[str, Any]) -> Answer:
        try:
            if request.method == "POST":
                if not is_own(request):
                    abort(403)
                g.ticket = self._forms.take(request)
            return view(**given)
        except NotDurable as error:
            return self.refuse(not_recorded(error))
        except DeviceFault as fault:
            return self.refuse(Refused(str(fault), saved=say("没有改动"), remedy=say("请检查指纹机，恢复后再试")))
        except Refused as refused:
            return self.refuse(refused)


def not_recorded(error: NotDurable) -> Refused:
    """What people are told when the disk does not take a fact."""
    return Refused(
        say("未能记录：本机磁盘写不进（{reason}）", reason=error), saved=say("这一次没有存下来"),
        remedy=say("请改用纸质签到表，并通知管理员"),
    )  # fmt: skip


def _narrowed(initials: str, unit: str) -> str:
    """The address of this list narrowed so, whatever else its address says."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in ("q", "unit")]
    wanted = [(key, value) for key, value in (("q", initials), ("unit", unit)) if value]
    query = urlencode([*kept, *wanted])
    return f"{request.path}?{query}" if query else request.path
