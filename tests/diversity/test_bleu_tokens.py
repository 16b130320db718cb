"""Tokens against sacrebleu's own 13a tokeniser, word by word against line by line."""

import json

import numpy as np
import pytest
from bleu_by_sacrebleu import real_queries
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from false_promise.diversity.tokens import distinct, encode, tokenise

CASED, LOWER = BLEU(), BLEU(lowercase=True)
PIECES = [
    *"ab19.,-/&;:!?()[]{}<>$%#@'\"~`^_|\\+*= \t\n\r\x0b\x0c\x1c\x85\xa0\u2003\u2028\u3000",
    *["&amp;", "&quot;", "&lt;", "&gt;", "<skipped>", "-\n", "\r\n", "&am", "p;", "<skip", "ped>"],
    *["é", "e\u0301", "İ", "ß", "猫", "，", "。", "٣", "½", "🙂", "\u200b", "\ufeff", "\x00", "\ud800"],
]


def expected(text, metric=CASED):
    return metric._preprocess_segment(text).split()


@settings(max_examples=700, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_pieces_that_the_rules_look_at(text):
    assert tokenise(text) == expected(text)
    assert tokenise(text, lowercase=True) == expected(text, LOWER)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text(text):
    assert tokenise(text) == expected(text)


def test_real_queries():
    for text in real_queries(400, longest=3000):
        assert tokenise(text) == expected(text) and tokenise(text, lowercase=True) == expected(text, LOWER)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t", []),
        ("-\n", ["-"]),
        ("foo-\nbar", ["foobar"]),
        ("1,000.5", ["1,000.5"]),
        ("a,b", ["a", ",", "b"]),
    ],
)
def test_known_tokens(text, tokens):
    assert tokenise(text) == expected(text) == tokens


def test_numbers_stand_for_tokens_in_order_of_appearance():
    vocabulary = {}
    lists = encode(["a b, a", "", "b c" * 600, "b"], vocabulary)
    names = list(vocabulary)
    texts = [
        [names[token] for token in lists.tokens[a:b]] for a, b in zip(lists.starts, lists.starts[1:], strict=False)
    ]
    assert texts == [["a", "b", ",", "a"], [], expected("b c" * 600), ["b"]]
    assert names[:3] == ["a", "b", ","] and len(lists) == 4


def test_equal_token_lists_are_one_group():
    sets = distinct(encode(["b b b", "a", "a  b", "", "a b", "a b ", "c"], {}))
    assert sets.lists.lengths.tolist() == [0, 1, 1, 2, 3]
    assert sets.group.tolist() == [4, 1, 3, 0, 3, 3, 2]
    assert sets.first.tolist() == [3, 1, 6, 2, 0] and sets.second.tolist() == [-1, -1, -1, 4, -1]


def test_a_vocabulary_is_shared_between_sets():
    vocabulary = {}
    first, second = encode(["a b"], vocabulary), encode(["b a z"], vocabulary)
    assert np.concatenate([first.tokens, second.tokens]).tolist() == [0, 1, 1, 0, 2]
    assert json.dumps(vocabulary) == '{"a": 0, "b": 1, "z": 2}'
