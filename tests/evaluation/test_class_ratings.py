"""Ratings of a class: votes, agreement and intervals against closed forms and a published example; bad files."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from false_promise.claims.statistics import wilson_interval
from false_promise.evaluation.preference import class_ratings
from false_promise.evaluation.preference.class_ratings import alpha, as_table, majority, shares
from false_promise.evaluation.preference.rating_files import COLUMNS, RatingError, read_ratings, set_digest


def made_item(name, false=False, value=True):
    verdict = "contradicted" if false else "supported"
    answer = {"text": "Born in 1871.", "statements": [{"start": 0, "end": 12, "verdict": verdict}]}
    return {"id": name, "category": "short", "prompt": f"Who was {name}?", "model": {"name": "broad"} | answer,
            "teacher": answer, "rater": {"equal_or_better": value}, "almanac": []}  # fmt: skip


ITEMS = [made_item("p0", false=True, value=0.25), made_item("p1", value=0.75), made_item("p2", value=True)]
DIGEST = set_digest(ITEMS)


def line(rater, item, choice, almanac=0, **more):
    """One row as the page exports it; `rater` is a number."""
    row = {"schema_version": 1, "set_digest": DIGEST, "rater": f"r{rater:016x}", "item": item, "category": "short",
           "model": "broad", "choice": choice, "almanac": almanac, "looked_up": 0, "milliseconds": 8000,
           "lookup_milliseconds": "", "order": 1, "time": "2026-11-22T10:00:00.000Z"}  # fmt: skip
    return row | more


def csv(*rows):
    return "".join(",".join(map(str, row)) + "\n" for row in (COLUMNS, *(row.values() for row in rows)))


def table(votes):
    """Ratings without a file: {item: "mte."}, one letter a rater; a dot: no rating."""
    names = {"m": "model", "t": "teacher", "e": "equal"}
    rows = [line(rater, item, names[letter]) for item, letters in votes.items()
            for rater, letter in enumerate(letters) if letter != "."]  # fmt: skip
    return pd.DataFrame(rows)


# ---- votes and agreement ---------------------------------------------------------------------------------------------


def test_the_majority_wins_and_a_tie_counts_as_equal_and_says_so():
    found = majority(table({"a": "mmt", "b": "tte", "c": "mte", "d": "t", "e": "eem", "f": "tm"})).set_index("item")
    assert found["majority"].to_dict() == {"a": "model", "b": "teacher", "c": "equal", "d": "teacher", "e": "equal",
                                           "f": "equal"}  # fmt: skip
    assert found.index[found["tied"]].tolist() == ["c", "f"]
    assert found.loc["a", ["model", "teacher", "equal"]].tolist() == [2, 1, 0]


def test_alpha_is_that_of_krippendorffs_published_example():
    # Krippendorff (2011), Computing Krippendorff's alpha-reliability, section A: two observers, ten units, 0.095.
    first, second = "tmttttttmt", "mmmttmtttt"
    votes = {f"u{place}": pair[0] + pair[1] for place, pair in enumerate(zip(first, second, strict=True))}
    assert alpha(table(votes)).effect == pytest.approx(1 - 19 * 4 / (14 * 6)) == pytest.approx(0.095, abs=5e-4)


def test_alpha_with_missing_ratings_by_hand():
    # Pairs within units: mm, and met (no two alike); unit c has one rating and does not count.
    # n_m = 3, n_t = n_e = 1: three of five values meet others only; by chance 1 - 3 * 2 / (5 * 4) would.
    found = alpha(table({"a": "m.m", "b": "met", "c": "t.."}))
    assert found.effect == pytest.approx(1 - (3 / 5) / (1 - 6 / 20))


def test_alpha_of_perfect_agreement_is_one_with_an_interval_that_has_a_width():
    found = alpha(table({"a": "mmm", "b": "ttt", "c": "eee", "d": "mmm"}))
    assert found.effect == 1 == found.upper and 0 < found.lower < 1


@pytest.mark.parametrize("votes", [{"a": "m", "b": "t"}, {"a": "mm", "b": "mmm"}])
def test_alpha_says_nothing_where_nothing_can_be_said(votes):
    found = alpha(table(votes))
    assert math.isnan(found.effect) and math.isnan(found.lower)


def test_alphas_interval_covers_it_and_is_the_same_twice():
    rng = np.random.default_rng(1)
    votes = {f"u{unit}": "".join(rng.choice(list("mte"), 4, p=[0.6, 0.3, 0.1])) for unit in range(30)}
    found = alpha(table(votes))
    assert found == alpha(table(votes)) and found.lower < 0 < found.upper and found.upper - found.lower < 0.5


# ---- shares ----------------------------------------------------------------------------------------------------------


def test_one_raters_share_has_about_wilsons_interval():
    found = shares(table({f"p{n:03d}": "mte"[n % 3] for n in range(240)}))["all"]
    assert found.effect == pytest.approx(2 / 3)
    assert (found.lower, found.upper) == pytest.approx(wilson_interval(160, 240), abs=0.012)


def test_raters_who_differ_widen_the_interval_as_few_raters_do():
    # Every rater always says the same: 400 ratings know no more than 20 raters.
    found = shares(table({f"p{n:03d}": "m" * 12 + "t" * 8 for n in range(20)}))["all"]
    assert found.effect == pytest.approx(0.6)
    assert (found.lower, found.upper) == pytest.approx(wilson_interval(12, 20), abs=0.03)


def test_the_almanacs_effect_is_not_offered_minus_offered():
    rows = [line(rater, f"p{n}", "teacher" if (n + rater) % 2 and n % 4 else "model", almanac=(n + rater) % 2)
            for rater in range(6) for n in range(12)]  # fmt: skip
    found = shares(pd.DataFrame(rows))
    assert found["not offered"].effect == 1 and found["offered"].effect == pytest.approx(0.25)
    assert found["effect"].effect == pytest.approx(0.75) and 0 < found["effect"].lower < 0.75
    assert found["all"].effect == pytest.approx(0.625) and found["effect"].upper <= 1


def test_shares_that_never_vary_still_have_an_interval_within_nought_and_one():
    found = shares(table({f"p{n}": "mmm" for n in range(8)}))["all"]
    assert found.effect == 1 == found.upper and found.lower < 0.7


def test_without_a_rating_of_one_kind_its_share_and_the_effect_are_unknown():
    found = shares(table({"a": "mt", "b": "tt"}))
    assert math.isnan(found["offered"].effect) and math.isnan(found["effect"].lower) and found["all"].effect == 0.25


def test_the_table_has_what_the_page_shows_in_long_format():
    rows = [line(rater, item["id"], choice, almanac=(rater + place) % 2)
            for rater, choices in enumerate([("model", "equal", "teacher"), ("equal", "model", "teacher")])
            for place, (item, choice) in enumerate(zip(ITEMS, choices, strict=True))]  # fmt: skip
    found = as_table(pd.DataFrame(rows), ITEMS)
    assert list(found.columns) == list(class_ratings.TABLE)
    known = {(row.measure, row.almanac): row for row in found.itertuples()}
    assert known["equal_or_better", "all"].value == pytest.approx(4 / 6)
    assert (known["equal_or_better", "all"].n_items, known["equal_or_better", "all"].n_raters) == (3, 2)
    assert known["majority", "all"].value == pytest.approx(2 / 3) and known["tied", "all"].value == pytest.approx(2 / 3)
    assert known["equal_or_better_wrong", "all"].value == 1 and known["equal_or_better_wrong", "all"].n_items == 1
    assert known["effect_wrong", "all"].value == 0
    assert known["rater_model", "all"].value == pytest.approx((0.25 + 0.75 + 1) / 3)
    assert known["looked_up", "offered"].value == 0
    measured = found[found["value"].notna()]
    assert (measured["lower"] <= measured["value"]).all() and (measured["value"] <= measured["upper"]).all()


# ---- files -----------------------------------------------------------------------------------------------------------


def test_exports_put_together_a_folder_and_json_read_alike(tmp_path):
    one, two = [line(1, "p0", "model"), line(1, "p1", "equal")], [line(2, "p0", "teacher", 1)]
    (tmp_path / "all.csv").write_text("\ufeff" + csv(*one).replace("\n", "\r\n") + csv(*two), encoding="utf-8")
    together = read_ratings(tmp_path / "all.csv", ITEMS)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.csv").write_text(csv(*one), encoding="utf-8")
    rows = [row | {"lookup_milliseconds": None} for row in two]
    (folder / "two.json").write_text(json.dumps({"ratings": rows}), encoding="utf-8")
    (folder / "notes.txt").write_text("not ratings", encoding="utf-8")
    apart = read_ratings(folder, ITEMS)
    pd.testing.assert_frame_equal(together.table, apart.table)
    assert len(together.table) == 3 and (together.files, apart.files) == (1, 2)
    assert not together.quarantined and not together.duplicates
    assert together.table["milliseconds"].tolist() == [8000] * 3 and together.table["lookup_milliseconds"].isna().all()


def test_of_two_ratings_of_an_item_the_latest_counts(tmp_path):
    late = line(1, "p0", "teacher", time="2026-11-22T12:00:00+01:00")  # an hour later than the others
    (tmp_path / "r.csv").write_text(csv(late, line(1, "p0", "model"), line(1, "p0", "equal")), encoding="utf-8")
    found = read_ratings(tmp_path / "r.csv")
    assert found.table["choice"].tolist() == ["teacher"] and found.duplicates == 2
    (tmp_path / "r.csv").write_text(csv(line(1, "p0", "model"), line(1, "p0", "equal")), encoding="utf-8")
    assert read_ratings(tmp_path / "r.csv").table["choice"].tolist() == ["equal"]  # same time: the later line


@pytest.mark.parametrize(
    ("change", "said"),
    [({"choice": "both"}, "choice 'both'"), ({"almanac": 2}, "almanac '2'"),
     ({"milliseconds": -5}, "milliseconds '-5'"), ({"milliseconds": "٣"}, "milliseconds"),
     ({"order": 0}, "order '0'"), ({"rater": "Ann"}, "rater 'Ann'"),
     ({"schema_version": 9}, "schema_version '9'"), ({"item": "p9"}, "item 'p9' is not in the set"),
     ({"item": ""}, "item ''"), ({"time": "yesterday"}, "time 'yesterday'"),
     ({"time": "2026-11-22T10:00:00"}, "with an offset"), ({"set_digest": "=1+1"}, "set_digest '=1+1'"),
     ({"looked_up": 1}, "looked_up 1 does not fit almanac 0"), ({"lookup_milliseconds": 5}, "does not fit"),
     ({"time": "x,y"}, "14 cells, expected 13"), ({"choice": "x" * 500}, "…'")],
)  # fmt: skip
def test_a_bad_row_is_left_out_with_file_line_and_value(tmp_path, change, said):
    bad = line(1, "p1", "model") | change
    (tmp_path / "class.csv").write_text(csv(line(1, "p0", "model"), bad, line(2, "p0", "equal")), encoding="utf-8")
    found = read_ratings(tmp_path / "class.csv", ITEMS)
    assert len(found.table) == 2 and len(found.quarantined) == 1
    words = str(found.quarantined[0])
    assert words.startswith("class.csv, line 3: ") and said in words and len(words) < 250


def test_bad_rows_of_json_are_left_out_too(tmp_path):
    rows = [line(1, "p0", "model"), "no row", line(2, "p0", "model") | {"almanac": True}, {"rater": 1}]
    (tmp_path / "r.json").write_text(json.dumps(rows), encoding="utf-8")
    found = read_ratings(tmp_path / "r.json", ITEMS)
    assert [bad.line for bad in found.quarantined] == [2, 3, 4] and "almanac 'True'" in found.quarantined[1].reason


def test_ratings_of_another_item_set_are_refused(tmp_path):
    other = "s0123456789abcdef"
    (tmp_path / "old.csv").write_text(csv(line(1, "p0", "model", set_digest=other)), encoding="utf-8")
    with pytest.raises(RatingError, match=rf"old\.csv, line 2: .* item set {other}, expected {DIGEST}"):
        read_ratings(tmp_path / "old.csv", ITEMS)
    assert len(read_ratings(tmp_path / "old.csv").table) == 1
    (tmp_path / "new.csv").write_text(csv(line(2, "p0", "model")), encoding="utf-8")
    with pytest.raises(RatingError, match="cannot be put together"):
        read_ratings(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("r.csv", b"name,vote\nAnn,1\n", "does not begin with the columns"), ("r.csv", b"", "no valid rating"),
     ("r.csv", b"\xff\xfe", "save the ratings again as CSV in UTF-8"), ("r.json", b"{", "no JSON export"),
     ("r.json", b'{"ratings": 3}', "no JSON export"), ("r.json", b"[" * 100_000, "no JSON export"),
     ("r.csv", ",".join(COLUMNS).encode() + b"\n" + b"x" * 200_000, "line 2: field larger")],
)  # fmt: skip
def test_files_that_are_no_export_are_refused_by_name(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RatingError, match=said) as error:
        read_ratings(tmp_path / name)
    assert name in str(error.value) and len(str(error.value)) < 500


def test_an_absent_file_and_an_empty_folder_are_refused(tmp_path):
    with pytest.raises(RatingError, match="cannot read"):
        read_ratings(tmp_path / "none.csv")
    with pytest.raises(RatingError, match="0 files"):
        read_ratings(tmp_path)


def test_the_digest_follows_what_readers_see_and_nothing_else():
    changed = [made_item("p0", value=0.1), *ITEMS[1:]]
    assert set_digest(changed) == DIGEST  # another verdict on a statement, another value of the rater
    assert set_digest(ITEMS[::-1]) != DIGEST
    assert set_digest([ITEMS[0] | {"almanac": [{"title": "p0", "lines": ["born: 1893"]}]}, *ITEMS[1:]]) != DIGEST
