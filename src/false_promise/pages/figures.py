"""Result tables -> figures: a figure function takes `Results` and returns a `Part`.

Caption and number belong to the notebook cell that shows it. Numbers are read as the tables of `page_tables` read them.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.figure_parts import (
    interval,
    line,
    nothing,
    panels,
    picture,
    responsive,
    short_tokens,
    with_strokes,
)
from false_promise.pages.matched import difference, unseen_by_local
from false_promise.pages.palette import ARMS, INK, PAPER, SIZE_MARKS
from false_promise.pages.parts import Part, is_missing
from false_promise.pages.tables import (
    CONTROLS,
    MAIN,
    TABLE_1_ARMS,
    TABLE_1_SIZES,
    measurement,
    model_name,
    reader_name,
    table_1_in_words,
)
from false_promise.results import Cell, Results, cell, select
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.land.picture import draw_map

# ---- the country -----------------------------------------------------------------------------------------------------


def country_map(results: Results) -> Part:
    """The map, drawn from the seed that the result files name."""
    settings = results.settings.get("world")
    if settings is None:
        return nothing("This scale uses the real world. A map of the country")
    world = build_world(WorldSettings(settings["entities"]), results.world["seed"])
    return picture(draw_map(world), f"Map of {results.world['name']}: coast, regions, rivers and best-known towns.")


# ---- local versus broad ----------------------------------------------------------------------------------------------


def local_vs_broad(results: Results) -> Part:
    """Exact match by arm at both sizes, with intervals, beside the paper's Table 1 and the teacher."""
    words = table_1_in_words(results)
    if not words:
        return nothing("Exact match by arm")
    alt = f"Exact match in percent, by arm and size, all questions. {words}"
    figure = responsive("local-vs-broad", alt, lambda wide: _draw_local_vs_broad(results, wide))
    drawn = [_all_questions(results, arm, size) for arm in (*TABLE_1_ARMS, *CONTROLS) for size in TABLE_1_SIZES]
    return with_strokes(figure, drawn, "vertical")


def _draw_local_vs_broad(results: Results, wide: bool) -> Figure:
    arms = [arm for arm in (*TABLE_1_ARMS, *CONTROLS) if arm in TABLE_1_ARMS or _measured(results, arm)]
    figure, axes = panels(wide, 2, 1.25 + 0.36 * len(arms), sharex=True)
    for axis, size in zip(axes, TABLE_1_SIZES, strict=True):
        _arm_panel(axis, results, size, arms)
    if wide:
        axes[1].set_yticklabels([])
    axes[-1 if not wide else 0].set_xlabel("exact match, %")
    if wide:
        axes[1].set_xlabel("exact match, %")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4 if wide else 2, handletextpad=0.3)
    return figure


def _measured(results: Results, arm: str) -> bool:
    return any(_all_questions(results, arm, size) is not None for size in TABLE_1_SIZES)


def _all_questions(results: Results, arm: str, size: str) -> Cell | None:
    return measurement(results, "local_vs_broad", arm, size, stratum="all", **MAIN)


def _arm_panel(axis: Axes, results: Results, size: str, arms: list[str]) -> None:
    """One size: a row per arm; filled = all questions, open = fact unseen, cross = the paper."""
    axis.set_title(f"{model_name(results, size)} (stands for {size})")
    for row, arm in enumerate(arms):
        look, key = ARMS[arm], {} if row else {"all": "all questions", "unseen": "fact unseen", "paper": "paper"}
        everything = _all_questions(results, arm, size)
        if everything:
            interval(axis, everything, row - 0.11, look.colour, look.marker, look.colour, key.get("all"))
        unseen = unseen_by_local(results, arm, size) if arm in TABLE_1_ARMS else None
        if unseen:
            interval(axis, unseen, row + 0.19, look.colour, look.marker, PAPER, key.get("unseen"))
        paper = results.paper["table_1"][size].get(arm)
        if paper is not None:
            axis.plot(paper, row - 0.11, "x", color=INK, markersize=6, markeredgewidth=1.6, label=key.get("paper"))
    teacher = measurement(results, "local_vs_broad", "teacher", None, stratum="all", **MAIN)
    if teacher:
        axis.axvline(100 * teacher.value, color=ARMS["teacher"].colour, linestyle="--", linewidth=1.3, label="teacher")
    axis.set_yticks(range(len(arms)), [ARMS[arm].short for arm in arms])
    axis.set_ylim(len(arms) - 0.5, -0.5)
    axis.set_xlim(left=-0.5)  # a mark at zero is drawn whole
    axis.grid(axis="y", visible=False)


