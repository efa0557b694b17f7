"""Who should be at each window, and what attendance says about them at this minute: advice for whoever looks there."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from station.rules.hours import moment
from station.rules.presence import Presence
from web.services import posts
from web.services.hub import Hub
from web.services.in_force import InForce
from web.services.today import Attendee, HallDay, hall_day

Staff = dict[str, list["Here"]]


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody of a window. `kind`: A or B; `came`: their first in of the day as HH:MM, empty without one."""

    person: str
    name: str
    kind: str
    presence: Presence
    came: str

    @property
    def there(self) -> bool:
        """Whether attendance says that they are at their post."""
        return self.presence.word == "here"


def staff_of(session: Session, hub: Hub, held: InForce, numbers: Mapping[str, str]) -> tuple[HallDay, Staff]:
    """The hall's day, and window id → its people, A first; three questions for a hall of any size.

    `numbers`: window id → number; a window whose posts nobody entered has whoever names its number.
    """
    day = hall_day(session, hub, held)
    known = {one.person.id: one for one in day.people}
    found: Staff = {}
    for _post, window, _number, kind, person in posts.sitting(session, day.date):
        here = found.setdefault(window, [])
        if person in known and not any(each.person == person for each in here):
            here.append(_here(known[person], kind, day))
    for window in set(numbers) - set(found):
        found[window] = [_here(one, "A", day) for one in day.people if one.person.window == numbers[window]]
    return day, found


def _here(one: Attendee, kind: str, day: HallDay) -> Here:
    came = one.presence.came
    at = f"{moment(came.minute, day.at.tzinfo):%H:%M}" if came else ""  # type: ignore[arg-type]
    return Here(one.person.id, one.person.name, kind, one.presence, at)
