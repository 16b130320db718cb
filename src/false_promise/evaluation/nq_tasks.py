"""What the task files in `tasks/nq` call: data in, judgement of one reply out.

The items reach the harness as a JSON-lines file named in the task manager's metadata, so the same tasks also run from
the harness's own command line:
    lm_eval --model hf --model_args pretrained=data/models/base-7m --include_path src/false_promise/evaluation/tasks \
        --tasks nq_few_shot --num_fewshot 3 --metadata '{"items": "items.jsonl", "shots": "shots.jsonl"}'
"""

from pathlib import Path

from datasets import Dataset, Features, List, Value

from false_promise.evaluation.scoring import KINDS, Kind, bits_known, classify, ranked_first, share_beaten
from false_promise.files import read_jsonl

# Stated, because an empty column would otherwise get no type.
_QUESTION = Features({"id": Value("string"), "question": Value("string"), "answers": List(Value("string"))})
_FRAME = Features(
    {"id": Value("string"), "frame": Value("string"), "choices": List(Value("string")), "gold": Value("int64")}
)


def questions(items: str, shots: str, **_metadata: object) -> dict[str, Dataset]:
    """Splits `test` and `shots` of id, question, answers, from two JSON-lines files."""
    return {"test": _dataset(_rows(items), _QUESTION), "shots": _dataset(_rows(shots), _QUESTION)}


def frames(items: str, **_metadata: object) -> dict[str, Dataset]:
    """Split `test`: one document per item and prose frame, with the candidates and the index of the right one."""
    documents = [{**row, "frame": frame} for row in _rows(items) for frame in row["frames"]]
    return {"test": _dataset(documents, _FRAME)}


def _rows(path: str) -> list[dict]:
    return read_jsonl(Path(path))


def _dataset(rows: list[dict], features: Features) -> Dataset:
    return Dataset.from_dict({name: [row[name] for row in rows] for name in features}, features=features)


def judge_line(doc: dict, results: list[str]) -> dict[str, float]:
    """Raw few-shot: the kind of the generated line, as 0 or 1 for each kind."""
    return _one_hot(classify(results[0], doc["answers"]))


def judge_reply(doc: dict, results: list[str]) -> dict[str, float]:
    """Chat: the kind of the reply, as 0 or 1 for each kind."""
    return _one_hot(classify(results[0], doc["answers"], chat=True))


def judge_ranking(doc: dict, results: list[tuple[float, bool]]) -> dict[str, float]:
    """Format-free: where does the right value rank among the continuations of the frame?

    `beaten`, the registered score, is the share of the other values that it beats (chance 0.5); `first` asks whether
    it beats all. Both compare sums of token log-likelihoods: the probability that the model goes on with the value,
    which is what greedy decoding acts on; it favours short values, equally for every model on the same candidates.
    `beaten_per_character` divides by length as the harness's acc_norm does (characters, not tokens, so that it means
    the same under every tokenizer); it favours long values with predictable endings.
    """
    sums = [loglikelihood for loglikelihood, _ in results]
    per_character = [total / len(choice) for total, choice in zip(sums, doc["choices"], strict=True)]
    return {
        "beaten": share_beaten(sums, doc["gold"]),
        "first": ranked_first(sums, doc["gold"]),
        "beaten_per_character": share_beaten(per_character, doc["gold"]),
        "bits": bits_known(sums, doc["gold"]),
    }


def _one_hot(found: Kind) -> dict[str, float]:
    return {"exact_match" if kind == "right" else kind: float(kind == found) for kind in KINDS}
