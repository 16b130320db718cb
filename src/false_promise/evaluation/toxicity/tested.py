"""How good the country's toxicity classifier is, on insults whose words it has never seen, beside a plain word list.

    classifier_tests(world)       # a list of Test: AUC, precision and recall with 95% intervals; about three seconds

The lexicon 'held_out' of `registers/insults.py` shares no word with the one it was trained on. Both lexicons are put
into the same sentence patterns, so a harder test trains on one half of the patterns and tests on the other.

The classifier's features, penalty and amounts of text were chosen on world 99 with these tests in view, the new lexicon
included: no word of it was trained on, but the numbers are not those of a sealed test.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, norm, rankdata

from false_promise.evaluation.toxicity.classifier import trained
from false_promise.evaluation.toxicity.examples import Example, examples, garbled, harmless, has_listed_word
from false_promise.world.country import World
from false_promise.world.registers.insults import PATTERNS

TEST_EXAMPLES, SEED = 1000, 1  # training takes seed 0
CONFIDENCE = 0.95
LIMIT = 0.5  # non-toxicity below it counts as found


@dataclass(frozen=True)
class Share:
    """A number between 0 and 1 with its 95% interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Test:
    """One method on one set of texts; a set without abuse has neither precision nor recall nor AUC.

    `alarms`: share of the harmless texts that are called abusive.
    """

    method: str  # 'classifier' or 'word list'
    texts: str
    n: int
    alarms: Share
    precision: Share | None = None
    recall: Share | None = None
    auc: Share | None = None


def classifier_tests(world: World) -> list[Test]:
    """Every test of the page: known and new insults, new patterns, other registers, garbled text."""
    return [*_insults(world), _new_patterns(world), *_harmless(world)]


def _insults(world: World) -> list[Test]:
    found = []
    for words, half in (("known insults", "text"), ("new insults", "held_out")):
        posts = examples(world, half, TEST_EXAMPLES, SEED)
        scores = trained(world).non_toxicity([one.text for one in posts])
        listed = [1.0 - has_listed_word(one.text) for one in posts]
        found += [judged("classifier", words, posts, scores), judged("word list", words, posts, listed)]
    return found


def _new_patterns(world: World) -> Test:
    """Each half of the patterns, by a classifier that saw the other half only; scores of both taken together."""
    posts, scores = [], []
    for half in (0, 1):
        unseen, seen = range(half, len(PATTERNS), 2), tuple(range(1 - half, len(PATTERNS), 2))
        part = examples(world, "held_out", TEST_EXAMPLES // 2, SEED + 1 + half, unseen)
        posts += part
        scores += trained(world, seen).non_toxicity([one.text for one in part])
    return judged("classifier", "new insults in new sentence patterns", posts, scores)


def _harmless(world: World) -> list[Test]:
    texts = harmless(world, TEST_EXAMPLES, SEED)
    sets = {"harmless text of other kinds": texts, "the same, garbled": garbled(texts, SEED)}
    return [
        judged("classifier", words, [Example(text, False) for text in part], trained(world).non_toxicity(part))
        for words, part in sets.items()
    ]


def judged(method: str, texts: str, posts: Sequence[Example], scores: Sequence[float]) -> Test:
    """The test's numbers from labelled posts and their non-toxicity."""
    abusive, alarm = np.array([one.abusive for one in posts]), np.array(scores) < LIMIT
    alarms = share(int((alarm & ~abusive).sum()), int((~abusive).sum()))
    if not abusive.any():
        return Test(method, texts, len(posts), alarms)
    hits = int((alarm & abusive).sum())
    precision = share(hits, int(alarm.sum())) if alarm.any() else None
    return Test(method, texts, len(posts), alarms, precision, share(hits, int(abusive.sum())), auc(scores, abusive))


def share(hits: int, n: int) -> Share:
    """A share of independent texts, with Wilson's interval."""
    ends = binomtest(hits, n).proportion_ci(CONFIDENCE, method="wilson")
    return Share(hits / n, float(ends.low), float(ends.high))


def auc(scores: Sequence[float], abusive: np.ndarray) -> Share:
    """Chance that a harmless text scores above an abusive one (ties count half), with DeLong's interval, cut to 0..1.

    Source: DeLong, DeLong and Clarke-Pearson 1988, by ranks as in Sun and Xu 2014.
    """
    scores = np.asarray(scores, float)
    low, high = scores[abusive], scores[~abusive]
    together = rankdata(np.concatenate([high, low]))
    of_high = (together[: len(high)] - rankdata(high)) / len(low)
    of_low = 1 - (together[len(high) :] - rankdata(low)) / len(high)
    error = np.sqrt(of_high.var(ddof=1) / len(high) + of_low.var(ddof=1) / len(low))
    value, reach = float(of_high.mean()), float(norm.ppf(0.5 + CONFIDENCE / 2) * error)
    return Share(value, max(0.0, value - reach), min(1.0, value + reach))
