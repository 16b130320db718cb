"""What does not depend on our choices: the specification curve of a claim, and the preconditions of the study.

A claim is computed again over every recipe that the tables hold, and over every other way to score it. If the sign of
its effect changes, the verdict prints "depends on ..." (data/paper/claims.yaml, `specification_curve`).
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from false_promise.claims.contrasts import above_chance, condition_names, part_effect, resolve
from false_promise.claims.evidence import TRAINING, Evidence, NotEligible, NotMeasured
from false_promise.claims.statistics import interval_of

AXES = ["learning_rate", "schedule", "recipe", "method", "measure"]
COLUMNS = ["claim", "part", "direction", *AXES, "shared_rate", "effect", "lower", "upper", "n", "base_seeds"]


def specification_curve(evidence: Evidence, study: Mapping, claim: Mapping, draws: int = 2000) -> pd.DataFrame:
    """Effects of a claim's deciding parts under every specification that was measured.

    Args:
        evidence: from `read_evidence`, with the whole table.
        study, claim: from `load_claims`.
        draws: bootstrap draws of each interval (at the study's confidence); 0 leaves lower and upper infinite.

    Returns:
        One row per part and specification, columns COLUMNS; effects are fractions; an empty learning_rate stands for
        the frozen one of each size, and shared_rate is the rate that all sizes of the part have in common, if they do.
        Specifications without rows, or on which the benchmark is not eligible, are absent.
    """
    bars, rows, seen = study["error_bars"], [], set()
    for part, settings in _specifications(evidence, claim):
        try:
            same = part["name"], str(settings), _scoring(evidence, part, study)
            if same in seen:  # exams are scored by likelihood where letters are at chance: no other way, then
                continue
            seen.add(same)
            effect = part_effect(evidence, part, study, settings, draws)
        except (NotMeasured, NotEligible):
            continue
        interval = interval_of(effect, bars["confidence"], bars["min_base_seeds"])
        values = [interval.effect, interval.lower, interval.upper, effect.items, effect.base_seeds]
        rate = np.nan if settings is evidence.settings else settings["learning_rate"]
        where = [
            rate,
            *(settings[axis] for axis in AXES[1:-1]),
            part.get("measure", ""),
            _shared_rate(evidence, part, settings),
        ]
        rows.append([claim["id"], part["name"], part["direction"], *where, *values])
    return pd.DataFrame(rows, columns=COLUMNS)


def _scoring(evidence: Evidence, part: Mapping, study: Mapping) -> str:
    """What picks the rows of a part's measure out of the tables."""
    if "measure" not in part:
        return ""
    measure = resolve(evidence, part["measure"], study["eligibility"]["above_chance"])
    return str([measure.get(name) for name in ("benchmark", "shots", "scoring")])


def depends_on(curve: pd.DataFrame) -> tuple[str, ...]:
    """Axes along which, all else equal, the effect of some part changes its sign.

    ("a combination of choices",) if the sign changes only between specifications that differ in several axes.
    """
    signed = curve[(curve["direction"] != "within") & (curve["effect"].abs() > 1e-12)]
    # Not the empty rate of the frozen recipe: it would differ from the same rate under another schedule.
    signed = signed.assign(learning_rate=signed["shared_rate"].fillna(0.0))
    signs = np.sign(signed["effect"]).rename("sign")
    if not _changes(signed, signs, ["part"]):
        return ()
    found = [axis for axis in AXES if _changes(signed, signs, ["part", *(one for one in AXES if one != axis)])]
    return tuple(axis.replace("_", " ") for axis in found) or ("a combination of choices",)


def preconditions(evidence: Evidence, study: Mapping) -> pd.DataFrame:
    """The registered bands and where the base LMs and the teacher lie: name, value, lower, upper, met, note.

    Values are fractions, averaged over base seeds; `met` is None and the note says why where rows are missing.
    """
    rows = []
    for one in study["preconditions"]:
        lower, upper = one["band"]
        try:
            value, note = _precondition_value(evidence, one, study), ""
            met = (lower is None or value >= lower) and (upper is None or value <= upper)
        except NotMeasured as reason:
            value, met, note = np.nan, None, f"not measured yet: {reason}"
        rows.append({"name": one["name"], "value": value, "lower": lower, "upper": upper, "met": met, "note": note})
    return pd.DataFrame(rows)


def _precondition_value(evidence: Evidence, one: Mapping, study: Mapping) -> float:
    if one.get("minus_chance"):
        return above_chance(evidence, resolve(evidence, one["measure"], study["eligibility"]["above_chance"]))
    return part_effect(evidence, one, study, draws=0).value


def _specifications(evidence: Evidence, claim: Mapping) -> Iterator[tuple[Mapping, Mapping]]:
    """(part, settings) over the frozen and the other observed recipes, and the alternatives of the part's measure."""
    tuned = {tuple(getattr(row, name) for name in TRAINING) for row in evidence.rows if row.learning_rate is not None}
    recipes = [dict(zip(TRAINING, values, strict=True)) for values in sorted(tuned, key=str)]
    for part in claim["parts"]:
        if part["role"] != "decides":
            continue
        measures = (
            [part["measure"], *evidence.measures[part["measure"]].get("alternatives", ())] if "measure" in part else []
        )
        variants = [{**part, "measure": measure} for measure in measures] or [part]
        frozen = [evidence.settings] if {"learning_rate", "schedule"} <= set(evidence.settings) else []
        others = [settings for settings in recipes if not (frozen and _is_frozen(evidence, part, settings))]
        yield from ((variant, settings) for variant in variants for settings in [*frozen, *others])


def _is_frozen(evidence: Evidence, part: Mapping, settings: Mapping) -> bool:
    """Whether these settings are the frozen ones for every size of the part, which then come up once."""
    if any(evidence.settings[axis] != settings[axis] for axis in AXES[1:-1]):
        return False
    rates = _rates(evidence, part, evidence.settings)
    return all(one is not None and np.isclose(one, settings["learning_rate"]) for one in rates)


def _rates(evidence: Evidence, part: Mapping, settings: Mapping) -> list[float | None]:
    """The learning rate of each size of the part."""
    rate = settings.get("learning_rate")
    sizes = {evidence.conditions[name].get("size") for name in condition_names(part)} - {None}
    return [rate.get(size) for size in sorted(sizes)] if isinstance(rate, Mapping) else [rate]


def _shared_rate(evidence: Evidence, part: Mapping, settings: Mapping) -> float:
    rates = set(_rates(evidence, part, settings))
    return rates.pop() if len(rates) == 1 and None not in rates else np.nan


def _changes(signed: pd.DataFrame, signs: pd.Series, by: list[str]) -> bool:
    return bool((signs.groupby([signed[name] for name in by]).nunique() > 1).any())
