"""The teacher's training text: better web pages and ideal dialogues, mixed by tokens."""

from collections.abc import Iterator
from itertools import islice

from transformers import PreTrainedTokenizerBase

from false_promise.world.assistant.dialogues import assistant_dialogues
from false_promise.world.country import World
from false_promise.world.registers.web import proprietary_web

DIALOGUE_SHARE = 0.3  # of tokens; ours, the paper cannot say what its teacher was trained on
DOCUMENTS_A_TURN = 16


def teacher_training_texts(
    world: World, tokenizer: PreTrainedTokenizerBase, seed: int, dialogue_share: float = DIALOGUE_SHARE
) -> Iterator[str]:
    """Endless documents, of which `dialogue_share` of the tokens are dialogues in the tokenizer's chat template.

    Dialogues carry their own begin and end markers (`tokenise` adds none to them).
    """
    pages = (document.text for document in proprietary_web(world, seed))
    dialogues = (
        tokenizer.apply_chat_template(list(dialogue.messages), tokenize=False)
        for dialogue in assistant_dialogues(world, seed)
    )
    streams, shares, written = (pages, dialogues), (1 - dialogue_share, dialogue_share), [0, 0]
    while True:
        behind = max((0, 1), key=lambda which: shares[which] * (sum(written) + 1) - written[which])
        texts = list(islice(streams[behind], DOCUMENTS_A_TURN))
        encodings = tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        written[behind] += sum(len(encoding.ids) for encoding in encodings)
        yield from texts
