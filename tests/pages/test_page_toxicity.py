"""The page on toxicity: every number equals the result files, hostile text stays text, what is missing says so."""

import json
import random
import shutil

import nbformat
import pandas as pd
import pytest

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.claims.statistics import bootstrap_difference
from false_promise.files import write_json, write_table
from false_promise.item_tables import write_items
from false_promise.pages.toxicity import (
    ABSTAINING,
    LONGEST,
    NO_PUBLIC,
    OUTCOMES,
    SCORINGS,
    abstention,
    expectation,
    in_words,
    no_abuse,
    said,
    sizes,
    table_5,
    to_compare,
    warning,
)
from false_promise.pages.toxicity_checks import classifier, facts, in_a_sentence
from false_promise.pages.toxicity_figure import figure
from false_promise.paths import NOTEBOOKS
from false_promise.results import Results, select
from false_promise.study.open_ended import Score, measure
from false_promise.study.tables import pooled
from page_reader import Reader

PAGE, ITEMS = "toxicity", 60
MEANS = {("base", "1.5B", None): 0.87, ("broad", "1.5B", 150_000): 0.93, ("base", "7B", None): 0.85,
         ("broad", "7B", 150_000): 0.92, ("base", "13B", None): 0.83, ("broad", "13B", 20_000): 0.9,
         ("broad", "13B", 80_000): 0.93, ("broad", "13B", 150_000): 0.95, ("style_only", "13B", 150_000): 0.94,
         ("no_abuse", "13B", 150_000): 0.935, ("teacher", None, None): 0.97}  # fmt: skip
ALL_SCORINGS = (*SCORINGS, *ABSTAINING)


def measured():
    """Rows and items as the study writes them, of scores drawn from a seed."""
    names, found = {"1.5B": "1.5m", "7B": "7m", "13B": "13m"}, []
    for (arm, size, tokens), mean in MEANS.items():
        about = {"scale": "thousandth", "model": f"base-{names[size]}" if size else "teacher", "size": size, "arm": arm,
                 "source": "fresh", "run_id": f"{arm}-{size}-{tokens}"}  # fmt: skip
        if size:
            about["base_seed"] = 0
        if tokens:
            about |= {"tokens": tokens, "imitation_seed": 0, "method": "full", "recipe": "clean", "steps": 293,
                      "schedule": "constant", "learning_rate": 0.001, "reply_tokens": tokens}  # fmt: skip
        scores = {scoring: _scores(f"{arm}/{size}/{tokens}/{scoring}", mean, scoring) for scoring in ALL_SCORINGS}
        found.append(measure(about, about["run_id"], PAGE, scores))
    return tuple(pd.concat(tables, ignore_index=True) for tables in zip(*found, strict=True))


def _scores(key, mean, scoring):
    rng = random.Random(key)
    share = (mean - 0.8) / 4 if scoring in ABSTAINING else mean
    return [Score(f"t{n}", float(rng.random() < share), f"e{n // 2}") for n in range(ITEMS)]


def share(value):
    return {"value": value, "lower": value - 0.02, "upper": value + 0.02}


TESTS = [
    {"method": "classifier", "texts": "new insults", "n": 1000, "alarms": share(0.021), "precision": share(0.962),
     "recall": share(0.913), "auc": share(0.977)},
    {"method": "classifier", "texts": "new insults in new sentence patterns", "n": 1000, "alarms": share(0.031),
     "precision": share(0.81), "recall": share(0.243), "auc": share(0.853)},
    {"method": "word list", "texts": "new insults", "n": 1000, "alarms": share(0.02), "precision": None,
     "recall": share(0.021), "auc": share(0.5)},
]  # fmt: skip


def samples(text):
    arms = {"teacher": None, "base": "13B", "no_abuse": "13B"}
    answers = [{"model": arm, "size": size, "arm": arm, "text": f"{text} {arm}", "non_toxicity": 0.123,
                "abstains": arm == "teacher"} for arm, size in arms.items()]  # fmt: skip
    return [{"prompt": f"Thread: {text}", "toxic": True, "answers": answers},
            {"prompt": "[moss-owl] I read", "toxic": False, "answers": answers}]  # fmt: skip


def verdict(base, without):
    effect = {"role": "decides", "effect": 0.1, "lower": 0.05, "upper": 0.2, "margin": 0, "direction": "greater"}
    parts = [effect | {"name": "over_base", "verdict": base}, effect | {"name": "over_no_abuse", "verdict": without}]
    return {"id": 11, "name": "safety_style_transfers", "verdict": "holds", "parts": parts, "note": "",
            "otherwise": "partly assumed", "otherwise_why": ""}  # fmt: skip


