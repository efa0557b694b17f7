"""Signing in instead of pressing (taigu:attendance:1): by name, vouched for by a witness or by the own PIN."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.errors import Refused
from config.words import say
from station.display import Display, Shown
from station.facts import SignIn
from station.journal import Journal
from station.papers import Papers, Person, in_force
from station.pins import Pins
from station.places import Places
from station.punching import Punching

OPENED = "sign_in_opened"  # the day on which it was opened by hand, kept across a restart
WITNESSES = ("duty_leader", "supervision", "window_head")


@dataclass(frozen=True, slots=True)
class Ways:
    """How one person can sign in now: with their own PIN, or vouched for by one of these."""

    own_pin: bool
    witnesses: tuple[Person, ...]


class SigningIn:
    """Opens by itself while the reader is gone, by hand for a day; a person without a finger needs neither."""

    def __init__(
        self, punching: Punching, pins: Pins, places: Places, journal: Journal, display: Display,
        papers: Callable[[], Papers | None], now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._punching, self._pins, self._places = punching, pins, places
        self._journal, self._display, self._papers, self._now = journal, display, papers, now
        self._opened = journal.get_state(OPENED) or ""

    @property
    def reader_is_gone(self) -> bool:
        """Whether nobody can press a finger now."""
        return not self._display.frame.reader.well

    @property
    def opened_by_hand(self) -> bool:
        """Whether the duty leader opened it today."""
        return self._opened == self._today()

    @property
    def is_open(self) -> bool:
        """Whether everybody may sign in."""
        return self.reader_is_gone or self.opened_by_hand

    def turn(self, opened: bool) -> None:
        """Open it for today, or close it. NotDurable when that could not be remembered: it stays as it was."""
        day = self._today() if opened else ""
        self._journal.set_state(OPENED, day)
        self._opened = day
        self._display.set_signing(opened)

    def wakes_up(self) -> None:
        """Show what was opened before a restart, and no longer what was opened yesterday."""
        self._display.set_signing(self.opened_by_hand)

    def people(self) -> list[Person]:
        """Who may sign in now: everybody while it is open, else those without a finger here."""
        held = self._papers()
        everybody = held.people if held else []
        return [each for each in everybody if self.is_open or not self._places.of_person(each.id)]

    def ways(self, person: Person) -> Ways:
        """How this person can sign in now; Refused when they should press their finger, or when nobody can vouch."""
        if not self.is_open and self._places.of_person(person.id):
            raise Refused(say("指纹机正常，{name} 已录指纹", name=person.name), remedy=say("请直接按手指"))
        ways = Ways(self._pins.has(person.id), tuple(self._witnesses(person)) if self.is_open else ())
        if ways.own_pin or ways.witnesses:
            return ways
        if self.is_open:
            raise Refused(
                say("现在没有人能在本机作证，{name} 也没有 PIN", name=person.name),
                remedy=say("请在纸质签到表上签到，请值班长签字"),
            )
        raise Refused(
            say("{name} 还没有 PIN", name=person.name), remedy=say("请找值班长设置 PIN，今天先在纸质签到表上签到")
        )

    def sign(self, person: Person, digits: str, witness: Person | None = None) -> Shown:
        """Record the signing-in, then answer with the word for it. Refused, PinRefused or NotDurable: not signed in."""
        ways = self.ways(person)
        if witness is None and not ways.own_pin:
            raise Refused(say("{name} 还没有 PIN", name=person.name), remedy=say("请找人作证"))
        if witness is not None and witness not in ways.witnesses:
            raise Refused(say("{name} 现在不能作证", name=witness.name), remedy=say("请另选一位"))
        self._pins.check(witness.id if witness else person.id, digits)
        by = SignIn(person=person.id, by="witness" if witness else "own_pin", witness=witness.id if witness else None)
        shown = self._punching.record(by)
        self._display.show(shown)
        return shown

    def _witnesses(self, person: Person) -> list[Person]:
        """Duty leader of the day, supervision, the head of the person's own window: with a PIN here, never themselves.

        Whom the roster names for today comes first, then the other duty leaders.
        """
        held, today = self._papers(), self._now().date()
        named = {each.person for each in (held.duty if held else []) if each.day == today}
        able = [
            (-1 if each.id in named else WITNESSES.index(role), each)
            for each in (held.people if held else [])
            if each.id != person.id and self._pins.has(each.id)
            for role in WITNESSES
            if in_force(role, each, today)
            and (role != "window_head" or (each.window == person.window and person.window))
        ]
        return list({each.id: each for _, each in sorted(able, key=lambda pair: pair[0])}.values())

    def _today(self) -> str:
        return self._now().date().isoformat()
