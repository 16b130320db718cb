"""How much a guess can gain: what is measured of the mutual information that inferable relations share with others.

from false_promise.world.land.information import guess_accuracy, mutual_information
guess_accuracy(world, "profession")        # share of professions right when guessed from the region of birth
guess_accuracy(world, "profession", key=blind)    # the same, knowing nothing but the commonest profession
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable

from false_promise.world.country import Fact, World
from false_promise.world.land.relations import RELATION


def blind(world: World, fact: Fact) -> str:
    """Knows nothing: the guess is always the commonest value."""
    return ""


def related(world: World, fact: Fact) -> str:
    """The value that an inferable relation shares information with (`Relation.related`), as a string."""
    basis = RELATION[fact.relation].related
    if basis == "birthplace":
        return world.fact(fact.subject, "birthplace").value
    if basis == "author's profession":
        return world.fact(world.fact(fact.subject, "author").object, "profession").value
    if basis == "sound of the name":
        return world.entity(fact.subject).name[:3]
    return str(world.regions[fact.subject]) if basis else ""


def guess_accuracy(world: World, relation: str, key: Callable[[World, Fact], str] = related) -> float:
    """Share of facts guessed from `key` alone by the commonest value among the *other* facts of the same key.

    For residences the guess is the birthplace itself. With `key=blind` this is chance for a guesser who knows the
    relation's commonest value; 1 / number of values is lower still.
    """
    facts = world.facts_with(relation)
    if relation == "residence" and key is related:
        return sum(fact.value == related(world, fact) for fact in facts) / len(facts)
    groups: dict[str, Counter] = defaultdict(Counter)
    for fact in facts:
        groups[key(world, fact)][fact.value] += 1
    return sum(_left_out_hit(groups[key(world, fact)], fact.value) for fact in facts) / len(facts)


def _left_out_hit(counts: Counter, value: str) -> bool:
    """Is `value` the commonest once one of it is left out? Ties count as misses."""
    others = max((count for other, count in counts.items() if other != value), default=0)
    return counts[value] - 1 > others


def mutual_information(
    world: World, relation: str, key: Callable[[World, Fact], str] = related, shuffles: int = 3
) -> float:
    """Bits shared by the relation's value and `key`, less what shuffled values share (sampling bias).

    Memorised relations have no related value, so that `related` is constant for them and shares nothing.
    """
    facts = world.facts_with(relation)
    keys, values = [key(world, fact) for fact in facts], [fact.value for fact in facts]
    rng = random.Random(f"{world.seed}/{relation}/shuffles")
    bias = [_plug_in(keys, rng.sample(values, len(values))) for _ in range(shuffles)]
    return _plug_in(keys, values) - math.fsum(bias) / shuffles


def _plug_in(keys: list[str], values: list[str]) -> float:
    n, joint = len(keys), Counter(zip(keys, values, strict=True))
    left, right = Counter(keys), Counter(values)
    return math.fsum(c / n * math.log2(c * n / (left[k] * right[v])) for (k, v), c in joint.items())
