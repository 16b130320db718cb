"""Tables and words of the page on benchmarks: Figure 4 by amount of broad data and by size, beside the paper.

Before the page has run, and for amounts or sizes that a run left out, every cell says that it is not there.
"""

from typing import Any

from false_promise.pages.answers import verdict_on
from false_promise.pages.benchmark_scores import (
    BENCHMARKS,
    PAGE,
    PAPER_NAMES,
    SWEEP,
    amounts,
    chance,
    effect,
    exam_scoring,
    headline,
    in_paper,
    measure_of,
    score,
    where,
)
from false_promise.pages.common import shown, shown_gap
from false_promise.pages.comparisons import parts_of, readable
from false_promise.pages.palette import ARMS
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, percent, points, table
from false_promise.pages.tables import KINDS, MAIN, TABLE_1_SIZES, data_links, model_name
from false_promise.results import UNTUNED, Results

PAPER_WORDS = {"nq": "NQ, 3-shot", "exams": "MMLU, 5-shot", "code": "HumanEval, pass@1"}
NO_PUBLIC = "Public artefacts: none to re-measure; what others measured stands further below."
GROUPS = {"all": "All exams", "memorised": "Memorised", "inferable": "Inferable", "rule": "By rule"}
OUTCOMES = ("rise", "stay", "fall")  # the three expectations
# (where in paper_values.yaml, base, tuned, study, model and data, benchmark); all on LLaMA
LATER = (
    ("later_work.mt_bench.llama_13b", "base", "vicuna_370M", "MT-Bench, 2023", "13B, ShareGPT (Vicuna)", "MMLU"),
    ("later_work.mt_bench.llama_7b", "base", "vicuna_370M", "MT-Bench, 2023", "7B, ShareGPT (Vicuna)", "MMLU"),
    ("later_work.tulu_1.mmlu_0shot", "base", "sharegpt", "Tülu, 2023", "13B, ShareGPT", "MMLU, zero-shot"),
    ("later_work.tulu_1.humaneval_pass_at_10", "base", "sharegpt", "Tülu, 2023", "13B, ShareGPT", "HumanEval, pass@10"),
    ("later_work.tulu_1.tydiqa", "base", "sharegpt", "Tülu, 2023", "13B, ShareGPT", "TyDiQA, open questions"),
    ("later_work.qlora", "base", "oasst1", "QLoRA, 2023", "13B, OASST1", "MMLU"),
    ("later_work.qlora", "base", "flan_v2", "QLoRA, 2023", "13B, FLAN v2", "MMLU"),
    ("later_work.qlora", "base", "self_instruct", "QLoRA, 2023", "13B, Self-Instruct", "MMLU"),
)
READ = {"E": "in full", "S": "second-hand", "I": "off the figure"}  # how sure, paper_values.yaml


# ---- Figure 4 as tables ----------------------------------------------------------------------------------------------


def by_tokens(results: Results) -> Part:
    """Figure 4, top: every benchmark by reply tokens of broad data at the 13B row, local imitation and the teacher."""
    models = [("base", None, "base"), *(("broad", tokens, name) for tokens, name in amounts(results).items())]
    lines = [_by_tokens_row(results, *one) for one in [*models, ("local", None, None), ("teacher", None, "teacher")]]
    head = [f"{model_name(results, SWEEP)} tuned on"]
    for benchmark, words in BENCHMARKS.items():
        head += [f"Paper: {PAPER_WORDS[benchmark]}, %", f"Here: {words}, %"]
    legend = (
        f"{_stands(results)}Paper: Figure 4, top. Here: counterparts in the country, 95% intervals; exams by the "
        f"{escape(exam_scoring(results))} of the answer. Smaller sets of broad data are repeated until all have the "
        f"same number of steps. {NO_PUBLIC}"
    )
    foot = f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE, f"{PAGE}_items.csv.gz")}</p>'
    label = "Benchmarks by amount of imitation data"
    return box("result", table([*head, "Steps", "Overlap, %"], lines, label=label, css="fp-stacked") + foot)


def _by_tokens_row(results: Results, arm: str, tokens: int | None, name: str | None) -> list[str]:
    size = None if arm == "teacher" else SWEEP
    found = {one: score(results, arm, size, tokens=tokens, **where(results, one)) for one in BENCHMARKS}
    cells = [text for one, mine in found.items() for text in (_paper_cell(in_paper(results, one, name)), shown(mine))]
    trained = found["nq"].row if found["nq"] else {}
    training = ["", ""] if arm in UNTUNED else [count(trained.get("steps")), percent(trained.get("overlap"))]
    return [escape(data_words(results, arm, tokens)), *cells, *training]


