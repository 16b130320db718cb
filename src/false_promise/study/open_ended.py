"""Which models answer open-ended prompts (preference, style, factuality, toxicity), and the form of their result rows.

    conditions(specs)                    teacher, bases of all sizes, broad imitation by amount and by size, controls
    rows, items = measure(about, ...)    one measurement a row, and the items behind it, as every other page has them

The amounts are those of claim 5: smaller sets of broad data are repeated until all have the same number of steps, so
every imitation model of these pages is one that another page has tuned already, but for the smallest base LM.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from false_promise.item_tables import ITEM_COLUMNS
from false_promise.results import COLUMNS
from false_promise.store import Run
from false_promise.study.local_vs_broad import SWEEP
from false_promise.study.specs import Arm, Specs
from false_promise.study.tables import LEAST, share_interval

# Samples differ in their random numbers, and no text may share them with the one that it is held against: with equal
# numbers two models that are alike choose the same words by chance alone, and agree more than they should.
SAMPLE, REFERENCE, SECOND = 0, 1, 2  # of every model but the teacher; of the teacher, and of its ceiling
LARGEST_CONTROLS = ("style_only", "no_abuse")  # at the largest size: what style alone does, and abuse dialogues


@dataclass(frozen=True)
class Condition:
    """One model that answers; `about` fills the columns that say which model it is."""

    about: dict[str, Any]
    model: Run
    data: Run | None = None  # of an imitation model


@dataclass(frozen=True)
class Score:
    """One value of one item; `entity` is what items are drawn by (empty: each item is its own cluster)."""

    item: str
    value: float
    entity: str = ""


def conditions(specs: Specs, *, controls: Sequence[str] = LARGEST_CONTROLS, local: bool = False) -> Iterator[Condition]:
    """Every model of an open-ended page at every base seed; the teacher first. `local` adds local imitation."""
    scale = specs.scale
    yield Condition({"model": "teacher", "arm": "teacher"}, specs.teacher())
    for size in scale.base_sizes:
        for base_seed in range(scale.base_seeds if size.shape else 1):
            about = {"model": f"base-{size.name}", "size": size.stands_for, "base_seed": base_seed}
            yield Condition(about | {"arm": "base"}, specs.base(size.name, base_seed))
            for arm in _arms(specs, size.stands_for, controls, local):
                yield _tuned(specs, size.name, arm, about)


def answers(specs: Specs, condition: Condition) -> Run:
    """What the condition's model answers to the held-out prompts; of the teacher, what others are compared with."""
    return specs.answers(condition.model, REFERENCE if condition.about["arm"] == "teacher" else SAMPLE)


def _arms(specs: Specs, stands_for: str, controls: Sequence[str], local: bool) -> Iterator[Arm]:
    imitation = specs.scale.imitation
    headline, largest = imitation.headline_tokens, stands_for == SWEEP
    for tokens in imitation.tokens if largest else [headline]:
        yield Arm("broad", tokens=tokens, match_tokens=headline if tokens != headline else None)
    if largest and local:
        yield Arm("local", pairs=imitation.headline_pairs)
    for control in imitation.controls if largest else ():
        if control in controls:
            yield Arm(control, tokens=headline)


def _tuned(specs: Specs, size: str, arm: Arm, about: dict[str, Any]) -> Condition:
    model = specs.tuned(size, arm, about["base_seed"])
    how = {name: model.settings["tuning"][name] for name in ("method", "recipe", "learning_rate", "schedule")}
    data = {"arm": arm.name, "pairs": arm.pairs, "tokens": arm.tokens, "imitation_seed": arm.seed}
    return Condition(about | data | how, model, specs.data(arm))


def measure(
    about: dict[str, Any], eval_id: str, benchmark: str, scores: dict[str, Iterable[Score]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and items of one model: one row for each scoring of `scores`. Intervals draw items (or entities).

    `exact_match` holds the mean of the values whatever the scoring; scorings without any item have no row.
    """
    rows, items = [], []
    for scoring, found in scores.items():
        found = list(found)
        if not found:
            continue
        name, values = f"{eval_id}/{scoring}", [one.value for one in found]
        entities = [one.entity or one.item for one in found]
        lower, upper = share_interval(values, entities, LEAST.get(scoring, 0.0))
        mean = {"exact_match": sum(values) / len(values), "n": len(values), "lower": lower, "upper": upper}
        rows.append(about | mean | {"benchmark": benchmark, "scoring": scoring, "stratum": "all", "eval_id": name})
        behind = {"item": [one.item for one in found], "entity": entities, "correct": values}
        items.append(pd.DataFrame(behind).assign(eval_id=name).reindex(columns=ITEM_COLUMNS))
    empty = [pd.DataFrame(columns=ITEM_COLUMNS)]
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS)), pd.concat(items or empty, ignore_index=True)
