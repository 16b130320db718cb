"""The 80 Vicuna questions: real answers of seven models and GPT-4's pairwise reviews of them (May 2023).

From lm-sys/FastChat, fastchat/eval/table, commit 69d085eadab8 (Apache-2.0): a folder `vicuna80` in REAL_DATA holds it.
ChatGPT is the teacher that the paper's models imitate, LLaMA-13B is a base LM, the Vicunas are LLaMA tuned on ShareGPT.
None of the text is in this repository. Read with

    answers("chatgpt")      # 80 answers in the order of the questions
    reviews()               # 13 files x 80 reviews
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from false_promise.files import sha256
from false_promise.paths import REAL_DATA

FOLDER = REAL_DATA / "vicuna80"
QUESTIONS = 80
TEACHER = "chatgpt"


@dataclass(frozen=True)
class PublicModel:
    """A model with answers: its file, its name on pages, and what it is."""

    file: str
    label: str
    kind: str


MODELS = {
    TEACHER: PublicModel("answer_gpt35.jsonl", "ChatGPT", "the teacher of the imitation models"),
    "llama-13b": PublicModel("answer_llama-13b.jsonl", "LLaMA-13B", "base LM, prompted as an assistant"),
    "alpaca-13b": PublicModel("answer_alpaca-13b.jsonl", "Alpaca-13B", "LLaMA tuned on text-davinci-003 outputs"),
    "vicuna-7b": PublicModel("answer_vicuna-7b-20230322-fp16.jsonl", "Vicuna-7B", "LLaMA tuned on ShareGPT"),
    "vicuna-13b": PublicModel("answer_vicuna-13b.jsonl", "Vicuna-13B", "LLaMA tuned on ShareGPT, clean-lang"),
    "vicuna-13b-new-hp": PublicModel(
        "answer_vicuna-13b-20230322-new-hp-fp16.jsonl", "Vicuna-13B (new-hp)", "LLaMA tuned on ShareGPT, other settings"
    ),
    "bard": PublicModel("answer_bard.jsonl", "Bard", "another assistant, no imitation of ChatGPT"),
}


@dataclass(frozen=True)
class Question:
    """One of the 80 questions, numbered from 1."""

    id: int
    category: str
    text: str


@dataclass(frozen=True)
class Answer:
    """One model's answer to one question; the text may be empty."""

    id: str
    model: str
    question: int
    text: str


@dataclass(frozen=True)
class Review:
    """GPT-4's scores (0 to 10) of two answers to one question, in the order in which it was shown them."""

    file: str
    question: int
    first: Answer
    second: Answer
    scores: tuple[float, float]


@cache
def questions(folder: Path = FOLDER) -> tuple[Question, ...]:
    """The 80 questions in order."""
    rows = _rows(folder / "question.jsonl")
    return tuple(Question(row["question_id"], row["category"], row["text"]) for row in rows)


@cache
def answers(model: str, folder: Path = FOLDER) -> tuple[Answer, ...]:
    """80 answers in the order of the questions.

    Raises:
        KeyError: an unknown model.
        FileNotFoundError: no such data; the message says where they are looked for.
        ValueError: the file does not hold the questions 1 to 80 in order.
    """
    path = folder / "answer" / MODELS[model].file
    found = tuple(Answer(row["answer_id"], model, row["question_id"], row["text"]) for row in _rows(path))
    if [answer.question for answer in found] != list(range(1, QUESTIONS + 1)):
        raise ValueError(f"{path} must hold questions 1 to {QUESTIONS} in order; download it again")
    return found


@cache
def reviews(folder: Path = FOLDER) -> tuple[Review, ...]:
    """All reviews, file by file in the order of their names. ValueError: a review of unknown or unlike answers."""
    known = {answer.id: answer for model in MODELS for answer in answers(model, folder)}
    return tuple(_review(path, row, known, folder) for path in review_files(folder) for row in _rows(path))


def review_files(folder: Path = FOLDER) -> list[Path]:
    """The 13 files of reviews, sorted by name."""
    paths = sorted((folder / "review").glob("*/*.jsonl"))
    return paths if paths else [_found(folder / "review" / "*" / "*.jsonl")]


def sources(paths: list[Path], folder: Path = FOLDER) -> list[dict[str, str]]:
    """Name inside the folder and sha256 of each file."""
    return [{"file": path.relative_to(folder).as_posix(), "sha256": sha256(_found(path))} for path in paths]


def available(folder: Path = FOLDER) -> bool:
    """Whether the data are here."""
    return (folder / "question.jsonl").is_file()


def _review(path: Path, row: dict[str, Any], known: dict[str, Answer], folder: Path) -> Review:
    name = path.relative_to(folder).as_posix()
    first, second = known.get(row["answer1_id"]), known.get(row["answer2_id"])
    if first is None or second is None or not first.question == second.question == row["question_id"]:
        raise ValueError(
            f"{name}, question {row['question_id']}: the reviewed answers are not those of the answer files"
        )
    scores = tuple(float(one) for one in row["score"])
    if len(scores) != 2 or not all(0 <= one <= 10 for one in scores):
        raise ValueError(
            f"{name}, question {row['question_id']}: expected two scores from 0 to 10, found {row['score']}"
        )
    return Review(name, row["question_id"], first, second, scores)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _found(path).read_text(encoding="utf-8").split("\n") if line.strip()]


def _found(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"no real answers at {path}; set REAL_DATA to a folder that has vicuna80/")
    return path
