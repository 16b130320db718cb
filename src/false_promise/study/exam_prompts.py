"""What the exam page costs the models of Table 1: the same options behind two prompts (`evaluation.exam_prompts`).

    exam_prompts.measured(session, conditions)      # the table exam_prompts.csv

Looked into after the results were known, to see why a better informed teacher may score below its base LMs in exams.
It decides nothing.
"""

from collections.abc import Sequence

import pandas as pd

from false_promise.files import read_jsonl
from false_promise.store import open_run
from false_promise.study import knowledge
from false_promise.study.local_vs_broad import Condition, is_headline
from false_promise.study.session import Session

FILE = "exam_prompts.csv"
MEASURES = ("exam", "question", "letter")
COLUMNS = ["model", "size", "base_seed", "arm", "tokens", "pairs", "measure", "value", "lower", "upper", "n"]


def is_asked(session: Session, condition: Condition) -> bool:
    """Headline models, where there is a country; beside the recorded grid its table is shown."""
    return bool(session.scale.world) and not session.recorded_grid and is_headline(session.scale, condition)


def measured(session: Session, conditions: Sequence[Condition]) -> pd.DataFrame:
    """Shares of items (and the mean probability of a letter), 0 to 1, with 95% entity-cluster intervals."""
    rows = []
    for one in conditions:
        if is_asked(session, one):
            path = open_run(session.specs.exam_prompts(one.model), session.store) / "answers.jsonl"
            answers = pd.DataFrame(read_jsonl(path))
            rows += [_row(one, answers, measure) for measure in MEASURES]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(condition: Condition, answers: pd.DataFrame, measure: str) -> list:
    about = [condition.about.get(name) for name in COLUMNS[:6]]
    equally = pd.Series(1.0, index=answers.index)
    found = knowledge.weighted_mean(answers[measure], equally, answers["entity"])
    ends = max(0.0, found.lower), min(1.0, found.upper)
    return [*about, measure, *(round(value, 6) for value in (found.effect, *ends)), len(answers)]
