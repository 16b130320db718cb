"""Abuse in what models write: prompts, continuations, a classifier that is tested, refusals (section 4.4, Figure 5)."""
