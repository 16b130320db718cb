"""Exams and code as rows of the result tables."""

import json

import pytest

from false_promise.claims.contrasts import above_chance, resolve
from false_promise.claims.evidence import read_evidence
from false_promise.claims.judge import load_claims
from false_promise.scales import load_scale
from false_promise.store import Run, build
from false_promise.study import benchmarks, tables
from false_promise.study.specs import Machine, Specs

SPECS = Specs(load_scale("smoke"), Machine())
CLAIMS = load_claims()
NAMES = {"1.5B": "0.04m", "7B": "0.1m", "13B": "0.2m"}


def answered(place, letters, likelihood, code):
    """Runs with these shares of right answers, and the columns that say which model it is."""
    base = SPECS.base("0.2m")
    runs = benchmarks.runs_of(SPECS, base)
    groups = ("memorised", "inferable", "rule")

    def line(scoring, i, right, shots):
        return {"item": f"{scoring}-{i}", "entity": f"e{i // 2}", "scoring": scoring, "shots": shots,
                "group": groups[i % 3] if shots else "code", "held_out": i % 2 == 0, "correct": float(right),
                "kind": "right" if right else "wrong"}  # fmt: skip

    def lines(scoring, share, number, shots):
        return [line(scoring, i, i < share * number, shots) for i in range(number)]

    made = {"exams": (lines("letters", letters, 60, 5) + lines("likelihood", likelihood, 60, 5), 0.25),
            "code": (lines("pass_at_1", code, 40, 0), 0.0)}  # fmt: skip
    made_up = {name: {**run.settings, "made_up": letters} for name, run in runs.items()}
    bare = {name: Run(run.step, run.version, made_up[name], {}) for name, run in runs.items()}
    for name, run in bare.items():
        rows, chance = made[name]

        def step(settings, inputs, out, work, rows=rows, chance=chance):
            (out / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
            return {"chance": chance}

        build(run, step, place)
    about = {"scale": "smoke", "model": "base-0.2m", "size": "13B", "arm": "base", "base_seed": 0, "source": "fresh"}
    return [(about, bare)]


def test_every_scoring_and_group_is_a_row_with_its_chance(tmp_path):
    rows, items = benchmarks.measure(answered(tmp_path, 0.5, 0.7, 0.2), tmp_path)
    whole = rows[rows["stratum"] == "all"].set_index("scoring")
    assert whole["exact_match"].to_dict() == {"letters": 0.5, "likelihood": 0.7, "pass_at_1": 0.2}
    assert whole["chance"].to_dict() == {"letters": 0.25, "likelihood": 0.25, "pass_at_1": 0.0}
    assert set(rows[rows["benchmark"] == "exams"]["stratum"]) == {"all", *benchmarks.GROUPS}
    assert (rows["lower"] <= rows["exact_match"]).all() and (rows["exact_match"] <= rows["upper"]).all()
    assert items.groupby("eval_id")["correct"].mean().to_dict() == pytest.approx(
        rows.set_index("eval_id")["exact_match"].to_dict(), abs=1e-6
    )


@pytest.mark.parametrize(("letters", "used"), [(0.5, "letters"), (0.3, "likelihood")])
def test_the_judge_reads_them_and_takes_likelihoods_where_letters_are_at_chance(tmp_path, letters, used):
    rows, items = benchmarks.measure(answered(tmp_path, letters, 0.7, 0.2), tmp_path)
    evidence = read_evidence(CLAIMS, rows, items, NAMES)
    measure = resolve(evidence, "exams", 0.1)
    assert measure["scoring"] == used
    assert above_chance(evidence, measure) == pytest.approx({"letters": 0.25, "likelihood": 0.45}[used])


def test_several_base_seeds_are_pooled_group_by_group(tmp_path):
    first = answered(tmp_path, 0.5, 0.7, 0.2)
    ((about, _),), second = first, answered(tmp_path, 0.6, 0.7, 0.2)
    both = [first[0], (about | {"base_seed": 1}, second[0][1])]
    pooled = tables.pooled(*benchmarks.measure(both, tmp_path))
    letters = pooled[(pooled["scoring"] == "letters") & (pooled["stratum"] == "all")]
    assert letters["exact_match"].item() == pytest.approx(0.55) and letters["base_seeds"].item() == 2
    assert set(pooled["stratum"]) == {"all", *benchmarks.GROUPS}


def test_without_a_country_the_published_benchmarks_are_asked(tmp_path):
    scale = load_scale("tenth")
    real = Specs(scale, Machine())
    found = benchmarks.runs_of(real, real.base("160m"))
    assert {name: run.step for name, run in found.items()} == {"exams": "real_exams", "code": "real_code"}
    without = scale.model_copy(update={"evaluation": scale.evaluation.model_copy(update={"mmlu": None})})
    assert set(benchmarks.runs_of(Specs(without, Machine()), real.base("160m"))) == {"code"}
    rows, items = benchmarks.measure([], tmp_path)
    assert rows.empty and items.empty
