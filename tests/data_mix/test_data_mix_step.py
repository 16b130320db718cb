"""Known dirt, categories, the step that counts them, and the record of a real sample."""

import json
import random
from collections import Counter

import numpy as np
import pytest

from false_promise.claims.statistics import wilson_interval
from false_promise.data_mix import public
from false_promise.data_mix.categories import CATEGORIES, category, request
from false_promise.data_mix.cleaning import READ, STEPS, clean
from false_promise.data_mix.dirt import SHARES, applies, dirty, reworded, soil
from false_promise.data_mix.markup import plain
from false_promise.data_mix.mix_measures import (
    EDGES,
    category_shares,
    clustered_share,
    examine,
    histogram,
    rule_accuracy,
    share,
)
from false_promise.data_mix.raw_formats import FORMATS, parse
from false_promise.data_mix.records import read_records, write_records
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.steps import mix
from false_promise.steps.mix import DUMPS, data_mix
from false_promise.world.assistant.dialogues import assistant_dialogues

needs_real_data = pytest.mark.skipif(
    not public.available(), reason=f"no {public.SAMPLE} in {public.REAL_DATA}; set REAL_DATA to have it"
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def records(world):
    """Clean dialogues of all categories and sources, made up by the country's ideal assistant."""
    found, made = {}, enumerate(assistant_dialogues(world, 0))
    while len(found) < 500:
        number, one = next(made)
        source = "sharegpt" if len(one.messages) > 2 else FORMATS[number % 3]
        record = {"id": f"r{number}", "source": source, "category": one.category, "messages": list(one.messages)}
        if one.category in CATEGORIES:
            found.setdefault(one.messages[0]["content"], record)
    return list(found.values())


@pytest.fixture(scope="module")
def soiled(records):
    return soil(records, 0)


# ---- dirt ------------------------------------------------------------------------------------------------------------


def test_soiling_is_seeded_and_does_not_depend_on_the_neighbours(records, soiled):
    assert soil(records, 0) == soiled != soil(records, 1)
    alone = {one.id: one for one in soil(records[:100], 0).damages if one.of}
    assert alone == {one.id: one for one in soiled.damages if one.of in {record["id"] for record in records[:100]}}


def test_every_kind_of_dirt_occurs_about_as_often_as_stated(records, soiled):
    found = Counter(one.kind for one in soiled.damages)
    assert set(found) == set(SHARES)
    for kind, stated in SHARES.items():
        possible = sum(applies(kind, record) for record in records)
        assert 0.3 * stated * possible - 3 <= found[kind] <= 1.7 * stated * possible + 4, kind
    assert len({one.of for one in soiled.damages}) == len(soiled.damages)  # one kind a dialogue


def test_dirty_records_differ_and_clean_ones_do_not(records):
    for kind in SHARES:
        record = next(one for one in records if applies(kind, one) and one["source"] == "sharegpt")
        before = json.dumps(record)
        changed = dirty(record, kind, random.Random(0)) != record
        assert changed == (kind not in ("exact copy", "near copy", "broken")) and json.dumps(record) == before
    assert all(reworded("Where is it?", random.Random(seed)) != "Where is it?" for seed in range(20))


def test_cleaning_finds_the_dirt_and_leaves_the_rest(records, soiled):
    parsed = [parse(source, data) for source, data in soiled.files.items()]
    cleaned = clean(parsed)
    rows = {(row["kind"], row["wanted"]): row for row in examine(soiled, cleaned, records)}
    for kind in ("exact copy", "page", "entities", "copy code", "empty turn", "reply in two turns", "broken",
                 "begins in the middle"):  # fmt: skip
        (row,) = [row for (one, _), row in rows.items() if one == kind]
        assert row["n"] > 0 and row["share"] == 1, kind
    assert rows["near copy", "dropped as a duplicate"]["share"] > 0.5
    assert rows["clean, in English", "unchanged"]["share"] > 0.93
    assert len(cleaned.quarantine) == sum(one.kind == "broken" for one in soiled.damages)


def test_the_sharegpt_dump_is_cut_off_and_read_up_to_the_cut(soiled):
    with pytest.raises(ValueError):
        json.loads(soiled.files["sharegpt"].decode("utf-8", "replace"))
    assert len(parse("sharegpt", soiled.files["sharegpt"]).dialogues) > 100


# ---- categories ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Write a haiku about autumn rain.", "Generation"),
        ("Why do leaves turn red?", "General QA"),
        ("My function throws a TypeError: items.map() is undefined", "Coding"),
        ("Give me ideas for a birthday present.", "Brainstorming"),
        ("Good morning!", "Chat"),
        ("Summarize this article: The council met on Monday.", "Summarization"),
        ("Rephrase this politely: send me the money.", "Rewrite"),
        ("Kannst du mir bitte ein gutes Rezept für einen Kuchen geben?", "Non-English"),
        ("请给我写一首关于春天的诗，谢谢你。", "Non-English"),
        ("qwrtzpsdfg", "Invalid"),
        ("?!", "Invalid"),
        ("What is the capital of the", "Invalid"),
        ("", "Invalid"),
    ],
)
def test_category(query, expected):
    assert category(query) == expected


