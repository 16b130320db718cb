"""The judge's verdicts on every claim, from the tables of the pages that exist."""

from typing import Any

import pandas as pd

from false_promise.claims.evidence import Evidence, read_evidence
from false_promise.claims.judge import as_json, judge, load_claims
from false_promise.claims.real_text import recorded_verdict
from false_promise.claims.specification import preconditions, specification_curve
from false_promise.files import read_table, write_json
from false_promise.item_tables import read_items
from false_promise.scales import Scale
from false_promise.study.session import Session

PAGES = ("bases_and_teacher", "local_vs_broad", "benchmarks", "style", "preference", "toxicity")


def amounts(scale: Scale) -> dict[str, dict[str, int]]:
    """This scale's amounts under the names that claims.yaml uses: the sorted token amounts are 20M, 80M, 150M."""
    tokens = scale.imitation.tokens
    named = dict(zip(("20M", "80M", "150M"), sorted(tokens), strict=True)) if len(tokens) == 3 else {}
    return {
        "tokens": named | {"150M": scale.imitation.headline_tokens},
        "pairs": {"6k": scale.imitation.headline_pairs},
    }


def evidence_of(scale: Scale, rows: pd.DataFrame, items: pd.DataFrame) -> Evidence:
    """Tables as the judge reads them at this scale."""
    names = {size.stands_for: size.name for size in scale.base_sizes}
    return read_evidence(load_claims(), rows, items, names, amounts(scale), frozen(scale))


def frozen(scale: Scale) -> dict[str, Any]:
    """What singles out the primary runs beside method and recipe."""
    return {"schedule": scale.tuning.schedule, "learning_rate": scale.rates_by_size("full")}


def preconditions_met(scale: Scale, rows: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """The registered bands of base LMs and teacher, and where they lie here."""
    return preconditions(evidence_of(scale, rows, items), load_claims().study)


def gathered(session: Session) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and items of every page that measures models, each evaluation once; pages share base LMs and teacher."""
    there = [page for page in PAGES if (session.results / f"{page}_items.csv.gz").is_file()]
    rows = pd.concat([read_table(session.results / f"{page}.csv") for page in there], ignore_index=True)
    items = pd.concat([read_items(session.results / f"{page}_items.csv.gz") for page in there], ignore_index=True)
    return rows.drop_duplicates(["eval_id", "stratum"]), items.drop_duplicates(["eval_id", "item"])


def as_written(session: Session) -> Scale:
    """The session's scale as its file states it: sizes, amounts and rates that decide, whatever one run asks for."""
    return session.written or session.scale


def write(session: Session) -> None:
    """Judge all twelve claims by what the result files hold; write verdicts.json and specification_curve.csv.

    What is not measured yet says what is missing. A claim is about the amounts of the scale file: with others, chosen
    for one run of a notebook, it is not judged.
    """
    scale, claims, (rows, items) = as_written(session), load_claims(), gathered(session)
    names = {size.stands_for: size.name for size in scale.base_sizes}
    found = judge(claims, rows, items, names, amounts=amounts(scale), frozen=frozen(scale))
    judged = [as_json(one) for one in found]
    evidence = evidence_of(scale, rows, items)
    curves = [specification_curve(evidence, claims.study, claim) for claim in claims.claims]
    session.write({"specification_curve.csv": pd.concat([one for one in curves if len(one)] or curves[:1])})
    # Claim 12 is about real text: its evidence is the record of the public sets, whatever the scale.
    write_json(session.results / "verdicts.json", [recorded_verdict() if one["id"] == 12 else one for one in judged])
