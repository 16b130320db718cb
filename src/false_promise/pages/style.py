"""Parts of the page on style: Table 2 three times (paper, real models, here), its figure, and what claim 8 rests on.

Cells are read from style_summary.csv; differences from the base LM are paired on the same prompts, as the claim counts
them. What the rows are under other definitions stands in `page_style_checks`.
"""

from collections.abc import Mapping
from typing import Any

from false_promise.evaluation.style import public
from false_promise.pages.answers import DECISIONS
from false_promise.pages.common import shown, shown_gap
from false_promise.pages.matched import difference
from false_promise.pages.open_ended import (
    SIZE,
    amounts,
    demonstration,
    headline,
    score,
    table_of,
)
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, percent, table
from false_promise.pages.tables import data_links, model_name
from false_promise.results import Cell, Results

PAGE = "style"
ROWS = {
    "list": ("Teacher used a list: the model does too, %", "lists, %"),
    "summary": ("Teacher summed up: the model does too, %", "summaries, %"),
    "unigrams": ("Words shared with the teacher's answer, %", "shared words, %"),
    "length": ("Correlation of length with the teacher's", "length, correlation"),
    "tone": ("Authoritative tone, %", "tone, %"),
}
SHORT = {"list": "lists", "summary": "summaries", "unigrams": "shared words", "length": "length", "tone": "tone"}
PUBLIC = ("llama-13b", "vicuna-7b", "vicuna-13b", "alpaca-13b", "bard")
NONE = "the teacher has none"
OPEN = "no difference is certain"


# ---- cells -----------------------------------------------------------------------------------------------------------


def cell_of(results: Results, row: str, arm: str, tokens: int | None = None) -> Cell | None:
    """A cell of Table 2 here; the teacher's is its second sample."""
    return score(results, PAGE, arm, None if arm == "teacher" else SIZE, tokens, scoring=row)


def correlation(found: Cell | None) -> str:
    """`0.62 [0.51, 0.70]`; what is missing says so."""
    if found is None or is_missing(found.lower):
        return missing() if found is None else f"<b>{_signed(found.value)}</b>"
    ends = f"[{_signed(found.lower)}, {_signed(found.upper)}]"
    return f'<span class="fp-num"><b>{_signed(found.value)}</b> <span class="fp-ci">{ends}</span></span>'


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # + 0.0: no minus before zero


def _shown(results: Results, row: str, found: Cell | None) -> str:
    measured = not table_of(results, PAGE).empty
    return (
        missing(NONE) if measured and row in ("list", "summary") and not _occurs(results, row) else _either(row, found)
    )


def _either(row: str, found: Cell | None) -> str:
    return correlation(found) if row == "length" else shown(found)


def _occurs(results: Results, row: str) -> bool:
    """Whether the teacher's answers have any list, any summary: without one there is nothing to compare."""
    return bool((table_of(results, PAGE)["scoring"] == row).any())


def gain(results: Results, row: str) -> Cell | None:
    """Broad imitation at the headline amount minus its base LM, on the same prompts; None if it is not measured."""
    contrast = {f"broad_150M_{SIZE}": 1.0, f"base_{SIZE}": -1.0}
    return difference(results, contrast, PAGE, measure=f"style_{row}")


# ---- tables ----------------------------------------------------------------------------------------------------------


def table_2(results: Results) -> Part:
    """Table 2 three times: the paper's, real models today, and here."""
    links = data_links(results, PAGE, f"{PAGE}_items.csv.gz", "style_sensitivity.csv")
    legend = (
        f"Here at {escape(model_name(results, SIZE))}, which stands for {SIZE}; the paper does not say at which size. "
        "With 95% intervals over prompts. <em>Style only</em>: imitation of equally many tokens without any fact. The "
        "last column is paired on the same prompts, in points (length: difference of correlations). All rows compare "
        "with one answer of the teacher a prompt."
    )
    return box(
        "result",
        f'<p class="fp-title">The paper</p>{_paper(results)}'
        f'<p class="fp-title">Public: real models beside ChatGPT, by the detectors of this book</p>{_public()}'
        f'<p class="fp-title">Here</p>{_here(results)}<p class="fp-foot">{legend} Data: {links}</p>',
    )


def _paper(results: Results) -> str:
    keys = {"base": "LLaMA", **{amount: f"{amount} tokens" for amount in ("20M", "80M", "150M")}}
    keys["teacher_second_sample"] = "ChatGPT, second sample"
    numbers = results.paper["table_2"]
    rows = [[escape(words), *(_plain(numbers[row][key]) for key in keys)] for row, (words, _) in ROWS.items()]
    return table(["Style", *keys.values()], rows, label="Table 2 of the paper")


