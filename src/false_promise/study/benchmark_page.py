"""Benchmarks (Figure 4): questions, exams and code by amount of broad imitation data and by size, and why they change.

from false_promise.study import benchmark_page
benchmark_page.run(p)       # p: the notebook's checked parameters
"""

from types import SimpleNamespace

import pandas as pd

from false_promise.study import benchmarks, decomposition, exam_prompts, samples, verdicts
from false_promise.study.bases_and_teacher import skills
from false_promise.study.broad_sweep import runs_of, today
from false_promise.study.local_vs_broad import Condition, columns_of, measure
from false_promise.study.recorded import or_recorded, write_measured
from false_promise.study.session import Session, open_session

PAGE = "benchmarks"


def run(p: SimpleNamespace) -> None:
    """Plan, train and ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    conditions = today(session)
    if session.carry_out([one for condition in conditions for one in runs_of(session, condition)]) is not None:
        write_results(session, conditions)


def write_results(session: Session, conditions: list[Condition]) -> None:
    """Tables, decomposition, verdicts, samples and run cards from finished runs."""
    rows, items, warnings = write_measured(session, *measured(session, conditions))
    evidence = verdicts.evidence_of(session.scale, rows, items)
    models = [condition.model for condition in conditions]
    session.write(
        {
            decomposition.FILE: decomposition.effects(evidence, session.scale),
            exam_prompts.FILE: or_recorded(session, exam_prompts.FILE, exam_prompts.measured(session, conditions)),
        },
        samples=samples.answers_side_by_side(session, conditions),
        runs=session.cards(models),
        status=session.status(models, warnings),
    )
    verdicts.write(session)


def measured(session: Session, conditions: list[Condition]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and items of questions, exams and code of every condition."""
    asked = [(columns_of(session, one), skills(session, one)) for one in conditions]
    parts = zip(measure(session, conditions), benchmarks.measure(asked, session.store), strict=True)
    rows, items = (pd.concat([one for one in both if len(one)], ignore_index=True) for both in parts)
    return rows, items
