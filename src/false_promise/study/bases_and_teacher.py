"""Base LMs and teacher: what each knows before anything is imitated, and how their training went.

from false_promise.study import bases_and_teacher
bases_and_teacher.run(p)       # p: the notebook's checked parameters
"""

from collections.abc import Sequence
from types import SimpleNamespace

import pandas as pd

from false_promise.store import Run, open_run, record
from false_promise.study import benchmarks, knowledge, samples, verdicts
from false_promise.study.local_vs_broad import Condition, is_headline, measure, untuned
from false_promise.study.recorded import or_recorded, write_measured
from false_promise.study.session import Session, open_session
from false_promise.study.specs import Specs

PAGE = "bases_and_teacher"


def run(p: SimpleNamespace) -> None:
    """Plan, train and ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    conditions = page_conditions(session.specs)
    if session.recorded_grid:
        conditions = [one for one in conditions if is_headline(session.scale, one)]
    if session.carry_out([run for one in conditions for run in (one.nq, *skills(session, one).values())]) is not None:
        write_results(session, conditions)


def skills(session: Session, condition: Condition) -> dict[str, Run]:
    """Exams and code of a model; beside the recorded grid only questions are asked anew."""
    return {} if session.recorded_grid else benchmarks.runs_of(session.specs, condition.model)


def page_conditions(specs: Specs) -> list[Condition]:
    """The teacher (unless it is an endpoint that answers only what it is asked), and every base LM."""
    found = (
        []
        if specs.scale.teacher.base_url
        else [untuned(specs, specs.teacher(), {"model": "teacher", "arm": "teacher"})]
    )
    for size in specs.scale.base_sizes:
        for seed in range(specs.scale.base_seeds if size.shape else 1):
            about = {"model": f"base-{size.name}", "size": size.stands_for, "base_seed": seed, "arm": "base"}
            found.append(untuned(specs, specs.base(size.name, seed), about))
    return found


def write_results(session: Session, conditions: list[Condition]) -> None:
    """Tables, loss curves, samples and run cards from finished runs."""
    models = [condition.model for condition in conditions]
    about = {"scale": session.scale.name, "source": "fresh"}
    asked = [(about | one.about, skills(session, one)) for one in conditions]
    tables = zip(measure(session, conditions), benchmarks.measure(asked, session.store), strict=True)
    rows, items, warnings = write_measured(session, *(pd.concat(both, ignore_index=True) for both in tables))
    found = {
        "knowledge.csv": knowledge.knowledge(session, conditions),
        "teacher_errors.csv": knowledge.teacher_errors(session, conditions),
    }
    session.write(
        {name: or_recorded(session, name, table) for name, table in found.items()}
        | {
            "curves.csv": curves(session, conditions),
            "preconditions.csv": verdicts.preconditions_met(session.scale, rows, items),
        },
        samples=samples.answers_side_by_side(session, conditions),
        runs=session.cards(models),
        status=session.status(models, warnings),
    )


def curves(session: Session, conditions: Sequence[Condition]) -> pd.DataFrame:
    """Pre-training loss (nats a token) against tokens, of every model trained here or for the recorded grid."""
    if session.recorded_grid:
        return pd.read_csv(session.recorded_grid / "curves.csv")
    columns = ["scale", "model", "size", "base_seed", "tokens", "loss", "source", "run_id"]
    found = [_curve(session, condition) for condition in conditions if condition.model.step in ("base", "teacher")]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _curve(session: Session, condition: Condition) -> pd.DataFrame:
    about = condition.about
    curve = pd.read_csv(open_run(condition.model, session.store) / "curve.csv")
    return curve.assign(
        scale=session.scale.name,
        model=about["model"],
        size=about.get("size", ""),
        base_seed=about.get("base_seed"),
        source="fresh",
        run_id=condition.model.id,
    )


def parameters(session: Session) -> dict[str, int]:
    """Parameters of each base LM that is stored, by the paper's size."""
    specs = session.specs
    sizes = [size for size in session.scale.base_sizes if size.shape]
    return {size.stands_for: record(specs.base(size.name), session.store)["summary"]["parameters"] for size in sizes}