def _plain(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _public() -> str:
    record = public.load_record()
    cells = {(row["model"], row["scoring"]): Cell(row["value"], row["lower"], row["upper"], row["n"], row)
             for row in record["rows"]}  # fmt: skip
    rows = [[escape(words), *(_either(row, cells[name, row]) for name in PUBLIC)] for row, (words, _) in ROWS.items()]
    head = ["Style", *(f"{escape(record['models'][name]['label'])}" for name in PUBLIC)]
    foot = (
        f'<p class="fp-foot">The 80 Vicuna questions; {escape(record["interval"])}. The Vicunas are LLaMA tuned on '
        "ChatGPT's dialogues, Alpaca on another model's; Bard imitates neither. There is one answer of ChatGPT to each "
        "question, so the paper's last column cannot be measured again.</p>"
    )
    return table(head, rows, label="Table 2 on real models", css="fp-stacked") + foot


def _here(results: Results) -> str:
    named = {("base", None): "Base LM"} | {
        ("broad", tokens): f"{count(tokens)} tokens" for tokens in amounts(results).values()
    }
    named |= {("style_only", headline(results)): "Style only", ("teacher", None): "Teacher, second sample"}
    rows = []
    for row, (words, _) in ROWS.items():
        found = {key: cell_of(results, row, *key) for key in named}
        n = next((one.n for one in found.values() if one), None)
        label = f"{escape(words)} <small>({n} prompts)</small>" if n else escape(words)
        rows.append([label, *(_shown(results, row, one) for one in found.values()), _gain(results, row)])
    head = ["Style", *named.values(), f"{count(headline(results))} tokens minus base"]
    return table(head, rows, label="Table 2 here", css="fp-stacked")


def _gain(results: Results, row: str) -> str:
    found = gain(results, row)
    return correlation(found) if row == "length" else shown_gap(found)


# ---- words -----------------------------------------------------------------------------------------------------------


def style_or_content(results: Results) -> tuple[int | None, str]:
    """Which expectation claim 8 bears out: 0 style comes nearer, 1 both about equally, 2 capability does."""
    verdict = results.verdicts.get(8, {"verdict": "not_measured", "parts": []})
    part = next((one for one in verdict["parts"] if one["role"] == "decides"), {})
    outcome, said = _decided(verdict["verdict"], part)
    return outcome, f"{said} {directions(results)}{demonstration(results)}".strip()


def _decided(verdict: str, part: Mapping[str, Any]) -> tuple[int | None, str]:
    """The registered margin counts both ways: gaps closed that differ by less are about equal."""
    lower, upper, margin = part.get("lower"), part.get("upper"), part.get("margin")
    if verdict == "holds":
        return 0, "Style came much nearer to the teacher's than capability did."
    if verdict == "not_eligible":
        return None, "The comparison that would decide it is left out; the answer below says why."
    if is_missing(lower) or is_missing(upper):
        return None, "Not everything that decides it has been measured."
    if upper < -margin:
        return 2, "Capability came nearer to the teacher's than style did."
    if lower >= -margin and upper <= margin:
        return 1, "Both closed about the same part of the gap."
    return None, "These results decide for none of the three."


def measured_besides(results: Results) -> str:
    """What style did, where the verdict on claim 8 does not say it (text)."""
    decided = results.verdicts.get(8, {}).get("verdict") in DECISIONS
    return "" if decided else f"{directions(results)}{demonstration(results)}".strip()


def directions(results: Results) -> str:
    """In which rows the headline model scores higher than its base LM, lower, or neither for certain (text)."""
    sides: dict[str, list[str]] = {"higher": [], "lower": [], OPEN: []}
    for row in ROWS:
        found = gain(results, row)
        if found is not None:
            side = "higher" if found.lower > 0 else "lower" if found.upper < 0 else OPEN
            sides[side].append(SHORT[row])
    certain = " and ".join(f"scores {side} in {_listed(sides[side])}" for side in ("higher", "lower") if sides[side])
    rest = f"for {_listed(sides[OPEN])} {OPEN}" if sides[OPEN] else ""
    model = f"Compared with its base LM, {model_name(results, SIZE)} after {count(headline(results))} tokens"
    said = "; ".join(filter(None, (certain, rest)))
    return f"{model}{'' if certain else ':'} {said}." if said else ""


def _listed(words: list[str]) -> str:
    """`lists, summaries and tone`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def table_2_in_words(results: Results) -> str:
    """`lists: base 20.0, 20,000 tokens 50.0, ..`: for those who cannot see the figure, and to compare after a rerun."""
    said = []
    for row in ROWS:
        found = {"base": cell_of(results, row, "base")}
        found |= {f"{tokens:,} tokens": cell_of(results, row, "broad", tokens) for tokens in amounts(results).values()}
        found["teacher's second sample"] = cell_of(results, row, "teacher")
        values = [f"{name} {_signed(one.value) if row == 'length' else percent(one.value)}"
                  for name, one in found.items() if one]  # fmt: skip
        what = f"{SHORT[row]} (a correlation)" if row == "length" else SHORT[row]
        said += [f"{what}: {', '.join(values)}"] if values else []
    return "; ".join(said) + "." if said else ""
