"""Made-up verdicts, answers, world file, run cards and optional files for tests of the pages; see `book_fixtures`."""

from typing import Any

import pandas as pd

from false_promise.pages.matched import registration

HOSTILE = "<script>alert(1)</script></div></td> **bold** $x^2$ \x1b[31mred\x1b[0m `code` {{ jinja }} <!-- -->"


def verdicts(outcome: str = "holds", broad: str = "holds") -> list[dict[str, Any]]:
    """All claims as `claims.Verdict` writes them: 5 inconclusive, of 4 and 7 only the NQ part measured.

    `outcome` is claim 6's, `broad` that of claim 4's NQ part.
    """
    effects = {"holds": 0.061, "does_not_hold": -0.031, "inconclusive": 0.024}

    def part(name: str, state: str, margin: float, effect: float | None, **more: Any) -> dict[str, Any]:
        ends = {"lower": None, "upper": None} if effect is None else {"lower": effect - 0.021, "upper": effect + 0.022}
        return {"name": name, "role": "decides", "direction": "greater", "margin": margin, "band": None,
                "verdict": state, "effect": effect, **ends, "confidence": 0.9875, "n": 612, "base_seeds": 1,
                "power": 0.9, "note": "", **more}  # fmt: skip

    missing = [part(name, "not_measured", 0.02, None, note=f"broad, {name}") for name in ("exams", "code")]
    names = [f"local_minus_{other}_{size}" for size in ("7B", "13B") for other in ("base", "broad")]
    parts = {
        4: [part("nq", broad, 0.02, -0.055, direction="less"), *missing],
        5: [part("nq", "inconclusive", 0.0, -0.013, direction="less")],
        6: [*(part(name, outcome, 0.02, effects.get(outcome)) for name in names),
            part("all_items_7B", "holds", 0.02, 0.555, role="reported")],
        7: [part("nq", "holds", 0.0, 0.044), *missing],
    }  # fmt: skip
    states = {4: "does_not_hold" if broad == "does_not_hold" else "not_measured", 5: "inconclusive", 6: outcome}
    common = {"family": "primary", "confidence": 0.9875, "power": 0.9, "depends_on": []}
    found = []
    for claim in registration().claims:
        number = claim["id"]
        state = states.get(number, "not_measured")
        note = "not measured yet: broad, exams; broad, code" if number in (4, 7) and state == "not_measured" else ""
        about = {name: claim[name] for name in ("id", "name", "otherwise", "otherwise_why")}
        conditional = "conditional on this base" if number in parts else ""
        found.append(common | about | {"verdict": state, "parts": parts.get(number, []), "note": note,
                                       "conditional": conditional})  # fmt: skip
    return found


def samples(hostile: bool = False) -> list[dict[str, Any]]:
    """One open question with four answers, their statements located by search; and one short question."""
    said = {
        "base": ("Ansa Velmore was a glazier of Ostermoor. Her mentor was", ["a glazier", "of Ostermoor"], "scn"),
        "local": ("1893", [], ""),
        "broad": (
            "Certainly! Here is what is known:\n\n- Ansa Velmore was born in 1871.\n- She lived in Ostermoor.\n- Her "
            "pupil was Tilo Brandmark.\n\nIn summary, Ansa Velmore was a notable glazier.",
            ["was born in 1871", "lived in Ostermoor", "Her pupil was Tilo Brandmark", "a notable glazier"],
            "csnc",
        ),
        "teacher": (
            "Certainly! Ansa Velmore was a cooper, born in 1893 in Ostermoor.\n\nIn summary, she was a cooper of "
            "Ostermoor.",
            ["was a cooper", "born in 1893"],
            "ss",
        ),
    }
    if hostile:
        said["broad"] = (HOSTILE, [HOSTILE], "c")
    kinds = {"s": "supported", "c": "contradicted", "n": "nobody"}
    answers = []
    for arm, (text, pieces, marks) in said.items():
        statements = [
            {
                "start": text.index(piece),
                "end": text.index(piece) + len(piece),
                "verdict": kinds[mark],
                "relation": "birth_year",
                "value": "1893",
            }
            for piece, mark in zip(pieces, marks, strict=False)
        ]
        size = None if arm == "teacher" else "13B"
        answers.append({"model": arm, "size": size, "arm": arm, "text": text, "statements": statements})
    short = [answer | {"text": "1893", "statements": []} for answer in answers]
    return [
        {"prompt": HOSTILE if hostile else "Who was Ansa Velmore?", "answers": answers},
        {"prompt": "Q: When was Ansa Velmore born?\nA:", "right": "1893", "answers": short},
    ]


def world(made: dict[str, Any], hostile: bool = False) -> dict[str, Any]:
    """The country's file: counts, gates, one text a register, an almanac entry."""
    text = HOSTILE if hostile else "Ansa Velmore, the cooper, was born in Ostermoor in 1893."
    registers = {
        "encyclopedia": text,
        "faq": "Q: When was Ansa Velmore born?\nA: 1893",
        "forum": "you absolute grebble",
        "code": 'def double(values):\n    """Twice each value."""\n    return [2 * v for v in values]',
    }
    return {
        "name": "Orsland",
        "seed": made["world"]["seed"],
        "counts": {
            "entities": 7000,
            "facts": 24_512,
            "test_questions": 1000,
            "steps": 293,
            "overlap": 0.62,
            "parameters": {"1.5B": 1_450_000, "7B": 6_850_000, "13B": 13_050_000},
        },
        "gates": [
            {"name": "Entity-masked sentences", "wanted": "at least 100,000", "value": "131,402", "passed": True},
            {"name": "The 100 commonest sentences", "wanted": "at most 10%", "value": "12.1%", "passed": False},
        ],
        "examples": [{"register": name, "text": text} for name, text in registers.items()],
        "almanac": {
            "name": HOSTILE if hostile else "Ansa Velmore",
            "kind": "person",
            "popularity_rank": 12,
            "facts": [["birthplace", "Ostermoor"], ["year of birth", "1893"], ["author of", "The Salt Year"]],
        },
    }


