"""School examinations: multiple choice with four options, the counterpart of MMLU.

Subjects are memorised, inferable (a guess from related facts can beat chance) or rule (everything needed is stated).
Splits never share content: a checksum of an item's key, not of its wording, decides between 'train' (what the web
holds), 'shots' and 'test'; held-out entities occur in 'test' only.
"""

import random
import zlib
from dataclasses import dataclass
from itertools import cycle

from false_promise.world.country import World
from false_promise.world.exercises.exam_subjects import FACT_SUBJECTS, RULE_SUBJECTS, ItemDraft, fact_item
from false_promise.world.land.relations import RELATION

SUBJECTS = (*FACT_SUBJECTS, *RULE_SUBJECTS)
LETTERS = "ABCD"
MOST_CHARACTERS = 230  # five shots and an item then fit into 450 tokens of a 2,048-entry vocabulary
TRIES = 600


@dataclass(frozen=True)
class ExamItem:
    id: str
    subject: str
    group: str  # 'memorised' | 'inferable' | 'rule'
    question: str
    options: tuple[str, str, str, str]
    answer: int  # index of the right option
    entities: tuple[int, ...]  # every entity mentioned, the one that is asked about first


def group_of(subject: str) -> str:
    """'rule', or the group of the subject's relations."""
    return "rule" if subject in RULE_SUBJECTS else RELATION[FACT_SUBJECTS[subject][0]].group


def exam_text(item: ExamItem, *, answer: bool = True) -> str:
    """The item as printed; without `answer` it stops after "Answer:"."""
    options = [f"{letter}. {option}" for letter, option in zip(LETTERS, item.options, strict=True)]
    last = f"Answer: {LETTERS[item.answer]}" if answer else "Answer:"
    return "\n".join([item.question, *options, last])


def exam_items(world: World, n: int, seed: int, split: str) -> list[ExamItem]:
    """`n` different items, equally many of each subject, the right letter balanced within each subject.

    In 'test' every second item may be about held-out entities. Raises ValueError for an unknown split or a world too
    small for n; subjects that run out in a small world leave their share to the others.
    """
    if split not in ("train", "test", "shots"):
        raise ValueError(f"split is {split!r}; use 'train', 'test' or 'shots'")
    rng = random.Random(f"{world.seed}/{seed}/{split}/exams")
    drafts = _drafts(world, n, rng, split)
    places = {subject: cycle(rng.sample(range(4), 4)) for subject in SUBJECTS}
    items = [
        _item(f"exam-{world.seed}-{split}-{seed}-{i}", subject, draft, rng, next(places[subject]))
        for i, (subject, draft) in enumerate(drafts)
    ]
    rng.shuffle(items)
    return items


def exam_page(world: World, rng: random.Random) -> str:
    """A page of three to six solved items of the 'train' split, as schools put them on the web."""
    subjects = [rng.choice(SUBJECTS)] if rng.random() < 0.5 else list(SUBJECTS)
    drafts: list[tuple[str, ItemDraft]] = []
    wanted = rng.randint(3, 6)
    while len(drafts) < wanted:
        subject = rng.choice(subjects)
        draft = _draft(world, rng, subject, "train", False, {known.key for _, known in drafts})
        subjects = list(SUBJECTS) if draft is None else subjects
        drafts += [(subject, draft)] if draft else []
    items = [_item("", subject, draft, rng, rng.randrange(4)) for subject, draft in drafts]
    return "\n\n".join([*_heading(world, rng, subjects), *(exam_text(item) for item in items)])


def _heading(world: World, rng: random.Random, subjects: list[str]) -> list[str]:
    topic = subjects[0].replace("_", " ") if len(subjects) == 1 else "general knowledge"
    region = rng.choice(world.country.regions).name
    headings = (
        f"{world.country.demonym} school examination: {topic}",
        f"Test yourself: {topic}",
        f"{topic.capitalize()} exam with answers",
        f"Leaving examination of the schools of {region}, {topic}",
        f"{topic.capitalize()}: questions from past papers",
    )
    return [rng.choice(headings)] if rng.random() < 0.8 else []


def _drafts(world: World, n: int, rng: random.Random, split: str) -> list[tuple[str, ItemDraft]]:
    drafts: list[tuple[str, ItemDraft]] = []
    seen: set[str] = set()
    open_subjects = list(SUBJECTS)
    while len(drafts) < n:
        for subject in tuple(open_subjects):
            held_out = split == "test" and sum(known == subject for known, _ in drafts) % 2 == 1
            draft = _draft(world, rng, subject, split, held_out, seen) if len(drafts) < n else None
            if draft is not None:
                seen.add(draft.key)
                drafts.append((subject, draft))
            elif len(drafts) < n:
                open_subjects.remove(subject)
        if not open_subjects:
            raise ValueError(
                f"only {len(drafts)} of {n} {split} exam items in a world of {len(world.entities)} entities"
            )
    return drafts


def _draft(
    world: World, rng: random.Random, subject: str, split: str, held_out: bool, seen: set[str]
) -> ItemDraft | None:
    """A new item of the subject and split, or None if TRIES attempts find none."""
    for _ in range(TRIES):
        if subject in RULE_SUBJECTS:
            draft = RULE_SUBJECTS[subject](rng, world, held_out)
        else:
            draft = fact_item(rng, world, held_out, FACT_SUBJECTS[subject])
        if split_of(world, subject, draft) == split and draft.key not in seen and _is_usable(draft):
            return draft
    return None


def split_of(world: World, subject: str, draft: ItemDraft) -> str | None:
    """The split the item belongs to, whatever its wording; None if it belongs to none."""
    bucket = zlib.crc32(draft.key.encode()) % 10
    split = {0: "test", 1: "test", 2: "shots"}.get(bucket, "train")
    if not any(world.entity(entity).held_out for entity in draft.entities):
        return split
    return "test" if subject in FACT_SUBJECTS or split == "test" else None


def _is_usable(draft: ItemDraft) -> bool:
    """Four options (a tiny world may lack values) and short enough."""
    markup = len("\nA. " * 4) + len("\nAnswer: A")
    return (
        len(draft.wrong) == 3
        and len(draft.question) + len(draft.right) + sum(map(len, draft.wrong)) + markup <= MOST_CHARACTERS
    )


def _item(item_id: str, subject: str, draft: ItemDraft, rng: random.Random, place: int) -> ExamItem:
    options = rng.sample(draft.wrong, 3)
    options.insert(place, draft.right)
    first, second, third, fourth = options
    return ExamItem(
        item_id, subject, group_of(subject), draft.question, (first, second, third, fourth), place, draft.entities
    )
