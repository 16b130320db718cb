"""Parts behind the diversity page's number: what each choice does to it, BLEU variants, neighbours, work of the search.

No text of a public set is shown: the neighbours are texts of the country.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from false_promise.claims.real_text import item_means
from false_promise.diversity.public_data import SHAREGPT, TEMPLATED
from false_promise.pages.diversity import breakable, own_rows, public
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, points, table
from false_promise.results import ResultError, Results

QUARTILES = {0.25: "lower quartile", 0.5: "median", 0.75: "upper quartile"}
LONGEST = 220  # characters of a shown query

# ---- what the definition does ----------------------------------------------------------------------------------------


def readings() -> Part:
    """How far each choice that the paper leaves open moves the mean; everything else stays as it is."""
    rows = [[breakable(what), f"{before:.1f}", f"{after:.1f}", f"<b>{points((after - before) / 100)}</b>"]
            for what, before, after in choices(public())]  # fmt: skip
    head = ["What changes", "Mean before, %", "after, %", "Change, points"]
    return box("result", table(head, rows, label="What each choice does to the number"))


def choices(record: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """(what changes, mean before, mean after); a choice that the record does not hold is left out."""
    sets, items = record["sets"], item_means(record)
    first, every, templated = sets[SHAREGPT], sets["sharegpt_all_turns"], sets[TEMPLATED]
    anyone = sets["sharegpt_all_turns_any_language"]
    near = min(record["curves"]["sharegpt_all_turns"], key=lambda point: abs(point["size"] - first["queries"]))
    found = [
        ("ShareGPT: every turn of a dialogue, not only the first", first["mean"], every["mean"]),
        (f"… the same with about as many queries ({near['size']:,})", first["mean"], near["mean"]),
        ("ShareGPT, every turn: any language, not only English", every["mean"], anyone["mean"]),
        ("… the same without exact duplicates", anyone["mean"], anyone["mean_of_distinct"]),
        ("Super-NaturalInstructions: the input without its task's definition", templated["mean"],
         sets["superni_input"]["mean"]),
    ]  # fmt: skip
    if items:
        n = len(record["claim_12"][TEMPLATED]["scores"])
        what = f"Super-NaturalInstructions: {n:,} queries in place of {templated['queries']:,}"
        found.append((what, templated["mean"], items["super_natural_instructions"]))
    for row in _variants(record, SHAREGPT):
        if row["query_as"] == "hypothesis" and ("add-k" in row["variant"] or row["note"]) and row["mean"]:
            words = row["note"] or "add-one smoothing of n-gram counts"
            found.append((f"ShareGPT, first turns: {words}", first["mean"], row["mean"]))
    return list(dict.fromkeys(found))


def _variants(record: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [row for row in record.get("variants", []) if row["set"] == name]


def variants() -> Part:
    """Every BLEU variant that was measured, on the two sets of the claim: mean and median."""
    record = public()
    labels = {name: record["sets"][name]["label"] for name in (SHAREGPT, TEMPLATED)}
    templated = {(row["variant"], row["query_as"]): row for row in _variants(record, TEMPLATED)}
    rows = []
    for row in _variants(record, SHAREGPT):
        other = templated.get((row["variant"], row["query_as"]), {})
        note = f"<br><small>{escape(row['note'])}</small>" if row["note"] else ""
        rows.append([f"<code>{escape(row['variant'])}</code>{note}", escape(row["query_as"]), _both(row), _both(other)])
    head = ["Variant, in sacrebleu's notation", "The query is the", *(f"{escape(one)}, %" for one in labels.values())]
    foot = '<p class="fp-foot">Mean, and median in grey.</p>'
    return box("result", table(head, rows, label="BLEU variants, mean and median") + foot)


def _both(row: Mapping[str, Any]) -> str:
    if is_missing(row.get("mean")):
        return missing()
    return f'<b>{row["mean"]:.1f}</b> <span class="fp-ci">{row["median"]:.1f}</span>'


# ---- the search ------------------------------------------------------------------------------------------------------


def work(results: Results) -> Part:
    """How many of all pairs the search had to score, on public sets and here; seconds where this run measured them."""
    rows = [_work_row(one["label"], one["queries"], one["pairs"], one["pairs_scored"], None)
            for one in public()["sets"].values()]  # fmt: skip
    rows += [_work_row(f"Here: {row['label']}", row["queries"], row["pairs"], row["pairs_scored"], row["seconds"])
             for row in own_rows(results).values()]  # fmt: skip
    head = ["Set", "Queries", "Pairs", "Pairs scored", "Share scored, %", "Seconds, this run"]
    return box("result", table(head, rows, label="Work of the search"))


def _work_row(label: str, queries: int, pairs: int, scored: int, seconds: float | None) -> list[str]:
    took = missing("not recorded") if seconds is None else f"{seconds:.3f}"
    return [escape(label), count(queries), count(pairs), count(scored), f"{100 * scored / pairs:.2f}", took]


def work_in_words(results: Results) -> Part:
    """The largest public set, and the largest set of this run, in a sentence each."""
    one = max(public()["sets"].values(), key=lambda row: row["pairs"])
    own = max(own_rows(results).values(), key=lambda row: row["pairs"], default=None)
    took = (
        f" In this run, the {own['queries']:,} queries of this scale's largest set took {own['seconds']:.3f} s."
        if own
        else ""
    )
    return box(
        "work",
        f"<p>The largest public set above, {escape(one['label'])} with {one['queries']:,} queries, makes "
        f"{one['pairs']:,} pairs. The search scored {one['pairs_scored']:,} of them, "
        f"<b>{100 * one['pairs_scored'] / one['pairs']:.1f}%</b>, and its answer is the one that scoring every "
        f"pair would have given.{took}</p>",
    )


def filtered() -> Part:
    """The paper's filter (section 4.1): evaluation prompts above 20% BLEU with any training query."""
    sets = public()["sets"]
    rows = [[escape(sets[row["prompts"]]["label"]), escape(sets[row["training"]]["label"]), f"{row['threshold']:g}",
             count(row["n"]), count(row["above"])] for row in public().get("filter", [])]  # fmt: skip
    head = ["Prompts", "Training queries", "Threshold, %", "Prompts checked", "Dropped"]
    return box("result", table(head, rows, label="Prompts that the paper's filter would drop"))


# ---- neighbours ------------------------------------------------------------------------------------------------------


def neighbours(results: Results) -> Part:
    """Queries of the country at the quartiles of two sets, each beside its most similar other query."""
    try:
        found = results.measurements("diversity_neighbours")
    except ResultError:
        return box("result", missing("Neighbours: not computed yet"))
    rows = []
    for name, group in found.groupby("set", sort=False):
        label = own_rows(results).get(name, {}).get("label", name)
        rows.append([f'<th scope="rowgroup" colspan="3"><b>{escape(label)}</b></th>'])
        rows += [_pair(row) for row in group.itertuples()]
    return box("result", table(["BLEU, %", "Query", "Most similar other query"], rows, label="Queries and neighbours"))


def _pair(row: Any) -> list[str]:
    what = QUARTILES.get(row.quantile, f"quantile {row.quantile}")
    return [f"<b>{row.bleu:.1f}</b><br><small>{escape(what)}</small>", _shortened(row.query), _shortened(row.neighbour)]


def _shortened(text: Any) -> str:
    text = "" if pd.isna(text) else str(text)
    return escape(text if len(text) <= LONGEST else f"{text[:LONGEST]} …")
