"""The reader's language: a cookie of their own choice; Chinese for whoever chose none."""

from flask import Flask, request

from config import words

COOKIE = "lang"
YEAR_S = 31_536_000


def install(app: Flask) -> None:
    """Speak the reader's language for the length of each request."""
    app.before_request(_speak)
    app.context_processor(lambda: {"language": words.language()})


def _speak() -> None:
    words.speak(request.cookies.get(COOKIE, ""))
    words.speak(words.language())  # what is usual is found out once: a page has thousands of words
