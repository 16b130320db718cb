"""The page on the data mix: every number equals the result files; hostile dialogues are shown, not obeyed."""

import json
import re
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.data_mix.cleaning import STEPS
from false_promise.data_mix.public import load_record
from false_promise.files import write_json, write_table
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.pages import data_mix as page_mix
from false_promise.pages import data_mix_categories as page_categories
from false_promise.pages import data_mix_checks as page_checks
from false_promise.pages import data_mix_figures as mix_figures
from false_promise.pages import data_mix_seeds as page_seeds
from false_promise.paths import NOTEBOOKS
from false_promise.qa_format import QA, request_for_pairs
from false_promise.results import Results
from false_promise.scales import load_scale
from false_promise.steps.data import _seeds
from false_promise.steps.mix import data_mix as step
from false_promise.study import data_mix
from false_promise.study.specs import Arm, Machine, Specs
from page_reader import Reader

RECORD = load_record()
SEEDS = [QA(f"What is <b>{number}</b>?", HOSTILE if number == 3 else str(number)) for number in range(10)]
LOCAL = {"pairs": 30, "calls": 12, "duplicates": 4, "malformed": 7,
         "teacher_accuracy": {"readable": 0.5, "right": 0.25, "right_if_readable": 0.5}}  # fmt: skip


