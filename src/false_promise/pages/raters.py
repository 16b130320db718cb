"""What is known of raters: the frozen style-only one, GPT-4 on real models, a judge behind an endpoint, the readers.

All but the readers' and the judge's numbers come from the public records in data/public/.
"""

import json
from typing import Any

import pandas as pd

from false_promise.evaluation.preference import frozen, public
from false_promise.pages.common import shown
from false_promise.pages.parts import Part, box, code, count, escape, is_missing, missing, percent, table
from false_promise.pages.rating import figure, paper_share, rating
from false_promise.pages.tables import model_name
from false_promise.results import Cell, Results, select

ITEMS, CLASS, JUDGED = "rating_items.json", "class_ratings.csv", "judge.csv"
RATERS = {"style": "The rater", "length_only": "Length alone", "author": "The author's name alone", "chance": "Chance"}
SPLITS = {"equal_or_better": "Equal or better, %", "better": "Better, %", "ties": "Ties, %", "length_matched":
          "Of matched length, %", "longer": "Longer answers, %", "shorter": "Shorter answers, %"}  # fmt: skip
BASE, TUNED = "llama-13b", "vicuna-13b"  # whose difference is the gain of an imitation over its base LM
JUDGE = {
    "equal_or_better": "Equal or better, %",
    "equal_or_better_shown_first": "Shown first, %",
    "equal_or_better_shown_second": "Shown second, %",
    "tie": "Ties, %",
    "order_change": "Other verdict in the other order, %",
    "order_flip": "Other winner, %",
    "length_matched": "Of matched length, %",
    "malformed": "Malformed replies, %",
}


# ---- the frozen rater ------------------------------------------------------------------------------------------------


def style_rater() -> Part:
    """How well the frozen rater predicts GPT-4's verdicts on questions that it has not seen, and what it weighs."""
    record = frozen.load_record()
    held_out, within = record["held_out_questions"], record["within_pairs_auc"]
    rows = [[escape(words), _auc(held_out[name]["accuracy"], 100), _auc(held_out[name]["auc"]),
             "" if name not in within else f"{within[name]:.2f}"] for name, words in RATERS.items()]  # fmt: skip
    head = ["What predicts the verdict", "Accuracy, %", "AUC", "AUC within pairs of the same two models"]
    heaviest = sorted(record["features"], key=lambda one: -abs(one["weight"]))[:4]
    weighs = "; ".join(f"{one['definition']} ({one['weight']:+.2f})".replace("-", "−") for one in heaviest)
    said = (
        f"<p>Fitted to {count(record['reviews'])} verdicts of GPT-4 on real answers, cross-validated by question, then "
        "frozen. Compare the first two rows. In the last column, within pairs of the same two models, where the "
        "verdict cannot be guessed from who wrote the answers, the rater predicts it "
        f"{against_length()}. It weighs most: {escape(weighs)}.</p>"
    )
    return box("result", said + table(head, rows, label="The style-only rater", css="fp-tight") + _rivals(record))


def against_length() -> str:
    """How the rater compares with length alone within pairs of the same two models: `no better than length (+0.00)`."""
    within = frozen.load_record()["within_pairs_auc"]
    gap = round(within["style"] - within["length_only"], 2)
    side = "better than" if gap > 0 else "worse than" if gap < 0 else "no better than"
    return f"{side} length alone (AUC {_gap(gap)})"


