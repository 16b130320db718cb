"""What is counted in a data mix, ours or a real one: shares, lengths, categories, and how well cleaning did its work.

    share(3, 20)                        # {"count": 3, "n": 20, "share": 0.15, "lower": 0.05.., "upper": 0.36..}
    histogram([3, 12, 400])
    examine(soiled, cleaned, records)   # known dirt against what became of it

All shares are fractions with a 95% interval: Wilson's where dialogues are counted, which are independent of each other.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from false_promise.claims.statistics import cluster_means, cluster_weights, percentile_interval, wilson_interval
from false_promise.data_mix.categories import CATEGORIES, category
from false_promise.data_mix.cleaning import EXACT, KEPT, LANGUAGE, NEAR, TEACHER_NAMES, TURNS, Cleaned
from false_promise.data_mix.dirt import COPIES, Soiled
from false_promise.data_mix.records import Record, replies

EDGES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)  # of histograms; the last class is open
DRAWS, SEED = 2_000, 0  # of the bootstrap
QUERY, REPLY = "query", "reply"
RESTORED = ("page", "entities", "copy code", "empty turn", "reply in two turns")  # dirt that is taken out again
Row = dict[str, Any]


def share(count: int, n: int) -> Row:
    """A share with its 95% interval; no share of nothing."""
    lower, upper = wilson_interval(count, n)
    return {"count": count, "n": n, "share": round(count / n, 4) if n else None, "lower": round(lower, 4),
            "upper": round(upper, 4)}  # fmt: skip


def clustered_share(hits: Sequence[bool], clusters: Sequence[str]) -> Row:
    """A share whose items resemble each other within a cluster (turns of a dialogue): bootstrap over clusters."""
    names, codes = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    draws = cluster_means([(np.asarray(hits, float), codes)], cluster_weights(len(names), DRAWS, SEED))[0]
    found = percentile_interval(draws, 0.95, len(names))
    bounds = {"lower": round(max(0.0, found.lower), 4), "upper": round(min(1.0, found.upper), 4)}
    return share(int(sum(hits)), len(hits)) | bounds | {"clusters": len(names)}


# ---- lengths ---------------------------------------------------------------------------------------------------------


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def lengths(records: Sequence[Record], unit: str, count: Callable[[Sequence[str]], list[int]]) -> list[Row]:
    """Lengths of all queries and all replies of every source in `unit` (`count` measures texts)."""
    rows = []
    for source in dict.fromkeys(record["source"] for record in records):
        own = [record for record in records if record["source"] == source]
        texts = {QUERY: [text for record in own for text in queries(record)],
                 REPLY: [text for record in own for text in replies(record)]}  # fmt: skip
        rows += [{"source": source, "what": what, "unit": unit} | histogram(count(found))
                 for what, found in texts.items()]  # fmt: skip
    return rows


def queries(record: Record) -> list[str]:
    """The user messages of a dialogue."""
    return [message["content"] for message in record["messages"] if message["role"] == "user"]


def histogram(values: Sequence[int]) -> Row:
    """Counts between EDGES (shorter than the first: in the first) and what describes them; ValueError if empty."""
    if not len(values):
        raise ValueError("a histogram needs at least one length")
    counts, _ = np.histogram(np.maximum(values, EDGES[0]), [*EDGES, np.inf])
    return {"n": len(values), "mean": round(float(np.mean(values)), 2), "median": float(np.median(values)),
            "ninetieth": round(float(np.quantile(values, 0.9)), 1), "edges": list(EDGES),
            "counts": [int(one) for one in counts]}  # fmt: skip


# ---- categories ------------------------------------------------------------------------------------------------------


def category_shares(found: Iterable[str]) -> list[Row]:
    """Shares of Table 5's categories among queries that have one of them; others (abuse) do not count."""
    counts = Counter(one for one in found if one in CATEGORIES)
    return [{"category": name} | share(counts[name], counts.total()) for name in CATEGORIES]


def rule_accuracy(labelled: Iterable[tuple[str, str]]) -> Row:
    """How often the rules give a query its label, overall and by label. `labelled`: (label, query)."""
    pairs = [(label, category(query)) for label, query in labelled if label in CATEGORIES]
    by_label = {name: [one == label for label, one in pairs if label == name] for name in CATEGORIES}
    each = [{"category": name} | share(sum(right), len(right)) for name, right in by_label.items() if right]
    return share(sum(one == label for label, one in pairs), len(pairs)) | {"by_category": each}


