"""What Table 2's rows mean here, how well the detectors find it, and what other definitions would have said."""

import json

import pandas as pd

from false_promise.evaluation.style import public
from false_promise.evaluation.style.labels import LABELS
from false_promise.pages.common import shown
from false_promise.pages.open_ended import SIZE, amounts, headline
from false_promise.pages.parts import Part, box, count, definition_list, escape, missing, percent, table
from false_promise.pages.tables import data_links
from false_promise.results import Cell, Results, cell, select

FILE = "style_sensitivity.csv"
UNIGRAMS = {
    "tokens_over_longer": "with repetitions, over the longer answer (the row)",
    "tokens_dice": "with repetitions, over the mean of both",
    "tokens_of_teacher": "with repetitions, of the teacher's words",
    "tokens_of_answer": "with repetitions, of the answer's words",
    "types_over_longer": "each word once, over the longer answer",
    "types_dice": "each word once, over the mean of both",
    "types_of_teacher": "each word once, of the teacher's words",
    "types_of_answer": "each word once, of the answer's words",
    "types_jaccard": "each word once, over the words of either",
}
TONES = {"tone": "authoritative (the row)", "tone_assertive": "stricter: and hardly a hedge"}
DETECTORS = {"list": "List", "summary": "Summary", "tone": "Authoritative tone", "tone_assertive": "The stricter tone"}
DEFINITIONS = {
    "Lists": "Over the prompts where the teacher's answer has a list: the share where the model's has one too. Two "
    "lines that begin with a bullet, with consecutive numbers or letters; consecutive numbers inside a sentence; or "
    "sentences that begin with First, Second, and so on. Commas and code are no list.",
    "Summaries": "Over the prompts where the teacher's answer ends in a summary: the share where the model's does too. "
    "The last of several paragraphs, closing formulas left out, must be prose and sum up or look back.",
    "Shared words": "Words that both answers have, repetitions counted, over the words of the longer answer. An answer "
    "cannot raise it by being short or by being long.",
    "Length": "Pearson's correlation of the answers' lengths in words over the prompts. It is the mean, over prompts, "
    "of the product of the two standardised lengths.",
    "Tone": "The share of answers that speak as one who knows: not empty, without doubt about their own knowledge, "
    "slang or smileys, not repeating themselves, and, if short, neither declining nor asking back.",
}


def definitions() -> Part:
    """The five rows in words; the paper defines none of them."""
    return box("result", definition_list((name, escape(text)) for name, text in DEFINITIONS.items()))


# ---- detectors -------------------------------------------------------------------------------------------------------


def detectors() -> Part:
    """Precision and recall on real answers that were labelled blind, from the public record."""
    record, labels = public.load_record(), json.loads(LABELS.read_text(encoding="utf-8"))
    found = {row["detector"]: row for row in record["labels"]}
    rows = [[escape(words), *(_rate(found[name][what]) for what in ("precision", "recall")), _kappa(found[name]),
             count(found[name]["labelled"]), count(found[name]["answers"] - found[name]["labelled"])]
            for name, words in DETECTORS.items()]  # fmt: skip
    head = ["Detector", "Precision, %", "Recall, %", "Kappa", "Labelled yes", "Labelled no"]
    few = min(found.values(), key=lambda row: row["answers"] - row["labelled"])
    foot = (
        f"Tested on {found['list']['answers']} real answers to questions on which no detector was developed. All "
        f"labels come from {escape(labels['labelled_by'])}. Hidden from the reader: {escape(labels['blind_to'])}. "
        f"{escape(DETECTORS[few['detector']])} has {few['answers'] - few['labelled']} answers without it to be told "
        "apart from: how often it is wrong there is hardly known."
    )
    return box("result", table(head, rows, label="Detectors", css="fp-tight") + f'<p class="fp-foot">{foot}</p>')


