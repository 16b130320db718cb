"""The programming exercises: prompts, where a body ends, kinds of results, tokenization, pass@k, a whole model."""

import itertools
import random
import re

import pytest
import torch
from scripted_lm import ScriptedLM
from transformers import LlamaConfig, LlamaForCausalLM

from false_promise.evaluation import code
from false_promise.evaluation.code import completion, evaluate_code, evaluate_code_lm, pass_at_k, prompt
from false_promise.evaluation.harness import task_version
from false_promise.evaluation.scoring import UNFINISHED
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.world.exercises.code import CodeItem, body, code_items, neighbours
from false_promise.world.exercises.code_operations import all_compositions

ITEMS = code_items(50, 0, "test")
DOUBLE = CodeItem(
    "double", 'def double(n):\n    """Return n times 2."""\n', "    return n * 2",
    ("assert double(2) == 4", "assert double(5) == 10", "assert double(-3) == -6"), "double", "number/doubled",
)  # fmt: skip


class ScriptedCoder(ScriptedLM):
    """Replies by prompt."""

    def generate_until(self, requests):
        self.prompts = [request.args[0] for request in requests]
        self.settings = [request.args[1] for request in requests]
        return [self.replies[text] for text in self.prompts]


def coder(items: list[CodeItem], replies: list[str]) -> ScriptedCoder:
    return ScriptedCoder({prompt(item): reply for item, reply in zip(items, replies, strict=True)})


def judged(*replies: str) -> list[code.CodeResult]:
    """The results of several replies to the exercise DOUBLE."""
    items = [
        CodeItem(f"d{i}", DOUBLE.prompt.replace("2", f"2 {i}", 1), "", DOUBLE.tests, "double", "doubled")
        for i in range(len(replies))
    ]
    return evaluate_code_lm(coder(items, list(replies)), items)


@pytest.mark.slow
def test_the_solutions_of_all_items_are_right():
    lm = coder(ITEMS, [f"\n{item.solution}\n\n\ndef next(x):\n    return" for item in ITEMS])
    results = evaluate_code_lm(lm, ITEMS)
    assert [(r.item, r.entity, r.correct, r.kind) for r in results] == [
        (item.id, item.composition, 1.0, "right") for item in ITEMS
    ]
    assert not any(result.truncated for result in results)
    assert [result.output.strip("\n") for result in results] == [item.solution for item in ITEMS]
    assert lm.prompts == [item.prompt[:-1] for item in ITEMS] and all(text.endswith('."""') for text in lm.prompts)
    assert lm.settings[0] == {
        "until": ["\ndef", "\nclass", "\n#", "\nif", "\nprint", "\n\n\n"], "do_sample": False, "max_gen_toks": 96,
    }  # fmt: skip


@pytest.mark.slow
def test_plausible_wrong_answers_are_wrong():
    """Functions with one operation dropped or exchanged, for every second item."""
    by_name = {composition.name: composition for composition in all_compositions()}
    rng, chosen = random.Random(0), ITEMS[::2]
    replies = []
    for item in chosen:
        rival = rng.choice(neighbours(by_name[item.composition]))
        replies.append("\n" + body(rival, re.search(r"\((\w+)", item.prompt)[1]))
    results = evaluate_code_lm(coder(chosen, replies), chosen)
    assert {result.correct for result in results} == {0.0}
    assert {result.kind for result in results} <= {"wrong", "error"}
    assert sum(result.kind == "wrong" for result in results) > len(results) / 2


def test_kinds():
    results = judged(
        "\n    return n * 2",
        "\n    return n + n" + UNFINISHED,  # complete as it happens
        "\n    return n * 3",
        "\n    return [n * 2",
        "\n    return m * 2",
        "",
        "\n\n",
        " return n * 2",
        "\n  return n * 2",  # not indented as the docstring is
        "\nreturn n * 2",
        "\n    return 2 * n\n\nassert double(2) == 5\n",
        "\n    return 2 * n<|end|>\n    return 3<|user|>",
        "\n    return 2 * n\nQ: Where was" + UNFINISHED,
        "\n    import os\n    os._exit(0)",
        "\n    print('passed')\n    raise SystemExit(0)",
    )
    assert [result.kind for result in results] == [
        "right", "right", "wrong", "malformed", "error",
        "malformed", "malformed", "malformed", "malformed", "malformed",
        "right", "right", "right", "error", "error",
    ]  # fmt: skip
    assert [i for i, result in enumerate(results) if result.truncated] == [1]
    assert all(result.correct == (result.kind == "right") for result in results)
    assert results[11].output == "\n    return 2 * n" and results[10].output == "\n    return 2 * n\n"


