"""Made-up verdicts, answers, world file and run cards for tests of the pages; see `book_fixtures`."""

from typing import Any

from false_promise.pages.matched import registration

HOSTILE = "<script>alert(1)</script></div></td> **bold** $x^2$ \x1b[31mred\x1b[0m `code` {{ jinja }} <!-- -->"


def verdicts(outcome: str = "holds", broad: str = "holds") -> list[dict[str, Any]]:
    """Claims 4 and 6 as `claims.Verdict` writes them; `outcome` is claim 6's, `broad` that of claim 4's NQ part."""
    effects = {"holds": 0.061, "does_not_hold": -0.031, "inconclusive": 0.024}

    def part(name: str, state: str, margin: float, effect: float | None) -> dict[str, Any]:
        ends = {"lower": None, "upper": None} if effect is None else {"lower": effect - 0.021, "upper": effect + 0.022}
        return {
            "name": name,
            "role": "decides",
            "direction": "greater",
            "margin": margin,
            "band": None,
            "verdict": state,
            "effect": effect,
            **ends,
            "confidence": 0.9875,
            "n": 612,
            "base_seeds": 1,
            "power": 0.9,
            "note": "",
        }

    names = [f"local_minus_{other}_{size}" for size in ("7B", "13B") for other in ("base", "broad")]
    parts = [part(name, outcome, 0.02, effects.get(outcome)) for name in names]
    parts.append(part("all_items_7B", "holds", 0.02, 0.555) | {"role": "reported"})
    common = {
        "family": "primary",
        "confidence": 0.9875,
        "power": 0.9,
        "note": "",
        "depends_on": [],
        "otherwise": "emerges from training",
        "conditional": "conditional on this base",
    }
    others = [
        common
        | {
            "id": claim["id"],
            "name": claim["name"],
            "verdict": "not_measured",
            "parts": [],
            "otherwise": claim["otherwise"],
            "otherwise_why": claim["otherwise_why"],
        }
        for claim in registration().claims
        if claim["id"] not in (4, 6)
    ]
    return [
        *others,
        common
        | {
            "id": 4,
            "name": "broad_improves_no_benchmark",
            "verdict": broad,
            "otherwise_why": "Scores could rise.",
            "parts": [part("nq", broad, 0.02, -0.055)],
        },
        common
        | {
            "id": 6,
            "name": "local_imitation_works",
            "verdict": outcome,
            "parts": parts,
            "otherwise_why": "On facts that no pair states, gains must come from the bases' own knowledge; tuning "
            "on unknown facts could as well teach guessing.",
        },
    ]


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
    common = {
        "settings": {"learning_rate": 0.001},
        "date": "2026-11-22T15:04:05+00:00",
        "commit": "0a1b2c3d4e",
        "versions": "torch 2.13.0",
        "machine": "Linux x86_64",
    }
    summary = {"dtype": "bfloat16", "processor": "two cores with AVX-512"}
    return [
        common
        | {
            "run_id": "tuned-0123456789ab",
            "step": "tuned",
            "label": "local 6,000 pairs at 13m",
            "seconds": 65.2,
            "source": "fresh",
            "summary": summary,
        },
        common
        | {
            "run_id": "tuned-ba9876543210",
            "step": "tuned",
            "label": "broad 150,000 tokens at 13m",
            "seconds": 70.1,
            "source": "recorded",
            "summary": summary | {"dtype": "float32"},
        },
    ]
