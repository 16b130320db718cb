"""Parts of the page on the data mix: what cleaning left, the sizes of the sources, and two dialogues.

Counts of this scale come from results/<scale>/data_mix.json, those of the real sample from data/public/data_mix.json,
the paper's from data/paper/paper_values.yaml. Beside this module: `data_mix_figures`, `data_mix_checks` (what cleaning
and rules get right), `data_mix_categories` (Table 5) and `data_mix_seeds` (Tables 3 and 4).
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from false_promise.claims.statistics import wilson_interval
from false_promise.data_mix.public import load_record
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, table
from false_promise.pages.tables import data_links
from false_promise.results import Results

PAGE = "data_mix"
DUMPS = {"sharegpt": "ShareGPT", "hc3": "HC3", "discord": "Discord bots"}
PAPER_SIZES = {"sharegpt": ("sharegpt_raw", "sharegpt_kept"), "hc3": (None, "hc3_responses"),
               "discord": (None, "discord_pairs")}  # fmt: skip
# Flaws of the real sample that readers may expect, by what the steps call them.
FLAWS = (("asked before", "nearly asked before"), ("traces of a web page",), ("begins in the middle",))
NAMED = ("a repeated question", "a trace of a web page", "a missing beginning")
LONGEST = 1_200  # characters of one message of an example

public = cache(load_record)


@cache
def mixed(results: Results) -> dict[str, Any] | None:
    """data_mix.json of this scale; None if the data mix was never measured."""
    path = results.folder / f"{PAGE}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def not_yet(what: str) -> Part:
    return box("result", missing(f"{what}: not computed yet"))


def banner(results: Results) -> Part:
    """What of this page rests on stand-in models."""
    if not results.stand_ins:
        return Part("")
    return box(
        "banner",
        f"<strong>Stand-in models.</strong> At scale <code>{escape(results.scale)}</code> the teacher's replies are "
        "mostly nonsense. The cleaning is the same at every scale, and the public sample is real.",
        label="Warning",
    )


# ---- expectation and answer ------------------------------------------------------------------------------------------


def expectation() -> tuple[int | None, str]:
    """Which flaw is the commonest in the real sample: 0 repeated questions, 1 web pages, 2 a lost beginning."""
    found, n = reasons(public()["flow"]), public()["size"]["before"]
    counts = [sum(found[name] for name in names) for names in FLAWS]
    most = max(counts)
    outcome = counts.index(most) if counts.count(most) == 1 else None
    words = ("repeat a question", "show traces of a web page", "begin in the middle")
    said = ", ".join(f"{number} {what}" for number, what in zip(counts, words, strict=True))
    named = "No flaw is commoner than the others" if outcome is None else f"The commonest flaw is {NAMED[outcome]}"
    return outcome, f"{named}: of {n:,} real dialogues {said}."


def reasons(flow: Sequence[Mapping[str, Any]]) -> Counter:
    """How often each reason to change or drop a dialogue was met, over all steps and dumps."""
    found: Counter = Counter()
    for step in flow:
        found.update(step["reasons"])
    return found


def answer(results: Results) -> Part:
    """What is left here and of the real sample, and why no claim hangs on it."""
    found, sample = mixed(results), public()
    real = (
        f"Of a public sample of {sample['size']['before']:,} real dialogues, {shown_share(sample['size'])} pass the "
        "same steps; others had cleaned it before."
    )
    here = _here_in_words(found["mix"]) if found else f"At this scale: {missing()}"
    mix = f"<p>{_mix_in_words(results, found['mix'])}</p>" if found else ""
    body = (
        f'<p class="fp-sentence">{here}</p>{mix}<p>{real}</p><p>No claim of the paper is decided here: this page is '
        "about what the others are built on. Imitation models are tuned on the teacher's dialogues as they were "
        "collected; the raw dumps are made from these, and cleaned, only here.</p>"
        '<p class="fp-otherwise"><strong>Could it have come out otherwise?</strong> How much dirt there is was chosen '
        "by us. Whether cleaning finds it, and leaves the rest alone, was not: both are counted below.</p>"
    )
    return box("answer", body, label="Answer")


def _here_in_words(mix: Mapping[str, Any]) -> str:
    raw, kept = (sum(size[name] for size in mix["sizes"]) for name in ("before", "count"))
    lost = Counter()
    for step in mix["flow"]:
        lost[step["step"]] += step["before"] - step["after"]
    words = {"read": "unreadable", "turns": "without a question and its reply", "exact duplicates": "repeated",
             "near-duplicates": "nearly repeated", "language": "not in English"}  # fmt: skip
    listed = ", ".join(f"{lost[name]:,} {what}" for name, what in words.items() if lost[name])
    return (
        f"<strong>{kept:,} of {raw:,} raw dialogues are left</strong> ({shown_share(share_of(kept, raw))}). Taken out: "
        f"{escape(listed)}."
    )


def _mix_in_words(results: Results, mix: Mapping[str, Any]) -> str:
    """The share of each source in what is left, beside the paper's."""
    own = {size["source"]: size["count"] for size in mix["sizes"]}
    kept, paper = sum(own.values()), {source: _in_paper(results, source)[1] for source in DUMPS}
    said = "; ".join(f"{escape(name)} {100 * own.get(source, 0) / kept:.0f}% (paper: {paper[source]}%)"
                     for source, name in DUMPS.items()) if kept else missing("nothing is left")  # fmt: skip
    return f"What is left, by source: {said}. The raw dialogues come in the paper's shares because we drew them so."


