"""The judge: claims of the paper, decided from result tables alone by the rules registered in data/paper/claims.yaml.

`judge(load_claims(), table, items, size_names)` gives one `Verdict` per claim. No claim has code of its own.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from false_promise.claims.contrasts import part_effect
from false_promise.claims.decisions import DECIDED, DIRECTIONS, conclude, decide, holm_levels, power
from false_promise.claims.evidence import Evidence, NotEligible, NotMeasured, read_evidence
from false_promise.claims.specification import depends_on, specification_curve
from false_promise.claims.statistics import Effect, interval_of, standard_error
from false_promise.paths import CLAIMS

KINDS = ("contrast", "gains", "slope", "gap_closed")
WANTED_POWER = 0.8  # registered: below it a claim is called underpowered


@dataclass(frozen=True)
class Claims:
    """The pre-registration: study-level rules, names, and the claims as they stand in the file."""

    study: Mapping
    amounts: Mapping[str, Mapping[str, int]]
    conditions: Mapping[str, Mapping]
    measures: Mapping[str, Mapping]
    claims: tuple[Mapping, ...]


@dataclass(frozen=True)
class PartVerdict:
    """One comparison. Effects are fractions (slopes: per tenfold); NaN and 0 where nothing was computed."""

    name: str
    role: str
    direction: str
    margin: float | None  # None for a band
    band: tuple[float, float] | None
    verdict: str
    effect: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    confidence: float = 0.95
    n: int = 0
    clusters: int = 0
    base_seeds: int = 0
    by_base: tuple[float, ...] = ()  # the effect on each base seed alone, where there are several
    power: float = np.nan
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict: holds, does_not_hold, inconclusive, not_eligible, not_measured or not_testable."""

    id: int
    name: str
    family: str
    verdict: str
    parts: tuple[PartVerdict, ...]
    confidence: float
    power: float
    conditional: str  # "", "conditional on this base", "conditional on these bases"
    note: str  # what is missing, left out or awaited
    depends_on: tuple[str, ...]
    otherwise: str
    otherwise_why: str

    @property
    def warnings(self) -> list[str]:
        """What a reader must see beside the verdict."""
        weak = [f"underpowered (power {self.power:.2f} at the registered effect)"] if self.power < WANTED_POWER else []
        return weak + ([f"depends on {', '.join(self.depends_on)}"] if self.depends_on else [])


