"""The bodies of patrol facts: rounds, checks, findings, signatures, tags.

A round is the union of its facts, whoever recorded them. Its state, and which of two checks of one checkpoint counts
(the earlier; the later one adds to it), is derived and never recorded.
"""

from typing import Literal

from station.body import Body

RoundKind = Literal["scheduled", "unscheduled", "key", "extra", "inspection"]
Known = Literal["finger", "own_pin"]  # how an officer was identified (assumed)
How = Literal["rfid", "nfc", "qr", "manual"]
Medium = Literal["rfid", "nfc", "sun", "qr"]


class RoundOpened(Body):
    """A round began, by its first officer.

    `round`: `date/slot` of a scheduled one (2026-03-02/0930), so that two openings are one round; a UUIDv7 of any
    other. `inspector`: whose inspection it is (the policy's name for it), empty for patrol officers. `checklist`: its
    list of items. `checkpoints`: those a key round is about; none named: all. `note`: why, of a round without a slot.
    """

    round: str
    kind: RoundKind
    officer: str
    by: Known
    inspector: str = ""
    checklist: str = "patrol"
    checkpoints: tuple[str, ...] = ()
    note: str = ""


class RoundJoined(Body):
    """An officer came into a round, or left it before its end."""

    round: str
    officer: str
    way: Literal["joined", "left"] = "joined"
    by: Known | None = None
    note: str = ""


class Found(Body):
    """A finding made with a check: `item` of the checklist with its `clauses`, under a `column` of the record form.

    `id`: UUIDv7, by which its follow-up names it. `person`: the window's staff it concerns, where it concerns one.
    """

    id: str
    item: str
    clauses: tuple[str, ...]
    column: str
    person: str | None = None
    note: str = ""


class Sent(Body):
    """How something filled in on a phone came to its recorder.

    `draft`: the phone's random id of it, the same however often it is sent. `phone_at`: the phone's own time when it
    was saved there (an instant); `offset_ms`: to be added to that time to have the hub's, as far as the page knew.
    `offline`: the phone could not reach the hub when it was saved.
    """

    draft: str
    phone_at: str | None = None
    offset_ms: int = 0
    offline: bool = False


class Check(Body):
    """A checkpoint was looked at: nothing abnormal, or findings.

    `how` the checkpoint was identified, by which `tag`, and why by hand (`reason`: offline, no_tag, damaged, or words).
    `officers`: who walked the round then; `by`: whose hand recorded it. `photos`: SHA-256 of JPEGs as captured; without
    one `no_photo` says why. `needs`: difficulties that staff or the public told of (wanzhou:patrol:5.4), no faults.
    """

    round: str
    checkpoint: str
    how: How
    officers: tuple[str, ...]
    by: str
    nothing_abnormal: bool
    reason: str = ""
    tag: str = ""
    photos: tuple[str, ...] = ()
    no_photo: str = ""
    findings: tuple[Found, ...] = ()
    needs: tuple[str, ...] = ()
    note: str = ""
    sent: Sent | None = None


class Finding(Body):
    """Something seen outside a check: on the way, by video, by the product itself (`by` empty).

    `round` and `checkpoint` are empty where there is none; `about`: what it was seen at (a window's id), `source`: who
    or what saw it.
    """

    found: Found
    by: str
    source: Literal["officer", "inspector", "attendance"] = "officer"
    round: str = ""
    checkpoint: str = ""
    about: str = ""
    photos: tuple[str, ...] = ()
    sent: Sent | None = None


class Addition(Body):
    """More about a checkpoint already looked at in a round, also after its signatures. Nothing is taken back by it."""

    round: str
    checkpoint: str
    officers: tuple[str, ...]
    by: str
    how: How = "manual"
    reason: str = ""
    tag: str = ""
    photos: tuple[str, ...] = ()
    findings: tuple[Found, ...] = ()
    needs: tuple[str, ...] = ()
    note: str = ""
    sent: Sent | None = None


class RoundSigned(Body):
    """An officer's signature under a round: how many checks stood there, and `digest` over the facts signed for.

    `digest`: SHA-256 over the hashes (hex, one a line, in the order of the facts' ids) of the round's facts other than
    signatures, as the recorder held them.
    """

    round: str
    officer: str
    by: Known
    checks: int
    digest: str


class Tag(Body):
    """From here on `uid` means `checkpoint`, or (`removed`) nothing any more. Only these facts say so.

    `uid` of a qr: the token in its address; of rfid, nfc and sun: the tag's number in upper-case hex. `was`: the tag
    that this one replaces.
    """

    uid: str
    medium: Medium
    checkpoint: str
    change: Literal["placed", "removed"] = "placed"
    by: str = ""
    was: str = ""
    note: str = ""
