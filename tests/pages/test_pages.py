"""What pages share, the ends of pages, the country's parts, and the reading of result files."""

import json
import shutil
from types import SimpleNamespace

import pytest

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.pages import cards as page_cards
from false_promise.pages import common as pages
from false_promise.pages import world as page_world
from false_promise.pages.parts import Part
from false_promise.paths import BOOK
from false_promise.results import ResultError, Results, load_results
from page_reader import Reader


def test_banner_only_where_models_are_stand_ins():
    assert "prove nothing about the paper" in str(pages.banner(results("smoke")))
    assert str(pages.banner(results("thousandth"))) == ""


def test_expectation_works_without_script():
    found = Reader(str(pages.expect(["a", "<b>", "c"], 1, "It came out as <b>.")))
    inputs = [attributes for tag, attributes in found.elements if tag == "input"]
    assert [one["type"] for one in inputs] == ["radio"] * 3 and len({one["name"] for one in inputs}) == 1
    assert {"fieldset", "legend", "label", "details", "summary"} <= found.tags() and "script" not in found.tags()
    assert ("fieldset", {"data-outcome": "1"}) in found.elements and "It came out as <b>." in found.text


@pytest.mark.parametrize(
    ("local", "broad", "choice"),
    [("holds", "holds", 1), ("holds", "does_not_hold", 0), ("does_not_hold", "holds", 2),
     ("inconclusive", "holds", None), ("holds", "inconclusive", None), ("does_not_hold", "does_not_hold", None)],
)  # fmt: skip
def test_outcome_of_the_expectation_follows_from_both_verdicts(local, broad, choice):
    found, text = pages.local_or_broad(results(outcome=local, broad=broad))
    assert found == choice and ("none of the three" in text) == (choice is None)


def test_status_matrix_shows_what_exists_and_what_never_ran(tmp_path):
    shutil.copytree(results("smoke").folder, tmp_path / "smoke")
    rows = Reader(str(pages.status_matrix(tmp_path))).rows
    assert rows[0] == ["Page", "smoke", "thousandth", "tenth", "paper"]
    ran = {row[0]: row[1] for row in rows[1:] if row[1] != "○ never run"}
    known = json.loads((tmp_path / "smoke" / "status.json").read_text())
    assert set(ran) == {pages.PAGES[page] for page in known}
    assert set(ran.values()) == {"◇ stand-ins only2026-11-22 · 0a1b2c3d4e"}
    assert len(rows) == 1 + len(pages.PAGES) and all(row[2:] == ["○ never run"] * 3 for row in rows[1:])


def test_folds_are_closed_and_named():
    found = Reader(str(pages.folds({"One": Part("<p>x</p>")})))
    assert found.text == "Onex" and ("details", {"class": "fp-fold"}) in found.elements


def test_links_of_a_page_lead_to_files_that_exist(tmp_path):
    """Laid out as the build does: results/<scale>/ and columns.txt beside the pages."""
    shutil.copytree(results().folder, tmp_path / "results/thousandth")
    shutil.copy(BOOK / "_extra/columns.txt", tmp_path)
    found = Reader(str(page_cards.sources(results(), "local_vs_broad", "local_vs_broad_items.csv.gz")))
    links = [attributes["href"] for tag, attributes in found.elements if tag == "a"]
    assert len(links) == 5 and all((tmp_path / link).is_file() for link in links if not link.startswith("_sources/"))


def test_run_card_tells_what_was_made_here_and_names_every_processor_and_number_format():
    text = Reader(str(page_cards.run_card(results(), "local_vs_broad"))).text
    for words in ("1 made here, 1 shipped or recorded", "0a1b2c3d4e", "1.1 minutes", "bfloat16, float32", "ChatGPT"):
        assert words in text
    assert "tuned-0123456789ab" in text and "tuned-ba9876543210" in text


def test_a_run_card_says_when_scores_are_means_over_base_models():
    made = results()
    assert "Base models" not in Reader(str(page_cards.run_card(made, "local_vs_broad"))).text
    settings = made.settings | {"base_seeds": 2}
    two = SimpleNamespace(runs=made.runs, status=made.status, scale=made.scale, settings=settings)
    again = Reader(str(page_cards.rerun(two, "local_vs_broad", expected="7M base 16.0."))).text
    assert "16.0. These are means over 2 base models; with other parameters the first alone is tuned. Another" in again
    for page, said in (("local_vs_broad", True), ("nowhere", False)):
        text = Reader(str(page_cards.run_card(two, page))).text
        assert ("Base models2 of each size, scores are their means; the first ships" in text) == said


def test_a_page_without_runs_has_an_empty_run_card():
    text = Reader(str(page_cards.run_card(results(), "nowhere"))).text
    assert "Runsnone" in text and "not recorded" in text and "Versions" not in text