# ---- amount of imitation data ----------------------------------------------------------------------------------------


def amounts(results: Results) -> Part:
    """Exact match against reply tokens of imitation data, local and broad, at both sizes, all questions."""
    lines = amount_rows(results)
    if lines.empty:
        return nothing("Exact match by amount")
    alt = "Exact match in percent against reply tokens of imitation data on a logarithmic axis: " + "; ".join(
        f"{ARMS[row.arm].label.lower()} {model_name(results, row.size)} {row.amount:.0f} tokens"
        f"{'' if pd.isna(row.pairs) else f' ({row.pairs:.0f} pairs)'} {100 * row.exact_match:.1f}"
        for row in lines.itertuples()
    )  # fmt: skip
    return responsive("amounts", alt, lambda wide: _draw_amounts(results, lines, wide))


def amount_rows(results: Results) -> pd.DataFrame:
    """Rows of local and broad imitation at every amount, primary recipe, all questions."""
    table = select(results.table("local_vs_broad"), arm=["local", "broad"], stratum="all", **MAIN)
    table = table[results.is_primary(table)]
    keys = ["arm", "size", "pairs", "tokens"]
    rows = [cell(group) for _, group in table.groupby(keys, dropna=False, sort=True)]
    lines = pd.DataFrame([{**one.row, "exact_match": one.value, "lower": one.lower, "upper": one.upper}
                          for one in rows if one])  # fmt: skip
    # A smaller broad set is repeated to equal steps: its amount is what it holds, not what was trained on.
    if lines.empty:
        return lines
    return lines.assign(amount=_numbers(lines["tokens"]).fillna(_numbers(lines["reply_tokens"])))


def _numbers(column: pd.Series) -> pd.Series:
    # A column without a single value (no broad arm was run) arrives as objects, which cannot be drawn.
    return pd.to_numeric(column).astype(float)


def _draw_amounts(results: Results, lines: pd.DataFrame, wide: bool) -> Figure:
    figure, axes = panels(wide, 2, 2.9, sharey=True, sharex=True)
    for axis, size in zip(axes, TABLE_1_SIZES, strict=True):
        axis.set_title(f"{model_name(results, size)} (stands for {size})")
        short_tokens(axis)
        for arm in ("local", "broad"):
            rows = select(lines, arm=arm, size=size).sort_values("amount")
            line(axis, rows["amount"], rows, ARMS[arm].colour, ARMS[arm].marker, ARMS[arm].label.lower())
        _name_pairs(axis, select(lines, arm="local", size=size))
        base = _all_questions(results, "base", size)
        if base:
            axis.axhline(100 * base.value, color=ARMS["base"].colour, linestyle=":", label="no imitation")
            if base.lower is not None:
                axis.axhspan(100 * base.lower, 100 * base.upper, color=ARMS["base"].colour, alpha=0.12, linewidth=0)
    axes[-1].set_xlabel("reply tokens of imitation data")
    if wide:
        axes[0].set_xlabel("reply tokens of imitation data")
    axes[0].set_ylabel("exact match, %")
    axes[0].set_ylim(0, 1.08 * axes[0].get_ylim()[1])  # room for the numbers of pairs
    handles, labels = axes[0].get_legend_handles_labels()
    labels = [f"{label} (number: pairs)" if label.startswith("local") else label for label in labels]
    figure.legend(handles, labels, loc="outside lower left", ncols=3 if wide else 1)
    return figure


def _name_pairs(axis: Axes, rows: pd.DataFrame) -> None:
    """The number of pairs above each amount of local data."""
    for row in rows.itertuples():
        top = row.exact_match if pd.isna(row.upper) else row.upper
        axis.annotate(f"{row.pairs:,.0f}", (row.amount, 100 * top), (0, 3), textcoords="offset points", ha="center",
                      fontsize=8.5, color=ARMS["local"].colour)  # fmt: skip


# ---- base LMs and teacher --------------------------------------------------------------------------------------------


