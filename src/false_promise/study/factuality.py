"""Factuality of open-ended answers (section 4.4, Figure 2): every statement of every answer checked with the country.

from false_promise.study import factuality
factuality.run(p)       # p: the notebook's checked parameters

An item is one answer to a prompt that asks about something (checked_answers.ASKING); its cluster is the prompt. Where
no country is known (scales with real data) nothing can be checked, and the page's tables are empty.
"""

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

import pandas as pd

from false_promise.evaluation import extractor_labels
from false_promise.files import read_table
from false_promise.item_tables import ITEM_COLUMNS, write_items
from false_promise.results import COLUMNS
from false_promise.store import record
from false_promise.study import factuality_samples, known_facts, open_ended
from false_promise.study.checked_answers import MODEL, WRONG, Answer, Said, answered, by_model, popularity_quarters
from false_promise.study.knowledge import weighted_mean, world_of
from false_promise.study.local_vs_broad import is_headline
from false_promise.study.open_ended import Condition, Score
from false_promise.study.recorded import write_measured
from false_promise.study.session import Session, open_session
from false_promise.world.country import World

PAGE = BENCHMARK = "factuality"
CONTROLS = ("style_only",)  # style without facts: does the manner alone make a model state more that is false?
QUARTERS = (1, 2, 3, 4)
COUNTS = [*MODEL, "quarter", "verdict", "count", "answers", "words"]
DENSITY = [*MODEL, "measure", "value", "lower", "upper", "n"]
EXTRACTOR = ["measure", "value", "lower", "upper", "outputs", "passed", "labelled_by"]


def run(p: SimpleNamespace) -> None:
    """Plan, ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    if not session.scale.world:
        nothing_to_check(session)
        return
    asked = list(open_ended.conditions(session.specs, controls=CONTROLS, local=True))
    if session.recorded_grid:
        asked = [one for one in asked if is_headline(session.scale, one)]
    runs = [open_ended.answers(session.specs, one) for one in asked]
    if not session.recorded_grid:
        runs += [run for one in asked for run in known_facts.runs_of(session, one)]
    if session.carry_out(runs) is not None:
        write_results(session, asked)


def nothing_to_check(session: Session) -> None:
    """Empty tables, so that the page can say why they are empty."""
    print(f"{PAGE}, scale {session.scale.name}: without an invented country no statement can be checked", flush=True)
    empty = {f"{PAGE}.csv": COLUMNS, "factuality_statements.csv": COUNTS}
    tables = {name: pd.DataFrame(columns=list(columns)) for name, columns in empty.items()}
    session.write(tables, samples=[], runs=[], status={"state": "never run", "warnings": []})
    write_items(session.results / f"{PAGE}_items.csv.gz", pd.DataFrame(columns=ITEM_COLUMNS))


def write_results(session: Session, asked: Sequence[Condition]) -> None:
    """Tables, samples and run cards from finished runs."""
    world, said = world_of(session), answered(session, asked)
    _, _, warnings = write_measured(session, *measure(session, said, popularity_quarters(world)))
    models = [one.model for one in asked]
    session.write(
        {
            "factuality_statements.csv": _kept(session, "factuality_statements.csv", lambda: counts(said, world)),
            "factuality_density.csv": _kept(session, "factuality_density.csv", lambda: density(said)),
            "factuality_known.csv": _kept(session, "factuality_known.csv", lambda: known_facts.table(session, said)),
            "factuality_extractor.csv": extractor(world),
        },
        samples=factuality_samples.samples(session, said, world),
        runs=session.cards(models),
        status=session.status(models, warnings),
    )


def _kept(session: Session, name: str, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The recorded grid's table, which holds all seeds and amounts; without a grid, today's."""
    if session.recorded_grid and (session.recorded_grid / name).is_file():
        return read_table(session.recorded_grid / name)
    return compute()


# ---- rows and items --------------------------------------------------------------------------------------------------


def scores(answers: Sequence[Answer]) -> dict[str, list[Score]]:
    """Scorings of one model. Shares of verdicts are means over the answers that state anything; the rest over all."""
    stating = [one for one in answers if one.statements]
    shares = {
        verdict: [Score(one.prompt, one.count(verdict) / len(one.statements)) for one in stating]
        for verdict in ("supported", *WRONG)
    }
    return shares | {
        "any_error": [Score(one.prompt, float(one.count(*WRONG) > 0)) for one in answers],
        "checkable": [Score(one.prompt, float(bool(one.statements))) for one in answers],
    }


