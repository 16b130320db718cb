"""What was fixed before the study: rates, bands and power of the pilot world, as the files have them."""

import pandas as pd
import pytest

import false_promise.results
from book_fixtures import results
from book_texts import HOSTILE, pilot_tables
from false_promise.claims.planning import claim_power
from false_promise.files import write_table
from false_promise.pages.calibration import pilot_preconditions, power, rates
from page_reader import Reader


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A folder of recorded files that holds what a test writes."""
    monkeypatch.setattr(false_promise.results, "RECORDED", tmp_path)

    def write(**changed: pd.DataFrame) -> None:
        for name, table in pilot_tables().items():
            write_table(tmp_path / "pilot" / name, changed.get(name.removesuffix(".csv"), table))

    return write


def test_losses_equal_the_csv_and_the_chosen_rate_is_marked(recorded):
    recorded()
    table = pilot_tables()["learning_rates.csv"]
    head, *found = Reader(str(rates(results()))).rows
    assert head[1:] == ["rate 0.0001", "rate 0.0003", "rate 0.001"] and len(found) == 4
    assert [row[0] for row in found] == ["7B, all weights", "7B, LoRA", "13B, all weights", "13B, LoRA"]
    for cells, (_, group) in zip(found, table.groupby(["size", "method"], sort=False), strict=True):
        marks = ["✓ " if one else "" for one in group["chosen"]]
        assert cells[1:] == [f"{mark}{loss:.3f}" for mark, loss in zip(marks, group["loss"], strict=True)]
        assert sum("✓" in cell for cell in cells) == 1


def test_the_rates_in_use_are_those_of_the_scale_and_may_differ_by_size(recorded):
    recorded()
    made = results()
    used = ", ".join(f"{rate:g} ({made.sizes[size].upper()})" for size, rate in made.learning_rates.items())
    assert (
        f"Scale thousandth tunes all weights at the rates {used}, not at the frozen ones."
        in Reader(str(rates(made))).text
    )
    other = type(made)(made.scale, made.folder)
    tuning = made.settings["tuning"]
    by_size = {"full": {"1.5m": 0.001, "7m": 0.0003, "13m": 0.0003}}
    other.__dict__["settings"] = made.settings | {"tuning": tuning | {"learning_rates": by_size}}
    assert "0.001 (1.5M), 0.0003 (7M), 0.0003 (13M)." in Reader(str(rates(other))).text


def test_a_rate_that_was_not_tried_is_an_empty_cell(recorded):
    table = pilot_tables()["learning_rates.csv"]
    recorded(learning_rates=table.drop(index=0))
    assert Reader(str(rates(results()))).rows[1][1] == "– not computed yet"


def test_power_of_a_claim_is_the_product_of_its_parts_or_says_what_is_missing(recorded):
    recorded()
    found = {row[0].split(".")[0]: row[1:] for row in Reader(str(power())).rows[1:]}
    known = claim_power(pilot_tables()["power.csv"])
    assert known[6] == pytest.approx(0.85 * 0.8) and 4 not in known
    assert found["6"] == ["local minus base 7B 0.85; local minus base 13B 0.80", f"⚠ {known[6]:.2f} underpowered"]
    assert found["5"] == ["NQ 0.97", "0.97"]
    assert found["4"][0] == "NQ 0.99base at 13m, code" and found["4"][1] == "– not all parts known"
    assert "0.8 was wanted" in str(power()) and "(primary)" in str(power())


def test_pilot_bands_are_named_as_such(recorded):
    recorded()
    text = Reader(str(pilot_preconditions())).text
    assert text.startswith("On the pilot world: 2 of 4 preconditions") and "15 to 45" in text


def test_before_the_calibration_everything_says_so(recorded):
    for part in (rates(results()), pilot_preconditions(), power()):
        assert "not computed yet" in str(part)
    assert "tunes all weights" in str(rates(results())) and "frozen" not in str(rates(results()))


def test_texts_of_the_files_are_escaped(recorded):
    tables = pilot_tables()
    recorded(
        learning_rates=tables["learning_rates.csv"].assign(size=HOSTILE, method=HOSTILE),
        power=tables["power.csv"].assign(part=HOSTILE, note=HOSTILE),
        preconditions=tables["preconditions.csv"].assign(name=HOSTILE),
    )
    for part in (rates(results()), pilot_preconditions(), power()):
        found = Reader(str(part))
        assert "<script>alert(1)</script>" in found.text and "script" not in found.tags()
