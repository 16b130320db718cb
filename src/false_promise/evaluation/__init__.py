"""Benchmarks: models in, results per item out. Nothing here knows how a model was trained."""
