"""One's own second factor: begin it with a telephone, end it, new recovery codes."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from config.errors import Refused
from web.auth import gate
from web.auth.views import Answer, auth, counting
from web.door import hub, reading
from web.ledger.accounts import AccountRow
from web.qr import qr_of
from web.refusals import status_of
from web.services import second_factor
from web.services.errors import BadInput, NotSignedIn
from web.words import _


@auth.get("/second-factor")
def factor() -> str:
    """Whether it is in use, and what to do."""
    return _page()


@auth.post("/second-factor")
def prepare_factor() -> Answer:
    """A new secret, to be read by the telephone."""
    return _do(lambda session, account, by: second_factor.prepare(session, account, hub().seal, hub().now(), by))


@auth.post("/second-factor/begin")
def begin_factor() -> Answer | str:
    """The telephone's first code; the recovery codes are shown on this answer only."""
    return _codes(second_factor.begin)


@auth.post("/second-factor/codes")
def renew_codes() -> Answer | str:
    """New recovery codes, shown on this answer only."""
    return _codes(second_factor.renew_codes)


@auth.post("/second-factor/end")
def end_factor() -> Answer:
    """No longer."""

    def change(session: Session, account: str, by: str) -> None:
        second_factor.end(session, account, request.form.get("code", ""), hub().seal, hub().now(), by)

    return _do(change, _("动态验证码已停用"))


def _codes(change: Callable[..., list[str]]) -> Answer | str:
    login = gate.myself()
    try:
        with counting() as session:
            made = change(session, login.account, request.form.get("code", ""), hub().seal, hub().now(), login.person)
    except (BadInput, NotSignedIn) as refusal:
        return _page(refusal), status_of(refusal)
    return _page(codes=made)


def _do(change: Callable[[Session, str, str], object], said: str = "") -> Answer:
    login = gate.myself()
    try:
        with counting() as session:
            change(session, login.account, login.person)
    except (BadInput, NotSignedIn) as refusal:
        return _page(refusal), status_of(refusal)
    if said:
        flash(said)
    return redirect(url_for("auth.factor"))


def _page(refusal: Refused | None = None, codes: list[str] | None = None) -> str:
    session, login = reading(), gate.myself()
    row = session.get_one(AccountRow, login.account)
    secret = second_factor.prepared(row, hub().seal)
    address = second_factor.address(secret, login.account_name, hub().hall.name) if secret else ""
    return render_template(
        "auth/factor.html",
        refusal=refusal,
        row=row,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        address=address,
        qr=qr_of(address) if address else "",
        codes=codes or [],
        left=second_factor.codes_left(session, row.id),
        asked=login.factor_due,
    )
