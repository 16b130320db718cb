"""Parts of the page on base LMs and teacher: questions, exams and code before anything is imitated; the teacher's lead.

Scores are read from bases_and_teacher_summary.csv; a lead is paired on the same items, as the claims count them.
"""

import pandas as pd

from false_promise.claims.contrasts import resolve
from false_promise.claims.evidence import NotMeasured
from false_promise.pages.calibration import met_in_words
from false_promise.pages.common import first_base, shown, shown_gap
from false_promise.pages.matched import difference, evidence, registration
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, percent, points, table
from false_promise.pages.tables import MAIN, MALFORMED, data_links, measurement, model_name, reader_name
from false_promise.results import Cell, ResultError, Results, primary_rows, select

PAGE = "bases_and_teacher"
STRATA = {"all": "All questions", "popular": "Entities not held out", "held_out": "Held-out entities"}
GROUPS = {"all": "Exams, all", "memorised": "memorised", "inferable": "inferable", "rule": "by rule"}
SCORINGS = {"letters": "the letter of the option", "likelihood": "the likelihood of the option's text"}
SAME = 0.05  # difference of shares within which base LMs are said to be alike
CODE = {"benchmark": "code", "scoring": "pass_at_1", "stratum": "all"}
ERRORS = {
    "right": "Right",
    "verbose": "Right, but among other words",
    "malformed": "Malformed",
    "wrong_value_of_type": "Wrong: another value of the right kind",
    "wrong_other": "Wrong: anything else",
}


def _score(results: Results, size: str | None, **where) -> Cell | None:
    """One score of the base LM of `size`, or of the teacher (None)."""
    return measurement(results, PAGE, "base" if size else "teacher", size, **where)


def _base(results: Results, size: str | None, stratum: str = "all", shots: int = 3) -> Cell | None:
    return _score(results, size, **{**MAIN, "stratum": stratum, "shots": shots})


def _names(results: Results) -> dict[str | None, str]:
    """Size -> name of the row, the teacher (None) last."""
    return {size: f"{model_name(results, size)} base" for size in results.sizes} | {None: "teacher"}


def _lead(results: Results, group: str = "all", **part: str) -> Cell | None:
    """The teacher minus the largest base LM on the same items."""
    return difference(results, {"teacher": 1, f"base_{_largest(results)}": -1}, PAGE, group, **part)


def _largest(results: Results) -> str:
    return list(results.sizes)[-1]


# ---- questions -------------------------------------------------------------------------------------------------------


def bases_table(results: Results) -> Part:
    """Base LMs and teacher: exact match by shots and by whether the entity is popular, beside the paper's bases."""
    rows = []
    for size, name in _names(results).items():
        values = [_base(results, size, stratum) for stratum in STRATA]
        three, zero = (_in_paper(number) for number in _paper_base(results, size))
        rows.append([escape(name), three, *map(shown, values), zero, shown(_base(results, size, shots=0))])
    leads = [shown_gap(_lead(results, stratum=stratum)) for stratum in STRATA]
    rows.append(["lead, points", "", *leads, "", shown_gap(_lead(results, measure="nq_0shot"))])
    head = ["Model", "Paper, %", *(f"{words}, %" for words in STRATA.values()), "Paper, zero-shot, %", "Zero-shot, %"]
    legend = "Three-shot unless the column says otherwise; paper: Figure 4, and Table 1 for zero-shot."
    foot = _foot(results, legend, "curves.csv")
    return box("result", table(head, rows, label="Base LMs and teacher", css="fp-tight fp-stacked") + foot)


def _foot(results: Results, legend: str, *files: str) -> str:
    """What stands below both tables; `legend` is HTML."""
    asked = [_base(results, size) for size in (None, _largest(results))]
    fewer = all(asked) and asked[0].n < asked[1].n
    less = f"The teacher was asked {count(asked[0].n)} of their {count(asked[1].n)} questions" if fewer else ""
    lead_ = f"Lead: teacher minus {model_name(results, _largest(results))} base in points, on the same items."
    lead_ += f" {less}, so a lead in questions is no difference of two columns." if less else ""
    return f'<p class="fp-foot">{legend} {escape(lead_)} Data: {data_links(results, PAGE, *files)}</p>'


def _paper_base(results: Results, size: str | None) -> tuple[float | None, float | None]:
    """The paper's three-shot (Figure 4) and zero-shot (Table 1) score of a base LM or the teacher; None: not given."""
    table_1 = results.paper["table_1"]
    zero = table_1["teacher"] if size is None else table_1.get(size, {}).get("base")
    return _figure_4(results, "nq_3shot", size), zero