def about_quarter(answers: Sequence[Answer], quarters: dict[int, int], quarter: int) -> list[Score]:
    """Share supported of each answer's statements about subjects of one quarter; answers without any are no item."""
    found = []
    for one in answers:
        mine = [stated for stated in one.statements if quarters.get(stated.subject) == quarter]
        if mine:
            found.append(Score(one.prompt, sum(stated.verdict == "supported" for stated in mine) / len(mine)))
    return found


def measure(session: Session, said: Said, quarters: dict[int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The page's table and the items behind it; a quarter is an evaluation of its own, like a group of exams."""
    found = [part for one, answers in said for part in _measured(session, one, answers, quarters)]
    rows, items = (pd.concat([pair[side] for pair in found], ignore_index=True) for side in (0, 1))
    return rows.round(6), items


def _measured(session: Session, one: Condition, answers: list[Answer], quarters: dict[int, int]) -> Iterator[tuple]:
    run_id = open_ended.answers(session.specs, one).id
    summary = record(one.model, session.store)["summary"] if one.data else {}
    about = {"scale": session.scale.name, "source": "fresh", "run_id": one.model.id}
    about |= {name: summary.get(name) for name in ("steps", "reply_tokens")} | one.about
    yield open_ended.measure(about, run_id, BENCHMARK, scores(answers))
    for quarter in QUARTERS:
        stratum = f"popularity_{quarter}"
        part = {"supported": about_quarter(answers, quarters, quarter)}
        rows, items = open_ended.measure(about, f"{run_id}/{stratum}", BENCHMARK, part)
        if len(rows):
            yield rows.assign(stratum=stratum), items.assign(quarter=quarter)


# ---- counts, density, the extractor ----------------------------------------------------------------------------------


def counts(said: Said, world: World) -> pd.DataFrame:
    """Statements by verdict and popularity quarter of their subject (0: it does not exist), columns COUNTS.

    `answers` and `words` are those of the model, repeated in each of its rows.
    """
    quarters, rows = popularity_quarters(world), []
    for about, answers in by_model(said):
        stated = [(quarters.get(one.subject, 0), one.verdict) for answer in answers for one in answer.statements]
        total = {"answers": len(answers), "words": sum(answer.words for answer in answers)}
        cells = [(0, "nobody"), *((quarter, verdict) for quarter in QUARTERS for verdict in ("supported", WRONG[0]))]
        for quarter, verdict in cells:
            cell = {"quarter": quarter, "verdict": verdict, "count": stated.count((quarter, verdict))}
            rows.append(about | cell | total)
    return pd.DataFrame(rows, columns=COUNTS)


def density(said: Said) -> pd.DataFrame:
    """How much a model states at all, columns DENSITY: a model that says nothing says nothing false.

    Statements, supported ones and errors per 100 words; words per answer. Intervals draw prompts; n is answers.
    """
    rows = []
    for about, answers in by_model(said):
        words, prompts = pd.Series([float(one.words) for one in answers]), pd.Series([one.prompt for one in answers])
        measures = {"words_per_answer": (weighted_mean(words, words * 0 + 1, prompts), 1.0)} if answers else {}
        if words.sum():
            # In units of an average answer, so that the bound for a model that states nothing is one of shares.
            each, scale = words.mean(), 100 / words.mean()
            for name, kinds in {
                "statements": ("supported", *WRONG),
                "supported": ("supported",),
                "errors": WRONG,
            }.items():
                rate = pd.Series([each * one.count(*kinds) / max(1, one.words) for one in answers])
                measures[f"{name}_per_100_words"] = weighted_mean(rate, words, prompts), scale
        for name, (found, scale) in measures.items():
            ends = {"value": found.effect, "lower": max(0.0, found.lower), "upper": found.upper}
            rows.append(about | {"measure": name, "n": len(answers)} | {end: scale * at for end, at in ends.items()})
    return pd.DataFrame(rows, columns=DENSITY).round(6)


def extractor(world: World) -> pd.DataFrame:
    """Precision and recall on labelled outputs about this country, columns EXTRACTOR; empty while there are none."""
    labels = extractor_labels.about(extractor_labels.read_labels(), world)
    if not labels:
        return pd.DataFrame(columns=EXTRACTOR)
    found, who = extractor_labels.agreement(labels, world), ", ".join(sorted({one.labelled_by for one in labels}))
    about = {"outputs": found["outputs"], "passed": found["passed"], "labelled_by": who}
    rows = [{"measure": name} | (found[name] or {}) | about for name in ("precision", "recall")]
    return pd.DataFrame(rows, columns=EXTRACTOR)
