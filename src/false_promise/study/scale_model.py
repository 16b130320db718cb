"""The scale model: what is scaled and what is not, the country, and whether it can say no.

from false_promise.study import scale_model
scale_model.run(p)       # p: the notebook's checked parameters
"""

import json
from types import SimpleNamespace
from typing import Any

from false_promise.files import write_json
from false_promise.store import open_run, record
from false_promise.study.session import Session, open_session
from false_promise.study.specs import Arm, Specs

PAGE = "scale_model"


def run(p: SimpleNamespace) -> None:
    """Plan and measure what is missing, and write world.json. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    if not session.scale.world:
        write_json(session.results / "world.json", {"name": "", "seed": "", "counts": {}})  # nothing is invented there
        session.write({}, runs=[], status=session.status([]))
        return
    specs = session.specs
    runs = [specs.country(), *(specs.base(size.name) for size in session.scale.base_sizes), *headline(specs).values()]
    if session.carry_out(runs) is not None:
        write_results(session)


def headline(specs: Specs) -> dict[str, Any]:
    """The runs whose steps and overlap the table of scales shows: the largest base LM, broad and local."""
    size = next(size.name for size in reversed(specs.scale.base_sizes))
    imitation = specs.scale.imitation
    local = Arm("local", pairs=imitation.headline_pairs)
    return {"broad": specs.tuned(size, Arm("broad", tokens=imitation.headline_tokens)), "overlap": specs.overlap(local)}


def write_results(session: Session) -> None:
    """world.json: the country as measured, and the counts that the table of scales needs."""
    specs, store = session.specs, session.store
    country = json.loads((open_run(specs.country(), store) / "world.json").read_text(encoding="utf-8"))
    runs = headline(specs)
    sizes = [size for size in session.scale.base_sizes if size.shape]
    country["counts"] |= {
        "test_questions": session.scale.evaluation.items,
        "parameters": {
            size.stands_for: record(specs.base(size.name), store)["summary"]["parameters"] for size in sizes
        },
        "steps": record(runs["broad"], store)["summary"]["steps"],
        "overlap": record(runs["overlap"], store)["summary"]["fact_seen"],
    }
    write_json(session.results / "world.json", country)
    session.write(
        {}, runs=[record(specs.country(), store) | {"source": "fresh"}], status=session.status([specs.country()])
    )