def load_claims(path: Path = CLAIMS) -> Claims:
    """Read and check the registration.

    Raises:
        ValueError: naming the file and the claim, part or name that is wrong.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        claims = Claims(raw["study"], raw["amounts"], raw["conditions"], raw["measures"], tuple(raw["claims"]))
        problems = _problems(claims)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not a registration of claims ({type(error).__name__}: {error})") from error
    if problems:
        raise ValueError(f"{path}: " + "; ".join(problems))
    return claims


def final_world_seed(path: Path = CLAIMS) -> int:
    """The final world's seed: the first 32 bits, big-endian, of sha256 of the file's bytes. Nobody chose it."""
    return int.from_bytes(hashlib.sha256(path.read_bytes()).digest()[:4], "big")


def judge(
    claims: Claims,
    table: pd.DataFrame,
    items: pd.DataFrame,
    size_names: Mapping[str, str],
    *,
    amounts: Mapping[str, Mapping[str, int]] | None = None,
    frozen: Mapping | None = None,
) -> list[Verdict]:
    """Judge every claim from result tables; `evidence.read_evidence` documents the arguments.

    A claim whose rows do not exist is not_measured, and its note names them.

    Raises:
        ValueError: columns are missing, rows and items disagree, or several recipes could be the primary one.
    """
    evidence = read_evidence(claims, table, items, size_names, amounts, frozen)
    measured = {
        claim["id"]: [_measure(evidence, part, claims.study) for part in claim["parts"]] for claim in claims.claims
    }
    parts = {claim["id"]: claim["parts"] for claim in claims.claims}
    bars, family = claims.study["error_bars"], claims.study["primary_family"]

    def judged(claim: int, confidence: float) -> tuple[PartVerdict, ...]:
        pairs = zip(parts[claim], measured[claim], strict=True)
        return tuple(_judge_part(part, effect, confidence, bars["min_base_seeds"]) for part, effect in pairs)

    def decided(claim: int, level: float) -> bool:
        return conclude([(part.role, part.verdict) for part in judged(claim, 1 - level)]) in DECIDED

    levels = holm_levels(family["claims"], decided, family["level"])
    secondary = 1 - bars["confidence"]
    return [
        _summarise(
            claims,
            claim,
            judged(claim["id"], 1 - levels.get(claim["id"], secondary)),
            depends_on(specification_curve(evidence, claims.study, claim, draws=0)),
        )
        for claim in claims.claims
    ]


def as_json(verdict: Verdict) -> dict:
    """The verdict as verdicts.json holds it: plain values, null for what was not computed."""
    parts = [_without_nan(asdict(part)) for part in verdict.parts]
    return _without_nan(asdict(verdict) | {"warnings": verdict.warnings, "parts": parts})


def _without_nan(values: Mapping) -> dict:
    return {
        key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in values.items()
    }


def _measure(evidence: Evidence, part: Mapping, study: Mapping) -> Effect | NotMeasured | NotEligible:
    try:
        return part_effect(evidence, part, study)
    except (NotMeasured, NotEligible) as reason:
        return reason


def _judge_part(
    part: Mapping, found: Effect | NotMeasured | NotEligible, confidence: float, min_base_seeds: int
) -> PartVerdict:
    margin, band = part.get("margin"), tuple(part["band"]) if "band" in part else None
    verdict = "not_eligible" if isinstance(found, NotEligible) else "not_measured"
    result = PartVerdict(part["name"], part["role"], part["direction"], margin, band, verdict, confidence=confidence)
    if not isinstance(found, Effect):
        return replace(result, note=str(found))
    interval, limit = interval_of(found, confidence, min_base_seeds), margin if band is None else band
    error = standard_error(found, min_base_seeds)
    return replace(
        result,
        verdict=decide(interval, limit, part["direction"]),
        effect=interval.effect,
        lower=interval.lower,
        upper=interval.upper,
        n=found.items,
        clusters=found.clusters,
        base_seeds=found.base_seeds,
        by_base=tuple(found.per_seed[:, 0].tolist()) if found.base_seeds > 1 else (),
        power=power(part["expected"], limit, part["direction"], error, interval.half_width),
        note=found.note,
    )


def _summarise(claims: Claims, claim: Mapping, parts: tuple[PartVerdict, ...], depends: tuple[str, ...]) -> Verdict:
    deciding = [part for part in parts if part.role == "decides"]
    verdict = conclude([(part.role, part.verdict) for part in parts]) if deciding else "not_testable"
    counted = [part for part in deciding if part.verdict != "not_eligible"]
    seeds = min((part.base_seeds for part in counted if part.base_seeds), default=0)
    few = 0 < seeds < claims.study["error_bars"]["min_base_seeds"]
    return Verdict(
        id=claim["id"],
        name=claim["name"],
        family=claim["family"],
        verdict=verdict,
        parts=parts,
        confidence=parts[0].confidence if parts else claims.study["error_bars"]["confidence"],
        power=float(np.prod([part.power for part in counted])) if counted else np.nan,
        conditional=("conditional on this base" if seeds == 1 else "conditional on these bases") if few else "",
        note=_note(claim, deciding),
        depends_on=depends,
        otherwise=claim["otherwise"],
        otherwise_why=claim["otherwise_why"],
    )


def _note(claim: Mapping, deciding: Sequence[PartVerdict]) -> str:
    """What is missing, what was left out, or what the claim waits for."""
    if not deciding:
        return f"not testable here until {claim['testable_when']}"
    missing = list(dict.fromkeys(part.note for part in deciding if part.verdict == "not_measured"))
    left_out = list(dict.fromkeys(part.note for part in deciding if part.note and part.verdict != "not_measured"))
    notes = ["not measured yet: " + "; ".join(missing)] if missing else []
    if missing and claim.get("real_text_only"):
        notes = ["judged on real text only, which is not measured yet"]
    return ". ".join(notes + (["left out: " + "; ".join(left_out)] if left_out else []))


def _problems(claims: Claims) -> list[str]:
    """What is wrong with a registration: numbering, and names that nothing defines."""
    ids = [claim["id"] for claim in claims.claims]
    wrong = [f"claim ids {ids} are not 1..{len(ids)}"] if ids != list(range(1, len(ids) + 1)) else []
    bands = [one | {"direction": "within", "expected": 0, "role": ""} for one in claims.study["preconditions"]]
    wrong += [f"precondition, {text}" for one in bands for text in _part_problems(claims, one)]
    for claim in claims.claims:
        wrong += [f"claim {claim['id']}, {text}" for part in claim["parts"] for text in _part_problems(claims, part)]
    return wrong


def _part_problems(claims: Claims, part: Mapping) -> list[str]:
    """What is wrong with a part as registered."""
    kinds = [kind for kind in KINDS if kind in part]
    gap = part.get("gap_closed")
    names = {"contrast": list(part.get("contrast", ())), "slope": part.get("slope"), "gains": [], "gap_closed": []}
    used = [name for kind in kinds for name in names[kind]]
    used += [name for gain in part.get("gains", ()) for name in (gain["from"], gain["to"])]
    used += [gap[role] for role in ("model", "base", "teacher")] if gap else []
    measures = gap["plus"]["measures"] + gap["minus"]["measures"] if gap else [part.get("measure")]
    limit = "band" if part.get("direction") == "within" else "margin"
    found = [f"unknown condition {name}" for name in used if name not in claims.conditions]
    found += [f"unknown measure {name}" for name in measures if name not in claims.measures]
    found += [f"expected exactly one of {', '.join(KINDS)}"] if len(kinds) != 1 else []
    found += [f"direction {part.get('direction')}"] if part.get("direction") not in DIRECTIONS else []
    found += [f"no {key}" for key in (limit, "expected", "role") if key not in part]
    return [f"part {part.get('name')}: {text}" for text in found]
