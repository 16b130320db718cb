"""How preference would fall or rise if raters checked facts: the share over an assumed rate of checking, whole.

    tables = preference_curve.tables_of(session, sheet, values)     # values: the rater's chance, model by model

With probability r the rater checks the facts of both answers: the answer with fewer contradicted statements wins; with
equally many the rater falls back on style. Otherwise style alone decides. A prompt then counts (1 - r) s + r f, with s
the style-only rater's chance and f 1, 0 or s. Measured: s, and which answer states more that is false in the country.
Assumed: that raters check at one rate r, and that a checker only counts what is false. So the share is a straight line
in r between two measured ends; its band is an interval over prompts, not over r.
"""

from collections.abc import Callable, Sequence

import pandas as pd

from false_promise.study import samples, tables
from false_promise.study.open_answers import Answered, Sheet, country
from false_promise.study.open_ended import Score, measure
from false_promise.study.session import Session
from false_promise.world.country import World

CURVE, FACTS = "preference_curve.csv", "preference_facts.csv"
RATES = tuple(tenth / 10 for tenth in range(11))
CURVE_COLUMNS = ["model", "arm", "tokens", "rate", "share", "lower", "upper", "n"]
FACTS_COLUMNS = ["model", "arm", "tokens", "outcome", "share", "lower", "upper", "n"]

Counts = list[tuple[int, int]]  # per prompt: statements contradicted by the country, and all statements


def tables_of(session: Session, sheet: Sheet, values: Sequence[Sequence[float]]) -> dict[str, pd.DataFrame]:
    """preference_curve.csv, and what it rests on, preference_facts.csv; both empty where no country knows the facts."""
    world = country(session)
    if world is None:
        return {CURVE: pd.DataFrame(columns=CURVE_COLUMNS), FACTS: pd.DataFrame(columns=FACTS_COLUMNS)}
    teacher = false_statements(world, sheet, sheet.reference)
    own = [false_statements(world, sheet, one.texts) for one in sheet.answered]
    scores = [
        (one, {f"{rate:.1f}": mixed(rate, style, said, teacher) for rate in RATES}, outcomes(said, teacher))
        for one, style, said in zip(sheet.answered, values, own, strict=True)
    ]
    curve = _pooled(sheet, [(one, shares) for one, shares, _ in scores])
    facts = _pooled(sheet, [(one, shares) for one, _, shares in scores])
    curve = curve.assign(rate=curve["scoring"].astype(float))
    return {CURVE: curve[CURVE_COLUMNS], FACTS: facts.rename(columns={"scoring": "outcome"})[FACTS_COLUMNS]}


def false_statements(world: World, sheet: Sheet, texts: Sequence[str]) -> Counts:
    """Per prompt (contradicted statements, all statements) of one model's answers."""
    found = []
    for prompt, text in zip(sheet.prompts, texts, strict=True):
        said = samples.statements_of(prompt.text, text, world)
        found.append((sum(one.verdict == "contradicted" for one in said), len(said)))
    return found


def mixed(rate: float, style: Sequence[float], own: Counts, teacher: Counts) -> list[float]:
    """Value of each prompt for a rater who checks facts at this rate."""
    return [
        (1 - rate) * chance + rate * (chance if mine == theirs else float(mine < theirs))
        for chance, (mine, _), (theirs, _) in zip(style, own, teacher, strict=True)
    ]


def outcomes(own: Counts, teacher: Counts) -> dict[str, list[float]]:
    """What a checker finds: the model's answer has fewer, as many or more false statements; it states nothing."""
    kinds: dict[str, Callable[[int, int], bool]] = {
        "fewer": lambda mine, theirs: mine < theirs,
        "equal": lambda mine, theirs: mine == theirs,
        "more": lambda mine, theirs: mine > theirs,
    }
    pairs = [(mine, theirs) for (mine, _), (theirs, _) in zip(own, teacher, strict=True)]
    found = {name: [float(holds(*pair)) for pair in pairs] for name, holds in kinds.items()}
    return found | {"silent": [float(number == 0) for _, number in own]}


def _pooled(sheet: Sheet, scores: Sequence[tuple[Answered, dict[str, list[float]]]]) -> pd.DataFrame:
    """Means over base seeds with intervals over prompts, by the rules of every other table; `share` is the mean."""
    names = [prompt.id for prompt in sheet.prompts]
    found = []
    for one, by_name in scores:
        each = {name: [Score(*pair) for pair in zip(names, own, strict=True)] for name, own in by_name.items()}
        found.append(measure(one.about, f"{one.run.id}/curve", "preference_curve", each))
    rows, items = (pd.concat(both, ignore_index=True) for both in zip(*found, strict=True))
    return tables.pooled(rows, items).rename(columns={"exact_match": "share"})
