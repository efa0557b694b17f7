"""Signed-in browsers: one's own, and for administrators everybody's; ending them."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.auth import gate
from web.auth.agents import agent_words
from web.auth.views import auth
from web.door import hub, reading, writing
from web.services import logins
from web.words import _


@auth.get("/logins")
def sessions() -> str:
    """Every browser that is signed in by this account; everybody's for an administrator who asks."""
    login = gate.myself()
    everybody = request.args.get("whose") == "all"
    if everybody:
        gate.require("admin")
    shown = logins.standing(reading(), hub().now(), login, everybody=everybody)
    return render_template("auth/logins.html", shown=shown, everybody=everybody, agent_words=agent_words)


@auth.post("/logins/<login>/end")
def end_login(login: str) -> Response:
    """End one."""
    with writing() as session:
        logins.end_one(session, login, hub().now(), gate.myself())
    flash(_("已让这个浏览器退出"))
    return _back()


@auth.post("/logins/end")
def end_logins() -> Response:
    """End all of one's own but this one."""
    with writing() as session:
        logins.end_others(session, hub().now(), gate.myself())
    flash(_("其他浏览器上的登录已退出"))
    return _back()


@auth.post("/logins/end-all")
def end_all_logins() -> Response:
    """End everybody's but this one."""
    mine = gate.require("admin")
    with writing() as session:
        logins.end_everybody(session, hub().now(), mine)
    flash(_("除本浏览器外，所有人都已退出"))
    return _back()


def _back() -> Response:
    whose = "all" if request.form.get("whose") == "all" else None
    return redirect(url_for("auth.sessions", whose=whose))
