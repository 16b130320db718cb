"""The step that makes raw dumps of the broad data, with known dirt in them, and cleans them as a real dump is cleaned.

Nothing is tuned on what it writes: imitation models read the broad data itself. `mix.json` holds every count of the
page on the data mix; the raw dumps, the cleaned records and the quarantine lie beside it.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from false_promise.data_mix.categories import category
from false_promise.data_mix.cleaning import Cleaned, clean
from false_promise.data_mix.dirt import SHARES, Soiled, soil
from false_promise.data_mix.mix_measures import (
    Row,
    category_shares,
    count_words,
    examine,
    flow,
    lengths,
    mentions,
    queries,
    rule_accuracy,
    share,
)
from false_promise.data_mix.raw_formats import Parsed, parse
from false_promise.data_mix.records import Record, count_reply_tokens, read_records, shuffled, write_records
from false_promise.files import replacing, write_json
from false_promise.language_models.tokenizer import load_tokenizer
from false_promise.steps.common import RECORDS, model_path, world_of
from false_promise.world.assistant.dialogues import ABUSE, held_out_prompts

CLEANED, MIX, QUARANTINE = "cleaned.jsonl", "mix.json", "quarantine.jsonl"
DUMPS = {"sharegpt": "sharegpt.json", "hc3": "hc3.jsonl", "discord": "discord.jsonl"}
SHAREGPT = "sharegpt"  # Table 5 and Figure 6 show dialogues of this source
EXAMPLES, PROMPTS = 2, 300


def data_mix(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """Dumps, cleaned records, counts. `settings`: seed, and world to try the categoriser on held-out phrasings too."""
    records = [one for one in read_records(inputs["data"] / RECORDS) if "messages" in one]
    tokenizer = load_tokenizer(model_path(inputs["tokenizer"]))
    soiled = soil(records, settings["seed"])
    cleaned = clean(_dumps(soiled, out))
    for record in cleaned.records:
        record["category"] = category(record["messages"][0]["content"])
    write_records(out / CLEANED, cleaned.records)
    _write_quarantine(out / QUARANTINE, cleaned)
    mix = _measured(records, soiled, cleaned, tokenizer, settings["seed"])
    mix["accuracy"] = _accuracy(records, settings)
    write_json(out / MIX, mix)
    return {
        "raw": sum(one["before"] for one in mix["sizes"]),
        "kept": len(cleaned.records),
        "quarantined": len(cleaned.quarantine),
        "categoriser_accuracy": mix["accuracy"]["records"]["share"],
    }


def _dumps(soiled: Soiled, out: Path) -> list[Parsed]:
    """Every dump written to disk, and read back from there as anybody's dump would be."""
    for source, data in soiled.files.items():
        with replacing(out / DUMPS[source]) as temporary:
            temporary.write_bytes(data)
    return [parse(source, (out / DUMPS[source]).read_bytes()) for source in soiled.files]


def _write_quarantine(path: Path, cleaned: Cleaned) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in cleaned.quarantine)


def _measured(
    records: Sequence[Record], soiled: Soiled, cleaned: Cleaned, tokenizer: PreTrainedTokenizerBase, seed: int
) -> dict[str, Any]:
    why = Counter((one["source"], one["reason"]) for one in cleaned.quarantine)
    return {
        "seed": seed,
        "dirt_shares": SHARES,
        "damages": _counted(Counter((one.source, one.kind) for one in soiled.damages), "kind"),
        "flow": flow(cleaned),
        "quarantine": _counted(why, "reason"),
        "sizes": _sizes(cleaned, tokenizer),
        "lengths": lengths(cleaned.records, "tokens", lambda texts: _count_tokens(texts, tokenizer))
        + lengths(cleaned.records, "words", count_words),
        "categories": _categories(records, cleaned),
        "exam": examine(soiled, cleaned, records),
        "mentions": mentions(cleaned.records),
        "examples": examples(cleaned.records, seed),
    }


def _counted(found: Counter, name: str) -> list[Row]:
    return [{"source": source, name: what, "count": count} for (source, what), count in sorted(found.items())]


def _count_tokens(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[int]:
    return [len(tokens) for tokens in tokenizer(list(texts), add_special_tokens=False)["input_ids"]]


def _sizes(cleaned: Cleaned, tokenizer: PreTrainedTokenizerBase) -> list[Row]:
    """Raw records, dialogues left, turns and reply tokens of every source."""
    rows = []
    for source in dict.fromkeys(step.source for step in cleaned.steps):
        own = [record for record in cleaned.records if record["source"] == source]
        raw = next(step.before for step in cleaned.steps if step.source == source)
        turns, tokens = sum(len(queries(record)) for record in own), sum(count_reply_tokens(own, tokenizer))
        rows.append({"source": source, "before": raw, "turns": turns, "reply_tokens": tokens} | share(len(own), raw))
    return rows


def _categories(records: Sequence[Record], cleaned: Cleaned) -> list[Row]:
    """ShareGPT queries by category: as labelled, all and those left after cleaning; as the rules sort the latter."""
    labels = {record["id"]: record["category"] for record in records if record["source"] == SHAREGPT}
    left = [record for record in cleaned.records if labels.get(record["id"]) is not None]
    found = {
        "label": list(labels.values()),
        "label, cleaned": [labels[record["id"]] for record in left],
        "rules, cleaned": [record["category"] for record in left if labels[record["id"]] != ABUSE],
    }
    return [{"by": by} | row for by, names in found.items() for row in category_shares(names)]


def _accuracy(records: Sequence[Record], settings: Mapping) -> dict[str, Row]:
    """How often the rules agree with the labels: of the records, and of prompts in phrasings that no record has."""
    labelled = [(record["category"], record["messages"][0]["content"]) for record in records]
    found = {"records": rule_accuracy(labelled)}
    if "world" in settings:
        prompts = held_out_prompts(world_of(settings["world"]), PROMPTS, settings["seed"])
        found["held_out"] = rule_accuracy(prompts)
    return found


def examples(records: Sequence[Record], seed: int) -> list[Record]:
    """Dialogues to show (Figure 6): the first of the seed's order that have several turns, of different categories."""
    talks = [record for record in shuffled(records, seed) if record["source"] == SHAREGPT]
    several = [record for record in talks if len(record["messages"]) > 2]
    chosen: dict[str, Record] = {}
    for record in [*several, *talks]:
        chosen.setdefault(record["category"], record)
    return list(chosen.values())[:EXAMPLES]
