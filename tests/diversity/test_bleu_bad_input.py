"""What is no text, or not enough of it, gets an error that names it; what is odd gets a documented result."""

import numpy as np
import pytest

from false_promise.diversity import above, max_bleu, nearest, pair_scores

pytestmark = pytest.mark.slow  # numba compiles the search first


@pytest.mark.parametrize(
    ("queries", "told"),
    [
        (None, "queries is None; give a list of strings"),
        ("one text", "queries is 'one text'; give a list of strings"),
        (b"bytes", "queries is b'bytes'; give a list of strings"),
        (7, "queries is 7; give a list of strings"),
        (["a", None], r"queries\[1\] is None of type NoneType; each must be a string"),
        (["a", "b", 3.5], r"queries\[2\] is 3.5 of type float"),
        ([b"a", "b"], r"queries\[0\] is b'a' of type bytes"),
        ([["a"], "b"], r"queries\[0\] is \['a'\] of type list"),
        (["a", float("nan")], r"queries\[1\] is nan of type float"),
    ],
)
def test_anything_but_strings_is_a_type_error_that_names_it(queries, told):
    with pytest.raises(TypeError, match=told):
        nearest(queries)


def test_long_bad_values_are_cut_in_the_message():
    with pytest.raises(TypeError) as caught:
        nearest(["a", b"x" * 10_000])
    assert len(str(caught.value)) < 150


def test_too_few_texts():
    with pytest.raises(ValueError, match="queries is empty"):
        nearest([])
    with pytest.raises(ValueError, match=r"queries has 1 text; a nearest \*other\* one needs at least 2"):
        nearest(["alone"])
    with pytest.raises(ValueError, match="others is empty"):
        nearest(["a"], [])
    with pytest.raises(ValueError, match="others is empty"):
        above(20.0, ["a"], [])
    with pytest.raises(ValueError, match="references is empty"):
        pair_scores(["a"], [])
    with pytest.raises(TypeError, match="others is None"):
        max_bleu(["a", "b"], None)  # not: within one set
    assert nearest(["alone"], ["alone"]).score.tolist() == [0.0 + 100.0]


def test_wrong_options():
    with pytest.raises(ValueError, match="query_as is 'ref'; choose one of hypothesis, reference"):
        nearest(["a", "b"], query_as="ref")
    with pytest.raises(TypeError, match="variant is 'exp'; give a Variant"):
        nearest(["a", "b"], variant="exp")
    for threshold in (-1, 100, float("nan"), "20", None):
        with pytest.raises(ValueError, match="threshold is .*; give a number from 0"):
            above(threshold, ["a"], ["b"])


def test_iterables_of_all_kinds_are_read_once():
    expected = nearest(["a b", "a c", "x"])
    for queries in (("a b", "a c", "x"), iter(["a b", "a c", "x"]), np.array(["a b", "a c", "x"])):
        found = nearest(queries)
        assert found.index.tolist() == expected.index.tolist() and found.score.tolist() == expected.score.tolist()


def test_texts_without_tokens():
    found = nearest(["", " \n\t", "\u3000", "a"])
    assert found.score.tolist() == [0.0, 0.0, 0.0, 0.0] and found.index.tolist() == [1, 0, 0, 0]
    assert above(0.0, ["", "a"], ["", "b"]).tolist() == [False, False]


def test_lone_surrogates_and_null_characters():
    found = nearest(["\ud800 \x00 a b", "\ud800 \x00 a b", "a"])
    assert found.score[:2].tolist() == [100.0, 100.0]


@pytest.mark.slow
def test_five_megabytes_in_one_query():
    words = [f"w{n}" for n in np.random.default_rng(0).integers(50_000, size=900_000)]
    found = nearest(["w1 w2 w3 w4 w5", " ".join(words), "word " * 1_000_000, "x" * 5_000_000, "w1 w2 w3"])
    assert len(" ".join(words)) > 5_000_000
    assert found.index[0] == 4 and 39 < found.score[0] < 40
    assert found.score[2:4].tolist() == [0.0, 0.0] and found.score[1] < 1e-3