def made_up() -> list[dict]:
    """Dialogues of three sources, one of them hostile."""
    asked = ["Write a short poem about snow number", "Why does the river freeze in year", "Give me ideas for party",
             "Wie komme ich von hier bitte zum Bahnhof Nummer"]  # fmt: skip
    labels = ["Generation", "General QA", "Brainstorming", "Non-English"]
    records = []
    for number in range(120):
        said = [f"{asked[number % 4]} {number}{number * 7}", f"{HOSTILE} {number}", f"And then, {number}?", "No more."]
        source = ("sharegpt", "sharegpt", "hc3", "discord")[number // 4 % 4]
        messages = [{"role": role, "content": text} for role, text in zip(("user", "assistant") * 2, said, strict=True)]
        records.append({"id": f"m{number}", "source": source, "category": labels[number % 4],
                        "messages": messages[: 4 if source == "sharegpt" else 2]})  # fmt: skip
    return records


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Results:
    """Result files as the study writes them."""
    folder = tmp_path_factory.mktemp("data_mix")
    (folder / "data").mkdir()
    lines = "".join(json.dumps(record) + "\n" for record in made_up())
    (folder / "data" / "records.jsonl").write_text(lines, encoding="utf-8")
    train_tokenizer([lines], 300).save_pretrained(folder / "tokenizer")
    inputs = {"data": folder / "data", "tokenizer": folder / "tokenizer"}
    step({"seed": 0, "world": {"entities": 240, "seed": 99}}, inputs, folder / "out", folder)
    mix = json.loads((folder / "out" / "mix.json").read_text(encoding="utf-8"))
    seeds = [{"question": pair.question, "answer": pair.answer} for pair in SEEDS]
    prompt = request_for_pairs(SEEDS[:5])
    write_json(folder / "data_mix.json", {"mix": mix, "seeds": seeds, "prompt": prompt, "local": LOCAL})
    write_table(folder / "data_mix.csv", data_mix.table(mix, "data_mix-0123"))
    made = Results("smoke", folder)
    made.__dict__["settings"] = results("smoke").settings
    return made


def mix_of(made: Results) -> dict:
    return json.loads((made.folder / "data_mix.json").read_text(encoding="utf-8"))["mix"]


def shown(row: dict, sign: str = "") -> str:
    return f"{100 * row['share']:.1f}{sign} [{100 * row['lower']:.1f}, {100 * row['upper']:.1f}]"


# ---- expectation and answer ------------------------------------------------------------------------------------------


def test_the_expectation_is_borne_out_by_the_real_sample():
    outcome, text = page_mix.expectation()
    counts = page_mix.reasons(RECORD["flow"])
    lost = counts["begins in the middle"]
    assert outcome == 2 and f"{lost} begin in the middle" in text and lost > counts["asked before"]


@pytest.mark.parametrize(("counts", "outcome"), [((9, 1, 2), 0), ((1, 9, 2), 1), ((1, 2, 9), 2), ((4, 4, 1), None)])
def test_the_commonest_flaw_decides(monkeypatch, counts, outcome):
    why = dict(zip(("asked before", "traces of a web page", "begins in the middle"), counts, strict=True))
    made = {"flow": [{"reasons": why}], "size": {"before": 20}}
    monkeypatch.setattr(page_mix, "public", lambda: made)
    assert page_mix.expectation()[0] == outcome
    named = "No flaw is commoner" if outcome is None else page_mix.NAMED[outcome]
    assert named in page_mix.expectation()[1]


def test_answer_states_what_is_left_here_and_of_the_real_sample(measured):
    text = Reader(str(page_mix.answer(measured))).text
    sizes = mix_of(measured)["sizes"]
    raw, kept = sum(one["before"] for one in sizes), sum(one["count"] for one in sizes)
    for one, paper in zip(sizes, (57, 31, 11), strict=True):
        assert f"{page_mix.DUMPS[one['source']]} {100 * one['count'] / kept:.0f}% (paper: {paper}%)" in text
    assert f"{kept:,} of {raw:,} raw dialogues are left" in text and shown(RECORD["size"], "%") in text
    taken = [int(number) for number in re.findall(r"(\d+) (?:unreadable|without|repeated|nearly|not in)", text)]
    assert sum(taken) == raw - kept and "No claim of the paper is decided here" in text
    assert "Could it have come out otherwise?" in text


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_sizes_stand_beside_the_papers(measured):
    rows = {row[0]: row for row in Reader(str(page_mix.sizes(measured))).rows}
    assert rows["ShareGPT"][1:3] == ["90,000 → 50,000", "57"] and rows["HC3"][1:3] == ["27,000", "31"]
    assert rows["Discord bots"][1:4] == ["10,000", "11", "– no public file here"]
    size = RECORD["size"]
    assert rows["ShareGPT"][3].startswith(f"{size['before']} → {size['count']}")
    for own in mix_of(measured)["sizes"]:
        row = rows[page_mix.DUMPS[own["source"]]]
        assert row[4] == f"{own['before']} → {own['count']}" and row[5] == shown(own)
        assert row[7] == f"{own['reply_tokens']:,}"
    assert sum(float(row[6].split(" ")[0]) for name, row in rows.items() if name != "Source") == pytest.approx(
        100, abs=0.2
    )


def test_table_5_has_the_paper_the_reader_and_ours(measured):
    rows = {row[0]: row for row in Reader(str(page_categories.categories(measured))).rows}
    ours = zip(("as asked", "after cleaning", "by rules"), _numbers(measured), strict=True)
    assert rows["Category"][1:4] == ["Paper, %50 queries", "Public: by a reader, %100 queries",
                                     "Public: by rules, %100 queries"]  # fmt: skip
    assert rows["Category"][4:] == [f"Here: {by}, %{n:,} queries" for by, n in ours]
    assert rows["Generation"][1] == "31 [20, 45]" and rows["Invalid"][1] == "2 [0, 10]"
    reader = {row["category"]: row for row in RECORD["categories"] if row["by"] == "reader"}
    asked, own = ({row["category"]: row for row in mix_of(measured)["categories"] if row["by"] == by}
                  for by in ("label", "label, cleaned"))  # fmt: skip
    for name in page_categories.TABLE_5:
        assert rows[name][2] == shown(reader[name]) and rows[name][5] == shown(own[name])
    assert own["Non-English"]["share"] < 0.2 * asked["Non-English"]["share"]  # the language filter took most


def _numbers(made: Results) -> list[int]:
    return [next(row["n"] for row in mix_of(made)["categories"] if row["by"] == by) for by in page_categories.SORTED_BY]


def test_accuracy_is_shown_for_familiar_held_out_and_real_queries(measured):
    rows = Reader(str(page_categories.accuracy(measured))).rows[1:]
    found = mix_of(measured)["accuracy"]
    assert [row[2] for row in rows] == [shown(found["records"]), shown(found["held_out"]), shown(RECORD["accuracy"])]


def test_dirt_quarantine_and_language_equal_their_files(measured):
    mix = mix_of(measured)
    rows = Reader(str(page_checks.dirt(measured))).rows[1:]
    assert [row[2:] for row in rows] == [[f"{one['n']:,}", shown(one) if one["n"] else "– none to count"]
                                         for one in mix["exam"]]  # fmt: skip
    found = Reader(str(page_checks.quarantine(measured))).rows[1:]
    assert sum(int(row[2]) for row in found) == sum(one["count"] for one in mix["quarantine"]) > 0
    turns = Reader(str(page_checks.language())).rows[1:]
    assert [row[2] for row in turns] == [shown(RECORD["language"][name]) for name in ("all", "short", "long")]


def test_the_table_behind_the_page_has_every_count(measured):
    table, mix = measured.measurements("data_mix"), mix_of(measured)
    assert list(table.columns) == data_mix.COLUMNS and set(table["source"]) == {"fresh"}
    left = table[(table["part"] == "flow") & (table["kind"] == "left")]
    assert left["count"].tolist() == [step["after"] for step in mix["flow"]]
    assert set(left["step"]) == set(STEPS) and table["share"].dropna().between(0, 1).all()
    assert table.loc[table["part"] == "dirt", "count"].tolist() == [one["count"] for one in mix["exam"]]
    assert set(table["part"]) == {"flow", "quarantine", "size", "category", "dirt", "accuracy", "mentions", "length"}


# ---- seeds, dialogues, figures ---------------------------------------------------------------------------------------


def test_seeds_and_request_are_shown_escaped(measured):
    found = Reader(str(page_seeds.seeds(measured)))
    assert len(found.rows) == 11 and found.rows[1][1] == "What is <b>0</b>?" and "script" not in found.tags()
    asked = Reader(str(page_seeds.prompt(measured)))
    assert "Here are five examples" in asked.text and "25.0% of the pairs are right" in asked.text
    assert "12 requests, 30 distinct pairs, 4 pairs that were there already, 7 malformed blocks" in asked.text


def test_two_dialogues_are_shown_and_nothing_in_them_acts(measured):
    found = Reader(str(page_mix.examples(measured)))
    assert found.text.count("sorted by rules as") == 2 and found.text.count("Teacher") >= 4
    assert not {"script", "b"} & found.tags() and "\x1b" not in found.text and "<script>alert(1)</script>" in found.text


@pytest.mark.parametrize("draw", [mix_figures.flow, mix_figures.lengths])
def test_figures_say_in_words_what_they_show(measured, draw):
    html = str(draw(measured))
    alt = re.search(r'aria-label="([^"]+)"', html)[1]
    mix = mix_of(measured)
    if draw is mix_figures.flow:
        assert f"{sum(one['before'] for one in mix['sizes']):,} raw records" in alt and "506 raw records" in alt
        stages = mix_figures.stages(mix["flow"])
        assert stages[-1][1] == {one["source"]: one["count"] for one in mix["sizes"]} and len(stages) == 7
    else:
        assert "Real ShareGPT sample query" in alt and "HC3 reply" in alt
    assert html.count("<svg") == 2 and "$x^2$" not in html


def test_without_results_every_part_says_so():
    made = results("smoke")
    for part in (page_mix.answer(made), page_mix.sizes(made), page_checks.dirt(made), page_checks.quarantine(made),
                 page_categories.categories(made), page_categories.accuracy(made), page_seeds.seeds(made),
                 page_seeds.prompt(made), page_mix.examples(made), mix_figures.flow(made),
                 mix_figures.lengths(made)):  # fmt: skip
        text = Reader(str(part)).text
        assert "not computed yet" in text or RECORD["accuracy"]["n"] == 100 and "labelled by a reader" in text
    assert page_mix.in_words(made) == "" and "public sample is real" in str(page_mix.banner(made))
    assert str(page_mix.banner(results("thousandth"))) == ""


def test_in_words_lists_what_is_kept(measured):
    size = mix_of(measured)["sizes"][0]
    assert page_mix.in_words(measured).startswith(f"kept of ShareGPT {100 * size['share']:.1f}; HC3 ")


# ---- the study and the notebook --------------------------------------------------------------------------------------


def test_seed_pairs_are_those_that_the_local_data_was_made_from():
    local = Specs(load_scale("smoke"), Machine()).data(Arm("local", pairs=30))
    assert data_mix.seed_pairs(local) == _seeds(local.settings) and len(data_mix.seed_pairs(local)) == 10


def test_the_study_plans_the_mix_and_the_local_data(monkeypatch):
    asked = []

    class Session:
        specs = SimpleNamespace(data_mix=lambda: "mix", data=lambda arm: arm)
        scale = SimpleNamespace(imitation=SimpleNamespace(headline_pairs=30))

        def carry_out(self, runs):
            asked.extend(runs)

    monkeypatch.setattr(data_mix, "open_session", lambda page, p: Session())
    data_mix.run(SimpleNamespace())
    assert asked == ["mix", Arm("local", pairs=30)]


def test_the_notebook_shows_the_parts_in_the_order_of_the_template():
    cells = nbformat.read(NOTEBOOKS / "data_mix.ipynb", as_version=4).cells
    source = "\n".join(cell.source for cell in cells)
    order = ["# The data mix (section 3)", ":class: question", "pages.expect", "page_mix.answer", "page_mix.sizes",
             "mix_figures.flow", "page_checks.dirt", "mix_figures.lengths", "page_categories.categories",
             "page_seeds.seeds", "page_seeds.prompt", "page_mix.examples", "## How it was measured",
             "## What this page does not prove", "page_cards.rerun", "## Exercises",
             "page_cards.endmatter"]  # fmt: skip
    places = [source.index(one) for one in order]
    assert places == sorted(places) and source.count("```{exercise}") == source.count("{solution} ex-") == 3
    for cell in cells:
        if cell.source.startswith("mix_figures."):
            assert cell.metadata.mystnb["figure"]["caption"] and "hide-input" in cell.metadata.tags
    assert max(len(line) for line in source.split("\n")) < 200


def test_pandas_reads_the_table_as_it_was_written(measured):
    again = pd.read_csv(measured.folder / "data_mix.csv", keep_default_na=False, na_values=[""])
    assert again["run_id"].eq("data_mix-0123").all()
