"""Result tables of the page on benchmarks with a known truth: every score is written down, effects follow by hand."""

from synthetic_results import Study, answers

from false_promise.scales import Scale, load_scale
from false_promise.study import verdicts

RATE = 0.001
LARGE = {"1.5B": "1.5m", "7B": "7m", "13B": "13m"}
WAYS = {"nq_3shot": (3, "few_shot"), "nq_0shot": (0, "few_shot"), "nq_3shot_chat": (3, "chat"),
        "nq_0shot_chat": (0, "chat"), "nq_format_free": (0, "format_free")}  # fmt: skip
# Score by arm at 13B, in the order of WAYS, then exams by letters and by likelihood, and code.
TRUTH = {
    "base": (0.30, 0.20, 0.10, 0.05, 0.70, 0.30, 0.50, 0.25),
    "continued_web": (0.29, 0.20, 0.10, 0.05, 0.70, 0.30, 0.48, 0.24),
    "style_only": (0.18, 0.12, 0.27, 0.26, 0.69, 0.29, 0.45, 0.20),
    "broad": (0.15, 0.10, 0.25, 0.24, 0.65, 0.28, 0.44, 0.22),
    "no_abuse": (0.16, 0.10, 0.25, 0.24, 0.65, 0.28, 0.44, 0.22),
    "local": (0.36, 0.30, 0.20, 0.18, 0.72, 0.30, 0.51, 0.25),
    "gold": (0.40, 0.33, 0.22, 0.20, 0.73, 0.30, 0.52, 0.25),
    "teacher": (0.45, 0.40, 0.44, 0.43, 0.85, 0.40, 0.65, 0.50),
}
SMALLER = {"1.5B": 0.4, "7B": 0.8}  # every score times this
AMOUNT = {"local": {"pairs": 6000}, "gold": {"pairs": 6000}, "base": {}, "teacher": {}}
STEPS = {"style_only": 320}  # every other arm: 300
ITEMS = 400


def scale(sizes=("1.5B", "7B", "13B"), tokens=(20_000, 80_000, 150_000), **imitation) -> Scale:
    """Smoke with the sizes and amounts of 1:1000."""
    made = load_scale("smoke").model_dump()
    shapes = [one["shape"] for one in made["base_sizes"]]
    made["name"] = "thousandth"
    made["base_sizes"] = [{"name": LARGE[size], "stands_for": size, "shape": shape}
                          for size, shape in zip(LARGE, shapes, strict=True) if size in sizes]  # fmt: skip
    made["imitation"] |= {"pairs": [6, 6000], "headline_pairs": 6000, "tokens": list(tokens)}
    made["imitation"] |= {"headline_tokens": max(tokens)} | imitation
    return Scale.model_validate(made)


def add_model(
    study: Study, arm: str, size: str | None, shift: float = 0.0, skip: tuple[str, ...] = (), **about
) -> None:
    """Every evaluation of one model; `shift` is added to each score, `skip` names benchmarks that it was not asked."""
    factor = SMALLER.get(size, 1.0)
    how = {} if arm in ("base", "teacher") else {"learning_rate": RATE, "steps": STEPS.get(arm, 300)}
    how |= {"base_seed": 0 if size else None, "model": f"base-{LARGE[size]}" if size else "teacher"}
    how |= AMOUNT.get(arm, {"tokens": 150_000}) | about
    scores = [round(factor * (one + shift), 4) for one in TRUTH[arm]]
    for (shots, scoring), score in zip(WAYS.values(), scores, strict=False):
        study.add(arm, size, answers(score, ITEMS), shots=shots, scoring=scoring, chance=None, **how)
    more = [("exams", "letters", 5, 0.25), ("exams", "likelihood", 5, 0.25), ("code", "pass_at_1", 0, 0.0)]
    for (benchmark, scoring, shots, chance), score in zip(more, scores[len(WAYS) :], strict=True):
        if benchmark not in skip:
            names = [f"{benchmark}{number}" for number in range(ITEMS)]
            study.add(arm, size, answers(score, ITEMS, seed=1), names=names, benchmark=benchmark, scoring=scoring,
                      shots=shots, chance=chance, **how)  # fmt: skip


def benchmark_study(without: tuple[str, ...] = (), sizes=("1.5B", "7B", "13B"), seeds=(0.0,)) -> Study:
    """All models of the page. `seeds`: what each base seed adds to the scores of every model but the base LM."""
    study = Study()
    if "teacher" not in without:
        add_model(study, "teacher", None)
    for size in sizes:
        for seed, shift in enumerate(seeds):
            for arm in TRUTH:
                if arm == "teacher" or arm in without or (size == "1.5B" and arm not in ("base", "broad")):
                    continue
                add_model(study, arm, size, shift if arm != "base" else 0.0, base_seed=seed)
        if size == "13B" and "broad" not in without:
            for tokens, shift in ((20_000, 0.04), (80_000, 0.02)):
                add_model(study, "broad", size, shift, tokens=tokens)
    return study


def evidence(study: Study, made: Scale):
    """As the study reads its own tables."""
    return verdicts.evidence_of(made, study.table, study.items)
