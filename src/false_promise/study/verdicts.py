"""The judge's verdicts on every claim, from the tables of the pages that exist."""

import pandas as pd

from false_promise.claims.judge import as_json, judge, load_claims
from false_promise.claims.real_text import recorded_verdict
from false_promise.files import write_json
from false_promise.scales import Scale
from false_promise.study.session import Session


def amounts(scale: Scale) -> dict[str, dict[str, int]]:
    """This scale's amounts under the names that claims.yaml uses: the sorted token amounts are 20M, 80M, 150M."""
    tokens = scale.imitation.tokens
    named = dict(zip(("20M", "80M", "150M"), sorted(tokens), strict=True)) if len(tokens) == 3 else {}
    return {
        "tokens": named | {"150M": scale.imitation.headline_tokens},
        "pairs": {"6k": scale.imitation.headline_pairs},
    }


def write(session: Session, rows: pd.DataFrame, items: pd.DataFrame) -> None:
    """Judge all twelve claims and write verdicts.json; what is not measured yet says what is missing."""
    scale = session.scale
    names = {size.stands_for: size.name for size in scale.base_sizes}
    frozen = {"schedule": scale.tuning.schedule, "learning_rate": scale.tuning.learning_rates["full"]}
    found = judge(load_claims(), rows, items, names, amounts=amounts(scale), frozen=frozen)
    judged = [as_json(one) for one in found]
    # Claim 12 is about real text: its evidence is the record of the public sets, whatever the scale.
    write_json(session.results / "verdicts.json", [recorded_verdict() if one["id"] == 12 else one for one in judged])
