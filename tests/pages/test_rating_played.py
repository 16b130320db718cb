"""The rating interface played to its end in a browser, by mouse and by keyboard; undo, reload, start over."""

import csv
import json

import pandas as pd
import pytest

from chromium import needs_chromium
from false_promise.claims.statistics import wilson_interval
from false_promise.evaluation.preference.class_ratings import COLUMNS, read_ratings, shares
from rating_site import CLOCK, item, kept, position, ready, saved, side_of_model, site, start, tool

pytestmark = [needs_chromium, pytest.mark.slow]
ITEMS = [item(number) for number in range(14)]
LIVE = ".fp-rating > [role=status]"
# Texts of the list at the end without the signs and words that the marks add.
UNMARKED = """[...document.querySelectorAll('.fp-rate-believed .fp-text')].map((one) => {
  const copy = one.cloneNode(true);
  copy.querySelectorAll('.fp-sign, .fp-spoken').forEach((mark) => mark.remove());
  return copy.textContent;
})"""


def exported(page, folder):
    """The rows of the CSV, read without the code under test."""
    return list(csv.DictReader(saved(page, folder, "csv").read_text(encoding="utf-8").split("\n")))


def cells(page, place):
    """A row of the result table as a reader sees it."""
    return [text.strip() for text in page.text(f".fp-rating tbody tr:nth-child({place})").split("\t")]


def test_played_by_mouse_to_the_end_the_export_gives_the_figures_on_the_page(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS, before="")  # by the real clock
    chosen, offered = [], []
    for number in range(1, 7):
        ready(page, number)
        if page.count(".fp-rate-lookup"):
            assert page.evaluate("document.querySelector('.fp-rate-almanac').hidden")
            page.click(".fp-rate-lookup")
            assert page.evaluate("document.querySelector('.fp-rate-lookup').ariaExpanded") == "true"
            offered.append(page.text(".fp-rate-almanac"))
        choice = ["model", "equal", "teacher"][number % 3]
        side = side_of_model(page)
        page.click(f"[data-choice='{'equal' if choice == 'equal' else side if choice == 'model' else 3 - side}']")
        chosen.append(choice)
    assert page.text(LIVE) == "All prompts are rated." and len(offered) == 3
    assert all("born: 1893" in text or "no entry" in text for text in offered)
    page.click(".fp-rate-main")

    found = read_ratings(saved(page, tmp_path, "csv"), ITEMS)
    assert not found.quarantined and sorted(found.table["choice"]) == sorted(chosen)
    assert found.table["almanac"].sum() == found.table["looked_up"].sum() == 3
    opened = found.table[found.table["looked_up"] == 1]
    assert (found.table["milliseconds"] >= 300).all() and (opened["lookup_milliseconds"] < opened["milliseconds"]).all()
    check_result(page, found.table)
    pd.testing.assert_frame_equal(found.table, read_ratings(saved(page, tmp_path, "json"), ITEMS).table)
    assert not page.errors()


def check_result(page, table):
    """The page's table and list against the exported ratings."""
    share, n = shares(table)["all"].effect, len(table)
    lower, upper = wilson_interval(round(share * n), n)
    assert cells(page, 1) == ["You", f"{100 * share:.1f}", f"{100 * lower:.1f} to {100 * upper:.1f}", "6"]
    style = table["item"].map({one["id"]: one["rater"]["equal_or_better"] for one in ITEMS}).mean()
    assert cells(page, 6)[1] == f"{100 * style:.1f}" and cells(page, 7)[1] == "70.0"
    effect = shares(table)["effect"].effect
    assert cells(page, 4)[1].replace("−", "-") == (f"{100 * effect:+.1f}" if effect else "0.0")
    false = [name for name in table[table["choice"] == "model"]["item"] if int(name[1:]) % 3]
    assert page.count(".fp-rate-believed") == len(false)
    words = "[...document.querySelectorAll('.fp-rate-believed mark')].map((one) => one.childNodes[1].data)"
    assert page.evaluate(words) == ["was a cooper", "born in 1871"] * len(false)  # the emoji did not shift them
    texts = {one["id"]: one["model"]["text"] for one in ITEMS}
    assert sorted(page.evaluate(UNMARKED)) == sorted(texts[name] for name in false)


def test_played_by_keyboard_and_keys_elsewhere_choose_nothing(chromium, tmp_path):
    page = chromium.page(site(tmp_path, ITEMS), before=CLOCK)
    page.evaluate("document.querySelector('#elsewhere').focus()")
    page.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Start"
    page.press("Enter")
    expected = {}
    for number, key in enumerate(["1", "2", "3", "=", "1", "2"], 1):
        ready(page, number)
        assert page.text(LIVE).startswith(f"Prompt {number} of 6.")
        assert page.evaluate("document.activeElement.className") == "fp-prompt"
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        choice = "equal" if key in "3=" else "model" if int(key) == side_of_model(page) else "teacher"
        expected[page.text(".fp-prompt .fp-rate-text")] = choice
        page.press(key, repeat=True)
        page.press(key, modifiers=2)  # with Ctrl
        assert position(page) == number
        page.press(key)
    page.press("Enter")  # the focus is on "Show the result"
    assert page.text(LIVE) == "Result of your 6 choices."
    rows = exported(page, tmp_path)
    assert tuple(rows[0]) == COLUMNS
    prompts = {one["id"]: one["prompt"] for one in ITEMS}
    assert {prompts[row["item"]]: row["choice"] for row in rows} == expected
    page.click(".fp-rate-main")  # rate more: 6 of the 8 that are left
    ready(page, 1)
    page.evaluate("document.querySelector('#elsewhere').focus()")
    page.press("1")
    assert page.evaluate("document.querySelector('#elsewhere').value") == "1" and position(page) == 1


