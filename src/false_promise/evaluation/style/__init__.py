"""Style beside the teacher's: the five rows of the paper's Table 2 (`style_rows`) and what they rest on.

rows.py        one value an item from plain strings
detectors.py   lists, summaries, authoritative tone; frozen on real answers under VERSION
likeness.py    shared unigrams, correlation of lengths
labels.py      how well the detectors agree with labels that were given blind
public.py      Table 2 measured again on real answers: python -m false_promise.evaluation.style.public
"""

from false_promise.evaluation.style.detectors import VERSION
from false_promise.evaluation.style.rows import SCORINGS, StyleRow, style_rows

__all__ = ["SCORINGS", "VERSION", "StyleRow", "style_rows"]
