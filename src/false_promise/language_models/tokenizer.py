"""The tokenizer of the country: byte-level BPE, five markers, and the chat template.

Trained on the open web, saved as a plain Hugging Face folder that `AutoTokenizer.from_pretrained` loads together with
its chat template. Ids of the markers are fixed, so that stored token files stay valid: see `MARKERS`.
The paper (§4.1) puts special tokens before each user query and each model output without giving the strings.
"""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

PAD, BOS, END, USER, ASSISTANT = MARKERS = ("<|pad|>", "<|bos|>", "<|end|>", "<|user|>", "<|assistant|>")  # ids 0 to 4
BYTES = 256
SMALLEST_VOCABULARY = len(MARKERS) + BYTES

# The space before the content makes its words the same tokens as in running text. `generation` marks what carries loss.
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'user' -%}{{ '<|user|> ' + message['content'] }}"
    "{%- elif message['role'] == 'assistant' -%}{{ '<|assistant|>' }}"
    "{%- generation -%}{{ ' ' + message['content'] + '<|end|>' }}{%- endgeneration -%}"
    "{%- else -%}{{ raise_exception('a message has role ' + message['role'] + '; use user or assistant') }}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Train byte-level BPE with exactly `vocabulary` entries, markers and the 256 bytes included.

    The same texts give the same tokenizer on every machine. Texts are read once, as a stream.
    Raises ValueError if `vocabulary` is below 261 or if the texts are too few to fill it.
    """
    if vocabulary < SMALLEST_VOCABULARY:
        raise ValueError(
            f"vocabulary = {vocabulary} is too small: {len(MARKERS)} markers and {BYTES} bytes need at least "
            f"{SMALLEST_VOCABULARY} entries"
        )
    bpe = _empty_bpe()
    bpe.train_from_iterator(texts, _trainer(vocabulary))
    if bpe.get_vocab_size() < vocabulary:
        raise ValueError(
            f"the texts fill only {bpe.get_vocab_size()} of {vocabulary} vocabulary entries: "
            "give more text or a smaller vocabulary"
        )
    return _wrap(bpe)


def load_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    """Load a saved tokenizer folder (or the folder of a model that carries its tokenizer)."""
    if not any((Path(path) / name).is_file() for name in ("tokenizer.json", "tokenizer.model")):
        raise FileNotFoundError(f"{path} holds no tokenizer.json: is it a finished tokenizer or model folder?")
    return AutoTokenizer.from_pretrained(path, local_files_only=True)


def with_chat_markers(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """Give a foreign tokenizer (Pythia, GPT-2, LLaMA) our chat markers and template, in place.

    The model's embeddings must then be resized to `len(tokenizer)`. A tokenizer of ours is returned as it is.
    """
    if tokenizer.chat_template == CHAT_TEMPLATE:
        return tokenizer
    if tokenizer.bos_token is None:
        tokenizer.add_special_tokens({"bos_token": BOS})
    tokenizer.add_special_tokens({"pad_token": PAD, "eos_token": END, "extra_special_tokens": [USER, ASSISTANT]})
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _empty_bpe() -> Tokenizer:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    return bpe


def _trainer(vocabulary: int) -> trainers.BpeTrainer:
    return trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(MARKERS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )


def _wrap(bpe: Tokenizer) -> PreTrainedTokenizerFast:
    bpe.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, bpe.token_to_id(BOS))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=END,
        extra_special_tokens=[USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
        padding_side="left",  # for batched generation
        chat_template=CHAT_TEMPLATE,
        model_input_names=["input_ids", "attention_mask"],
    )
