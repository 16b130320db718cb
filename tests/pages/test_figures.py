"""Figures: the numbers they plot, their words, their ink, and that they load nothing."""

import re
import shutil

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from book_fixtures import results
from false_promise.pages import figures
from false_promise.pages.figure_parts import NARROW, panels, picture, with_strokes
from false_promise.pages.palette import ARMS, INK, MUTED, PAPER, SKY, arm, themed
from false_promise.pages.parts import Part
from false_promise.results import Cell, Results, select
from page_reader import Reader

DRAWN = (figures.local_vs_broad, figures.amounts, figures.loss_curves, figures.popularity)
_cache = {}


def drawn(function):
    if function not in _cache:
        _cache[function] = str(function(results()))
    return _cache[function]


@pytest.mark.parametrize("function", DRAWN)
@pytest.mark.slow
def test_figures_are_two_inline_svgs_with_words_and_load_nothing(function):
    html = drawn(function)
    found = Reader(re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL))
    images = [attributes for tag, attributes in found.elements if tag == "svg"]
    assert len(images) == 2 and all(len(one["aria-label"]) > 40 and one["role"] == "img" for one in images)
    assert not {"script", "image", "img"} & found.tags()
    assert not re.search(r'(href|src)="(?!#)', html) and "url(http" not in html


@pytest.mark.parametrize("function", DRAWN)
def test_ink_follows_the_page_and_identifiers_are_unique_per_figure(function):
    html = drawn(function)
    assert "currentColor" in html and not any(sentinel in html for sentinel in (INK, MUTED, PAPER))
    assert not re.search(r'id="[A-Za-z0-9.]+_\d+"', html)
    wide, narrow = html.split('<div class="fp-narrow">')
    clips = re.compile(r'<clipPath id="([^"]+)"')
    assert set(clips.findall(wide)) and not set(clips.findall(wide)) & set(clips.findall(narrow))


def test_the_same_numbers_give_the_same_bytes():
    assert str(figures.loss_curves(results())) == drawn(figures.loss_curves)


def test_words_of_the_first_figure_equal_the_csv():
    table = results().measurements("local_vs_broad")
    row = select(table, arm="local", size="13B", pairs=6000, shots=3, scoring="few_shot", stratum="all").iloc[0]
    assert f"13M local {100 * row.exact_match:.1f}" in drawn(figures.local_vs_broad)


def test_first_figure_plots_estimates_intervals_and_the_paper():
    figure = figures._draw_local_vs_broad(results(), True)
    axis = figure.axes[0]
    points = {round(float(line.get_xdata()[0]), 1) for line in axis.lines if len(line.get_xdata()) == 1}
    table = results().measurements("local_vs_broad")
    row = select(table, arm="broad", size="7B", tokens=150000, shots=3, scoring="few_shot", stratum="all").iloc[0]
    assert round(100 * row.exact_match, 1) in points and {17.0, 10.0, 22.0} <= points
    ends = [tuple(line.get_xdata()) for line in axis.lines if len(line.get_xdata()) == 2]
    assert any(end == pytest.approx((100 * row.lower, 100 * row.upper)) for end in ends)
    plt.close(figure)


def test_arms_that_were_not_run_have_no_row():
    figure = figures._draw_local_vs_broad(results(), False)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["base", "broad", "local", "style only", "true answers", "more web"]
    plt.close(figure)


@pytest.mark.parametrize(
    ("fresh", "shown"), [((0.3, None), True), ((0.2, None), False), ((None, None), False), ((), False)]
)
def test_strokes_are_explained_only_where_some_are_drawn(fresh, shown):
    cells = [Cell(0.2, 0.1, 0.3, 9, {"fresh": one, "exact_match": 0.2}) for one in fresh]
    made = str(with_strokes(Part("<svg>"), [None, Cell(0.2, 0.1, 0.3, 9, {}), *cells], "vertical"))
    assert made.startswith("<svg>") and ("Short vertical stroke: your own run alone" in made) == shown


def test_curves_of_two_base_models_have_one_name():
    curves = results().curves
    bases = curves[curves["base_seed"].notna()]
    figure = figures._draw_curves(results(), pd.concat([curves, bases.assign(base_seed=1)]), True)
    axis = figure.axes[0]
    named = [text.get_text() for text in axis.get_legend().get_texts()]
    models, sizes = curves["model"].nunique(), bases["model"].nunique()
    assert len(named) == len(set(named)) == models and len(axis.lines) == models + sizes
    plt.close(figure)


def test_strokes_say_that_the_mark_is_of_several_base_models():
    one = Cell(0.2, 0.1, 0.3, 9, {"fresh": 0.3, "exact_match": 0.2, "base_seeds": 2})
    made = str(with_strokes(Part("<svg>"), [one], "vertical"))
    assert "your own run of the first base model alone" in made and "recorded ones, of 2 base models" in made


