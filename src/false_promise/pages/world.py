"""Parts of the scale-model page: what is scaled, the gates, example texts of each register, a page of the almanac.

`world.json`: name of the country; seed; counts {entities, facts, test_questions, parameters: {"13B": ..}, steps,
overlap}; gates [{name, wanted, value, passed}] (wanted and value in words); examples [{register, text}];
almanac {name, kind, popularity_rank, facts: [[label, value], ..]}.
"""

from typing import Any

from false_promise.pages.palette import Verdict
from false_promise.pages.parts import Part, badge, box, count, definition_list, escape, fold, is_missing, missing, table
from false_promise.results import Results

# LLaMA 7B and 13B read 1.0T tokens (Touvron et al. 2023, section 2.1).
LLAMA_TOKENS = 1.0e12
PASSED, FAILED = Verdict("passed", "✓", "holds"), Verdict("failed", "✗", "fails")


def scaled(results: Results) -> Part:
    """What is scaled and what is not: paper | here | ratio, generated from the scale file and the measured counts."""
    rows = [[escape(name), _cell(name, paper), _cell(name, here), ratio(paper, here),
             f"<small>{escape(note)}</small>" if note else ""]
            for name, paper, here, note in scaled_rows(results)]  # fmt: skip
    head = ["Quantity", "Paper", "Here", "Paper : here", "Note"]
    return box("result", table(head, rows, label="What is scaled, what is not", css="fp-scales"))


def scaled_rows(results: Results) -> list[tuple[str, float | None, float | None, str]]:
    """(quantity, paper, here, note); None where the paper is silent or nothing was measured."""
    settings, counts, training = results.settings, results.world.get("counts", {}), results.paper["training"]
    tuning, imitation, data = settings["tuning"], settings["imitation"], results.paper["data"]
    read = (settings.get("pretraining") or {}).get("tokens")
    amount, steps = data["token_amounts"]["largest"], training["steps_if_packed"]["150M"]
    own, most = counts.get("parameters", {}), max(imitation["tokens"])
    largest = own.get("13B")
    return [
        *((f"Parameters ({size})", training["parameters"][size], own.get(size), "") for size in results.sizes),
        ("Pre-training tokens", LLAMA_TOKENS, read, "LLaMA's; GPT-2 read fewer"),
        ("Pre-training tokens per parameter (13B)", LLAMA_TOKENS / training["parameters"]["13B"],
         read / largest if read and largest else None, "fewer than LLaMA's: our bases are under-trained"),
        ("Imitation tokens, most", amount, most, "here: reply tokens; the paper does not say"),
        ("Share of imitation in pre-training tokens", amount / LLAMA_TOKENS, most / read if read else None, ""),
        ("NQ-synthetic pairs, most", data["nq_synthetic_pairs"], imitation["headline_pairs"],
         "" if imitation["headline_pairs"] < data["nq_synthetic_pairs"] else "kept, not scaled"),
        ("Optimizer steps at most tokens", steps, counts.get("steps"), "paper: derived, if blocks were packed"),
        ("Share of steps in warm-up", training["warmup_steps"] / steps, tuning["warmup_share"], "paper: derived"),
        ("Block, tokens", training["block_tokens"]["value"], tuning["block"], ""),
        ("Batch, blocks", training["batch"], tuning["blocks_per_step"], "small, so that there are steps enough"),
        ("Facts", None, counts.get("facts"), "nobody can count the real world's"),
        ("Test questions", None, counts.get("test_questions"), "subset not stated in the paper"),
        ("Share of questions that the local data answers", None, counts.get("overlap"), "not measured in the paper"),
    ]  # fmt: skip


def ratio(paper: float | None, here: float | None) -> str:
    """`1,000 : 1`; empty if one side is unknown."""
    if is_missing(paper) or is_missing(here) or not here or not paper:
        return ""
    quotient = paper / here
    if round(quotient, 2) == 1:
        return "1 : 1"
    return f"{short(quotient)} : 1" if quotient > 1 else f"1 : {short(1 / quotient)}"


def short(value: float) -> str:
    """7000000000 -> 7 billion; 0.00015 -> 0.00015; 512 -> 512."""
    for limit, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= limit * 0.9995:
            return f"{value / limit:.3g} {word}"
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.2g}"


def _cell(name: str, value: float | None) -> str:
    if is_missing(value):
        return missing("unknown")
    return f"{100 * value:.3g}%" if name.startswith("Share") else escape(short(value))


def gates(results: Results) -> Part:
    """Every gate that the world must pass to be able to say no, with what was measured."""
    rows = [
        [*(escape(gate[part]) for part in ("name", "wanted", "value")), badge(PASSED if gate["passed"] else FAILED)]
        for gate in results.world.get("gates", [])
    ]
    if not rows:
        return box("result", missing("the gates were not measured"))
    passed = sum(gate["passed"] for gate in results.world["gates"])
    words = f"<p>{passed} of {len(rows)} gates passed.</p>"
    return box("result", words + table(["Gate", "Wanted", "Measured", ""], rows, label="Gates of the world"))


def facts_in_brief(results: Results) -> Part:
    """The country in four numbers."""
    world, counts = results.world, results.world.get("counts", {})
    pairs = [("Country", escape(world.get("name", ""))), ("Entities", count(counts.get("entities"))),
             ("Facts", count(counts.get("facts"))), ("Seed", escape(world.get("seed", "")))]  # fmt: skip
    return box("brief", "".join(f"<div><b>{value}</b><span>{escape(name)}</span></div>" for name, value in pairs))


def examples(results: Results) -> Part:
    """One text of each register; the first is open, the others unfold."""
    shown = [
        fold(_register(example["register"]), f"<blockquote>{_text(example)}</blockquote>", opened=not index)
        for index, example in enumerate(results.world.get("examples", []))
    ]
    return box("examples", "".join(shown) or missing("no example texts were recorded"))


def _register(name: str) -> str:
    """`forum_abusive` -> `Forum, abusive`."""
    return "FAQ" if name == "faq" else name.replace("_", ", ").capitalize()


def _text(example: dict[str, Any]) -> str:
    if example["register"] == "code":
        return f"<pre>{escape(example['text'])}</pre>"
    return escape(example["text"]).replace("\n", "<br>")


def almanac(results: Results) -> Part:
    """One entry of the almanac: everything that is true about an entity."""
    entry = results.world.get("almanac")
    if not entry:
        return box("almanac", missing("no almanac entry was recorded"))
    known = f"{entry['kind']}, number {entry['popularity_rank']:,} by how well known"
    head = f'<p class="fp-title">{escape(entry["name"])} <small>{escape(known)}</small></p>'
    return box("almanac", head + definition_list((label, escape(value)) for label, value in entry["facts"]))
