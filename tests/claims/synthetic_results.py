"""Result tables with a known truth: every evaluation is written down as its item values."""

from dataclasses import replace

import numpy as np
import pandas as pd

from false_promise.claims.judge import judge, load_claims

CLAIMS = load_claims()
FAST = replace(CLAIMS, study={**CLAIMS.study, "error_bars": {**CLAIMS.study["error_bars"], "bootstrap_draws": 500}})
SIZES = {"1.5B": "1.5m", "7B": "7m", "13B": "13m"}
EMPTY = ["pairs", "tokens", "imitation_seed", "method", "recipe", "learning_rate", "schedule", "steps", "chance"]


class Study:
    """Collects evaluations; `table` and `items` are what the judge reads."""

    def __init__(self):
        self.rows, self.frames = [], []

    def add(self, arm, size, correct, *, strata=None, entities=None, names=None, **columns):
        """One evaluation. `correct`: item values; `strata`: column -> booleans; the rest are columns of the table."""
        number = len(correct)
        names = names if names is not None else [f"q{index}" for index in range(number)]
        entities = entities if entities is not None else [f"e{index // 2}" for index in range(number)]
        tuned = {"method": "full", "recipe": "clean", "learning_rate": 3e-4, "schedule": "constant", "steps": 300}
        row = dict.fromkeys(EMPTY) | (tuned | {"imitation_seed": 0} if arm not in ("base", "teacher") else {})
        row |= {"arm": arm, "size": size, "base_seed": 0, "benchmark": "nq", "shots": 3, "scoring": "few_shot"}
        row |= {"source": "recorded", "stratum": "all", "n": number, "exact_match": float(np.mean(correct))}
        row |= columns | {"eval_id": f"eval{len(self.rows)}"}
        self.rows.append(row)
        frame = pd.DataFrame({"eval_id": row["eval_id"], "item": names, "entity": entities, "correct": correct})
        self.frames.append(frame.assign(**(strata or {})))
        return self

    @property
    def table(self):
        return pd.DataFrame(self.rows)

    @property
    def items(self):
        return pd.concat(self.frames, ignore_index=True)


def answers(share, number=1000, seed=0):
    """Correctness of `number` items, exactly `share` of them right, the same items for a higher share and more."""
    order = np.random.default_rng(seed).permutation(number)
    return (order < round(share * number)).astype(float)


def unseen(number, seed=0):
    """Strata of a local run: half of the facts are not in its data."""
    hidden = np.random.default_rng(seed).random(number) < 0.5
    return {"fact_unseen": hidden, "entity_unseen": hidden, "covered": ~hidden, "held_out": hidden}


def verdicts(study, **settings):
    """All verdicts by claim id."""
    return {one.id: one for one in judge(FAST, study.table, study.items, SIZES, **settings)}


def part(verdict, name):
    """A verdict's part by its name."""
    return next(one for one in verdict.parts if one.name == name)


def local_study(base=0.20, local=0.30, broad=0.15, number=1000, seeds=(0,), study=None):
    """Claim 6's rows at 7B and 13B; effects are equal in every stratum up to chance."""
    study = study or Study()
    for size in ("7B", "13B"):
        for seed in seeds:
            study.add("base", size, answers(base, number), base_seed=seed)
            study.add("local", size, answers(local, number), base_seed=seed, pairs=6000, strata=unseen(number))
            study.add("broad", size, answers(broad, number), base_seed=seed, tokens=150_000)
    return study


def amounts_study(shares=(0.30, 0.25, 0.20), steps=(300, 301, 299)):
    """Claim 5's rows at 13B."""
    study = Study()
    for tokens, share, count in zip((20_000, 80_000, 150_000), shares, steps, strict=True):
        schedule = "constant" if tokens == 150_000 else "repeated"
        study.add("broad", "13B", answers(share, 2000), tokens=tokens, steps=count, schedule=schedule)
    return study