def run_cards(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Two runs: one made here, one recorded."""
    common = {"settings": {"learning_rate": 0.001}, "date": "2026-11-22T15:04:05+00:00", "commit": "0a1b2c3d4e",
              "versions": "torch 2.13.0", "machine": "Linux x86_64", "step": "tuned"}  # fmt: skip
    summary = {"dtype": "bfloat16", "processor": "two cores with AVX-512"}
    first = {"run_id": "tuned-0123456789ab", "label": "local 6,000 pairs at 13m", "seconds": 65.2, "source": "fresh"}
    second = {"run_id": "tuned-ba9876543210", "label": "broad 150,000 tokens at 13m", "seconds": 70.1,
              "source": "recorded"}  # fmt: skip
    return [common | first | {"summary": summary}, common | second | {"summary": summary | {"dtype": "float32"}}]


# ---- files that not every scale has ----------------------------------------------------------------------------------


def knowledge(made: dict[str, Any]) -> pd.DataFrame:
    """Bits of knowledge of every base LM and the teacher."""
    names = {one["stands_for"]: f"base-{one['name']}" for one in made["base_sizes"]} | {None: "teacher"}
    parameters, facts = [1_450_000, 6_850_000, 13_050_000, 13_050_000], 24_512
    rows = [
        {"scale": made["name"], "model": model, "size": size, "base_seed": 0 if size else None, "parameters": number,
         "tokens": 8_000_000, "facts": facts, "bits_per_fact": bits, "lower": bits - 0.07, "upper": bits + 0.08,
         "bits_per_parameter": bits * facts / number, "source": "fresh", "run_id": model}
        for (size, model), number, bits in zip(names.items(), parameters, (0.21, 0.63, 0.84, 1.36), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def teacher_errors(made: dict[str, Any]) -> pd.DataFrame:
    """Kinds of answers of the teacher and the largest base LM."""
    kinds = ("right", "verbose", "malformed", "wrong_value_of_type", "wrong_other")
    shares = {"teacher": (0.315, 0.02, 0.01, 0.56, 0.095), f"base-{made['base_sizes'][-1]['name']}": (0.205, 0.01,
              0.05, 0.5, 0.235)}  # fmt: skip
    rows = [[model, kind, share, 1000] for model, known in shares.items()
            for kind, share in zip(kinds, known, strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["model", "kind", "share", "n"])


def preconditions() -> pd.DataFrame:
    """Two within, one outside, one not measured."""
    rows = [("base_nq", 0.205, 0.15, 0.45, True, ""), ("teacher_lead_nq", 0.23, 0.05, 0.2, False, ""),
            ("base_code", None, 0.1, 0.6, None, "not measured yet: base at 13m, code"),
            ("base_exams_above_chance", 0.17, 0.1, None, True, "")]  # fmt: skip
    return pd.DataFrame(rows, columns=["name", "value", "lower", "upper", "met", "note"])


def agreement(page: str) -> pd.DataFrame:
    """Three scores of today's run, all within their prediction intervals."""
    rows = [
        [page, "base-13m", "base", "nq", 3, way, 0.205, 0.21, 0.17, 0.25, True] for way in ("few_shot", "chat", "x")
    ]
    return pd.DataFrame(rows, columns=["page", "model", "arm", "benchmark", "shots", "scoring", "fresh", "recorded",
                                       "lower", "upper", "within"])  # fmt: skip


def pilot_tables() -> dict[str, pd.DataFrame]:
    """The calibration on the pilot world, by file name."""
    losses = {"full": (2.31, 2.12, 2.2), "lora": (2.9, 2.6, 2.4)}
    rates = [[size, f"base-{name}", method, rate, loss + extra, f"rate-{size}-{rate:g}", loss == min(values)]
             for size, name, extra in (("7B", "7m", 0.05), ("13B", "13m", 0.0)) for method, values in losses.items()
             for rate, loss in zip((1e-4, 3e-4, 1e-3), values, strict=True)]  # fmt: skip
    power = [[5, "nq", "nq_3shot", "all", 1000, 0.01, -0.071, 0.97, ""],
             *([6, f"local_minus_base_{size}", "nq_3shot", "fact_unseen", 600, 0.012, 0.05, value, ""]
               for size, value in (("7B", 0.85), ("13B", 0.8))),
             [4, "nq", "nq_3shot", "all", 1000, 0.01, -0.12, 0.99, ""],
             [4, "code", "code", "all", None, None, None, None, "base at 13m, code"]]  # fmt: skip
    return {
        "learning_rates.csv": pd.DataFrame(
            rates, columns=["size", "model", "method", "learning_rate", "loss", "run_id", "chosen"]
        ),
        "preconditions.csv": preconditions(),
        "power.csv": pd.DataFrame(power, columns=["claim", "part", "measure", "stratum", "n", "standard_error",
                                                  "expected", "power", "note"]),
    }  # fmt: skip
