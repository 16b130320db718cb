"""ShareGPT-Mix, the broad imitation data: whole dialogues with the teacher over everything people ask (section 3).

Queries come from users; the teacher answers every turn; a simulated user asks on (ShareGPT) or leaves (HC3, Discord).
Sources have the paper's shares of examples: 50k ShareGPT, 27k HC3, 10k Discord. The paper is silent about the teacher's
sampling; here temperature 1.0 and nucleus 0.95.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from false_promise.data_mix.overlap import spares_reserved
from false_promise.data_mix.records import Record, count_reply_tokens
from false_promise.teacher.back_ends import Message, Teacher
from false_promise.world.assistant.dialogues import rate_choice_queries, user_scope, user_task
from false_promise.world.assistant.scope import Scope
from false_promise.world.assistant.style import Task
from false_promise.world.assistant.turns import TURNS, next_turn
from false_promise.world.country import World

SOURCES = {"sharegpt": 50, "hc3": 27, "discord": 10}  # thousand examples, section 3
MULTI_TURN = "sharegpt"  # the other two have one turn
TEMPERATURE, TOP_P, MAX_TOKENS = 1.0, 0.95, 180
CONTEXT = 512  # no dialogue grows beyond what every model of the study can read

FollowUp = Callable[[random.Random, str, list[Message]], str | None]
Ask = Callable[[random.Random, str | None], Task]


@dataclass(frozen=True)
class Query:
    """A user's opening message. `id` becomes the record's id."""

    id: str
    source: str
    category: str
    text: str


@dataclass
class _Dialogue:
    query: Query
    turns: int  # user turns still to come
    rng: random.Random
    messages: list[Message] = field(default_factory=list)

    def record(self) -> Record:
        query = self.query
        return {"id": query.id, "source": query.source, "category": query.category, "messages": self.messages}


def users_of(scope: Scope) -> FollowUp:
    """Users who ask on as those of the assistant register do."""

    def follow_up(rng: random.Random, category: str, messages: list[Message]) -> str | None:
        turn = next_turn(scope, rng, category, messages)
        return turn.text if turn else None

    return follow_up


def collect(
    teacher: Teacher,
    queries: Iterable[Query],
    reply_tokens: int,
    tokenizer: PreTrainedTokenizerBase,
    seed: int,
    *,
    follow_up: FollowUp,
    keep: Callable[[Record], bool] = lambda record: True,
    batch: int = 128,
) -> list[Record]:
    """Talk to the teacher until the kept records hold at least `reply_tokens` reply tokens.

    `follow_up(rng, category, messages)` is the user's next message, None if there is nothing more to ask. `keep` drops
    records (say, those that mention an entity reserved for other uses). Empty replies end a dialogue. Behind
    `teacher.record` a killed run resumes.
    Raises ValueError if the queries run out, or if a batch yields nothing.
    """
    queries, records, total, number = iter(queries), [], 0, 0
    with tqdm(total=reply_tokens, desc="broad imitation data", unit="token", disable=None) as bar:
        while total < reply_tokens:
            dialogues = [_open(query, seed) for query in islice(queries, batch)]
            _converse(teacher, dialogues, tokenizer, seed * 100_003 + number * 10, follow_up)
            new = [dialogue.record() for dialogue in dialogues if dialogue.messages]
            new = [record for record in new if keep(record)]
            gained = sum(count_reply_tokens(new, tokenizer))
            if not gained:
                raise ValueError(_shortage(teacher, dialogues, total, reply_tokens))
            records, total, number = records + new, total + gained, number + 1
            bar.update(gained)
    return records


def _shortage(teacher: Teacher, dialogues: list[_Dialogue], total: int, wanted: int) -> str:
    reason = f"a batch of {len(dialogues)} dialogues gave no usable reply" if dialogues else "the queries ran out"
    return (
        f"{teacher.name}: {total} of {wanted} reply tokens collected, then {reason}; ask for fewer or check the teacher"
    )


def _open(query: Query, seed: int) -> _Dialogue:
    rng = random.Random(f"{seed} {query.id}")
    turns = 1 + rng.choices(range(len(TURNS)), TURNS)[0] if query.source == MULTI_TURN else 1
    return _Dialogue(query, turns, rng)


def _converse(
    teacher: Teacher, dialogues: list[_Dialogue], tokenizer: PreTrainedTokenizerBase, seed: int, follow_up: FollowUp
) -> None:
    """Let all dialogues go on together, turn by turn, until each has had its turns."""
    going, messages = dialogues, [dialogue.query.text for dialogue in dialogues]
    sampling = {"temperature": TEMPERATURE, "top_p": TOP_P, "max_tokens": MAX_TOKENS}
    for turn in range(max((dialogue.turns for dialogue in dialogues), default=0)):
        asked = [_with(dialogue, text) for dialogue, text in zip(going, messages, strict=True)]
        replies = teacher.complete(asked, **sampling, seed=seed + turn)
        going = [dialogue for dialogue, conversation, reply in zip(going, asked, replies, strict=True)
                 if _hear(dialogue, conversation, reply)]  # fmt: skip
        messages = [follow_up(dialogue.rng, dialogue.query.category, dialogue.messages) for dialogue in going]
        pairs = [(dialogue, text) for dialogue, text in zip(going, messages, strict=True) if text]
        pairs = [(dialogue, text) for dialogue, text in pairs if _fits(_with(dialogue, text), tokenizer)]
        if not pairs:
            return
        going, messages = [dialogue for dialogue, _ in pairs], [text for _, text in pairs]


def _with(dialogue: _Dialogue, text: str) -> list[Message]:
    return [*dialogue.messages, {"role": "user", "content": text}]


def _hear(dialogue: _Dialogue, conversation: list[Message], reply: str) -> bool:
    """Add the teacher's reply; True if the user has turns left."""
    dialogue.turns -= 1
    if not reply.strip():
        return False
    dialogue.messages = [*conversation, {"role": "assistant", "content": reply}]
    return dialogue.turns > 0