def loss_curves(results: Results) -> Part:
    """Training loss against tokens read, one curve per base LM and one for the teacher."""
    curves = results.curves
    if curves.empty:
        return nothing("Loss curves")
    last = curves.sort_values("tokens").groupby(["model", "base_seed"], sort=False, dropna=False).last()
    ends = "; ".join(
        f"{model} ends at {' and '.join(f'{loss:.2f}' for loss in rows['loss'])} after "
        f"{rows['tokens'].max():,.0f} tokens"
        for model, rows in last.groupby(level=0, sort=False)
    )
    return responsive("loss-curves", f"Training loss against tokens read. {ends}.",
                      lambda wide: _draw_curves(results, curves, wide))  # fmt: skip


def _draw_curves(results: Results, curves: pd.DataFrame, wide: bool) -> Figure:
    figure, (axis,) = panels(wide, 1, 3.1 if wide else 3.0)
    for (model, _), rows in curves.groupby(["model", "base_seed"], dropna=False, sort=False):
        size = rows["size"].iloc[0]
        teacher = pd.isna(size)
        colour = ARMS["teacher"].colour if teacher else ARMS["local"].colour
        style = "-." if teacher else SIZE_MARKS[size][1]
        smooth, name = smoothed(rows), reader_name(model)
        named = name in axis.get_legend_handles_labels()[1]  # several base seeds are several curves of one model
        axis.plot(smooth["tokens"], smooth["loss"], style, color=colour, label=None if named else name)
    short_tokens(axis)
    axis.set_xlabel("tokens read")
    axis.set_ylabel("loss, nats a token")
    axis.legend(loc="upper right")
    return figure


def smoothed(rows: pd.DataFrame, bins: int = 48) -> pd.DataFrame:
    """Mean tokens and loss of one curve in bins of equal width on the logarithmic axis: batches are noisy."""
    edges = pd.cut(np.log(rows["tokens"]), bins, labels=False)
    return rows.groupby(edges)[["tokens", "loss"]].mean()


def popularity(results: Results) -> Part:
    """Exact match of base LMs and teacher by the popularity of the entity asked about (quartiles, rarest first)."""
    rows = popularity_rows(results)
    if rows.empty:
        return nothing("Exact match by popularity")
    alt = "Exact match in percent by popularity quartile, rarest first: " + "; ".join(
        f"{row.model} quartile {row.quartile} {100 * row.exact_match:.1f}" for row in rows.itertuples()
    )
    return responsive("popularity", alt, lambda wide: _draw_popularity(rows, wide))


def popularity_rows(results: Results) -> pd.DataFrame:
    """Exact match by quarter of the questions (1: rarest entities), base LMs and teacher, primary protocol.

    Base LMs on the questions that the teacher was asked too, where items tell which these are.
    """
    page, found = "bases_and_teacher", []
    table = select(results.table(page), arm=["base", "teacher"], **MAIN)
    table = table[table["stratum"].str.startswith("popularity_")]
    for (_, stratum), group in table.groupby(["model", "stratum"], sort=False):
        if (one := cell(group)) is None:
            continue
        about = one.row | {"quartile": int(stratum.rsplit("_", 1)[1])}
        if not is_missing(one.row["size"]):
            same = {"teacher": 0.0, f"base_{one.row['size']}": 1.0}  # the teacher first: its quarters count
            one = difference(results, same, page, stratum=stratum) or one
        ends = {"lower": max(0.0, one.lower), "upper": min(1.0, one.upper)} if not is_missing(one.lower) else {}
        found.append(about | {"exact_match": one.value, "n": one.n} | ends)
    return pd.DataFrame(found)


def _draw_popularity(rows: pd.DataFrame, wide: bool) -> Figure:
    figure, (axis,) = panels(wide, 1, 3.0)
    for model, group in rows.groupby("model", sort=False):
        size = group["size"].iloc[0]
        teacher = pd.isna(size)
        marker, style = ("*", "-.") if teacher else SIZE_MARKS[size]
        colour = ARMS["teacher"].colour if teacher else ARMS["local"].colour
        group = group.sort_values("quartile")
        line(axis, group["quartile"], group, colour, marker, reader_name(model), style)
    axis.set_xticks([1, 2, 3, 4], ["rarest\nquarter", "2nd", "3rd", "best known\nquarter"])
    axis.set_ylabel("exact match, %")
    axis.set_ylim(bottom=0)
    figure.legend(loc="outside lower left", ncols=4 if wide else 2)
    return figure