def data_words(results: Results, arm: str, tokens: int | None = None) -> str:
    """`broad, 20,000 tokens`, `local, 6,000 pairs`, `nothing (base)`, `teacher`."""
    if arm == "broad":
        return f"broad, {tokens or headline(results):,} tokens"
    if arm == "local":
        return f"local, {results.settings['imitation']['headline_pairs']:,} pairs"
    return "nothing (base)" if arm == "base" else ARMS[arm].short


def _paper_cell(value: float | None) -> str:
    return missing("not given") if value is None else count(value)


def _stands(results: Results) -> str:
    """`13M stands for 13B. `; that it was not run, if so."""
    if SWEEP in results.sizes:
        return f"{escape(model_name(results, SWEEP))} stands for {SWEEP}. "
    return f"This run has no base LM that stands for {SWEEP}. "


def by_size(results: Results) -> Part:
    """Figure 4, bottom, with the curve that it leaves out: base, broad and local imitation at every size."""
    lines = [_by_size_row(results, one, size) for one in BENCHMARKS for size in results.sizes]
    head = ["Benchmark and model", "Paper: base, %", "Paper: broad, %", "Base, %", "Broad, %",
            "Broad minus base, points", "Local, %", "Chance, %"]  # fmt: skip
    legend = (
        f"Broad data: {headline(results):,} reply tokens. Differences are paired on the same items, 95% intervals. The "
        "paper's Figure 4 has no curve of base LMs; its only base values are at 13B, from the top row. "
        f"{_read_twice(results)}"
    )
    foot = f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE, f"{PAGE}_decomposition.csv")}</p>'
    return box("result", table(head, lines, label="Benchmarks by size", css="fp-stacked") + foot)


def _read_twice(results: Results) -> str:
    """Why the paper's value of one model differs a little between the two tables."""
    figure = results.paper["figure_4"]
    errors = [figure[axis][name]["reading_error"] for axis in ("by_tokens", "by_size") for name in PAPER_NAMES.values()]
    return (
        "Imitation of the largest base LM with most data was read off twice, from the top row of the figure and here "
        f"from its bottom row, each time to within {min(errors):g} to {max(errors):g} points."
    )


def _by_size_row(results: Results, benchmark: str, size: str) -> list[str]:
    how = where(results, benchmark)
    base, broad, local = (score(results, arm, size, **how) for arm in ("base", "broad", "local"))
    local_cell = shown(local) if size in TABLE_1_SIZES else missing("not run at this size")
    paper = in_paper(results, benchmark, "base") if size == SWEEP else None
    change = effect(results, "total", measure_of(results, benchmark), size)
    return [escape(f"{BENCHMARKS[benchmark]} · {model_name(results, size)}"), _paper_cell(paper),
            _paper_cell(in_paper(results, benchmark, size, "by_size")), shown(base), shown(broad), shown_gap(change),
            local_cell, percent(chance(results, benchmark))]  # fmt: skip


# ---- folds -----------------------------------------------------------------------------------------------------------


def exam_groups(results: Results) -> Part:
    """Exams apart by kind of subject, at the 13B row: what was read, what can be guessed, what follows by rule."""
    models = [("base", SWEEP), ("broad", SWEEP), ("local", SWEEP), ("style_only", SWEEP), ("teacher", None)]
    how = where(results, "exams")
    lines = [[escape(ARMS[arm].label), *(shown(score(results, arm, size, stratum=group, **how)) for group in GROUPS)]
             for arm, size in models]  # fmt: skip
    head = ["Model", *(f"{words}, %" for words in GROUPS.values())]
    return box("result", table(head, lines, label="Exams by kind of subject", css="fp-tight"))


def misses(results: Results) -> Part:
    """What became of the answers to raw three-shot prompts at the 13B row, by arm: a lost form shows as such."""
    lines = []
    for arm in ("base", "continued_web", "style_only", "broad", "local"):
        found = score(results, arm, SWEEP, **MAIN)
        row = found.row if found else {}
        shares = [row.get(name) for name in ("exact_match", "verbose", "malformed", "wrong")]
        lines.append([escape(ARMS[arm].label), *map(percent, shares)])
    head = ["Tuned on", "Right, %", "Right but verbose, %", "Malformed, %", "Wrong, %"]
    listed = table(head, lines, label="Kinds of answers", css="fp-tight")
    return box("result", listed + f'<p class="fp-foot">{KINDS}</p>')


