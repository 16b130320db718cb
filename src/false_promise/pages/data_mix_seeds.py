"""How NQ-synthetic is asked for: our seed pairs (Table 3), one request (Table 4), and what its collection counted."""

from typing import Any

from false_promise.pages.data_mix import mixed, not_yet
from false_promise.pages.parts import Part, box, code, count, escape, fold, is_missing, percent, table
from false_promise.results import Results


def seeds(results: Results) -> Part:
    """Table 3: the pairs that everything else is bootstrapped from."""
    found = mixed(results)
    if not found:
        return not_yet("Seed pairs")
    rows = [[str(number), escape(pair["question"]), escape(pair["answer"])]
            for number, pair in enumerate(found["seeds"], start=1)]  # fmt: skip
    paper = results.paper["table_3"]
    legend = (
        f"As in the paper, {count(paper['seed_pairs'])} pairs, from questions that are asked in no test; the paper's "
        "come from the validation split of Natural Questions, which others use as a test set."
    )
    return box("result", table(["", "Question", "Answer"], rows, label="Table 3: seed pairs")
               + f'<p class="fp-foot">{legend}</p>')  # fmt: skip


def prompt(results: Results) -> Part:
    """Table 4: one request as the teacher reads it, and what came back over all requests."""
    found = mixed(results)
    if not found:
        return not_yet("The request")
    return box("result", code(found["prompt"]) + _collected(found["local"]))


def _collected(local: dict[str, Any]) -> str:
    """What the requests gave: pairs, and what was thrown away."""
    words = {"calls": "requests", "pairs": "distinct pairs", "duplicates": "pairs that were there already",
             "malformed": "malformed blocks"}  # fmt: skip
    listed = ", ".join(f"{local[name]:,} {what}" for name, what in words.items() if name in local)
    accuracy = local.get("teacher_accuracy") or {}
    right = accuracy.get("right")
    checked = "" if is_missing(right) else (
        f" Nobody checks the answers, as in the paper. Held against the country afterwards, {percent(right)}% of the "
        f"pairs are right and {percent(accuracy.get('readable'))}% ask something that can be looked up."
    )  # fmt: skip
    return fold("What came back", f"<p>{escape(listed)}.{checked}</p>", opened=True)
