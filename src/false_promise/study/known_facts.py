"""Facts that a base LM knows and facts that it does not: what does imitation data that states them do to each?

Fine-tuning on facts that a model does not know has been reported to make it hallucinate (Gekhman et al. 2024, arXiv
2405.05904). Here no run is made for this: the base LM's format-free answers say which of the questions' facts it knows
(the right value ranks first after most of three prose frames), the overlap says which of them the imitation data
states, and three-shot answers and open-ended statements say which come out wrong.

Facts are sorted by the base LM's own answers, so chance favours it on those it knows and the imitation model on the
others. The control arm without facts suffers the same, hence the differences from it.
"""

from typing import Any

import pandas as pd

from false_promise.store import Run, open_run
from false_promise.study import tables
from false_promise.study.checked_answers import MODEL, Said
from false_promise.study.knowledge import world_of
from false_promise.study.open_ended import Condition
from false_promise.study.session import Session
from false_promise.study.specs import Arm
from false_promise.world.exercises.questions import nq_questions

COLUMNS = ["model", "arm", "tokens", "size", "known_to_base", "measure", "value", "lower", "upper", "n"]
ARMS = ("base", "broad", "local", "style_only")
CONTROL = "style_only"
LEAST = {"share": 0.0, "wrong": 0.0, "stated": 0.0, "statements_wrong": 0.0}  # the others are differences


def runs_of(session: Session, condition: Condition) -> list[Run]:
    """Answers to questions and overlap of a model of the largest size; the page on local and broad has them, too."""
    if not _counts(session, condition):
        return []
    data = [session.specs.overlap(_arm(condition))] if condition.data else []
    return [session.specs.nq(condition.model), *data]


def _counts(session: Session, condition: Condition) -> bool:
    return condition.about.get("size") == session.scale.base_sizes[-1].stands_for and condition.about["arm"] in ARMS


def _arm(condition: Condition) -> Arm:
    about = condition.about
    return Arm(about["arm"], pairs=about["pairs"], tokens=about["tokens"], seed=about["imitation_seed"])


def table(session: Session, said: Said) -> pd.DataFrame:
    """One row per model of the largest size, known or unknown, and measure; columns COLUMNS.

    Measures, as fractions: `share` of all questions (base LM only); `wrong`: three-shot answers that are not right;
    `wrong_minus_base` and `wrong_minus_control` on the same questions; `stated`: share of the facts that the model's
    imitation data states; `wrong_unstated_minus_base`: on the facts that it does not state; `statements_wrong`: share
    of the statements in open-ended answers, about these facts, that are not supported. n counts questions (or
    statements) over all base seeds; intervals draw entities (or prompts).
    """
    asked, spoken = questions(session, said), statements(session, said)
    rows = []
    for key, mine in asked.groupby("key", sort=False):
        said_by = spoken[[one == key for one in spoken["key"]]]
        for known in (True, False):
            about = dict(zip(MODEL, key, strict=True)) | {"known_to_base": int(known)}
            values = _of_questions(mine, known) | {"statements_wrong": _cell(_class(said_by, known), "wrong")}
            rows += [about | {"measure": name} | _interval(name, *found)
                     for name, found in values.items() if len(found[0])]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS).round(6)


def _class(rows: pd.DataFrame, known: bool) -> pd.DataFrame:
    return rows[rows["known"] == known]


def _of_questions(mine: pd.DataFrame, known: bool) -> dict[str, tuple[pd.Series, pd.Series]]:
    """Measure -> (value, cluster) of each question."""
    part, arm = _class(mine, known), mine["arm"].iloc[0]
    if arm == "base":
        return {"share": _cell(mine.assign(share=mine["known"] == known), "share"), "wrong": _cell(part, "wrong")}
    return {
        "stated": _cell(part, "stated"),
        "wrong": _cell(part, "wrong"),
        "wrong_minus_base": _cell(part, "from_base"),
        "wrong_unstated_minus_base": _cell(part[part["stated"] == 0], "from_base"),
        "wrong_minus_control": _cell(part if arm != CONTROL else part[:0], "from_control"),
    }


def _cell(part: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    part = part[part[column].notna()]
    return part[column].astype(float), part["cluster"]


def _interval(measure: str, values: pd.Series, clusters: pd.Series) -> dict[str, Any]:
    lower, upper = tables.share_interval(values, clusters, LEAST.get(measure, -1.0))
    return {"value": float(values.mean()), "lower": lower, "upper": upper, "n": len(values)}


# ---- one row a question, one row a statement -------------------------------------------------------------------------


def questions(session: Session, said: Said) -> pd.DataFrame:
    """One row per model, base seed and question: key (values of MODEL), arm, size, base_seed, item, cluster, wrong,
    known, stated, from_base, from_control."""
    found = pd.concat([_asked(session, one) for one, _ in said if _counts(session, one)], ignore_index=True)
    same = ["size", "base_seed", "item"]
    base = found[found["arm"] == "base"][[*same, "known", "wrong"]].rename(columns={"wrong": "base_wrong"})
    control = found[found["arm"] == CONTROL][[*same, "wrong"]].rename(columns={"wrong": "control_wrong"})
    found = found.drop(columns="known").merge(base, on=same, how="left").merge(control, on=same, how="left")
    return found.assign(
        from_base=found["wrong"] - found["base_wrong"], from_control=found["wrong"] - found["control_wrong"]
    )


def _asked(session: Session, condition: Condition) -> pd.DataFrame:
    answers = tables.answers(session.specs.nq(condition.model), session.store)
    shown = answers[(answers["scoring"] == "few_shot") & (answers["shots"] == 3)]
    found = pd.DataFrame({"item": shown["item"], "cluster": shown["entity"], "wrong": 1 - shown["correct"]})
    ranked = answers[answers["scoring"] == "format_free"].set_index("item")["kind"] == "right"
    found["known"] = found["item"].map(ranked)
    found["stated"] = _stated(session, condition, found["item"])
    about = {name: condition.about.get(name) for name in ("arm", "size", "base_seed")}
    return found.assign(**about, key=[_key(condition)] * len(found))


def _key(condition: Condition) -> tuple:
    return tuple(condition.about.get(name) for name in MODEL)


def _stated(session: Session, condition: Condition, items: pd.Series) -> pd.Series | None:
    if not condition.data:
        return None
    overlap = pd.read_csv(open_run(session.specs.overlap(_arm(condition)), session.store) / "overlap.csv")
    return items.map(overlap.set_index("item")["fact_seen"].astype(int))


def statements(session: Session, said: Said) -> pd.DataFrame:
    """One row per open-ended statement about a fact that a question asks for: columns key, cluster, wrong, known."""
    world, settings = world_of(session), session.specs.world
    asked, _ = nq_questions(world, session.scale.evaluation.items, settings["seed"])
    items = {(one.entity, one.relation): one.id for one in asked}
    known = {(one.about["size"], one.about["base_seed"]): _asked(session, one).set_index("item")["known"]
             for one, _ in said if _counts(session, one) and one.about["arm"] == "base"}  # fmt: skip
    rows = [
        {
            "key": _key(one),
            "cluster": answer.prompt,
            "wrong": stated.verdict != "supported",
            "known": known[one.about["size"], one.about["base_seed"]].get(items[stated.subject, stated.relation]),
        }
        for one, answers in said
        if _counts(session, one)
        for answer in answers
        for stated in answer.statements
        if (stated.subject, stated.relation) in items
    ]
    return pd.DataFrame(rows, columns=["key", "cluster", "wrong", "known"])