def _gap(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")


def _auc(row: dict[str, float], unit: int = 1) -> str:
    digits = 1 if unit == 100 else 2
    value, lower, upper = (f"{unit * row[name]:.{digits}f}" for name in ("value", "lower", "upper"))
    return f'<span class="fp-num">{value} <span class="fp-ci">[{lower}, {upper}]</span></span>'


def _rivals(record: dict[str, Any]) -> str:
    """How often a rival was judged equal or better, and what the rater says of it: it is too kind to the weak."""
    labels = public.load_record()["models"]
    names = ("judged", "predicted", "predicted_rival_unseen")
    rivals = record["held_out_rivals"]
    rows = [[escape(labels[one["rival"]]["label"]), *(percent(one[name]) for name in names)] for one in rivals]
    head = ["Model, beside the Vicunas", "GPT-4: equal or better, %", "The rater, %", "… fitted without this model, %"]
    order = sorted(rivals, key=lambda one: one["predicted"] - one["judged"])
    ends = " and ".join(
        f"{way} {escape(labels[one['rival']]['label'])} ({percent(one['judged'])}% by GPT-4, "
        f"{percent(one['predicted'])}% by the rater)"
        for way, one in (("in favour of", order[-1]), ("against", order[0]))
    )
    return table(head, rows, label="The rater and models that it must judge", css="fp-tight") + (
        f'<p class="fp-foot">It errs most {ends}. What a judge sees beyond style it does not see, and no feature of it '
        "asks whether a text makes sense: it was fitted to models that all write fluently.</p>"
    )


# ---- real models -----------------------------------------------------------------------------------------------------


def real_models() -> Part:
    """GPT-4's verdicts on the Vicunas beside ChatGPT, by length, and on the others by way of the Vicunas."""
    record = public.load_record()
    label = {name: escape(one["label"]) for name, one in record["models"].items()}
    rated = {row["model"]: row["equal_or_better"] for row in record["rated"]}
    rows = [[label[row["model"]], *(_cell(row["shown_second"][name]) for name in SPLITS), _cell(rated[row["model"]])]
            for row in record["judged"] if row["shown_second"]]  # fmt: skip
    others = [[label[row["model"]], *map(_cell, (row["equal_or_better"], rated[row["model"]]))]
              for row in record["indirect"]]  # fmt: skip
    head = ["Model", *SPLITS.values(), "Style-only rater, %"]
    listed = table(head, rows, label="GPT-4 on real models", css="fp-stacked")
    head = ["Model", "GPT-4, by way of the Vicunas, %", "Style-only rater, %"]
    indirect = table(head, others, label="By way of the Vicunas", css="fp-tight")
    said = (
        f'<p class="fp-foot">{_splits(record)} {escape(record["judge"])}; {escape(record["interval"])}. The Vicuna '
        "always stood second: nobody looked at the other order. GPT-4 never saw the models of the second table beside "
        f"ChatGPT, so the two are compared by way of each Vicuna. {_check(record)}</p>"
    )
    return box("result", listed + indirect + said + trust(record))


def _splits(record: dict[str, Any]) -> str:
    """What the columns of the first table are shares of, and which Vicunas these are (HTML)."""
    low, high = public.LENGTH_MATCHED
    kinds = "; ".join(f"{one['label']}: {one['kind']}" for name, one in record["models"].items() if "vicuna" in name)
    return escape(
        f"First table: shares of the Vicuna's answers beside ChatGPT's, by GPT-4 unless the column says otherwise. The "
        f"columns by length give equal or better among those answers only that have {low:g} to {high:g} times as many "
        f"words as ChatGPT's to the same question (of matched length), more (longer) or fewer (shorter). {kinds}."
    )


def _check(record: dict[str, Any]) -> str:
    check = record["indirect_check"]
    by, names = check["by_vicuna"].values(), record["models"]
    same, direct, indirect = ([one[key] for one in by] for key in ("same_winner", "direct", "indirect"))
    return escape(
        f"We tested this detour on {names[check['model']]['label']} and {names[check['reference']]['label']}, which "
        f"GPT-4 also compared directly: it finds the same winner in {percent(min(same), 0)} to "
        f"{percent(max(same), 0)}% of cases, but gives {names[check['model']]['label']} a share of "
        f"{percent(min(indirect), 0)} to {percent(max(indirect), 0)}% where the direct verdicts give "
        f"{percent(max(direct), 0)}%."
    )


def trust(record: dict[str, Any]) -> str:
    """How far to trust the rater: beside length alone, and on the gain of an imitation over its base LM (HTML)."""
    by_gpt_4 = {row["model"]: row["shown_second"]["equal_or_better"] for row in record["judged"] if row["shown_second"]}
    by_gpt_4 |= {row["model"]: row["equal_or_better"] for row in record["indirect"]}
    rated = {row["model"]: row["equal_or_better"] for row in record["rated"]}
    base, tuned = ((by_gpt_4[name]["value"], rated[name]["value"]) for name in (BASE, TUNED))
    label = {name: record["models"][name]["label"] for name in (BASE, TUNED)}
    kind = ", which is kinder than GPT-4 to both" if min(rater - judge for judge, rater in (base, tuned)) > 0 else ""
    said = (
        f"Within pairs of the same two models the rater predicts GPT-4's verdicts {against_length()}. {label[TUNED]} "
        f"minus {label[BASE]} is {percent(tuned[0] - base[0])} points by GPT-4 and {percent(tuned[1] - base[1])} by "
        f"the rater{kind}."
    )
    return f"<p>{escape(said)}</p>"


def _cell(row: dict[str, Any]) -> str:
    return shown(Cell(row["value"], row["lower"], row["upper"], row["n"], row))


# ---- a judge behind an endpoint --------------------------------------------------------------------------------------


def judge(results: Results) -> Part:
    """A judge's rates where somebody ran one, else how to; the book needs none."""
    found = results.optional(JUDGED)
    line = f"python -m false_promise.evaluation.preference.judge --scale {results.scale} --base-url URL --model NAME"
    how = f"<p>Any OpenAI-compatible endpoint can judge the same answers, each pair in both orders:</p>{code(line)}"
    if found.empty:
        return box("result", f"<p>{missing('No judge was asked: not computed yet')}</p>{how}")
    blocks = "".join(f'<p class="fp-title">{escape(name)}</p>{_judge_table(results, rows)}'
                     for name, rows in found.groupby("judge", sort=True))  # fmt: skip
    foot = (
        '<p class="fp-foot">Means of both orders over prompts on which both gave two scores, with 95% intervals over '
        "prompts; what is malformed is counted, never guessed.</p>"
    )
    return box("result", blocks + foot + how)


def _judge_table(results: Results, found: pd.DataFrame) -> str:
    about = ["model", "size", "arm", "tokens"]
    rows = []
    for (model, size, arm, tokens), group in found.groupby(about, dropna=False, sort=False):
        name = model if is_missing(size) else model_name(results, size)
        amount = "" if is_missing(tokens) else f", {tokens:,.0f} tokens"
        cells = [_measure(select(group, measure=measure)) for measure in JUDGE]
        rows.append([escape(f"{name} · {str(arm).replace('_', ' ')}{amount}"), *cells])
    return table(["Model", *JUDGE.values()], rows, label="A judge's verdicts", css="fp-tight fp-stacked")


def _measure(rows: pd.DataFrame) -> str:
    if rows.empty or is_missing(rows["value"].iloc[0]):
        return missing("no such pair")
    row = rows.iloc[0]
    return shown(Cell(row["value"], row["lower"], row["upper"], int(row["n"]), {}))


# ---- readers ---------------------------------------------------------------------------------------------------------


def be_the_rater(results: Results) -> Part:
    """The rating interface of Appendix B with this scale's answers."""
    path = results.folder / ITEMS
    items = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rating(items, {"paper": paper_share(results)})


def class_ratings(results: Results) -> Part:
    """A class's shares as a figure, where its ratings were read."""
    return figure(results.optional(CLASS), paper_share(results))