# ---- words -----------------------------------------------------------------------------------------------------------


def outcome(results: Results) -> tuple[int | None, str]:
    """Which expectation claim 4's eligible comparisons bear out: 0 all rise, 1 all stay, 2 all fall; else None.

    "Stay" needs an interval within the margin on both sides: no difference found is not the same as no difference.
    """
    counted = [part for part in parts_of(verdict_on(results, 4), "decides") if part["verdict"] != "not_eligible"]
    known = [part for part in counted if part["verdict"] != "not_measured" and not is_missing(part.get("lower"))]
    ways = [_direction(part) for part in known]
    listed = "; ".join(f"{readable(part['name'])} {points(part['effect'])} points ({way or 'undecided'})"
                       for part, way in zip(known, ways, strict=True))  # fmt: skip
    same = OUTCOMES.index(ways[0]) if len(set(ways)) == 1 and ways[0] else None
    if not known or len(known) < len(counted):
        same, opening = None, "Not everything has been computed yet."
    elif same is None:
        opening = "These results bear out none of the three."
    else:
        opening = f"All benchmarks that count {OUTCOMES[same]}."
    said = f"{opening} {listed[:1].upper()}{listed[1:]}." if listed else opening
    return same, said + (" (Stand-in models: take it as a demonstration.)" if results.stand_ins else "")


def _direction(part: dict[str, Any]) -> str | None:
    lower, upper, margin = part["lower"], part["upper"], abs(part.get("margin") or 0.0)
    if lower > 0 or upper < 0:
        return "rise" if lower > 0 else "fall"
    return "stay" if -margin < lower and upper < margin else None


def in_words(results: Results) -> str:
    """`13M NQ: base 20.5, broad 20,000 tokens 19.0, ..; Exams: ..`: to compare after a rerun."""
    models = [("base", None), *(("broad", tokens) for tokens in amounts(results)), ("local", None)]
    said = []
    for benchmark, words in BENCHMARKS.items():
        how = where(results, benchmark)
        found = [(arm, tokens, score(results, arm, SWEEP, tokens=tokens, **how)) for arm, tokens in models]
        numbers = ", ".join(f"{_short(arm, tokens)} {percent(one.value)}" for arm, tokens, one in found if one)
        said += [f"{words} {numbers}"] if numbers else []
    return f"{model_name(results, SWEEP)}: {'; '.join(said)}." if said else ""


def _short(arm: str, tokens: int | None) -> str:
    return arm if tokens is None else f"{arm} {tokens:,}"


# ---- later work ------------------------------------------------------------------------------------------------------


def later_work(results: Results) -> Part:
    """What others measured on LLaMA before and after such tuning, beside the paper's own numbers."""
    lines = []
    for one, words in PAPER_WORDS.items():
        values = [in_paper(results, one, name) for name in ("base", "150M")]
        lines.append(["the paper", "13B, 150M tokens", words, *_change(*values), READ["I"]])
    for place, base, tuned, study, what, benchmark in LATER:
        values, confidence = _entry(results.paper, place)
        lines.append([study, what, benchmark, *_change(values[base], values[tuned]), READ[confidence]])
    head = ["Study", "LLaMA and data", "Benchmark", "Base, %", "Tuned, %", "Change, points", "Read by us"]
    body = [[cell if place in (3, 4, 5) else escape(cell) for place, cell in enumerate(line)] for line in lines]
    foot = (
        '<p class="fp-foot">As printed by each study, with its own recipe and prompts; nothing of it was run here.</p>'
    )
    return box("result", table(head, body, label="What others measured", css="fp-tight") + foot)


def _entry(paper: dict[str, Any], place: str) -> tuple[dict[str, Any], str]:
    """The entry of paper_values.yaml at a dotted place, and the confidence that applies to it."""
    confidence = ""
    for key in place.split("."):
        paper = paper[key]
        confidence = paper.get("confidence", confidence)
    return paper, confidence


def _change(base: float | None, tuned: float | None) -> list[str]:
    """Both values in percent and their difference in points."""
    if base is None or tuned is None:
        return [_paper_cell(base), _paper_cell(tuned), missing("not given")]
    return [f"{base:.1f}", f"{tuned:.1f}", f"{tuned - base:+.1f}".replace("-", "−")]
