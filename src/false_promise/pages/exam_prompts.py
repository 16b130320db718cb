"""What the exam page costs: the options of the exams behind two prompts, and how likely a letter is. Exploratory.

Read from exam_prompts.csv, which the page on benchmarks writes.
"""

import pandas as pd

from false_promise.pages.common import first_base, shown
from false_promise.pages.palette import ARMS
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, percent, table
from false_promise.pages.tables import data_links, model_name
from false_promise.results import Cell, Results, select

PAGE, FILE = "benchmarks", "exam_prompts.csv"
MEASURES = {
    "exam": "Behind “Answer:”, %",
    "question": "Behind “Q: … A:”, %",
    "letter": "A letter comes next behind “Answer:”, %",
}


def exam_prompts(results: Results) -> Part:
    """The table and what it says of teacher and largest base LM; what is not measured says so."""
    found = results.optional(FILE)
    if found.empty:
        return box("result", missing("Exams behind two prompts: not computed yet"))
    models = found.drop_duplicates(["model", "arm"])
    rows = [[escape(_name(results, one)), *(shown(_cell(found, one, measure)) for measure in MEASURES)]
            for one in models.itertuples()]  # fmt: skip
    legend = (
        f"Zero-shot, the {count(found['n'].max())} items that ask for what was read or can be guessed from it; options "
        "without letters, the likeliest text is the choice; chance 25%. With 95% intervals"
        f"{first_base(results)}. (The registered scores are five-shot.) Looked into after the results were known, to "
        "see why a teacher that knows more facts may score below its base LMs: it decides nothing."
    )
    foot = f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE, FILE)}</p>'
    listed = table(["Model", *MEASURES.values()], rows, label="Exams behind two prompts", css="fp-tight fp-stacked")
    return box("result", f"<p>{escape(in_words(results))}</p>{listed}{foot}")


def in_words(results: Results) -> str:
    """Teacher and largest base LM behind both prompts, in a sentence (text)."""
    found = results.optional(FILE)
    if found.empty:
        return ""
    largest = f"base-{results.sizes[list(results.sizes)[-1]]}"
    base = select(found, model=largest, arm="base")
    models = {"the teacher": select(found, arm="teacher"), "the largest base LM": base}
    if any(rows.empty for rows in models.values()):
        return ""
    values = {name: rows.set_index("measure")["value"] for name, rows in models.items()}
    said = "; ".join(_sentence(name, value) for name, value in values.items())
    return f"{said[:1].upper()}{said[1:]}. {_conclusion(*values.values())}".strip()


def _conclusion(teacher: pd.Series, base: pd.Series) -> str:
    """What the order of the two behind each prompt says of the exam page; nothing where both orders agree."""
    if teacher["exam"] < base["exam"] and teacher["question"] > base["question"] and teacher["letter"] > base["letter"]:
        return (
            "Where a letter is expected, the text of an option has little room left: the teacher is behind on the exam "
            "page and ahead off it, so its score there is not a measure of what it knows."
        )
    return ""


def _sentence(name: str, value: pd.Series) -> str:
    exam, letter, question = (percent(value[measure]) for measure in ("exam", "letter", "question"))
    return (
        f"{name} chooses right in {exam}% of the items behind “Answer:”, where it would go on with a letter {letter}% "
        f"of the time, and in {question}% behind “Q: … A:”"
    )


def _name(results: Results, one) -> str:
    if is_missing(one.size):
        return "teacher"
    return f"{model_name(results, one.size)} · {ARMS[one.arm].short}"


def _cell(found: pd.DataFrame, one, measure: str) -> Cell | None:
    rows = select(found, model=one.model, arm=one.arm, measure=measure)
    if rows.empty:
        return None
    row = rows.iloc[0]
    return Cell(row["value"], row["lower"], row["upper"], int(row["n"]), {})