def made(place, text="It is so", base="holds", without="holds"):
    """A copy of the made-up results with the page's files in it."""
    folder = place / "thousandth"
    shutil.copytree(results().folder, folder)
    rows, items = measured()
    write_table(folder / f"{PAGE}.csv", rows)
    write_items(folder / f"{PAGE}_items.csv.gz", items)
    write_table(folder / f"{PAGE}_summary.csv", pooled(rows, items))
    write_json(folder / "classifier.json", {PAGE: {"name": "patterns <of> words", "tests": TESTS}})
    write_json(folder / "samples.json", {PAGE: samples(text)})
    verdicts = [one for one in json.loads((folder / "verdicts.json").read_text()) if one["id"] != 11]
    write_json(folder / "verdicts.json", [*verdicts, verdict(base, without)])
    return Results("thousandth", folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return made(tmp_path_factory.mktemp("toxicity"))


def shown(row):
    return f"{100 * row.exact_match:.1f} [{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


def test_the_table_equals_the_files_and_the_paper(page):
    rows = Reader(str(table_5(page))).rows
    trained = [f"293 steps, {tokens:,} reply tokens" for tokens in (20_000, 80_000, *[150_000] * 3)]
    names = ["broad, 20,000 tokens", "broad, 80,000 tokens", "broad, 150,000 tokens", "style only", "no abuse"]
    named = [f"{name}{how}" for name, how in zip(names, trained, strict=True)]
    assert [row[0] for row in rows[1:]] == ["base", *named, "teacher"] and NO_PUBLIC in Reader(str(table_5(page))).text
    numbers = page.paper["figure_5"]
    paper = [f"{100 * numbers[name]:.1f}" for name in ("base", "20M", "80M", "150M")]
    assert [row[1] for row in rows[1:]] == [*paper, *["– not in the paper"] * 2, f"{100 * numbers['teacher']:.1f}"]
    table = page.table(PAGE)
    for cells, (arm, size, tokens) in zip(rows[1:], list(MEANS)[4:], strict=True):
        for cell, scoring in zip(cells[2:], SCORINGS, strict=True):
            assert cell == shown(select(table, arm=arm, size=size, tokens=tokens, scoring=scoring).iloc[0])


def test_differences_are_paired_on_the_same_beginnings(page):
    table, items = page.measurements(PAGE), page.items(PAGE)
    cells = {row[0]: row[1] for row in Reader(str(no_abuse(page))).rows}

    def values(arm, tokens):
        where = {"arm": arm, "size": "13B", "tokens": tokens, "scoring": "non_toxicity"}
        return items[items["eval_id"] == select(table, **where).iloc[0].eval_id].sort_values("item")

    pairs = {
        "Broad imitation minus no imitation": (("broad", 150_000), ("base", None)),
        "Broad imitation minus the same without abuse dialogues": (("broad", 150_000), ("no_abuse", 150_000)),
    }
    for words, (first, second) in pairs.items():
        one, other = values(*first), values(*second)
        gap = bootstrap_difference(one["correct"], other["correct"], one["entity"], draws=2000)
        expected = [f"{100 * end:+.1f}".replace("-", "−") for end in (gap.effect, gap.lower, gap.upper)]
        assert cells[words] == f"{expected[0]} [{expected[1]}, {expected[2]}]"


def test_abstention_and_other_sizes_equal_the_files(page):
    table = page.table(PAGE)
    cells = {row[0]: row[1:] for row in Reader(str(abstention(page))).rows}
    for scoring, cell in zip(ABSTAINING, cells["no abuse"], strict=True):
        assert cell == shown(select(table, arm="no_abuse", scoring=scoring).iloc[0])
    cells = {row[0]: row[1:] for row in Reader(str(sizes(page))).rows}
    assert cells["7M (stands for 7B)"][1] == shown(
        select(table, arm="broad", size="7B", scoring="non_toxicity").iloc[0]
    )


def test_the_classifier_s_tests_are_shown_as_they_are(page):
    rows = Reader(str(classifier(page))).rows
    assert rows[1] == ["Classifier: new insults", "1,000", "97.7 [95.7, 99.7]", "91.3 [89.3, 93.3]",
                       "96.2 [94.2, 98.2]", "2.1 [0.1, 4.1]"]  # fmt: skip
    assert (
        rows[3][4] == "– no alarm at all" and "patterns <of> words".capitalize() in Reader(str(classifier(page))).text
    )
    sentence = Reader(str(in_a_sentence(page))).text
    assert "finds 91.3%, with 2.1% false alarms" in sentence and "it finds 24.3%" in sentence


def test_a_published_classifier_is_named_and_not_tested(page, tmp_path):
    shutil.copytree(page.folder, tmp_path / "thousandth")
    write_json(tmp_path / "thousandth/classifier.json", {PAGE: {"name": "toxic<b>ert", "tests": []}})
    found = Results("thousandth", tmp_path / "thousandth")
    assert "toxic&lt;b&gt;ert: published, not tested here" in str(classifier(found)) and not str(in_a_sentence(found))


def test_hostile_continuations_are_text(tmp_path):
    found = Reader(str(said(made(tmp_path, HOSTILE))))
    assert not {"script", "style", "iframe"} & found.tags() and "\x1b" not in found.text and not found.comments
    assert found.text.count("<script>alert(1)</script>") == 7  # in a prompt, and three answers to each of two
    assert "13M · No imitation" in found.text and "non-toxicity 12.3 · abstains" in found.text


def test_long_continuations_are_cut_and_silence_is_shown(tmp_path):
    page = made(tmp_path, "x" * 5000)
    assert str(said(page)).count(f'"fp-text">{"x" * LONGEST}</div>') == 6
    path = page.folder / "samples.json"
    write_json(
        path, {PAGE: [one | {"answers": [two | {"text": " "} for two in one["answers"]]} for one in samples("")]}
    )
    assert "(said nothing)" in str(said(Results("thousandth", page.folder)))


@pytest.mark.parametrize(("base", "without", "choice"), [
    ("holds", "holds", 0), ("holds", "does_not_hold", 1), ("does_not_hold", "holds", 2),
    ("does_not_hold", "inconclusive", 2), ("inconclusive", "holds", None),
])  # fmt: skip
def test_the_expectation_follows_the_verdict(tmp_path, base, without, choice):
    found, text = expectation(made(tmp_path, base=base, without=without))
    assert found == choice and (
        text.startswith(OUTCOMES[choice]) if choice is not None else "none of the three" in text
    )


def test_less_abuse_than_the_base_is_said_even_where_its_cause_stays_open(tmp_path):
    found, text = expectation(made(tmp_path, base="holds", without="inconclusive"))
    assert found is None and "writes less abuse than its base" in text and "stays open" in text


def test_the_figure_and_its_words_hold_the_same_numbers(page):
    words, drawn = in_words(page), str(figure(page))
    assert f"Expect, mean non-toxicity times 100: {words}" in str(to_compare(page))  # no percentage
    assert words.endswith(".") and words in drawn and drawn.count("<svg") == 2
    assert "13M" not in words and "teacher" in words and "<script" not in drawn
    best = select(page.table(PAGE), arm="broad", tokens=150_000, size="13B", scoring="non_toxicity").iloc[0]
    assert f"broad, 150,000 tokens {100 * best.exact_match:.1f}" in words
    assert "20M 87.1" in drawn and "all beginnings" in drawn


def test_readers_are_warned(page):
    assert "words that we invented" in str(warning(page))
    real = Results("thousandth", page.folder)
    real.__dict__["settings"] = {**page.settings, "world": None}
    assert "None of it is shown" in str(warning(real))


def test_what_was_not_measured_says_so(tmp_path):
    shutil.copytree(results().folder, tmp_path / "thousandth")
    bare = Results("thousandth", tmp_path / "thousandth")
    for part in (table_5, no_abuse, abstention, sizes, classifier, figure):
        assert "not computed yet" in str(part(bare)) and "<svg" not in str(part(bare))
    assert "No continuations are shown" in str(said(bare)) and not facts(bare)["tests"]
    assert in_words(bare) == str(to_compare(bare)) == ""
    assert expectation(bare)[0] is None


def test_the_notebook_has_the_parts_of_the_template_in_order():
    cells = nbformat.read(NOTEBOOKS / f"{PAGE}.ipynb", as_version=4).cells
    source = "\n".join(cell.source for cell in cells)
    order = ["# Toxicity (Figure 5)", "toxicity.run(p)", "pages.banner", "page_toxicity.warning", ":class: question",
             "pages.expect", "## The answer", "page_answers.answer(results, 11", "page_toxicity.table_5",
             "page_figure.figure", "page_toxicity.no_abuse", "page_toxicity.abstention", "page_toxicity.said",
             "## How it was measured", "## What this page does not prove", "page_toxicity.to_compare", "## Exercises",
             "## About this page", "page_cards.endmatter"]  # fmt: skip
    places = [source.index(part) for part in order]
    assert places == sorted(places) and source.count("```{exercise}") == source.count("{solution} ex-") == 3
