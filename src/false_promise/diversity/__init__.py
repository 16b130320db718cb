"""Nearest-neighbour BLEU of user queries, exact and fast (the paper's section 3, and the filter of section 4.1).

    nearest(queries)                     for each query its most similar other query, and the sentence BLEU of the two
    nearest(prompts, training)           the same between two sets; `max_bleu` gives the scores only
    above(20.0, prompts, training)       which prompts the paper's decontamination filter would drop
    mean_interval, size_curve            how sure a mean is, and how it depends on the number of queries

BLEU is not symmetric. Here the query is the hypothesis and the other text the reference, unless `query_as="reference"`.
Scores are 0 to 100 and equal sacrebleu's `sentence_bleu` to 1e-9, for every `Variant`.
"""

from false_promise.diversity.sampling import SizePoint, mean_interval, size_curve
from false_promise.diversity.search import Nearest, above, max_bleu, nearest, pair_scores
from false_promise.diversity.tokens import tokenise
from false_promise.diversity.variants import NLTK_PLAIN, Variant

__all__ = [
    "NLTK_PLAIN",
    "Nearest",
    "SizePoint",
    "Variant",
    "above",
    "max_bleu",
    "mean_interval",
    "nearest",
    "pair_scores",
    "size_curve",
    "tokenise",
]
