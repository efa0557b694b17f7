"""The kiosk's screen as a browser sees it: opening it, measuring it, and keeping it on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, expect

from tests.web_kiosk.running import Running

SIZE = (1024, 600)

# Shares of the screen's height, and whatever sticks out of its place or breaks into a second line.
MEASURE = """() => {
  const share = (id) => parseFloat(getComputedStyle(document.getElementById(id)).fontSize) / innerHeight;
  const lines = (id) => { const r = document.createRange(); r.selectNodeContents(document.getElementById(id));
    return new Set([...r.getClientRects()].map((box) => Math.round(box.top))).size; };
  const stage = document.getElementById("stage").getBoundingClientRect();
  const inside = (box, room) => box.left >= room.left - 1 && box.right <= room.right + 1
    && box.top >= room.top - 1 && box.bottom <= room.bottom + 1;
  const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const seen = [...document.querySelectorAll("header *, main, footer *")].filter((e) => e.getClientRects().length);
  const staged = [...document.querySelectorAll("main > *")].filter((e) => e.getClientRects().length);
  const root = document.documentElement;
  return {
    name: share("name"), verdict: share("verdict"), clock: share("clock"),
    name_lines: lines("name"), verdict_lines: lines("verdict"),
    scrolls: root.scrollHeight > innerHeight || root.scrollWidth > innerWidth,
    outside: [...seen.filter((e) => !inside(e.getBoundingClientRect(), screen)),
      ...staged.filter((e) => !inside(e.getBoundingClientRect(), stage) || e.scrollWidth > e.clientWidth + 1)]
      .map((e) => e.id || e.tagName),
  };
}"""

# Which sounds were asked for, and every state of the link, from the page's first moment.
WITNESS = """
window.sounded = [];
HTMLMediaElement.prototype.play = function () {
  window.sounded.push(this.id);
  return Promise.reject(new Error("a page that may not play"));
};
window.links = [];
new MutationObserver(() => { if (document.body) window.links.push(document.body.dataset.link); })
  .observe(document, { attributes: true, subtree: true, attributeFilter: ["data-link"] });
"""


@dataclass
class Watched:
    """A page, and what it did that it must not do."""

    page: Page
    strayed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def screen(browser: Browser, address: str, size: tuple[int, int] = SIZE, **context: Any) -> Iterator[Page]:
    """The kiosk opened by its autostart address; fails if a request left this machine or the page complained."""
    options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}, "locale": "zh-CN", **context}
    opened = browser.new_context(**options)
    watched = Watched(opened.new_page())
    opened.route("**/*", lambda route: _keep_on_this_machine(route, watched))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("console", lambda said: _note(said.type, said.text, watched))
    watched.page.add_init_script(WITNESS)
    watched.page.goto(address)
    if options.get("java_script_enabled", True):
        wait_until(watched.page, "faces.rest !== null")  # the stream's first frame is there
    yield watched.page
    opened.close()
    assert watched.strayed == []
    assert watched.complaints == []


def wait_until(page: Page, condition: str) -> None:
    """Wait inside the page for a condition; compiling one there again and again is what the page's policy forbids."""
    look = f"(function look() {{ {condition} ? done() : setTimeout(look, 16); }})()"
    page.evaluate(f"() => new Promise((done) => {{ {look} }})")


def expect_screen(page: Page, kiosk: Running) -> None:
    """Wait until the page has painted the display's present result."""
    answer = kiosk.display.frame.shown
    assert answer
    expect(page.locator("#stage")).to_have_attribute("data-tone", answer.tone)
    expect(page.locator("#name")).to_have_text(answer.name)
    expect(page.locator("#verdict")).to_have_text(answer.verdict)


def _keep_on_this_machine(route: Route, watched: Watched) -> None:
    if urlsplit(route.request.url).hostname == "127.0.0.1":
        route.continue_()
    else:
        watched.strayed.append(route.request.url)
        route.abort()


def _note(kind: str, text: str, watched: Watched) -> None:
    """A station that is away fails requests; everything else on the console is a fault of the page."""
    if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
        watched.complaints.append(text)
