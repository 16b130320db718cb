"""Rows and items of open-ended pages, and which models they hold."""

import pytest

from false_promise.scales import load_scale
from false_promise.study.open_ended import Score, conditions, measure
from false_promise.study.specs import Machine, Specs


@pytest.fixture(scope="module")
def specs():
    return Specs(load_scale("smoke"), Machine())


def test_models_are_teacher_bases_and_broad_by_amount_and_by_size(specs):
    found = [(one.about["model"], one.about["arm"], one.about.get("tokens")) for one in conditions(specs)]
    assert found[0] == ("teacher", "teacher", None)
    assert [one for one in found if one[1] == "base"] == [
        (f"base-{name}", "base", None) for name in ("0.04m", "0.1m", "0.2m")
    ]
    broad = [(model, tokens) for model, arm, tokens in found if arm == "broad"]
    assert broad == [("base-0.04m", 3000), ("base-0.1m", 3000)] + [("base-0.2m", n) for n in (400, 1600, 3000)]
    assert [arm for _, arm, _ in found][-2:] == ["style_only", "no_abuse"]


def test_smaller_amounts_are_those_that_other_pages_train(specs):
    small = next(one for one in conditions(specs) if one.about.get("tokens") == 400)
    assert small.model.settings["match_tokens"] == 3000


def test_local_imitation_only_where_it_is_asked_for(specs):
    assert "local" not in [one.about["arm"] for one in conditions(specs)]
    assert "local" in [one.about["arm"] for one in conditions(specs, local=True)]


def test_rows_and_items_agree_and_empty_scorings_have_no_row():
    scores = {"list": [Score("a", 1.0), Score("b", 0.0)], "summary": []}
    rows, items = measure({"model": "base-7m", "arm": "base"}, "run", "style", scores)
    assert rows["scoring"].tolist() == ["list"] and rows["exact_match"].tolist() == [0.5]
    assert items["eval_id"].unique().tolist() == ["run/list"] == rows["eval_id"].tolist()
    assert items["correct"].mean() == 0.5 and rows["lower"].item() <= 0.5 <= rows["upper"].item()


def test_items_are_drawn_by_entity_where_they_have_one():
    by_item = [Score(str(n), float(n < 10)) for n in range(20)]
    by_entity = [Score(str(n), float(n < 10), entity=f"e{n // 10}") for n in range(20)]
    rows, _ = measure({}, "run", "x", {"one": by_item, "two": by_entity})
    widths = (rows["upper"] - rows["lower"]).tolist()
    assert widths[1] > widths[0]  # two clusters say less than twenty items


def test_a_correlation_may_be_negative():
    rows, _ = measure({}, "run", "style", {"length": [Score(str(n), -0.5 - n / 100) for n in range(20)]})
    assert -1 <= rows["lower"].item() < -0.5