def _figure_4(results: Results, score: str, size: str | None) -> float | None:
    """A score of Figure 4, which has the teacher and only the largest base."""
    found = results.paper["figure_4"]["by_tokens"][score]
    return found["teacher"] if size is None else found["base"] if size == "13B" else None


def _in_paper(number: float | None) -> str:
    return missing("not given") if number is None else count(number)


def teacher_and_size(results: Results) -> tuple[int | None, str]:
    """Which expectation the base LMs bear out: 0 teacher ahead and size helps, 1 only ahead, 2 not ahead."""
    sizes, gap = list(results.sizes), _lead(results)
    if gap is None or None in [_base(results, size) for size in sizes]:
        return None, "Not everything has been computed yet."
    if gap.upper < 0:
        return 2, "On questions the teacher lies behind the largest base."
    if gap.lower <= 0:
        return None, "Whether the teacher is ahead of the largest base on questions stays open."
    if len(sizes) == 1:
        return None, "On questions the teacher is ahead; with one base LM, sizes cannot be compared."
    return _size_helps(_growth(results, sizes[0], sizes[-1]))


def _size_helps(grown: Cell | None) -> tuple[int | None, str]:
    """The teacher is ahead; what the largest base minus the smallest says of size."""
    if grown is None:
        return None, "Not everything has been computed yet."
    if grown.lower > 0:
        return 0, "On questions the teacher is ahead, and the largest base scores higher than the smallest."
    if grown.lower > -SAME and grown.upper < SAME:
        return 1, "On questions the teacher is ahead, and the largest base scores about as high as the smallest."
    return None, "On questions the teacher is ahead; what size does to the bases stays open."


def _growth(results: Results, small: str, large: str) -> Cell | None:
    """A larger base LM minus a smaller one on the same questions."""
    return difference(results, {f"base_{large}": 1, f"base_{small}": -1}, PAGE)


def _steps(results: Results) -> str:
    """What each step in size is worth on questions (HTML)."""
    sizes = list(results.sizes)
    steps = [(one, other, _growth(results, one, other)) for one, other in zip(sizes, sizes[1:], strict=False)]
    words = [f"{escape(model_name(results, other))} minus {escape(model_name(results, one))} {shown_gap(gap)}"
             for one, other, gap in steps if gap]  # fmt: skip
    return f"<p>Larger bases, on the same questions, in points: {', '.join(words)}.</p>" if words else ""


def bases_in_words(results: Results) -> str:
    """`teacher 31.5; 13M base 20.5; ..`: to compare after a rerun."""
    found = {name: _base(results, size) for size, name in _names(results).items()}
    return "; ".join(f"{name} {percent(one.value)}" for name, one in found.items() if one) + "."


# ---- the lead --------------------------------------------------------------------------------------------------------


def lead(results: Results) -> Part:
    """The teacher's lead over the largest base in one sentence; an answer needs both."""
    teacher, base = _base(results, None), _base(results, _largest(results))
    if teacher is None or base is None:
        return box("answer", f"<p>The teacher's lead: {missing()}</p>", label="Answer")
    paired = _lead(results)  # on the questions that both were asked: the teacher may have been asked fewer
    same = difference(results, {f"base_{_largest(results)}": 1.0, "teacher": 0.0}, PAGE)
    asked = f"Of the {count(paired.n)} questions that both were asked, the" if paired else "The"
    scores = f"{asked} teacher answers {percent(teacher.value)}%, the largest base LM {percent((same or base).value)}%"
    gap = paired.value if paired else teacher.value - base.value
    verdict = f"a {'lead' if gap > 0 else 'lag'} of <b>{percent(abs(gap))}</b> points"
    if paired:
        verdict += f' <span class="fp-ci">[{points(paired.lower)}, {points(paired.upper)}]</span>'
    why = "Only partly. The teacher was built to know more; how much more, and what size is worth, emerges."
    return box(
        "answer",
        f'<p class="fp-sentence">{scores}: {verdict}.</p>{_other_leads(results)}{_steps(results)}'
        f"{met_in_words(results)}"
        f'<p class="fp-otherwise"><strong>Could it have come out otherwise?</strong> {why}</p>',
        label="Answer",
    )


def _other_leads(results: Results) -> str:
    """The lead in exams and code, where both were asked (HTML)."""
    scoring = exam_scoring(results)
    leads = {"exams": _lead(results, measure=f"exams_{scoring}") if scoring else None,
             "code": _lead(results, measure="code")}  # fmt: skip
    words = [f"in {what} {shown_gap(found)}" for what, found in leads.items() if found]
    return f"<p>Teacher minus largest base, in points: {' and '.join(words)}.</p>" if words else ""