def test_requests_are_looked_for_at_both_ends_of_long_queries():
    text = "Please read this. " + "word " * 5_000 + "Now summarize the text above."
    assert len(request(text)) < 600 and category(text) == "Summarization"


def test_the_rules_know_the_phrasings_of_the_country(records):
    found = rule_accuracy((record["category"], record["messages"][0]["content"]) for record in records)
    assert found["share"] > 0.8 and found["lower"] < found["share"] < found["upper"]
    assert sum(one["n"] for one in found["by_category"]) == found["n"]


# ---- counting --------------------------------------------------------------------------------------------------------


def test_shares_have_wilsons_interval():
    lower, upper = wilson_interval(3, 20)
    assert share(3, 20) == {"count": 3, "n": 20, "share": 0.15, "lower": round(lower, 4), "upper": round(upper, 4)}
    assert share(0, 0) == {"count": 0, "n": 0, "share": None, "lower": 0.0, "upper": 1.0}


def test_clustered_shares_are_wider_where_clusters_agree():
    hits = [place // 10 % 2 == 0 for place in range(200)]
    together, apart = clustered_share(hits, [str(place // 10) for place in range(200)]), share(100, 200)
    assert together["share"] == apart["share"] == 0.5 and together["clusters"] == 20
    assert together["upper"] - together["lower"] > 2 * (apart["upper"] - apart["lower"])


def test_histograms_count_every_length_once():
    found = histogram([0, 1, 2, 3, 4, 100, 99_999])
    assert sum(found["counts"]) == found["n"] == 7 and found["counts"][:3] == [2, 2, 1] and found["counts"][-1] == 1
    assert found["counts"][EDGES.index(64)] == 1 and found["median"] == np.median([0, 1, 2, 3, 4, 100, 99_999])
    with pytest.raises(ValueError):
        histogram([])


def test_category_shares_leave_out_what_is_not_in_the_table():
    rows = {row["category"]: row for row in category_shares(["Chat", "Chat", "Coding", "Abuse"])}
    assert rows["Chat"]["count"] == 2 and rows["Chat"]["n"] == 3 and list(rows) == list(CATEGORIES)


# ---- the step --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mix")
    write_records(folder / "data" / "records.jsonl",
                  [*records, {"id": "web", "source": "continued_web", "text": "no dialogue"}])  # fmt: skip
    train_tokenizer((message["content"] for record in records for message in record["messages"]), 512).save_pretrained(
        folder / "tokenizer"
    )
    inputs = {"data": folder / "data", "tokenizer": folder / "tokenizer"}
    outs = [folder / name for name in ("one", "two")]
    summaries = [data_mix({"seed": 0}, inputs, out, folder) for out in outs]
    return outs, summaries


def test_the_step_writes_the_same_files_every_time(mixed):
    (one, two), (first, second) = mixed
    assert first == second
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(["cleaned.jsonl", "mix.json", "quarantine.jsonl", *DUMPS.values()])
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)


def test_counts_of_the_step_agree_with_its_files(mixed, records):
    (out, _), (summary, _) = mixed
    counted = json.loads((out / "mix.json").read_text(encoding="utf-8"))
    kept = read_records(out / "cleaned.jsonl")
    quarantine = [
        json.loads(line) for line in (out / "quarantine.jsonl").read_text(encoding="utf-8").split("\n") if line
    ]
    assert summary["kept"] == len(kept) == sum(size["count"] for size in counted["sizes"])
    assert summary["quarantined"] == len(quarantine) == sum(one["count"] for one in counted["quarantine"])
    copies = sum(one["count"] for one in counted["damages"] if one["kind"].endswith("copy"))
    assert summary["raw"] == len(records) + copies + 1  # the record in which the dump ends
    for source in FORMATS:
        steps = [step for step in counted["flow"] if step["source"] == source]
        assert [step["step"] for step in steps] == list(STEPS) and steps[0]["step"] == READ
        assert [step["after"] for step in steps[:-1]] == [step["before"] for step in steps[1:]]
        assert steps[-1]["after"] == sum(record["source"] == source for record in kept)
    assert {record["category"] for record in kept} <= set(CATEGORIES)


def test_lengths_categories_and_examples_of_the_step(mixed, records):
    (out, _), _ = mixed
    counted = json.loads((out / "mix.json").read_text(encoding="utf-8"))
    kept = read_records(out / "cleaned.jsonl")
    for row in counted["lengths"]:
        turns = sum(len(record["messages"]) // 2 for record in kept if record["source"] == row["source"])
        assert row["n"] == turns == sum(row["counts"]) and row["unit"] in ("tokens", "words")
    asked = [row for row in counted["categories"] if row["by"] == "label"]
    assert sum(row["count"] for row in asked) == sum(record["source"] == "sharegpt" for record in records)
    assert sum(row["share"] for row in asked) == pytest.approx(1, abs=0.001)
    assert len(counted["examples"]) == 2 and len({record["category"] for record in counted["examples"]}) == 2
    assert all(record in kept and len(record["messages"]) > 2 for record in counted["examples"])


def test_with_a_world_the_rules_are_tried_on_phrasings_kept_apart(records, tmp_path):
    found = mix._accuracy(records[:50], {"seed": 0, "world": {"entities": 600, "seed": 99}})
    assert found["held_out"]["n"] > 200 and found["held_out"]["share"] < found["records"]["share"]


# ---- the real sample -------------------------------------------------------------------------------------------------


def test_the_public_record_is_sound_and_holds_no_text():
    record = public.load_record()
    assert (
        record["flow"][0]["before"] == record["size"]["before"]
        and record["flow"][-1]["after"] == record["size"]["count"]
    )
    assert max((len(text) for text in _texts(record)), default=0) <= 120
    labels = json.loads(public.LABELS.read_text(encoding="utf-8"))
    assert len(labels["labels"]) == record["accuracy"]["n"] and set(labels["labels"].values()) <= set(CATEGORIES)
    assert labels["source"]["sha256"] == record["sources"][0]["sha256"]


def _texts(value):
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


@pytest.mark.parametrize("damage", ["absent", "another schema"])
def test_a_missing_or_old_record_says_how_to_make_it(tmp_path, damage):
    path = tmp_path / "data_mix.json"
    if damage != "absent":
        path.write_text('{"schema_version": 99}')
    with pytest.raises((FileNotFoundError, ValueError), match="python -m false_promise.data_mix.public"):
        public.load_record(path)


@pytest.mark.slow
@needs_real_data
def test_the_record_is_what_the_sample_gives_today():
    assert public.measure() == public.load_record()


@needs_real_data
def test_no_text_of_the_real_sample_is_touched_by_the_removal_of_markup():
    """It has no trace of a web page left, but hundreds of texts with tags, entities and code in them."""
    texts = [turn["value"] for one in json.loads((public.REAL_DATA / public.SAMPLE).read_text(encoding="utf-8"))
             for turn in one["conversations"]]  # fmt: skip
    assert sum("<" in text or "&" in text for text in texts) > 200
    assert all(plain(text, role) == text.strip() for text in texts for role in ("user", "assistant"))
