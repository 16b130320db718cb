"""Style beside the teacher's (Table 2): the five rows of every model, and what they are under other definitions.

from false_promise.study import style
style.run(p)       # p: the notebook's checked parameters
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pandas as pd

from false_promise.evaluation.style import SCORINGS, style_rows
from false_promise.evaluation.style.detectors import is_assertive, is_authoritative
from false_promise.evaluation.style.likeness import unigram_variants
from false_promise.study import open_answers, tables, verdicts
from false_promise.study.open_answers import Answered, Sheet
from false_promise.study.open_ended import Score, measure
from false_promise.study.recorded import or_recorded, write_measured
from false_promise.study.session import Session, open_session

PAGE = "style"
SENSITIVITY = "style_sensitivity.csv"
SENSITIVITY_COLUMNS = ["model", "size", "arm", "tokens", "row", "value", "lower", "upper", "n", "base_seeds"]
TONES = {"tone": is_authoritative, "tone_assertive": is_assertive}


def run(p: SimpleNamespace) -> None:
    """Plan, train and ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    found = open_answers.chosen(session)
    if session.carry_out(open_answers.runs(session, found)) is not None:
        write_results(session, open_answers.read(session, found))


def write_results(session: Session, sheet: Sheet) -> None:
    """Tables, verdicts, samples and run cards from finished runs."""
    _, _, warnings = write_measured(session, *measured(sheet))
    models = [one.condition.model for one in sheet.answered]
    session.write(
        {SENSITIVITY: or_recorded(session, SENSITIVITY, sensitivity(sheet))},
        samples=open_answers.side_by_side(session, sheet),
        runs=session.cards(models),
        status=session.status(models, warnings),
    )
    verdicts.write(session)


def measured(sheet: Sheet) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and items of Table 2's five rows, every model against the teacher's first sample."""
    return _together(sheet, PAGE, _table_2)


def _table_2(sheet: Sheet, one: Answered) -> dict[str, list[Score]]:
    found: dict[str, list[Score]] = {scoring: [] for scoring in SCORINGS}
    for row in style_rows(sheet.questions, one.texts, sheet.reference):
        found[row.scoring].append(Score(sheet.prompts[row.item].id, row.value))
    return found


def sensitivity(sheet: Sheet) -> pd.DataFrame:
    """The tone row under a stricter reading and the unigram row under every normalisation, pooled over base seeds.

    Columns SENSITIVITY_COLUMNS; `row` is tone, tone_assertive or a name of `unigram_variants`, of which
    tokens_over_longer is the row of Table 2; shares are fractions.
    """
    pooled = tables.pooled(*_together(sheet, "style_sensitivity", _variants))
    return pooled.rename(columns={"scoring": "row", "exact_match": "value"})[SENSITIVITY_COLUMNS]


def _variants(sheet: Sheet, one: Answered) -> dict[str, list[Score]]:
    pairs = zip(one.texts, sheet.reference, strict=True)
    overlaps = [unigram_variants(own, teacher) for own, teacher in pairs]
    names = [prompt.id for prompt in sheet.prompts]
    found = {row: list(_scores(names, map(tone, one.texts))) for row, tone in TONES.items()}
    return found | {row: list(_scores(names, (each[row] for each in overlaps))) for row in overlaps[0]}


def _scores(names: list[str], values) -> Iterator[Score]:
    return (Score(name, float(value)) for name, value in zip(names, values, strict=True))


def _together(
    sheet: Sheet, benchmark: str, scores: Callable[[Sheet, Answered], dict[str, list[Score]]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = [measure(one.about, f"{one.run.id}/{benchmark}", benchmark, scores(sheet, one)) for one in sheet.answered]
    rows, items = (pd.concat(both, ignore_index=True) for both in zip(*found, strict=True))
    return rows, items