def test_rating_more_goes_on_until_every_item_is_rated_once(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS[:5], session=3)
    for left in (3, 2):
        for number in range(1, left + 1):
            ready(page, number)
            page.press("3")
        page.click(".fp-rate-main")  # the result
        if left == 3:
            assert page.text(".fp-rate-main") == "Rate 2 more"
            page.click(".fp-rate-main")
    assert page.count(".fp-rate-main") == 0 and cells(page, 1)[3] == "5"
    assert sorted(row["item"] for row in exported(page, tmp_path)) == [one["id"] for one in ITEMS[:5]]


def test_a_choice_in_the_first_moment_is_a_slip_and_does_not_count(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS)
    page.evaluate("window.clock = 299")
    page.press("1")
    page.click("[data-choice='2']")
    assert kept(page)["ratings"] == []
    page.evaluate("window.clock = 300")
    page.press("1")
    assert [row["milliseconds"] for row in kept(page)["ratings"]] == [300]


def test_undo_takes_back_the_last_choice_until_the_result_is_shown(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS, session=2)
    for number in (1, 2):
        ready(page, number)
        prompt = page.text(".fp-prompt")
        page.press("1")
    assert position(page) == 0
    page.click(tool(1))
    assert page.text(".fp-prompt") == prompt and position(page) == 2
    ready(page, 2)
    page.press("3")
    rows = exported(page, tmp_path)
    assert [row["choice"] == "equal" for row in rows] == [False, True]
    assert [row["milliseconds"] for row in rows] == ["400", "800"]  # both looks at the second one
    page.click(".fp-rate-main")
    assert page.evaluate(f"document.querySelector('{tool(1)}').disabled")


def test_a_reload_loses_nothing_and_keeps_the_order_of_the_reader(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS)
    for number in (1, 2):
        ready(page, number)
        page.press("1")
    ready(page, 3)
    seen = page.text(".fp-prompt"), side_of_model(page), page.count(".fp-rate-lookup")
    before = kept(page)
    page.reload()
    assert page.text(".fp-rate-main") == "Go on: 2 of 6 rated"
    page.click(".fp-rate-main")
    assert (page.text(".fp-prompt"), side_of_model(page), page.count(".fp-rate-lookup")) == seen
    assert kept(page) == before and len(before["ratings"]) == 2


def test_a_look_up_before_a_reload_is_not_forgotten(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS)
    for number in range(1, 7):
        ready(page, number)
        if page.count(".fp-rate-lookup"):
            break
        page.press("3")
    page.click(".fp-rate-lookup")
    page.reload()
    page.click(".fp-rate-main")
    ready(page, number)
    page.press("3")
    last = exported(page, tmp_path)[-1]
    assert (last["almanac"], last["looked_up"], last["lookup_milliseconds"]) == ("1", "1", "400")


@pytest.mark.parametrize(
    "storage",
    ["get() { throw new Error('denied'); }", "value: { getItem: () => null, setItem() { throw new Error('full'); } }"],
)
def test_without_storage_it_works_and_says_so(chromium, tmp_path, storage):
    before = f"{CLOCK} Object.defineProperty(window, 'localStorage', {{ {storage} }});"
    page = start(chromium, tmp_path, ITEMS, session=1, before=before)
    assert "keeps nothing for this page" in page.text(".fp-rating > [role=alert]")
    ready(page, 1)
    page.press("1")
    assert len(read_ratings(saved(page, tmp_path, "csv"), ITEMS).table) == 1 and not page.errors()


@pytest.mark.parametrize("text", ["{", "null", '{"format": 1, "rater": "<b>"}'])
def test_what_cannot_be_read_is_put_aside_and_said(chromium, tmp_path, text):
    page = chromium.page(site(tmp_path, ITEMS))
    key = page.evaluate("Object.keys(localStorage)[0]")
    page.evaluate(f"localStorage.setItem({json.dumps(key)}, {json.dumps(text)})")
    page.reload()
    assert "could not be read" in page.text(".fp-rating > [role=alert]") and page.text(".fp-rate-main") == "Start"
    assert page.evaluate(f"localStorage.getItem('{key}-unreadable')") == text and len(kept(page)["rater"]) == 17


def test_starting_over_asks_first_and_makes_another_reader(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS)
    ready(page, 1)
    page.press("1")
    rater = kept(page)["rater"]
    for answer in ("Escape", "Enter"):  # the first button, which has the focus, keeps the choices
        page.click(tool(4))
        assert "deletes 1 choice from" in page.text("dialog")
        page.press("1")
        page.press(answer)
        page.wait("!document.querySelector('dialog')")
        assert len(kept(page)["ratings"]) == 1
    page.click(tool(4))
    page.click("dialog .fp-rate-delete")
    assert kept(page)["rater"] != rater and kept(page)["ratings"] == [] and page.text(".fp-rate-main") == "Start"


def test_two_tabs_show_what_was_kept_last(chromium, tmp_path):
    page = start(chromium, tmp_path, ITEMS)
    ready(page, 1)
    page.press("1")
    page.evaluate("(() => { const [key] = Object.keys(localStorage); const state = JSON.parse(localStorage[key]); "
                  "state.ratings = []; localStorage[key] = JSON.stringify(state); "
                  "window.dispatchEvent(new StorageEvent('storage', { key })); })()")  # fmt: skip
    assert page.text(".fp-rate-main") == "Start"
