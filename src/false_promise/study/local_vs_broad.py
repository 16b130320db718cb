"""Local versus broad imitation (Table 1): which runs the page needs, and its result files.

from false_promise.study import local_vs_broad
local_vs_broad.run(p)       # p: the notebook's checked parameters
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd

from false_promise.results import COLUMNS
from false_promise.scales import Scale, ScaleError
from false_promise.store import Run, record
from false_promise.study import samples, tables, verdicts
from false_promise.study.recorded import write_measured
from false_promise.study.session import Session, open_session
from false_promise.study.specs import CONTROLS, Arm, Specs

PAGE = "local_vs_broad"
TABLE_1 = ("7B", "13B")  # the sizes of the paper's table
ARMS = ("teacher", "base", "broad", "local", *CONTROLS)
ROBUSTNESS_ITEMS = 300  # of each check; base seeds and control arms come first
PAPER_RATE = 2e-3  # section 4.1; relative to the parameters' size, as EasyLM's optimizer takes it
SWEEP = "13B"  # the size at which the paper varies the amount of broad data


@dataclass(frozen=True)
class Condition:
    """One model of the page: a base LM, tuned or not, or the teacher."""

    about: dict[str, Any]  # columns that say which model it is
    model: Run
    nq: Run
    overlap: Run | None


def run(p: SimpleNamespace) -> None:
    """Plan, train and ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    wanted = getattr(p, "arms", []) or ARMS
    if unknown := set(wanted) - set(ARMS):
        raise ScaleError(f"parameter arms: unknown {sorted(unknown)}; there are {', '.join(ARMS)}")
    conditions = [one for one in page_conditions(session.specs, grid=session.grid) if one.about["arm"] in wanted]
    if session.recorded_grid and set(wanted) == set(ARMS):
        conditions = [one for one in conditions if is_headline(session.scale, one)]
    elif session.recorded_grid:
        conditions = [one for one in conditions if not one.about.get("base_seed")]  # only the first base ships
    runs = [one for condition in conditions for one in (condition.nq, condition.overlap) if one]
    if session.carry_out(runs) is not None:
        write_results(session, conditions)


def page_conditions(specs: Specs, *, grid: bool = False) -> Iterator[Condition]:
    """Every model of the page, base LMs and teacher first; `grid` adds other ways to tune at base seed 0."""
    scale = specs.scale
    sizes = [size for size in scale.base_sizes if size.stands_for in TABLE_1]
    if not scale.teacher.base_url:
        yield untuned(specs, specs.teacher(), {"model": "teacher", "arm": "teacher"})
    for size in sizes:
        for base_seed in range(scale.base_seeds):
            about = {"model": f"base-{size.name}", "size": size.stands_for, "base_seed": base_seed}
            yield untuned(specs, specs.base(size.name, base_seed), about | {"arm": "base"})
            for arm in arms(specs, size.stands_for):
                yield tuned(specs, size.name, arm, about)
            for arm in robustness(specs, size.name) if grid and base_seed == 0 else ():
                yield tuned(specs, size.name, arm, about, min(ROBUSTNESS_ITEMS, scale.evaluation.items))


def arms(specs: Specs, stands_for: str) -> Iterator[Arm]:
    """What a base LM of this size is tuned on: local at every number of pairs, broad, and the controls.

    Broad data is swept at one size; smaller sets are repeated so that all have the same number of steps (claim 5).
    """
    imitation = specs.scale.imitation
    headline = imitation.headline_tokens
    for seed in range(specs.scale.imitation_seeds):
        for pairs in imitation.pairs:
            yield Arm("local", pairs=pairs, seed=seed)
        for tokens in imitation.tokens if stands_for == SWEEP else [headline]:
            yield Arm("broad", tokens=tokens, match_tokens=headline if tokens != headline else None, seed=seed)
        for control in imitation.controls:
            pairs = imitation.headline_pairs if control == "gold" else None
            yield Arm(control, pairs=pairs, tokens=None if pairs else headline, seed=seed)


def robustness(specs: Specs, size: str) -> Iterator[Arm]:
    """The headline arms tuned in other ways, for the specification curve: rate, schedule, LoRA, the paper's recipe."""
    imitation, tuning = specs.scale.imitation, specs.scale.tuning
    frozen = specs.scale.learning_rate("full", size)
    ways = [{"learning_rate": rate} for rate in tuning.rate_grid if rate != frozen]
    ways += [{"schedule": "cosine" if tuning.schedule == "constant" else "constant"}, {"method": "lora"}]
    ways += [{"recipe": "paper", "learning_rate": PAPER_RATE, "schedule": "easylm"}]
    for way in ways:
        yield Arm("local", pairs=imitation.headline_pairs, **way)
        yield Arm("broad", tokens=imitation.headline_tokens, **way)


def untuned(specs: Specs, model: Run, about: dict[str, Any]) -> Condition:
    """A base LM or the teacher as it is."""
    return Condition(about | {"run_id": model.id}, model, specs.nq(model), None)


def is_headline(scale: Scale, condition: Condition) -> bool:
    """Whether a book trains and asks this model even where the grid is recorded: Table 1's arms of the first seeds."""
    about, imitation = condition.about, scale.imitation
    amounts = {"local": ("pairs", imitation.headline_pairs), "broad": ("tokens", imitation.headline_tokens)}
    amount, headline = amounts.get(about["arm"], ("arm", about["arm"]))
    first = not about.get("base_seed") and not about.get("imitation_seed")
    return about["arm"] in ("teacher", "base", *amounts) and about[amount] == headline and first


def tuned(specs: Specs, size: str, arm: Arm, about: dict[str, Any], items: int | None = None) -> Condition:
    """A base LM (`about` says which) tuned on an arm's data; `items` asks fewer questions than the scale does."""
    model = specs.tuned(size, arm, about["base_seed"])
    tuning = model.settings["tuning"]
    data = {"arm": arm.name, "pairs": arm.pairs, "tokens": arm.tokens, "imitation_seed": arm.seed, "run_id": model.id}
    how = {name: tuning[name] for name in ("method", "recipe", "learning_rate", "schedule")}
    return Condition(about | data | how, model, specs.nq(model, items), specs.overlap(arm))


def write_results(session: Session, conditions: list[Condition]) -> None:
    """Tables, verdicts, samples and run cards from finished runs."""
    _, _, warnings = write_measured(session, *measure(session, conditions))
    page_runs = [condition.model for condition in conditions]
    session.write(
        {},
        samples=samples.answers_side_by_side(session, conditions),
        runs=session.cards(page_runs),
        status=session.status(page_runs, warnings),
    )
    verdicts.write(session)


def measure(session: Session, conditions: list[Condition]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The page's table and the items behind it."""
    asked = tables.questions(session.specs.questions(), session.store)
    found = []
    for condition in conditions:
        about = columns_of(session, condition)
        found.append(tables.measured(about, condition.nq, condition.overlap, asked, session.store))
    rows = pd.concat([rows for rows, _ in found], ignore_index=True).reindex(columns=list(COLUMNS))
    return rows, pd.concat([items for _, items in found], ignore_index=True)


def columns_of(session: Session, condition: Condition) -> dict[str, Any]:
    """Columns that say which model it is and how it was trained, whatever it is asked."""
    summary = record(condition.model, session.store)["summary"] if condition.overlap else {}
    training = {name: summary.get(name) for name in ("steps", "reply_tokens")}
    return {"scale": session.scale.name, "source": "fresh"} | training | condition.about