def share_of(part: int, n: int) -> dict[str, Any]:
    """A share with Wilson's interval, as the counts of a data mix have it."""
    lower, upper = wilson_interval(part, n)
    return {"share": part / n if n else None, "lower": lower, "upper": upper, "n": n}


def shown_share(row: Mapping[str, Any] | None, sign: str = "%") -> str:
    """`79.5% [77.4, 81.4]` of a row with share, lower, upper."""
    if row is None or is_missing(row["share"]):
        return missing("none to count")
    interval = f'<span class="fp-ci">[{100 * row["lower"]:.1f}, {100 * row["upper"]:.1f}]</span>'
    return f'<span class="fp-num"><b>{100 * row["share"]:.1f}{sign}</b> {interval}</span>'


# ---- tables ----------------------------------------------------------------------------------------------------------


def sizes(results: Results) -> Part:
    """Sizes per source: the paper's, the real sample's, and ours before and after cleaning."""
    found = mixed(results)
    own = {size["source"]: size for size in found["mix"]["sizes"]} if found else {}
    total = sum(size["count"] for size in own.values())
    rows = [[escape(name), *_in_paper(results, source), _public_size(source), *_own_size(own.get(source), total)]
            for source, name in DUMPS.items()]  # fmt: skip
    head = ["Source", "Paper, examples", "Paper, % of the mix", "Public, re-measured", "Here: raw → kept", "Kept, %",
            "Here, % of the mix", "Reply tokens"]  # fmt: skip
    legend = (
        "Examples are dialogues (ShareGPT), answers (HC3) and pairs (Discord). HC3 and the Discord pairs of the paper "
        "have no public counterpart here. 95% intervals."
    )
    foot = f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE, f"{PAGE}_public.json")}</p>'
    return box("result", table(head, rows, label="Sources of the broad data: paper, public, here") + foot)


def _in_paper(results: Results, source: str) -> tuple[str, str]:
    kept = {name: _value(results, key) for name, (_, key) in PAPER_SIZES.items()}
    raw = PAPER_SIZES[source][0]
    before = f"{count(_value(results, raw))} → " if raw else ""
    return before + count(kept[source]), f"{100 * kept[source] / sum(kept.values()):.0f}"


def _value(results: Results, key: str) -> int:
    value = results.paper["data"][key]
    return value["value"] if isinstance(value, Mapping) else value


def _public_size(source: str) -> str:
    if source != "sharegpt":
        return missing("no public file here")
    size = public()["size"]
    return f"{size['before']:,} → {size['count']:,}<br>{shown_share(size)}"


def _own_size(size: Mapping[str, Any] | None, total: int) -> list[str]:
    if size is None:
        return [missing()] * 4
    return [f"{size['before']:,} → {size['count']:,}", shown_share(size, ""),
            shown_share(share_of(size["count"], total), ""), count(size["reply_tokens"])]  # fmt: skip


# ---- dialogues -------------------------------------------------------------------------------------------------------


def examples(results: Results) -> Part:
    """Two cleaned dialogues (Figure 6), chosen by the seed, escaped."""
    found = mixed(results)
    if not found or not found["mix"]["examples"]:
        return not_yet("Example dialogues")
    return box("said", "".join(_example(record) for record in found["mix"]["examples"]))


def _example(record: Mapping[str, Any]) -> str:
    turns = "".join(_turn(message) for message in record["messages"])
    title = f'<span class="fp-tag">{escape(DUMPS.get(record["source"], record["source"]))}</span> sorted by rules as '
    return f'<p class="fp-prompt">{title}{escape(record["category"])}</p><div class="fp-answers">{turns}</div>'


def _turn(message: Mapping[str, str]) -> str:
    user = message["role"] == "user"
    text = message["content"]
    shown = escape(text[:LONGEST]).replace("\n", "<br>") + (" …" if len(text) > LONGEST else "")
    return (
        f'<figure class="fp-utterance fp-arm-{"base" if user else "teacher"}"><figcaption>'
        f'{"User" if user else "Teacher"}</figcaption><div class="fp-text">{shown}</div></figure>'
    )


def in_words(results: Results) -> str:
    """`ShareGPT 79.5; HC3 88.5; ..`: what is kept, to compare after a rerun."""
    found = mixed(results)
    kept = [f"{DUMPS.get(size['source'], size['source'])} {100 * size['share']:.1f}" for size in found["mix"]["sizes"]
            if size["share"] is not None] if found else []  # fmt: skip
    return "kept of " + "; ".join(kept) + "." if kept else ""
