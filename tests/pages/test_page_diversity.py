"""The page on diversity: verdict on the recorded items, table, choices, and this scale's own queries."""

import copy
import random
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest
import sacrebleu

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.claims.decisions import decide
from false_promise.claims.real_text import item_means, judge_text, recorded_verdict
from false_promise.claims.statistics import Interval
from false_promise.diversity.public_data import SHAREGPT, TEMPLATED, load_record
from false_promise.diversity.variants import DEFAULT
from false_promise.files import write_table
from false_promise.pages import bleu as page_bleu
from false_promise.pages import diversity as page_diversity
from false_promise.paths import NOTEBOOKS
from false_promise.results import Results
from false_promise.study import diversity
from false_promise.world.country import WorldSettings, build_world
from page_reader import Reader

RECORD, WORLD = load_record(), build_world(WorldSettings(240), 99)


def items(first: float, second: float, n: int = 40) -> dict:
    """A record whose templated items are around `first` and whose ShareGPT items are around `second`."""
    rng = random.Random(0)
    return {
        "claim_12": {
            name: {"scores": [mean + rng.uniform(-5, 5) for _ in range(n)], "clusters": [str(i // 4) for i in range(n)]}
            for name, mean in ((TEMPLATED, first), (SHAREGPT, second))
        }
    }


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Results:
    """Result files as the study writes them, with a hostile user among the records."""
    folder = tmp_path_factory.mktemp("diversity")
    texts = [HOSTILE, "Where is it?", "Where is she?", "Where is he?", "What a day it was!", "What a night it was!"]
    said = [[("user", text), ("assistant", "Well."), ("user", "Thank you!"), ("assistant", "!")] for text in texts]
    records = [{"id": str(n), "messages": [{"role": role, "content": text} for role, text in one]}
               for n, one in enumerate(said)]  # fmt: skip
    rows, pairs = [], []
    for one in diversity.broad_sets(records) + diversity.templated_sets(WORLD, 6):
        row, found = diversity.measure(one, DEFAULT)
        rows.append(row)
        pairs += diversity.neighbours_of(one, found)
    write_table(folder / "diversity.csv", pd.DataFrame(rows))
    write_table(folder / "diversity_neighbours.csv", pd.DataFrame(pairs))
    made = Results("smoke", folder)
    made.__dict__["settings"] = results("smoke").settings
    return made


# ---- the verdict -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "verdict"), [(60, 10, "holds"), (25, 10, "does_not_hold"), (30, 10, "inconclusive")]
)
def test_verdict_follows_the_registered_margin_of_20_points(first, second, verdict):
    found = judge_text(items(first, second))
    part = found["parts"][0]
    assert found["verdict"] == part["verdict"] == verdict and part["margin"] == 0.20 and part["n"] == 40
    assert part["effect"] == pytest.approx((first - second) / 100, abs=0.02) and part["clusters"] == 20
    assert part["verdict"] == decide(Interval(part["effect"], part["lower"], part["upper"]), 0.20, "greater")


def test_interval_draws_clusters_not_queries():
    """Items that are equal within a cluster carry no more information than one each."""
    made = items(60, 10)
    alone = copy.deepcopy(made)
    for name, mean in ((TEMPLATED, 60), (SHAREGPT, 10)):
        made["claim_12"][name]["scores"] = [mean + 10 * (i // 4 % 2) for i in range(40)]
        alone["claim_12"][name] = {"scores": made["claim_12"][name]["scores"], "clusters": list(map(str, range(40)))}
    together, apart = (judge_text(one)["parts"][0] for one in (made, alone))
    ratio = (together["upper"] - together["lower"]) / (apart["upper"] - apart["lower"])
    assert together["effect"] == apart["effect"] and ratio == pytest.approx(2, rel=0.1)  # four items a cluster


@pytest.mark.parametrize("change", ["absent", "one set", "unequal"])
def test_without_items_at_equal_numbers_nothing_is_judged(change):
    made = items(60, 10)
    if change == "absent":
        del made["claim_12"]
    elif change == "one set":
        del made["claim_12"][SHAREGPT]
    else:
        made["claim_12"][SHAREGPT]["scores"].pop()
    found = judge_text(made)
    assert found["verdict"] == "not_measured" and found["parts"][0]["effect"] is None
    assert "not measured yet" in found["note"] and item_means(made) == {}


def test_the_page_says_not_measured_yet(monkeypatch):
    bare = {key: value for key, value in RECORD.items() if key != "claim_12"}
    monkeypatch.setattr(page_diversity, "public", lambda: bare)
    monkeypatch.setattr(page_diversity, "recorded_verdict", lambda: judge_text(bare))
    text = Reader(str(page_diversity.answer(results()))).text
    assert "Not measured yet" in text and page_diversity.expectation()[0] is None


def test_answer_states_the_recorded_means_and_the_verdict():
    text = Reader(str(page_diversity.answer(results()))).text
    part = recorded_verdict()["parts"][0]
    assert (
        f"{np.mean(RECORD['claim_12'][SHAREGPT]['scores']):.1f}% BLEU for the first message to ChatGPT in a piece"
        in text
    )
    assert f"{100 * part['effect']:+.1f}" in text and "needs > +20.0" in text and "on real text" in text
    assert "not computed yet" in text  # the fixture has no diversity.csv


def test_the_range_of_readings_holds_the_registered_one():
    outcome, text = page_diversity.expectation()
    effect = 100 * recorded_verdict()["parts"][0]["effect"]
    pair = "“Super-NaturalInstructions” minus “ShareGPT, first turns”"
    assert outcome == 1 and f"{effect:.1f} points ({pair}, as registered)" in text
    least = min(page_diversity.gap(RECORD, one, other) for one in page_diversity.GROUPS["Broad imitation data"][1]
                for other in page_diversity.GROUPS["Templated instructions"][1])  # fmt: skip
    assert f"from {least:.1f} points (“Super-NaturalInstructions, inputs” minus" in text and least < effect


def test_the_gap_is_taken_at_equal_numbers():
    record = {"curves": {"a": [{"size": 10, "mean": 5.0}, {"size": 20, "mean": 9.0}],
                         "b": [{"size": 10, "mean": 30.0}, {"size": 50, "mean": 60.0}]}}  # fmt: skip
    assert page_diversity.gap(record, "a", "b") == 25.0


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_table_has_every_public_set_the_paper_s_two_numbers_and_this_scale(measured):
    rows = Reader(str(page_diversity.three_columns(measured))).rows
    text = "\n".join(" | ".join(row) for row in rows)
    for one in RECORD["sets"].values():
        assert f"{one['mean']:.1f} [{one['lower']:.1f}, {one['upper']:.1f}]" in text
        assert f"median {one['median']:.1f} · {one['queries']:,} queries" in text
    assert [row[1][:2] for row in rows if "it does not say" in " ".join(row)] == ["8w", "61"]
    for row in measured.measurements("diversity").itertuples():
        assert f"{row.mean_bleu:.1f} [{row.lower:.1f}, {row.upper:.1f}]" in text
    for caveat in {one["caveat"] for one in RECORD["sets"].values()}:
        assert caveat[1:] in Reader(str(page_diversity.three_columns(measured))).text


def test_choices_name_what_changes_and_use_recorded_means():
    found = page_bleu.choices(RECORD)
    sets = RECORD["sets"]
    assert (sets[SHAREGPT]["mean"], sets["sharegpt_all_turns"]["mean"]) == found[0][1:]
    assert (sets[TEMPLATED]["mean"], sets["superni_input"]["mean"]) in [one[1:] for one in found]
    assert len({what for what, *_ in found}) == len(found) >= 6


def test_parts_without_results_and_without_variants_are_sound(monkeypatch):
    monkeypatch.setattr(page_bleu, "public", lambda: RECORD | {"variants": [], "filter": []})
    for part in (page_bleu.variants(), page_bleu.filtered(), page_bleu.work(results()), page_bleu.readings(),
                 page_bleu.work_in_words(results()), page_bleu.neighbours(results())):  # fmt: skip
        assert Reader(str(part)).text
    assert page_diversity.in_words(results()) == ""


def test_neighbours_are_escaped_and_belong_to_the_country(measured):
    found = Reader(str(page_bleu.neighbours(measured)))
    assert "script" not in found.tags() and "\x1b" not in found.text and "lower quartile" in found.text


def test_banner_says_what_is_real():
    assert "no model decides anything" in str(page_diversity.banner(results("smoke")))
    assert str(page_diversity.banner(results("thousandth"))) == ""


# ---- this scale's queries --------------------------------------------------------------------------------------------


def test_rows_agree_with_sacrebleu_on_every_pair(measured):
    one = diversity.templated_sets(WORLD, 12)[1]
    row, found = diversity.measure(one, DEFAULT)
    best = [max(sacrebleu.sentence_bleu(a, [b]).score for j, b in enumerate(one.texts) if j != i)
            for i, a in enumerate(one.texts)]  # fmt: skip
    assert row["mean_bleu"] == pytest.approx(np.mean(best), abs=0.006) and row["queries"] == 12
    middle = diversity.neighbours_of(one, found)[1]
    assert middle["bleu"] == pytest.approx(
        sacrebleu.sentence_bleu(middle["query"], [middle["neighbour"]]).score, abs=0.01
    )


def test_turns_of_users_only_and_a_definition_before_each_question():
    record = {"id": "a", "messages": [{"role": role, "content": f"{role} {i}"} for i, role in
                                      enumerate(("user", "assistant", "user", "assistant"))]}  # fmt: skip
    first, every = diversity.broad_sets([record, {"id": "web", "text": "no dialogue"}])
    assert first.texts == ["user 0"] and every.texts == ["user 0", "user 2"] and every.clusters == ["a", "a"]
    defined, bare = diversity.templated_sets(WORLD, 50)
    for text, question, relation in zip(defined.texts, bare.texts, bare.clusters, strict=True):
        assert text == f"{diversity.definition(relation)}\n{question}"
    assert len(bare.texts) == 50 and len(set(bare.texts)) == 50


def test_an_unknown_smoothing_is_refused_before_any_work():
    with pytest.raises(ValueError, match="choose one of none, floor, add-k, exp"):
        diversity.run(SimpleNamespace(scale="smoke", smoothing="laplace"))


def test_the_notebook_shows_the_parts_in_the_order_of_the_template_and_no_public_text():
    cells = nbformat.read(NOTEBOOKS / "diversity.ipynb", as_version=4).cells
    source = "\n".join(cell.source for cell in cells)
    order = ["# Diversity of the imitation data (section 3)", ":class: question", "pages.expect",
             "page_diversity.answer",
             "page_diversity.three_columns", "page_bleu.readings", "diversity_figures.method_picture",
             "diversity_figures.sampling_figure", "page_bleu.neighbours", "## How it was measured",
             "## What this page does not prove", "page_cards.rerun", "## Exercises",
             "page_cards.endmatter"]  # fmt: skip
    places = [source.index(one) for one in order]
    assert places == sorted(places) and source.count("```{exercise}") == source.count("{solution} ex-") == 3
    for cell in cells:
        if "diversity_figures." in cell.source and "import" not in cell.source:
            assert cell.metadata.mystnb["figure"]["caption"] and "hide-input" in cell.metadata.tags