def errors(results: Results) -> Part:
    """What became of the answers of the teacher and the largest base LM, and what their misses are made of."""
    found = results.optional("teacher_errors.csv")
    if found.empty:
        return box("result", missing("Kinds of misses: not computed yet"))
    models = list(dict.fromkeys(found["model"]))
    shares = {model: select(found, model=model).set_index("kind")["share"] for model in models}
    rows = [[escape(words), *(cell for model in models for cell in _error_cells(shares[model], kind))]
            for kind, words in ERRORS.items()]  # fmt: skip
    head = ["Answer", *(escape(text) for model in models for text in (f"{reader_name(model)}, %", "of its misses, %"))]
    asked = ", ".join(f"{reader_name(model)} {count(select(found, model=model)['n'].iloc[0])}" for model in models)
    links = data_links(results, PAGE, "teacher_errors.csv")
    asked = f"Three-shot, all questions ({asked}{first_base(results)})"
    foot = f'<p class="fp-foot">{escape(asked)}. {MALFORMED} Data: {links}</p>'
    return box("result", table(head, rows, label="What the misses are made of", css="fp-tight") + foot)


def _error_cells(shares: pd.Series, kind: str) -> tuple[str, str]:
    """Share of all answers, and of the misses (nothing for right ones)."""
    share, misses = shares.get(kind), 1 - shares.get("right", 0.0)
    of_misses = "" if kind == "right" else percent(None if is_missing(share) or not misses else share / misses)
    return percent(share), of_misses


# ---- exams and code --------------------------------------------------------------------------------------------------


def exam_scoring(results: Results) -> str | None:
    """The registered scoring of exams: the first with which the base of the 13B row beats chance by enough."""
    try:
        found, claims = evidence(results, PAGE)
        return resolve(found, "exams", claims.study["eligibility"]["above_chance"])["scoring"]
    except (NotMeasured, ResultError):
        return None


def skills_table(results: Results, *, registered: bool = True) -> Part:
    """Exams by group of subjects, beside chance, and code; `registered=False`: exams by the other scoring."""
    scoring = exam_scoring(results)
    if scoring is None:
        return box("result", missing("Exams and code: not computed yet"))
    if not registered:
        scoring = next(name for name in SCORINGS if name != scoring)
    where = [{"benchmark": "exams", "scoring": scoring, "stratum": group} for group in GROUPS] + [CODE]
    rows = [
        [escape(name), *_between(results, size, [shown(_score(results, size, **one)) for one in where])]
        for size, name in _names(results).items()
    ]
    leads = [_lead(results, group, measure=f"exams_{scoring}") for group in GROUPS] + [_lead(results, measure="code")]
    rows.append(["lead, points", "", *map(shown_gap, leads[:-1]), "", shown_gap(leads[-1])])
    rows.append(["chance", "", *(_chance(results, one) for one in where[:-1]), "", _chance(results, CODE)])
    head = ["Model", "Paper: MMLU, %", *(f"{words}, %" for words in GROUPS.values()), "Paper: HumanEval, %",
            "Code, pass@1, %"]  # fmt: skip
    foot = _foot(results, _legend(scoring, registered))
    return box("result", table(head, rows, label="Exams and code", css="fp-tight fp-stacked") + foot)


def _between(results: Results, size: str | None, cells: list[str]) -> list[str]:
    """The paper's two numbers, each before the cells that they stand beside."""
    mmlu, humaneval = (_in_paper(_figure_4(results, name, size)) for name in ("mmlu_5shot", "humaneval_0shot"))
    return [mmlu, *cells[:-1], humaneval, cells[-1]]


def _chance(results: Results, where: dict[str, str]) -> str:
    known = select(primary_rows(results, PAGE), **where)["chance"].dropna()
    return percent(known.iloc[0] if len(known) else None)


def _legend(scoring: str, registered: bool) -> str:
    """What is scored how; which scoring counts was registered."""
    rule = _registered_rule(scoring) if registered else "This is the other of the two scorings; it decides nothing."
    return (
        f"Exams: five-shot multiple choice, scored by {escape(SCORINGS[scoring])}. {rule} <em>Memorised</em>: only "
        "who read the fact can know it; <em>inferable</em>: other facts make a guess better than chance; <em>by "
        "rule</em>: the question states all that is needed. Code: zero-shot, share of exercises whose first program "
        "passes every test. Paper: Figure 4."
    )


def _registered_rule(scoring: str) -> str:
    """Which scoring of exams was to count, and which of the two cases this is."""
    enough = 100 * registration().study["eligibility"]["above_chance"]
    return (
        f"Registered: by the letter if the largest base LM then beats chance by {enough:g} points; otherwise by the "
        f"likelihood of the option's text. Here it {'does' if scoring == 'letters' else 'does not'}."
    )
