"""Preference without people: a rater that sees style only, fitted to real verdicts of GPT-4 and frozen.

features.py    what it sees of an answer            model.py      logistic model with ties, without position
pairs.py       1,040 real reviews as numbers        crossval.py   by question: accuracy, AUC, calibration
fitting.py     writes data/public/style_rater.json  frozen.py     reads it: `equal_or_better`
public.py      GPT-4's verdicts beside Figure 3: data/public/preference.json
"""

from false_promise.evaluation.preference.frozen import equal_or_better, preference_values

__all__ = ["equal_or_better", "preference_values"]
