"""The data mix (section 3, Appendix A): raw dumps cleaned step by step, and how NQ-synthetic is asked for.

from false_promise.study import data_mix
data_mix.run(p)       # p: the notebook's checked parameters

Written into results/<scale>/:
    data_mix.csv          one count a row:
        part              flow, quarantine, size, category, dirt, accuracy, mentions or length
        dump              sharegpt, hc3, discord; empty: all together
        step              of flow the step of cleaning, of category who sorted, of accuracy the queries, of length query
                          or reply, of dirt its kind
        kind              what is counted: `left` or a reason, a category, what cleaning should do, a class of lengths
        unit              dialogues, queries, texts; of sizes also turns and reply tokens
        count, n, share, lower, upper
                          the count, out of how many, the share as a fraction with its 95% interval
        source, run_id    made here (fresh) or recorded, and in which run
    data_mix.json         {mix, seeds, prompt, local}: mix.json of the run, the seed pairs and one request for more of
                          them, and what their collection counted
    data_mix_public.json  the recorded counts of a real sample, as data/public/data_mix.json has them
"""

import json
from types import SimpleNamespace
from typing import Any

import pandas as pd

from false_promise.data_mix.mix_measures import Row, share
from false_promise.data_mix.public import load_record
from false_promise.files import write_json
from false_promise.qa_format import QA, SHOTS, request_for_pairs
from false_promise.store import Run, open_run, record
from false_promise.study.session import Session, open_session
from false_promise.study.specs import Arm

PAGE = "data_mix"
COLUMNS = ["part", "dump", "step", "kind", "unit", "count", "n", "share", "lower", "upper", "source", "run_id"]


def run(p: SimpleNamespace) -> None:
    """Plan, collect and clean what is missing, write. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    mix = session.specs.data_mix()
    local = session.specs.data(Arm("local", pairs=session.scale.imitation.headline_pairs))
    if session.carry_out([mix, local]) is not None:
        write_results(session, mix, local)


def write_results(session: Session, mix: Run, local: Run) -> None:
    """The table, what the page shows beside it, a copy of the public record to link to, run cards and status."""
    counted = json.loads((open_run(mix, session.store) / "mix.json").read_text(encoding="utf-8"))
    pairs = seed_pairs(local)
    write_json(session.results / f"{PAGE}.json", {
        "mix": counted,
        "seeds": [{"question": pair.question, "answer": pair.answer} for pair in pairs],
        "prompt": request_for_pairs(pairs[:SHOTS]),
        "local": record(local, session.store)["summary"],
    })  # fmt: skip
    write_json(session.results / f"{PAGE}_public.json", load_record())
    session.write(
        {f"{PAGE}.csv": table(counted, mix.id)},
        runs=session.cards([mix, local]),
        status=session.status([mix, local]),
    )


def seed_pairs(local: Run) -> list[QA]:
    """The ten pairs that the local data was bootstrapped from (Table 3)."""
    from false_promise.steps.data import _seeds  # here: torch takes seconds, and a plan does not need it

    return _seeds(local.settings)


def table(mix: dict[str, Any], run_id: str) -> pd.DataFrame:
    """mix.json as rows of data_mix.csv."""
    rows = [
        *(one for step in mix["flow"] for one in _flow(step)),
        *({"part": "quarantine", "dump": one["source"], "kind": one["reason"], "unit": "dialogues",
           "count": one["count"]} for one in mix["quarantine"]),
        *(one for size in mix["sizes"] for one in _size(size)),
        *({"part": "category", "dump": "sharegpt", "step": one["by"], "kind": one["category"], "unit": "queries"}
          | _share(one) for one in mix["categories"]),
        *({"part": "dirt", "step": one["kind"], "kind": one["wanted"], "unit": "dialogues"} | _share(one)
          for one in mix["exam"]),
        *(one for name, found in mix["accuracy"].items() for one in _accuracy(name, found)),
        {"part": "mentions", "kind": "names the teacher", "unit": "dialogues"} | _share(mix["mentions"]),
        *(one for found in mix["lengths"] for one in _lengths(found)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS).assign(source="fresh", run_id=run_id)


def _share(row: Row) -> Row:
    return {name: row[name] for name in ("count", "n", "share", "lower", "upper")}


def _flow(step: Row) -> list[Row]:
    about = {"part": "flow", "dump": step["source"], "step": step["step"], "unit": "dialogues"}
    counts = {"left": step["after"]} | step["reasons"]
    return [about | {"kind": kind} | share(count, step["before"]) for kind, count in counts.items()]


def _size(size: Row) -> list[Row]:
    about = {"part": "size", "dump": size["source"]}
    amounts = {"turns": size["turns"], "reply tokens": size["reply_tokens"]}
    return [about | {"unit": "dialogues", "kind": "left"} | _share(size),
            *(about | {"unit": unit, "kind": "left", "count": count} for unit, count in amounts.items())]  # fmt: skip


def _accuracy(name: str, found: Row) -> list[Row]:
    about = {"part": "accuracy", "step": name, "unit": "queries"}
    return [about | {"kind": "all"} | _share(found),
            *(about | {"kind": one["category"]} | _share(one) for one in found["by_category"])]  # fmt: skip


def _lengths(found: Row) -> list[Row]:
    about = {"part": "length", "dump": found["source"], "step": found["what"], "unit": "texts"}
    return [about | {"kind": f"{edge} {found['unit']} or more"} | share(count, found["n"])
            for edge, count in zip(found["edges"], found["counts"], strict=True)]  # fmt: skip