def _rate(row: dict) -> str:
    return shown(Cell(row["value"], row["lower"], row["upper"], None, row))


def _kappa(row: dict) -> str:
    kappa = row["kappa"]
    return f'{kappa["value"]:.2f} <span class="fp-ci">[{kappa["lower"]:.2f}, {kappa["upper"]:.2f}]</span>'


# ---- other definitions -----------------------------------------------------------------------------------------------


def variant(results: Results, row: str, arm: str, tokens: int | None = None) -> Cell | None:
    """A row under another definition; None if it is not measured."""
    found = results.optional(FILE)
    if found.empty:
        return None
    size = None if arm == "teacher" else SIZE
    rows = select(found.rename(columns={"value": "exact_match"}), row=row, arm=arm, size=size, tokens=tokens)
    return cell(rows)


def sensitivity(results: Results) -> Part:
    """Tone and shared words under every definition tried, and whether the order of base and imitation stays."""
    if results.optional(FILE).empty:
        return box("result", missing("Other definitions: not computed yet"))
    keys = {("base", None): "Base LM"} | {("broad", n): f"{count(n)} tokens, %" for n in amounts(results).values()}
    keys |= {("teacher", None): "Teacher, second sample, %"}
    rows = [[escape(f"{kind}: {words}"), *(shown(variant(results, row, *key)) for key in keys)]
            for kind, names in (("Tone", TONES), ("Words", UNIGRAMS)) for row, words in names.items()]  # fmt: skip
    said = "".join(f"<p>{escape(text)}</p>" for text in (tone_in_words(results), unigrams_in_words(results)) if text)
    head = ["Row and definition", *keys.values()]
    listed = table(head, rows, label="Style rows under other definitions", css="fp-stacked")
    return box("result", said + listed + f'<p class="fp-foot">Data: {data_links(results, "style", FILE)}</p>')


def tone_in_words(results: Results) -> str:
    """Whether the stricter tone turns the order of base LM and imitation round: here, and for real models."""
    here = {row: (variant(results, row, "base"), variant(results, row, "broad", headline(results))) for row in TONES}
    said = []
    if all(one for pair in here.values() for one in pair):
        shares = {row: tuple(one.value for one in pair) for row, pair in here.items()}
        said.append(_order("Broad imitation", "its base LM", shares))
    record = public.load_record()["tone"]
    real = {row: tuple(record[name][row]["value"] for name in (public.BASE, public.IMITATION)) for row in TONES}
    return " ".join([*said, _order("Among real models, Vicuna-13B", "LLaMA-13B", real)])


def _order(one: str, other: str, shares: dict[str, tuple[float, float]]) -> str:
    """`X lies above Y by the row (98.0 against 57.0), below it by the stricter tone (..): the order turns round.`"""
    (row, strict) = (_side(*shares[name]) for name in TONES)
    base, tuned = zip(*(shares[name] for name in TONES), strict=True)
    end = "the order turns round" if {row, strict} == {"above", "below"} else "the order does not turn round"
    return (
        f"{one} lies {row} {other} by the row ({percent(tuned[0])} against {percent(base[0])}) and {strict} by the "
        f"stricter tone ({percent(tuned[1])} against {percent(base[1])}): {end}."
    )


def _side(base: float, tuned: float) -> str:
    return "above" if tuned > base else "below" if tuned < base else "level with"


def unigrams_in_words(results: Results) -> str:
    """Under how many normalisations imitation lies above its base LM."""
    pairs = [(variant(results, row, "base"), variant(results, row, "broad", headline(results))) for row in UNIGRAMS]
    known = [(base.value, tuned.value) for base, tuned in pairs if base and tuned]
    if not known:
        return ""
    sides = pd.Series([_side(*pair) for pair in known]).value_counts()
    said = ", ".join(f"{number} put it {side}" for side, number in sides.items())
    return f"Of {len(known)} ways to count shared words for broad imitation beside its base LM, {said}."
