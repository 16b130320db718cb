"""Preference (Figures 1, 3 and 7): how often the frozen rater finds a model's answer as good as the teacher's.

from false_promise.study import preference
preference.run(p)       # p: the notebook's checked parameters; p.ratings: a class's ratings, if any

The rater sees style only. `preference_curve` adds an assumed rate of fact checking; `rating_items` is what readers
rate.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from false_promise.evaluation.preference import class_ratings, preference_values
from false_promise.files import write_json, write_table, write_text
from false_promise.store import Run
from false_promise.study import instructions, open_answers, preference_curve, rating_items, verdicts
from false_promise.study.open_answers import Sheet
from false_promise.study.open_ended import Condition, Score, measure
from false_promise.study.recorded import or_recorded, write_measured
from false_promise.study.session import Session, open_session

PAGE = "preference"
SCORING = "style_rater"
ITEMS, CLASS, ANSWERS = "rating_items.json", "class_ratings.csv", "preference_answers.jsonl"
WORDS, WORDS_COLUMNS = "preference_words.csv", ["model", "arm", "size", "tokens", "words", "lower", "upper", "n"]


def run(p: SimpleNamespace) -> None:
    """Plan, train and ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    found = open_answers.chosen(session)
    if session.carry_out([*open_answers.runs(session, found), *_instructions(session, found)]) is not None:
        write_results(session, open_answers.read(session, found))
    if not session.plan_only:
        write_class(session, getattr(p, "ratings", ""))


def _instructions(session: Session, found: Sequence[Condition]) -> list[Run]:
    """The runs in which models get requests that rules can check; there are none without a country."""
    return [session.specs.instructions(one.model) for one in found] if session.scale.world else []


def write_results(session: Session, sheet: Sheet) -> None:
    """Tables, curve, items to rate, verdicts, samples and run cards from finished runs."""
    values = rater_values(sheet)
    _, _, warnings = write_measured(session, *measured(session, sheet, values))
    models = [one.condition.model for one in sheet.answered]
    curves = preference_curve.tables_of(session, sheet, values) | {WORDS: words(sheet)}
    session.write(
        {name: or_recorded(session, name, table) for name, table in curves.items()},
        samples=open_answers.side_by_side(session, sheet),
        runs=session.cards(models),
        status=session.status(models, warnings),
    )
    write_json(session.results / ITEMS, rating_items.items(session, sheet, values))
    recorded = session.recorded_grid / ANSWERS if session.recorded_grid else None
    whole = recorded is not None and recorded.is_file()  # the grid's models, not only today's
    write_text(session.results / ANSWERS, recorded.read_text("utf-8") if whole else answers_for_a_judge(sheet))
    verdicts.write(session)


def rater_values(sheet: Sheet) -> list[list[float]]:
    """For each model of the sheet, the rater's chance of "equal or better" on every prompt."""
    return [preference_values(sheet.questions, one.texts, sheet.reference) for one in sheet.answered]


def measured(session: Session, sheet: Sheet, values: list[list[float]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and items: the frozen rater's share of every model, then its share of instructions followed."""
    names = [prompt.id for prompt in sheet.prompts]
    found = []
    for one, own in zip(sheet.answered, values, strict=True):
        scores = [Score(name, value) for name, value in zip(names, own, strict=True)]
        found.append(measure(one.about, f"{one.run.id}/{PAGE}", PAGE, {SCORING: scores}))
    if session.scale.world:
        found += [instructions.measured(session, one.condition) for one in sheet.answered]
    rows, items = (pd.concat(both, ignore_index=True) for both in zip(*found, strict=True))
    return rows, items


def words(sheet: Sheet) -> pd.DataFrame:
    """Mean words an answer by model, with a 95% interval over prompts; several base seeds are averaged by prompt."""
    counts: dict[tuple, list[list[int]]] = {}
    for one in sheet.answered:
        key = tuple(one.about.get(name) for name in WORDS_COLUMNS[:4])
        counts.setdefault(key, []).append([len(text.split()) for text in one.texts])
    rows = []
    for key, lengths in counts.items():
        each = np.mean(lengths, axis=0)
        half = 1.96 * each.std(ddof=1) / len(each) ** 0.5 if len(each) > 1 else np.nan
        rows.append([*key, each.mean(), each.mean() - half, each.mean() + half, len(each)])
    return pd.DataFrame(rows, columns=WORDS_COLUMNS).round(3)


def answers_for_a_judge(sheet: Sheet) -> str:
    """JSON lines, one a prompt: item, category, prompt, teacher (first sample), answers; of the first base seed."""
    first = [one for one in sheet.answered if not one.about.get("base_seed")]
    lines = []
    for place, prompt in enumerate(sheet.prompts):
        said = [
            {name: one.about.get(name) for name in ("model", "size", "arm", "tokens")} | {"text": one.texts[place]}
            for one in first
        ]
        about = {"item": prompt.id, "category": prompt.category, "prompt": prompt.text}
        lines.append(json.dumps(about | {"teacher": sheet.reference[place], "answers": said}, ensure_ascii=False))
    return "".join(line + "\n" for line in lines)


def write_class(session: Session, path: str) -> None:
    """The class's ratings at `path` (CSV, JSON or a folder of them) as class_ratings.csv; nothing without a path.

    Raises RatingError if they are of other items than those that this scale shows.
    """
    if not path:
        return
    items = json.loads((session.results / ITEMS).read_text(encoding="utf-8"))
    found = class_ratings.read_ratings(Path(path), items)
    left_out = [*map(str, found.quarantined), *([f"{found.duplicates} older ratings"] if found.duplicates else [])]
    print("\n".join([f"{len(found.table)} ratings in {found.files} files", *(f"left out: {one}" for one in left_out)]))
    write_table(session.results / CLASS, class_ratings.as_table(found.table, items))