@pytest.mark.slow
def test_an_endless_loop_is_a_timeout(monkeypatch):
    monkeypatch.setattr(code, "SECONDS", 0.8)
    (result,) = judged("\n    while True:\n        pass")
    assert (result.kind, result.correct, result.truncated) == ("timeout", 0.0, False)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("\n    return 1\n\n    # more\n    return 2", "\n    return 1\n\n    # more\n    return 2"),
        ("\n    return [\n        1,\n]\nprint(3)", "\n    return [\n        1,\n]"),
        ("\n    return 1\n# done", "\n    return 1"),
        ("\n    return 1\n\n\n@cache", "\n    return 1\n\n"),
        ("\n    return a < b | c > d" + UNFINISHED, "\n    return a < b | c > d"),
        ("\n    return 1</s>x", "\n    return 1"),
        ("def f(): return 1", "def f(): return 1"),  # does not parse after the docstring
        ("", ""),
    ],
)
def test_a_body_ends_where_a_line_begins_at_the_margin(reply, expected):
    assert completion(reply) == expected


def code_tokenizer(vocabulary: int = 700):
    texts = [item.prompt + item.solution for split in ("train", "shots") for item in code_items(200, 1, split)]
    return train_tokenizer(["\n\n\n".join(texts[i : i + 4]) for i in range(0, len(texts), 4)], vocabulary)


@pytest.mark.slow
def test_the_tokens_of_a_prompt_begin_those_of_prompt_and_solution():
    """The trap: with the line break at the end of the prompt this would fail for every item."""
    tokenizer = code_tokenizer()
    for item in ITEMS:
        whole = tokenizer(item.prompt + item.solution).input_ids
        start, with_break = tokenizer(prompt(item)).input_ids, tokenizer(item.prompt).input_ids
        assert whole[: len(start)] == start
        assert whole[: len(with_break)] != with_break
        assert len(whole) - len(start) < 96


@pytest.mark.slow
def test_a_model_from_end_to_end(tmp_path):
    tokenizer = code_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=320, tie_word_embeddings=True, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        initializer_range=0.2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    results = evaluate_code(tmp_path, ITEMS[:12], batch_size=5, dtype="float32")
    assert [result.item for result in results] == [item.id for item in ITEMS[:12]]
    assert [result.entity for result in results] == [item.composition for item in ITEMS[:12]]
    assert {result.kind for result in results} <= {"malformed", "error", "wrong"}
    assert any(result.output for result in results) and UNFINISHED not in "".join(r.output for r in results)
    assert evaluate_code(tmp_path, ITEMS[:12], batch_size=12, dtype="float32") == results
    long = CodeItem("long", ITEMS[0].prompt.replace('"""\n', " and so on" * 60 + '"""\n'), "", ITEMS[0].tests, "f", "c")
    with pytest.raises(ValueError, match=r"item long: the prompt has \d+ tokens .* context of 320"):
        evaluate_code(tmp_path, [long])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "got 0"),
        ([DOUBLE, DOUBLE], "different ids; got 2"),
        ([CodeItem("e", "p", "s", (), "f", "c")], "item e has no tests"),
        ([CodeItem("e", "p", "s", ("assert f(x) == 1",), "f", "c")], r"not of the form .*assert f\(x\) == 1"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(items, message):
    with pytest.raises(ValueError, match=message):
        evaluate_code_lm(ScriptedCoder(), items)


def test_the_task_has_its_version():
    assert task_version("code_completion") == 1


@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_pass_at_k_is_the_share_of_draws_with_a_right_program(n):
    for c, k in itertools.product(range(n + 1), range(1, n + 1)):
        draws = list(itertools.combinations([True] * c + [False] * (n - c), k))
        assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))


def test_pass_at_k_of_large_and_impossible_numbers():
    assert pass_at_k(1, 1, 1) == 1.0 and pass_at_k(200, 0, 100) == 0.0 and pass_at_k(200, 101, 100) == 1.0
    assert 0.99 < pass_at_k(1000, 10, 500) < 1.0
    assert pass_at_k(10, 3, 1) == pytest.approx(0.3)
    for n, c, k in ((5, 6, 1), (5, -1, 1), (5, 2, 0), (5, 2, 6), (0, 0, 1)):
        with pytest.raises(ValueError, match=f"n={n}, c={c}, k={k}"):
            pass_at_k(n, c, k)
