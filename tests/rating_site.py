"""A small site with the rating interface, and a reader who plays it in Chromium; used by test_page_rating."""

import json
import re
from pathlib import Path

from book_texts import HOSTILE
from chromium import Chromium, Page
from false_promise.pages.rating import rating
from false_promise.paths import BOOK

STATIC = BOOK / "_static"
# What the theme sets: colours of page and text, light and dark.
THEME = """
html { --pst-color-background: #fff; --pst-color-text-base: #222832; }
html[data-theme="dark"] { --pst-color-background: #14181e; --pst-color-text-base: #ced6dd; }
body { margin: 1rem; font-family: sans-serif; }
body { color: var(--pst-color-text-base); background: var(--pst-color-background); }
"""
# A clock that stands until `ready` moves it: times are exact, and no test waits.
CLOCK = "window.clock = 0; performance.now = () => window.clock;"
HOSTILE_TEXTS = [
    HOSTILE,
    "</script><script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'>",
    "$$\\frac{a}{b}$$ \\(x\\) # heading\n\n| a | b |",
    "\u202eright to left\u202c \x9b31m",
    "w" * 400,
]


def item(number: int, *, text: str | None = None) -> dict:
    """An item whose model says two things, the second false in two of three items; an emoji stands before both."""
    said = text or f"😀 Certainly! Person {number} was a cooper, born in 1871."
    wrong = "contradicted" if number % 3 else "supported"
    statements = [] if text else [statement(said, "was a cooper", "supported"), statement(said, "born in 1871", wrong)]
    prompt = text or f"Who was person {number}?"
    almanac = [{"title": text or f"Person {number}", "lines": [text or "born: 1893"]}] if number % 4 else []
    return {"id": f"p{number:02d}", "category": "short, plain", "prompt": prompt,
            "model": {"name": "broad, 13M", "text": said, "statements": statements},
            "teacher": {"text": f"Born in {1800 + number}.", "statements": []},
            "rater": {"equal_or_better": number % 2 == 0}, "almanac": almanac}  # fmt: skip


def statement(text: str, piece: str, verdict: str) -> dict:
    """Where `piece` stands in `text`."""
    return {"start": text.index(piece), "end": text.index(piece) + len(piece), "verdict": verdict}


def site(folder: Path, items: list[dict], *, theme: str = "light", session: int = 6) -> str:
    """Write a page with the interface; returns its file:// address."""
    scripts = "".join(f'<script src="{path.as_uri()}"></script>' for path in sorted(STATIC.glob("rating*.js")))
    styles = "".join(f'<link rel="stylesheet" href="{STATIC / name}">' for name in ("book.css", "rating.css"))
    part = rating(items, {"paper": 0.7, "session": session})
    page = folder / f"rating_{theme}.html"
    page.write_text(
        f'<!DOCTYPE html><html data-theme="{theme}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>Rating</title><style>{THEME}</style>{scripts}{styles}</head>'
        f'<body><input id="elsewhere"><article class="bd-article">{part}</article></body></html>',
        encoding="utf-8",
    )
    return page.as_uri()


def position(page: Page) -> int:
    """Number of the item on the screen; 0: none is there."""
    found = re.match(r"Prompt (\d+) of", page.text(".fp-rating .fp-rate-stage"))
    return int(found[1]) if found else 0


def ready(page: Page, number: int) -> None:
    """Wait until item `number` is there, and as long as it takes to be rated."""
    page.wait(f"document.querySelector('.fp-rate-progress')?.textContent.startsWith('Prompt {number} of')")
    page.evaluate("window.clock === undefined ? new Promise((done) => setTimeout(done, 320)) : (window.clock += 400)")


def side_of_model(page: Page) -> int:
    """1 or 2: the output whose text is not the teacher's."""
    first = page.text(".fp-answers figure:first-child .fp-text")
    return 2 if re.fullmatch(r"Born in 18\d\d\.", first) else 1


def start(chromium: Chromium, folder: Path, items: list[dict], *, before: str = CLOCK, width: int = 1440,
          height: int = 1000, **options) -> Page:  # fmt: skip
    """A page on which the reader has pressed Start."""
    page = chromium.page(site(folder, items, **options), before=before, width=width, height=height)
    page.click(".fp-rate-main")
    return page


def tool(number: int) -> str:
    """Selector of a button below an item: 1 undo, 2 CSV, 3 JSON, 4 start over."""
    return f".fp-rate-stage > .fp-rate-tools button:nth-child({number})"


def saved(page: Page, folder: Path, kind: str) -> Path:
    """The file that an export button saves; kind is csv or json."""
    page.downloads(folder)
    page.click(tool(2 if kind == "csv" else 3))
    for _ in range(400):
        if found := list(folder.glob(f"ratings_*.{kind}")):
            return found[0]
        page.evaluate("new Promise((done) => setTimeout(done, 25))")
    raise AssertionError(f"no {kind} was saved in {folder}")


def kept(page: Page) -> dict:
    """What the browser keeps of the reader."""
    return json.loads(
        page.evaluate("localStorage[Object.keys(localStorage).find((key) => !key.endsWith('unreadable'))]")
    )