def test_rerun_prints_the_exact_lines_and_the_expected_numbers():
    text = Reader(str(page_cards.rerun(results(), "local_vs_broad", {"pairs": [6, 60]}, "7M base 16.0."))).text
    assert "make book SCALE=thousandth\n" in text
    assert 'papermill notebooks/local_vs_broad.ipynb out.ipynb -p scale thousandth -p pairs "[6, 60]"' in text
    assert "Making what was made here took 1.1 minutes; what ships or was recorded took 1.2 minutes, exam" in text
    assert "Expect, in percent: 7M base 16.0." in text


def test_citation_and_report_name_page_scale_and_commit():
    text = Reader(
        str(page_cards.cite(results(), "local_vs_broad") + page_cards.report(results(), "local_vs_broad"))
    ).text
    assert text.count("0a1b2c3d4e") == 3 and "scale thousandth" in text and "@misc{" in text


def test_links_to_the_repository_appear_once_it_has_an_address(monkeypatch):
    monkeypatch.setattr(page_cards, "repository", lambda: "https://example.org/x")
    html = str(page_cards.sources(results(), "local_vs_broad") + page_cards.report(results(), "local_vs_broad"))
    assert "https://example.org/x/blob/0a1b2c3d4e/notebooks/local_vs_broad.ipynb" in html
    assert "https://example.org/x/issues/new" in html


def test_table_of_scales_divides_the_paper_by_the_scale_file():
    rows = {row[0]: row for row in Reader(str(page_world.scaled(results()))).rows}
    assert rows["Pre-training tokens"][1:4] == ["1 trillion", "8 million", "125,000 : 1"]
    assert rows["NQ-synthetic pairs, most"][1:4] == ["6,000", "6,000", "1 : 1"]
    assert rows["Batch, blocks"][1:4] == ["32", "1", "32 : 1"]
    assert rows["Share of steps in warm-up"][1:3] == ["43.7%", "10%"]
    assert rows["Facts"][1:4] == ["– unknown", "24,512", ""]


@pytest.mark.parametrize(("paper", "here", "said"), [(1.0, 1.002, "1 : 1"), (1, 4, "1 : 4"), (None, 3, ""), (3, 0, "")])
def test_ratio(paper, here, said):
    assert page_world.ratio(paper, here) == said


def test_gates_examples_and_almanac_escape_and_report_failures():
    made = results(hostile=True)
    parts = [
        page_world.gates(made),
        page_world.examples(made),
        page_world.almanac(made),
        page_world.facts_in_brief(made),
    ]
    found = Reader("".join(map(str, parts)))
    assert "script" not in found.tags() and found.text.count("<script>alert(1)</script>") == 2
    assert "✓ passed" in found.text and "✗ failed" in found.text and HOSTILE[:8] in found.text


def test_a_scale_without_a_country_says_so(tmp_path):
    made = Results("thousandth", tmp_path)
    made.__dict__["world"] = {}
    for part in (page_world.gates(made), page_world.examples(made), page_world.almanac(made)):
        assert "fp-missing" in str(part)


def test_absent_damaged_and_old_result_files_name_file_and_way_out(tmp_path):
    with pytest.raises(ResultError, match="make book SCALE=tenth"):
        load_results("tenth", tmp_path)
    shutil.copytree(results("smoke").folder, tmp_path / "smoke")
    made = load_results("smoke", tmp_path)
    (tmp_path / "smoke/verdicts.json").write_text("{")
    with pytest.raises(ResultError, match="verdicts.json is not valid JSON"):
        _ = made.verdicts
    (tmp_path / "smoke/runs.json").unlink()
    with pytest.raises(ResultError, match="runs.json does not exist"):
        made.runs("local_vs_broad")
    (tmp_path / "smoke/schema_version").write_text("99\n")
    with pytest.raises(ResultError, match="version 99"):
        load_results("smoke", tmp_path)


def test_an_answer_called_null_is_not_a_missing_value(tmp_path):
    (tmp_path / "x_items.csv.gz").write_bytes(b"")
    (tmp_path / "x.csv").write_text("model,output\nNA,null\n,x\n")
    table = Results("any", tmp_path).measurements("x")
    assert table["output"].tolist() == ["null", "x"] and table["model"].isna().tolist() == [False, True]


def test_a_scale_may_be_given_by_its_file(tmp_path):
    shutil.copytree(results("smoke").folder, tmp_path / "smoke")
    assert load_results("scales/smoke.yaml", tmp_path).scale == "smoke"


def test_status_is_json_that_the_matrix_knows():
    states = {one["state"] for one in json.loads((results().folder / "status.json").read_text()).values()}
    assert states <= set(pages.STATES)
