"""Which models the page on benchmarks compares (paper Figure 4), and what each of them is asked.

    conditions = broad_sweep.page_conditions(specs)

Every model is one that another page tunes as well, but for broad imitation of the smallest base LM: the specs are the
same, so a run is shared and nothing is trained twice.
"""

from collections.abc import Iterator

from false_promise.scales import BaseSize, Scale
from false_promise.store import Run
from false_promise.study import bases_and_teacher, exam_prompts
from false_promise.study.local_vs_broad import TABLE_1, Condition, arms, is_headline, tuned
from false_promise.study.session import Session
from false_promise.study.specs import Arm, Specs


def page_conditions(specs: Specs) -> Iterator[Condition]:
    """Teacher and base LMs of every size, then what is tuned from each base LM."""
    yield from bases_and_teacher.page_conditions(specs)
    for size in specs.scale.base_sizes:
        for base_seed in range(_base_seeds(specs.scale, size)):
            about = {"model": f"base-{size.name}", "size": size.stands_for, "base_seed": base_seed}
            for arm in page_arms(specs, size.stands_for):
                yield tuned(specs, size.name, arm, about)


def _base_seeds(scale: Scale, size: BaseSize) -> int:
    return scale.base_seeds if size.shape else 1  # a public checkpoint exists once


def page_arms(specs: Specs, stands_for: str) -> Iterator[Arm]:
    """Broad imitation at every size (all amounts at one); local imitation and controls where Table 1 has them."""
    headline = specs.scale.imitation.headline_pairs
    for arm in arms(specs, stands_for):
        if arm.name == "broad" or (stands_for in TABLE_1 and arm.pairs in (None, headline)):
            yield arm


def today(session: Session) -> list[Condition]:
    """What is trained and asked now: all, or beside the recorded grid the headline models of Table 1 alone."""
    found = page_conditions(session.specs)
    if not session.recorded_grid:
        return list(found)
    return [one for one in found if is_headline(session.scale, one)
            and (one.overlap is None or one.about["size"] in TABLE_1)]  # fmt: skip


def runs_of(session: Session, condition: Condition) -> list[Run]:
    """Everything that a condition is asked, and what its data shares with the questions."""
    skills = bases_and_teacher.skills(session, condition)
    asked = [session.specs.exam_prompts(condition.model)] if exam_prompts.is_asked(session, condition) else []
    return [one for one in (condition.nq, condition.overlap, *skills.values(), *asked) if one]