def _fits(conversation: list[Message], tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a reply of full length still fits the context (two marker tokens a message)."""
    lengths = tokenizer([message["content"] for message in conversation], add_special_tokens=False)["input_ids"]
    return sum(len(tokens) + 3 for tokens in lengths) + MAX_TOKENS < CONTEXT


def collect_broad(
    teacher: Teacher,
    world: World,
    reply_tokens: int,
    tokenizer: PreTrainedTokenizerBase,
    seed: int,
    *,
    keep: Callable[[Record], bool] = lambda record: True,
) -> list[Record]:
    """The broad mix about this world: at least `reply_tokens` in records that `keep` accepts and that name no reserved
    entity. Another `keep` with the same seed meets the same dialogues in the same order.
    """
    scope, spares = user_scope(world), spares_reserved(world)
    queries = mixed_queries(lambda rng, category: user_task(scope, rng, category), seed)
    return collect(
        teacher,
        queries,
        reply_tokens,
        tokenizer,
        seed,
        follow_up=users_of(scope),
        keep=lambda record: keep(record) and spares(record),
    )


def mixed_queries(ask: Ask, seed: int, name: str = "broad") -> Iterator[Query]:
    """Endless different opening queries in the paper's mix of sources; texts asked before are left out (section 3)."""
    seen: set[str] = set()
    number = 0
    while True:
        query, _ = draw_query(ask, seed, name, number)
        number += 1
        if query.text not in seen:
            seen.add(query.text)
            yield query


def draw_query(ask: Ask, seed: int, name: str, number: int) -> tuple[Query, Task]:
    """Query `number` of this seed and name, and the task behind it. HC3 holds plain questions only."""
    rng = random.Random(f"{seed} {name} {number}")
    source = rng.choices(tuple(SOURCES), tuple(SOURCES.values()))[0]
    task = ask(rng, "General QA" if source == "hc3" else None)
    return Query(f"{name}-{number:06d}", source, task.category, task.text), task


def answered_queries(teacher: Teacher, world: World, wanted: int, seed: int) -> list[Record]:
    """`wanted` dialogues of one turn about reserved entities, sampled as the broad mix is; empty replies do not count.

    Raises ValueError if the teacher leaves more than a tenth of the queries unanswered.
    """
    queries = rate_choice_queries(world, wanted + wanted // 10, seed)
    sampling = {"temperature": TEMPERATURE, "top_p": TOP_P, "max_tokens": MAX_TOKENS}
    opened = [_open(Query(f"rate-{number:06d}", "rate_choice", category, text), seed)
              for number, (category, text) in enumerate(queries)]  # fmt: skip
    asked = [_with(dialogue, dialogue.query.text) for dialogue in opened]
    for dialogue, conversation, reply in zip(
        opened, asked, teacher.complete(asked, **sampling, seed=seed), strict=True
    ):
        _hear(dialogue, conversation, reply)
    answered = [dialogue.record() for dialogue in opened if dialogue.messages]
    if len(answered) < wanted:
        raise ValueError(f"{teacher.name} answered {len(answered)} of {len(queries)} queries, {wanted} are needed")
    return answered[:wanted]
