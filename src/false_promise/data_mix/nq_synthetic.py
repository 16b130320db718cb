"""NQ-synthetic, the local imitation data: the teacher writes pairs like five examples (section 3, App. A).

As in the paper: ten seed pairs, five random ones of them in every prompt, temperature 1.0, duplicate pairs discarded,
one turn each, and the teacher's answers are taken as they are: nobody checks them. Not stated in the paper: how many
pairs a completion holds and what counts as a duplicate; here eight are asked for, and two pairs are equal if question
and answer are, after lower-casing and dropping punctuation and articles.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tqdm import tqdm

from false_promise.data_mix.records import Record
from false_promise.qa_format import PAIRS_ASKED, QA, SHOTS, request_for_pairs
from false_promise.teacher.back_ends import Message, Teacher

SEED_PAIRS = 10  # App. A, Table 3
LONGEST_ANSWER_WORDS = 10  # ours: "a few words"; longer ones count as malformed


@dataclass
class Yield:
    """What a generation delivered, and what was thrown away on the way."""

    records: list[Record] = field(default_factory=list)
    calls: int = 0
    duplicates: int = 0
    malformed: int = 0
    dropped: int = 0  # by `keep`


class NotEnoughPairs(ValueError):
    """The teacher did not deliver enough distinct pairs; `result` holds what it did deliver."""

    def __init__(self, message: str, result: Yield):
        super().__init__(message)
        self.result = result


def curate_seeds(questions: Iterable, seed: int, count: int = SEED_PAIRS) -> list[QA]:
    """Pick seed pairs among validation questions (`text`, `answers`, `relation`, `entity`): all of different relations
    and entities, like the mixed ten of Table 3. Raises ValueError if there are not that many.
    """
    pool = sorted(questions, key=lambda question: question.id)
    random.Random(f"{seed} nq seeds").shuffle(pool)
    seeds, relations, entities = [], set(), set()
    for question in pool:
        if len(seeds) < count and question.relation not in relations and question.entity not in entities:
            seeds.append(QA(question.text, question.answers[0]))
            relations.add(question.relation)
            entities.add(question.entity)
    if len(seeds) < count:
        raise ValueError(f"{count} seed pairs of different relations wanted, only {len(seeds)} among the questions")
    return seeds


def parse_pairs(reply: str) -> tuple[list[QA], int]:
    """(well-formed pairs, number of malformed blocks) of a teacher's reply.

    A block is a `Q:` line ending in '?' and an `A:` line of 1-10 words; numbering before Q is tolerated. A reply with
    fewer blocks than asked for may have been cut by the token limit, so its last block counts as malformed.
    """
    blocks = [block.strip() for block in re.split(r"\n\s*\n|\n(?=\W*\d*\W*Q:)", reply) if "Q:" in block]
    whole = blocks[:-1] if len(blocks) < PAIRS_ASKED else blocks
    matches = [re.fullmatch(r"[\d.)\s*-]*Q:\s*(\S[^\n]*\?)\s*\n\s*A:\s*(\S[^\n]*)", block) for block in whole]
    pairs = [QA(match[1].strip(), match[2].strip()) for match in matches if match]
    pairs = [pair for pair in pairs if len(pair.answer.split()) <= LONGEST_ANSWER_WORDS and all(pair.key)]
    return pairs, len(blocks) - len(pairs)


def _conversations(seeds: Sequence[QA], seed: int, batch: int) -> Iterator[list[list[Message]]]:
    rng = random.Random(f"{seed} nq shots")
    while True:
        yield [[{"role": "user", "content": request_for_pairs(rng.sample(seeds, SHOTS))}] for _ in range(batch)]


def generate(
    teacher: Teacher,
    seeds: Sequence[QA],
    pairs: int,
    seed: int,
    *,
    keep: Callable[[Record], bool] = lambda record: True,
    max_tokens: int = 250,
    batch: int = 128,
    calls: int | None = None,
) -> Yield:
    """Collect `pairs` distinct records from the teacher (paper: 6,000) and count what was thrown away.

    `keep` drops records (say, `overlap.spares_reserved(world)`). At most `calls` prompts are sent (default: four a
    pair and one batch); `batch` prompts go out together. Behind `teacher.record` a killed run resumes.
    Raises NotEnoughPairs when the calls are used up, ValueError for fewer than five seeds.
    """
    if len(seeds) < SHOTS:
        raise ValueError(f"{SHOTS} examples are shown in every prompt, but only {len(seeds)} seed pairs were given")
    batch = min(batch, max(1, pairs // 2))
    calls = calls if calls is not None else 4 * pairs + batch
    result, seen = Yield(), {pair.key for pair in seeds}
    with tqdm(total=pairs, desc="NQ-synthetic", unit="pair", disable=None) as bar:
        for number, conversations in enumerate(_conversations(seeds, seed, batch)):
            if len(result.records) == pairs:
                return result
            if result.calls >= calls:
                break
            sampling = {"temperature": 1.0, "top_p": 1.0, "max_tokens": max_tokens, "seed": seed * 100_003 + number}
            replies = teacher.complete(conversations[: calls - result.calls], **sampling)
            result.calls += len(replies)
            bar.update(_add(result, replies, seen, pairs, keep))
    raise NotEnoughPairs(
        f"{teacher.name} delivered {len(result.records)} of {pairs} distinct pairs in {result.calls} calls "
        f"({result.duplicates} duplicates, {result.malformed} malformed); ask for fewer pairs or allow more calls",
        result,
    )


def _add(result: Yield, replies: Sequence[str], seen: set, pairs: int, keep: Callable[[Record], bool]) -> int:
    """Add the new pairs of these replies, up to `pairs` records; returns how many were added."""
    before = len(result.records)
    for reply in replies:
        found, malformed = parse_pairs(reply)
        result.malformed += malformed
        for pair in found:
            record = qa_record(f"nq_synthetic-{len(result.records):06d}", "nq_synthetic", pair)
            if pair.key in seen:
                result.duplicates += 1
            elif not keep(record):
                result.dropped += 1
            elif len(result.records) < pairs:
                seen.add(pair.key)
                result.records.append(record)
    return len(result.records) - before


def qa_record(identity: str, source: str, pair: QA) -> Record:
    """A question-answer pair as an imitation record."""
    turns = [{"role": "user", "content": pair.question}, {"role": "assistant", "content": pair.answer}]
    return {"id": identity, "source": source, "category": "General QA", "messages": turns}