def test_the_first_figure_explains_its_strokes_where_today_s_run_stands_beside_recorded_ones():
    figure = figures._draw_local_vs_broad(results(), True)
    strokes = [line for axis in figure.axes for line in axis.lines if line.get_marker() == "|"]
    assert len(strokes) == 2 and "Short vertical stroke" in drawn(figures.local_vs_broad)
    plt.close(figure)


def test_amounts_hold_every_amount_once_and_headline_rows_too():
    lines = figures.amount_rows(results())
    local = lines[(lines["arm"] == "local") & (lines["size"] == "7B")]
    assert sorted(local["pairs"]) == [6, 60, 600, 6000]
    broad = lines[(lines["arm"] == "broad") & (lines["size"] == "13B")]
    assert sorted(broad["amount"]) == [20000, 80000, 150000]


@pytest.mark.parametrize("wide", [True, False])
def test_amounts_name_the_numbers_of_pairs_inside_the_axes(wide):
    figure = figures._draw_amounts(results(), figures.amount_rows(results()), wide)
    for axis in figure.axes:
        assert [text.get_text() for text in axis.texts] == ["6", "60", "600", "6,000"]
        assert all(text.xy[1] < 0.95 * axis.get_ylim()[1] for text in axis.texts)
    assert "(60 pairs)" in drawn(figures.amounts)
    plt.close(figure)


def test_popularity_has_four_quarters_of_every_model():
    rows = figures.popularity_rows(results())
    assert rows.groupby("model")["quartile"].apply(sorted).tolist() == [[1, 2, 3, 4]] * 4


def test_smoothing_keeps_the_level_and_the_range_of_a_curve():
    tokens = [100 * 1.05**step for step in range(200)]
    rows = pd.DataFrame({"tokens": tokens, "loss": [3 + (-1) ** step for step in range(200)]})
    smooth = figures.smoothed(rows)
    assert len(smooth) == 48 and smooth["loss"].between(2.4, 3.6).all()
    assert smooth["tokens"].is_monotonic_increasing and smooth["tokens"].iloc[-1] <= tokens[-1]


def test_nothing_to_draw_is_said(tmp_path):
    shutil.copytree(results().folder, tmp_path / "thousandth")
    made = Results("thousandth", tmp_path / "thousandth")
    for name in ("local_vs_broad", "bases_and_teacher"):
        (tmp_path / f"thousandth/{name}_summary.csv").unlink(missing_ok=True)
        made.measurements(name).head(0).to_csv(tmp_path / f"thousandth/{name}.csv", index=False)
    made.curves.head(0).to_csv(tmp_path / "thousandth/curves.csv", index=False)
    made = Results("thousandth", tmp_path / "thousandth")
    for function in DRAWN:
        assert "not computed yet" in str(function(made)) and "<svg" not in str(function(made))


def test_map_is_an_image_inside_the_page():
    figure = plt.figure(figsize=(1, 1))
    html = str(picture(figure, 'a "map"'))
    attributes = dict(Reader(html).elements)["img"]
    assert attributes["alt"] == 'a "map"' and attributes["src"].startswith("data:image/webp;base64,")
    plt.close(figure)


def test_a_scale_without_a_country_has_no_map():
    made = Results("tenth", results().folder)
    made.__dict__["settings"] = {"world": None}
    assert "real world" in str(figures.country_map(made))


def test_panels_stack_on_a_phone():
    wide, axes = panels(True, 2, 2.0)
    narrow, stacked = panels(False, 2, 2.0)
    assert axes[0].get_subplotspec().colspan != axes[1].get_subplotspec().colspan
    assert stacked[0].get_subplotspec().rowspan != stacked[1].get_subplotspec().rowspan
    assert narrow.get_size_inches()[0] == NARROW < wide.get_size_inches()[0]
    plt.close("all")


def luminance(colour):
    """Relative luminance of WCAG 2."""
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_arms_differ_by_mark_as_well_as_colour_and_show_on_white_and_black():
    assert len({look.marker for look in ARMS.values()}) == len({look.colour for look in ARMS.values()}) == len(ARMS)
    for look in ARMS.values():
        if look.colour == INK:  # the page's own, whatever its mode
            continue
        light, dark = 1.05 / (luminance(look.colour) + 0.05), (luminance(look.colour) + 0.05) / 0.0556
        assert dark > 3 and light > (1.9 if look.colour in (SKY, "#E69F00") else 2.5)


def test_unknown_arms_and_sentinels():
    with pytest.raises(KeyError, match="palette.ARMS"):
        arm("nobody")
    assert themed(f'stroke="{INK}"') == 'stroke="currentColor"'
    assert pd.Series([look.short for look in ARMS.values()]).is_unique
