"""The rating interface in a browser: hostile texts, narrow screens, light and dark, fair draws, intervals."""

import numpy as np
import pytest

from chromium import needs_chromium
from false_promise.claims.statistics import wilson_interval
from rating_site import HOSTILE_TEXTS, item, ready, side_of_model, site, start

pytestmark = [needs_chromium, pytest.mark.slow]
ITEMS = [item(number) for number in range(14)]
HOSTILE_ITEMS = [item(number, text=text) for number, text in enumerate(HOSTILE_TEXTS)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_hostile_texts_are_text_and_nothing_leaves_a_narrow_screen(chromium, tmp_path, theme):
    page = start(chromium, tmp_path, HOSTILE_ITEMS, theme=theme, width=390, height=844)
    unseen = {"\x1b": "␛", "\u202e": "⟨U+202E⟩", "\u202c": "⟨U+202C⟩", "\x9b": "⟨U+009B⟩"}
    expected = {"".join(unseen.get(letter, letter) for letter in text) for text in HOSTILE_TEXTS}
    found = set()
    for number in range(1, 7):
        ready(page, number)
        found.add(page.evaluate("document.querySelector('.fp-prompt .fp-rate-text').textContent"))
        shown = page.evaluate("[...document.querySelectorAll('.fp-answers .fp-text')].map((one) => one.textContent)")
        assert found & set(shown)
        if page.count(".fp-rate-lookup"):
            page.click(".fp-rate-lookup")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        wide = (
            "[...document.querySelectorAll('.fp-rate-text')].filter((one) => one.scrollWidth > one.clientWidth).length"
        )
        assert page.evaluate(wide) == 0
        bar = page.evaluate("document.querySelector('.fp-rate-choices').getBoundingClientRect().bottom")
        assert bar <= 844  # the choices stay in sight
        page.press("1")
    page.click(".fp-rate-main")
    assert found == expected and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("window.broken") is None and not page.errors()
    assert page.count(".fp-rating script:not([type='application/json']), .fp-rating img, .fp-rating b") == 0


CONTRAST = """(() => {
  const light = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const paper = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return /, 0\\)$/.test(colour) && node.parentElement ? paper(node.parentElement) : colour;
  };
  return [...document.querySelectorAll('.fp-rating *')].filter((node) => node.innerText && !node.disabled)
    .map((node) => [light(getComputedStyle(node).color), light(paper(node))].sort((a, b) => b - a))
    .map(([more, less]) => (more + 0.05) / (less + 0.05));
})()"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_in_light_and_dark(chromium, tmp_path, theme):
    page = start(chromium, tmp_path, ITEMS, theme=theme, session=2)
    for number in (1, 2):
        ready(page, number)
        if page.count(".fp-rate-lookup"):
            page.click(".fp-rate-lookup")
        assert min(page.evaluate(CONTRAST)) >= 4.5
        page.press(str(side_of_model(page)))
    page.click(".fp-rate-main")
    assert len(page.evaluate(CONTRAST)) > 20 and min(page.evaluate(CONTRAST)) >= 4.5


def test_nothing_moves_for_those_who_asked_for_less_motion(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS)
    moving = "getComputedStyle(document.querySelector('.fp-answers')).animationName"
    assert page.evaluate(moving) == "fp-rate-in"
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert page.evaluate(moving) == "none"


def test_readers_are_drawn_fairly_and_each_always_alike(chromium, tmp_path):
    page = chromium.page(site(tmp_path, ITEMS))
    plans = page.evaluate(
        "(() => { const items = Array.from({ length: 30 }, (_, place) => ({ id: place })); const found = []; "
        "for (let seed = 1; seed <= 2000; seed += 1) found.push(falsePromiseRating.plan(items, 12, seed * 2654435761)"
        ".map((step) => [step.item.id, step.almanac, step.order])); return found; })()"
    )
    table = np.array(plans)  # readers, places, (item, almanac, order)
    assert (np.sort(table[:, :, 0]) == np.arange(30)).all()
    assert (table[:, :12, 1].sum(axis=1) == 6).all() and (table[:, 12:24, 1].sum(axis=1) == 6).all()
    by_item = np.zeros(30)
    np.add.at(by_item, table[:, :12, 0].ravel(), 1)
    assert by_item / 2000 == pytest.approx(np.full(30, 0.4), abs=0.06)
    assert (table[:, :, 1].mean(), (table[:, :, 2] == 1).mean()) == pytest.approx((0.5, 0.5), abs=0.01)
    assert np.abs(table[:, :12, 1].mean(axis=0) - 0.5).max() < 0.06  # at every place


def test_the_pages_intervals_are_wilsons_and_newcombes(chromium, tmp_path):
    page = chromium.page(site(tmp_path, ITEMS))
    for successes, n in ((0, 6), (3, 7), (12, 12), (41, 60)):
        found = page.evaluate(f"falsePromiseRating.share({successes}, {n})")
        assert (found["lower"], found["upper"]) == pytest.approx(wilson_interval(successes, n), abs=1e-9)
    # Newcombe (1998), Interval estimation for the difference .., Table II, method 10: 56/70 - 48/80.
    source = "(({ share, difference }) => difference(share(56, 70), share(48, 80)))(falsePromiseRating)"
    found = page.evaluate(source)
    assert (found["value"], found["lower"], found["upper"]) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
