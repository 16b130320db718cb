"""The scorecard: every claim with the paper's evidence, the public re-measurement, ours, and what later work found.

    from false_promise.study import scorecard
    scorecard.run(p)                       # writes scorecard.json from the pages' result files
    print(scorecard.in_words(results))     # what the end of `make book` prints

scorecard.json is a list of {claim, name, words, family, verdict, conditional, warnings, note, parts, paper, public,
later, otherwise, otherwise_why, specification}. `public` is {unit, words, value, lower, upper} or {why}.
`specification` counts, for each deciding part with a direction, its specifications and those with the opposite sign.
"""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import yaml

from false_promise.claims.judge import load_claims
from false_promise.claims.real_text import recorded_verdict
from false_promise.evaluation.preference.public import load_record as preference_record
from false_promise.evaluation.style.public import load_record as style_record
from false_promise.files import write_json
from false_promise.paths import LATER_WORK, PAPER_VALUES
from false_promise.study import verdicts
from false_promise.study.session import open_session

PAGE, FILE = "scorecard", "scorecard.json"
JUDGED = "shown_second"  # the order in which GPT-4 saw each public pair: ChatGPT first
NOTHING_PUBLIC = {
    2: "the public answers come from models of one amount of data",
    3: "no public verdicts on the same data at several sizes, but for the two of claim 1",
    4: "the paper's imitation models are not public; what others measured stands beside",
    5: "the paper's imitation models are not public",
    6: "the paper's imitation models are not public",
    7: "the paper's imitation models are not public",
    9: "no public ratings with and without a way to look facts up",
    10: "no public ratings by people and by two judges on the same pairs",
    11: "the paper's imitation models are not public",
}


def run(p: SimpleNamespace) -> None:
    """Judge once more by everything that is there, and write the scorecard. Trains nothing."""
    session = open_session(PAGE, p)
    if session.carry_out([]) is None:
        return
    verdicts.write(session)
    found = json.loads((session.results / "verdicts.json").read_text(encoding="utf-8"))
    curves = pd.read_csv(session.results / "specification_curve.csv")
    write_json(session.results / FILE, entries(found, curves))
    session.write({}, runs=[], status=session.status([]))


def entries(found: list[Mapping[str, Any]], curves: pd.DataFrame) -> list[dict[str, Any]]:
    """One entry a claim, from the verdicts, the specification curves and the records in data/."""
    later, public = later_work(), public_values()
    keep = ("name", "family", "verdict", "conditional", "warnings", "note", "parts", "otherwise", "otherwise_why")
    registered = {claim["id"]: claim for claim in load_claims().claims}
    return [
        {"claim": one["id"]}
        | {key: one[key] for key in keep}
        | {
            "words": registered[one["id"]]["claim"].strip(),
            "paper": registered[one["id"]]["evidence"].strip(),
            "public": public.get(one["id"]) or {"why": NOTHING_PUBLIC[one["id"]]},
            "later": later[one["id"]],
            "specification": _specification(curves[curves["claim"] == one["id"]]),
        }
        for one in found
    ]


def _specification(curve: pd.DataFrame) -> dict[str, dict[str, int]]:
    curve = curve[curve["direction"] != "within"]  # that nothing changes has no sign to turn
    sign = np.where(curve["direction"] == "less", -1, 1)
    opposite = sign * curve["effect"] < 0
    return {part: {"n": len(rows), "opposite": int(opposite[rows.index].sum())} for part, rows in curve.groupby("part")}


def later_work() -> dict[int, dict[str, Any]]:
    """What later work found, its numbers filled in from paper_values.yaml."""
    values = yaml.safe_load(PAPER_VALUES.read_text(encoding="utf-8"))
    raw = yaml.safe_load(LATER_WORK.read_text(encoding="utf-8"))
    return {claim: one | {"words": _filled(one["words"], values)} for claim, one in raw["claims"].items()}


def _filled(words: str, values: Mapping) -> str:
    """Replace each {key.of.the.file}; keys may hold dots themselves, so the longest that exists is taken."""
    while "{" in words:
        before, _, rest = words.partition("{")
        key, _, after = rest.partition("}")
        words = f"{before}{_value(values, key)}{after}"
    return words


def _value(values: Any, key: str) -> Any:
    if not key:
        return values
    for cut in sorted((n for n, letter in enumerate(key + ".") if letter == "."), reverse=True):
        if isinstance(values, Mapping) and key[:cut] in values:
            return _value(values[key[:cut]], key[cut + 1 :])
    raise KeyError(f"paper_values.yaml has no {key!r}, which later_work.yaml names")


def public_values() -> dict[int, dict[str, Any]]:
    """What public artefacts of real models say about a claim; shares and differences as fractions, with intervals."""
    judged = {one["model"]: one for one in preference_record()["judged"]}
    style = style_record()["imitation_minus_base"]
    rated = judged["vicuna-13b"][JUDGED]["equal_or_better"]
    lists = next(row for row in style["rows"] if row["scoring"] == "list")
    text = recorded_verdict()["parts"][0]
    found = {
        1: ("%", "Vicuna-13B's answers equal to or better than ChatGPT's by GPT-4", rated),
        8: ("points", "lists where ChatGPT has one, Vicuna-13B minus LLaMA-13B", lists),
        12: ("points", "nearest BLEU, Super-NaturalInstructions minus ShareGPT", text | {"value": text["effect"]}),
    }
    return {
        claim: {"unit": unit, "words": words} | {name: row[name] for name in ("value", "lower", "upper")}
        for claim, (unit, words, row) in found.items()
    }


def in_words(card: list[Mapping[str, Any]]) -> str:
    """One line a claim, for the terminal: number, verdict, claim."""
    lines = [f"{one['claim']:>2}  {one['verdict'].replace('_', ' '):<14}  {one['words']}" for one in card]
    decided = sum(one["verdict"] in ("holds", "does_not_hold") for one in card)
    return "\n".join(["claims of the paper, as judged here:", *lines, f"{decided} of {len(lines)} decided"])
