"""How a page of the hub must look, wherever it is opened: on a desk and on a phone, in light and in dark.

One visit serves all four: the same page is resized and recoloured, since nothing but its style depends on either.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, ViewportSize

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
LOOKS: tuple[tuple[ViewportSize, tuple[Literal["light", "dark"], ...]], ...] = (
    (WIDE, ("light", "dark")), (PHONE, ("light",)),
)  # fmt: skip
GRAVE = ("serious", "critical")
LATIN = re.compile(r"(?<![A-Za-z])(?!English)[A-Za-z]{2,}")  # the other language is called by its own name
SETTLED = "Promise.all(document.getAnimations().map((each) => each.finished)).then(() => true)"  # colours fade in
FITS = "document.documentElement.scrollWidth <= innerWidth"
# What a thumb has to hit: everything that acts and can be seen, but not a word linked within a sentence; a tick or a
# hidden file field is hit by its label.
SMALL = """() => {
  const words = (e) => {
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode()) if (texts.currentNode.textContent.trim()) found.push(texts.currentNode);
    return found;
  };
  const within = (e) => {  // a sentence: other words in the block that the link stands in
    if (getComputedStyle(e).display !== "inline") return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return words(block).some((text) => !text.parentElement.closest("a, button, summary, .quiet, .unseen"));
  };
  return [...document.querySelectorAll("a[href], button, summary, select,"
      + "label:has(> :is([type=checkbox], [type=radio])),"
      + "input:not([type=hidden], [type=checkbox], [type=radio], [type=file])")]
    .filter((e) => e.getClientRects().length && e.checkVisibility({visibilityProperty: true}))
    .filter((e) => !e.closest(".skip, .quiet, .unseen") && !e.matches(".named input"))
    .filter((e) => { const high = e.getBoundingClientRect().height; return high > 1 && high < 43.5 && !within(e); })
    .map((e) => e.outerHTML.slice(0, 90));
}"""
# Names, units and times that were broken into a second line.
BROKEN_NAMES = """() => [...document.querySelectorAll(".name, tbody th, time, .pill")]
  .filter((e) => {
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (texts.nextNode()) {
      range.selectNodeContents(texts.currentNode);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) return true;
    }
    return false;
  })
  .map((e) => e.textContent)"""


def faults(page: Page, *, small: str = SMALL, broken: str = BROKEN_NAMES) -> list[str]:
    """All that is wrong with the page as it stands open. Its context must have been made with `bypass_csp`."""
    page.evaluate(AXE)
    return [*_on(page, WIDE, broken), *_on(page, PHONE, broken), *(f"too small: {one}" for one in page.evaluate(small))]


def graves(page: Page) -> list[str]:
    """For a sweep of pages: what is serious or critical in light and dark, scrolls sideways or is too small to tap."""
    page.evaluate(AXE)
    found = []
    for screen, schemes in LOOKS:
        page.set_viewport_size(screen)
        for scheme in schemes:
            found += [f"{screen['width']} {each}" for each in violations(page, scheme, GRAVE)]
        found += [] if page.evaluate(FITS) else [f"{screen['width']} scrolls sideways"]
    return [*found, *(f"too small: {one}" for one in page.evaluate(SMALL))]


def violations(page: Page, scheme: Literal["light", "dark"] = "light", impacts: Collection[str] = ()) -> list[str]:
    """What axe finds, of these impacts (none named: of any kind); in the dark only the colours are others."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate(SETTLED)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = ["color-contrast"]
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    nodes = ((one, node) for one in found if not impacts or one["impact"] in impacts for node in one["nodes"])
    return [f"{scheme}, {one['id']}: {node['html'][:120]}" for one, node in nodes]


def _on(page: Page, screen: ViewportSize, broken: str) -> list[str]:
    page.set_viewport_size(screen)
    found = violations(page, "light") + violations(page, "dark")
    found += [] if page.evaluate(FITS) else ["scrolls sideways"]
    found += [f"broken: {name}" for name in page.evaluate(broken)]
    return [f"{screen['width']} wide: {one}" for one in found]
