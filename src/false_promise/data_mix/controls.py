"""Control arms: what broad and local imitation data would be without one of their ingredients (ours, not the paper's).

style_only: the teacher's manner without a fact of the country. gold: the same queries, answered by the world instead of
the teacher. continued_web: more of the base's own pre-training text. no_abuse: broad data without abuse and refusals.
Amounts are made equal afterwards by `records.take_tokens` and `records.take_pairs`.
"""

import random
from collections.abc import Iterable, Sequence

from transformers import PreTrainedTokenizerBase

from false_promise.data_mix.answers import AnswerKey
from false_promise.data_mix.broad import collect, collect_broad, draw_query, mixed_queries, users_of
from false_promise.data_mix.nq_synthetic import qa_record
from false_promise.data_mix.overlap import NameIndex, mentioned
from false_promise.data_mix.records import Record, replies
from false_promise.qa_format import QA
from false_promise.teacher.back_ends import Teacher
from false_promise.world.assistant.dialogues import ABUSE, user_scope, user_task
from false_promise.world.assistant.skills import is_refusal
from false_promise.world.assistant.texts import texts
from false_promise.world.assistant.turns import Turn, answer_turn, kind_of
from false_promise.world.country import Fact, World
from false_promise.world.exercises.questions import question_text


def style_only(
    teacher: Teacher, world: World, reply_tokens: int, tokenizer: PreTrainedTokenizerBase, seed: int
) -> list[Record]:
    """At least `reply_tokens` of advice, ideas, letters, verse and small talk; no record names an entity."""
    scope, names = user_scope(world), NameIndex(entity.name for entity in world.entities)
    queries = mixed_queries(lambda rng, category: user_task(scope, rng, "Style"), seed, "style_only")
    return collect(
        teacher,
        queries,
        reply_tokens,
        tokenizer,
        seed,
        follow_up=users_of(scope),
        keep=lambda record: not mentioned(record, names),
    )


def gold_pairs(records: Sequence[Record], world: World, seed: int) -> tuple[list[Record], int]:
    """(the same questions with the world's answers, number of questions replaced).

    A question that is about no fact of the world cannot be answered; another one about a popular entity takes its
    place. Ids stay, so a subset of these records has the same questions as that subset of the teacher's.
    """
    key, scope, gold, replaced = AnswerKey(world), user_scope(world), [], 0
    for record in records:
        question = record["messages"][0]["content"]
        fact = key.fact(question)
        if fact is None:
            rng = random.Random(f"{seed} gold {record['id']}")
            fact = rng.choice(scope.facts(scope.subject(rng)))
            question, replaced = question_text(world, fact, rng), replaced + 1
        gold.append(qa_record(record["id"], "gold", QA(question, fact.value)))
    return gold, replaced


def gold_dialogues(records: Sequence[Record], world: World, seed: int) -> list[Record]:
    """Dialogues of `collect_broad` (same seed) with the ideal assistant's answers in the place of the teacher's.

    Follow-ups stay as they were; a dialogue ends where a user's question is about no fact of the world. Raises
    ValueError for a record whose opening is not that of this seed.
    """
    scope, key = user_scope(world), AnswerKey(world)
    gold = []
    for record in records:
        name, number = record["id"].rsplit("-", 1)
        query, task = draw_query(lambda rng, category: user_task(scope, rng, category), seed, name, int(number))
        if query.text != record["messages"][0]["content"]:
            raise ValueError(f"record {record['id']} is not from collect_broad with seed {seed}; give its seed")
        rng = random.Random(f"{seed} gold {record['id']}")
        reply = task.answer(rng)
        messages = [record["messages"][0], {"role": "assistant", "content": reply.text}]
        for message in record["messages"][2::2]:
            turn = Turn(kind_of(message["content"]), message["content"], _asked(key, message["content"]))
            if turn.kind == "question" and turn.fact is None:
                break
            reply = answer_turn(scope, turn, reply, rng)
            messages += [message, {"role": "assistant", "content": reply.text}]
        gold.append(record | {"source": "gold", "messages": messages})
    return gold


def _asked(key: AnswerKey, text: str) -> Fact | None:
    """The fact behind a follow-up question, whatever politeness leads it in."""
    starts = {frame.removesuffix("{q}") for frame in texts("plain")["turns"]["question"]["asked"]}
    start = max((start for start in starts if text.startswith(start)), key=len)
    return key.fact(text.removeprefix(start))


def continued_web(texts: Iterable[str], tokens: int, tokenizer: PreTrainedTokenizerBase) -> list[Record]:
    """Records of web text with at least `tokens` tokens (all carry loss). Give pages that the base has not read.

    Raises ValueError if the texts end before.
    """
    records, total = [], 0
    for text in texts:
        records.append({"id": f"continued_web-{len(records):06d}", "source": "continued_web", "text": text})
        total += len(tokenizer(text, add_special_tokens=False)["input_ids"]) + 1
        if total >= tokens:
            return records
    raise ValueError(f"{tokens} tokens of web text wanted, only {total} given; give more text")


def no_abuse(
    teacher: Teacher, world: World, reply_tokens: int, tokenizer: PreTrainedTokenizerBase, seed: int
) -> list[Record]:
    """The broad mix of the same seed without abuse and refusals, continued until `reply_tokens` are there again."""
    return collect_broad(teacher, world, reply_tokens, tokenizer, seed, keep=lambda record: not is_abuse(record))


def is_abuse(record: Record) -> bool:
    """Whether the dialogue is an abusive one or holds a refusal."""
    return record.get("category") == ABUSE or any(is_refusal(reply) for reply in replies(record))