# ---- steps and known dirt --------------------------------------------------------------------------------------------


def flow(cleaned: Cleaned) -> list[Row]:
    """The steps as rows: source, step, before, after, changed, reasons."""
    return [{"source": step.source, "step": step.name, "before": step.before, "after": step.after,
             "changed": step.changed, "reasons": step.reasons} for step in cleaned.steps]  # fmt: skip


def mentions(records: Iterable[Record]) -> Row:
    """Dialogues that the optional keyword filter would drop."""
    found = [any(TEACHER_NAMES.search(message["content"]) for message in record["messages"]) for record in records]
    return share(sum(found), len(found))


def examine(soiled: Soiled, cleaned: Cleaned, records: Iterable[Record]) -> list[Row]:
    """For each kind of dirt: what cleaning should have done and in how many cases it did; clean dialogues likewise."""
    exam = _Exam(soiled, cleaned, {record["id"]: record for record in records if "messages" in record})
    rows = [{"kind": kind, "wanted": "dropped as a duplicate"} | exam.dropped(kind, (EXACT, NEAR)) for kind in COPIES]
    rows += [{"kind": kind, "wanted": "restored"} | exam.restored(kind) for kind in RESTORED]
    rows += [
        {"kind": "begins in the middle", "wanted": "cut down to what follows"} | exam.cut(),
        {"kind": "broken", "wanted": "quarantined"} | exam.quarantined(),
        {"kind": "labelled Non-English", "wanted": "dropped as foreign"} | exam.foreign(),
        {"kind": "clean, in English", "wanted": "unchanged"} | exam.clean(KEPT),
        {"kind": "clean, in English", "wanted": "dropped as a duplicate of another query"} | exam.clean(EXACT, NEAR),
        {"kind": "clean, in English", "wanted": "dropped as foreign"} | exam.clean(LANGUAGE),
    ]
    return rows


class _Exam:
    """What became of every dialogue whose dirt is known."""

    def __init__(self, soiled: Soiled, cleaned: Cleaned, records: dict[str, Record]):
        self.damages, self.fates, self.records = soiled.damages, cleaned.fates, records
        self.after = {record["id"]: record for record in cleaned.records}
        self.broken = len(cleaned.quarantine)

    def dropped(self, kind: str, steps: tuple[str, ...]) -> Row:
        fates = [self.fates.get(one.id) for one in self.damages if one.kind == kind]
        return share(sum(fate in steps for fate in fates), len(fates))

    def restored(self, kind: str) -> Row:
        kept = [one.id for one in self.damages if one.kind == kind and self.fates.get(one.id) == KEPT]
        return share(sum(self._is(name, self.records[name]["messages"]) for name in kept), len(kept))

    def cut(self) -> Row:
        right = []
        for one in self.damages:
            rest = self.records[one.of]["messages"][2:] if one.kind == "begins in the middle" else None
            if rest is not None and self.fates.get(one.id) in (KEPT, TURNS):
                right.append(self._is(one.id, rest) if rest else self.fates[one.id] == TURNS)
        return share(sum(right), len(right))

    def quarantined(self) -> Row:
        broken = sum(one.kind == "broken" for one in self.damages)
        return share(min(self.broken, broken), broken)

    def foreign(self) -> Row:
        names = [name for name, fate in self.fates.items() if self._label(name) == "Non-English"]
        reached = [self.fates[name] for name in names if self.fates[name] in (KEPT, LANGUAGE)]
        return share(reached.count(LANGUAGE), len(reached))

    def clean(self, *fates: str) -> Row:
        dirty = {one.id for one in self.damages}
        names = [name for name in self.fates if name not in dirty and self._label(name) not in ("", "Non-English")]
        hits = [name for name in names if self.fates[name] in fates]
        if KEPT in fates:
            hits = [name for name in hits if self._is(name, self.records[name]["messages"])]
        return share(len(hits), len(names))

    def _label(self, name: str) -> str:
        return self.records[name]["category"] if name in self.records else ""

    def _is(self, name: str, messages: list[dict[str, str]]) -> bool:
        """Whether the cleaned dialogue has these messages, up to blank lines (a list on a page has none before it)."""
        return name in self.after and _flat(self.after[name]["messages"]) == _flat(messages)


def _flat(messages: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(message["role"], re.sub(r"\n+", "\n", message["content"].strip())) for message in messages]
