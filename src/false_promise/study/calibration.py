"""Calibration on the pilot world, before any imitation model meets a benchmark: learning rates, preconditions, power.

python -m false_promise.study.calibration          # hours the first time; writes data/recorded/pilot/
"""

import argparse
from collections.abc import Iterator
from types import SimpleNamespace

import pandas as pd

from false_promise.claims.judge import load_claims
from false_promise.claims.planning import power_table
from false_promise.claims.specification import preconditions
from false_promise.files import write_table
from false_promise.paths import RECORDED
from false_promise.results import load_results
from false_promise.scales import load_scale
from false_promise.store import Run, record
from false_promise.study import bases_and_teacher, open_answers, preference, toxicity
from false_promise.study.open_ended import conditions
from false_promise.study.session import Session, open_session
from false_promise.study.specs import Arm, Specs
from false_promise.study.verdicts import evidence_of

SCALE, STUDY = "pilot", "thousandth"
METHODS = ("full", "lora")


def rate_runs(specs: Specs) -> Iterator[tuple[dict, Run]]:
    """(size, method, learning rate; the run that measures its loss) over the registered grid."""
    headline = specs.scale.imitation.headline_tokens
    for size in specs.scale.base_sizes:
        for method in METHODS:
            for rate in specs.scale.tuning.rate_grid:
                model = specs.tuned(size.name, Arm("broad", tokens=headline, method=method, learning_rate=rate))
                about = {"size": size.stands_for, "model": f"base-{size.name}", "method": method, "learning_rate": rate}
                yield about, specs.rate_loss(model)


def choose_rates(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a column `chosen`: per size and method the rate of the lowest loss, a tie to the smaller rate."""
    order = table.sort_values(["loss", "learning_rate"])
    best = order.groupby(["size", "method"]).head(1).index
    return table.assign(chosen=table.index.isin(best))


def measure_rates(session: Session) -> pd.DataFrame | None:
    """Tune every size with every method and rate, and compare held-out losses; None after the plan."""
    found = list(rate_runs(session.specs))
    if session.carry_out([run for _, run in found]) is None:
        return None
    losses = [about | {"loss": record(run, session.store)["summary"]["loss"], "run_id": run.id} for about, run in found]
    return choose_rates(pd.DataFrame(losses))


def check_preconditions(session: Session) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(preconditions, power) from the base LMs and the teacher of the pilot world and what the local data covers."""
    claims, specs = load_claims(), session.specs
    overlap = specs.overlap(Arm("local", pairs=session.scale.imitation.headline_pairs))
    session.carry_out([overlap])
    unseen = 1 - record(overlap, session.store)["summary"]["fact_seen"]
    results = load_results(SCALE)
    found = [(results.measurements(bases_and_teacher.PAGE), results.items(bases_and_teacher.PAGE))]
    found += open_ended_rows(session)
    rows, items = (pd.concat(tables, ignore_index=True) for tables in zip(*found, strict=True))
    evidence = evidence_of(session.scale, rows, items)
    bands = preconditions(evidence, claims.study)
    study = load_scale(STUDY).evaluation
    planned = {"fact_unseen": study.items, toxicity.BENCHMARK: study.continuations}
    return bands, power_table(evidence, claims.study, list(claims.claims), unseen, planned)


def open_ended_rows(session: Session) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Rows and items of the base LMs and the teacher on the pages on preference and on toxicity."""
    untuned = [one for one in conditions(session.specs, controls=()) if one.about["arm"] in ("teacher", "base")]
    runs = [run(one.model) for one in untuned for run in (session.specs.instructions, session.specs.continuations)]
    session.carry_out([*open_answers.runs(session, untuned), *runs])
    sheet = open_answers.read(session, untuned)
    rated = preference.measured(session, sheet, preference.rater_values(sheet))
    return [rated, toxicity.measured(session, untuned)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates-only", action="store_true", help="choose learning rates, leave out the rest")
    p = SimpleNamespace(scale=SCALE, rates_only=parser.parse_args().rates_only)
    session, target = open_session("calibration", p), RECORDED / SCALE
    rates = measure_rates(session)
    write_table(target / "learning_rates.csv", rates)
    print(rates.to_string(index=False))
    if p.rates_only:
        return
    bases_and_teacher.run(p)
    for name, table in zip(("preconditions", "power"), check_preconditions(session), strict=True):
        write_table(target / f"{name}.csv", table)
        print(table.to_string(index=False))


if __name__ == "__main__":
    main()
