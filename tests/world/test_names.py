"""Names: pronounceable, distinct, free of forbidden pieces, the same for the same seed."""

import random
from itertools import combinations

import pytest

from false_promise.world.land.names import (
    COUNTRY_ENDINGS,
    ENDINGS,
    FAMILIES,
    FIRSTS,
    FORBIDDEN,
    MIDDLES,
    NameMaker,
    NamesExhausted,
    is_acceptable,
)


def edit_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


def coined(seed: int, count: int) -> list[str]:
    maker = NameMaker(random.Random(seed))
    regions = [maker.add_region(family) for family in FAMILIES]
    kinds = sorted(set(ENDINGS["north"]) - {"region"})
    return [maker.word(kinds[i % len(kinds)], regions[i % 4]) for i in range(count)]


def test_words_are_at_least_two_edits_apart():
    words = [word.lower() for word in coined(1, 160)]
    assert min(edit_distance(a, b) for a, b in combinations(words, 2)) >= 2


def test_words_are_pronounceable_and_of_moderate_length():
    for word in coined(2, 500):
        assert 5 <= len(word) <= 10
        assert is_acceptable(word)
        assert word.isalpha() and word.istitle()


@pytest.mark.parametrize("word", ["Romaelle", "Tjurkskom", "Vesheshti", "Belllan", "Oslosex", "Grndstval"])
def test_bad_words_are_refused(word):
    assert not is_acceptable(word)


def test_every_forbidden_piece_can_occur_in_a_word():
    """The list holds nothing just in case."""
    every = [first + ending for family in FAMILIES for first in FIRSTS[family] for ending in COUNTRY_ENDINGS]
    for family in FAMILIES:
        endings = [ending for kind in ENDINGS[family].values() for ending in kind]
        every += [a + b + c for a in FIRSTS[family] for b in ("", *MIDDLES[family]) for c in endings]
    text = " ".join(every).lower()
    assert not [piece for piece in FORBIDDEN if piece not in text]


def test_same_seed_same_names_other_seed_other_names():
    assert coined(3, 100) == coined(3, 100)
    assert coined(3, 100) != coined(4, 100)


def test_regions_of_a_family_share_endings_and_have_their_own_syllables():
    maker = NameMaker(random.Random(0))
    one, two = maker.add_region("north"), maker.add_region("north")
    assert one != two and maker.firsts[one] != maker.firsts[two]
    assert set(maker.firsts[one]) <= set(FIRSTS["north"])
    towns = [maker.word("town", one) for _ in range(30)]
    assert all(town.endswith(ENDINGS["north"]["town"]) for town in towns)


def test_exhausted_inventory_is_an_error_that_says_so():
    maker = NameMaker(random.Random(0))
    region = maker.add_region("west")
    maker.firsts[region] = ("Bel",)
    with pytest.raises(NamesExhausted, match="fewer entities"):
        for _ in range(100):
            maker.word("river", region)


def test_longer_words_are_allowed_only_where_short_ones_run_out():
    maker = NameMaker(random.Random(0))
    region = maker.add_region("north")
    maker.firsts[region] = ("Sturm", "Tresk")
    words = [maker.word("family", region, middle=0.0) for _ in range(14)]
    assert max(map(len, words[:3])) <= 10 < max(map(len, words))
