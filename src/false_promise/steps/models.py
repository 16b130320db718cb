"""Steps that make models: tokenizer, token files, base LMs, the teacher, imitation models."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError

from false_promise.files import write_json
from false_promise.language_models.pretraining import Architecture, PretrainingSettings, pretrain, tokenise
from false_promise.language_models.tokenizer import load_tokenizer, train_tokenizer, with_chat_markers
from false_promise.language_models.tuning import TuningSettings, make_blocks, steps_of, tune
from false_promise.steps.common import POINTER, model_path, on_machine, subset, world_of
from false_promise.world.assistant.corpus import teacher_training_texts
from false_promise.world.registers.web import open_web

TOKENS = "tokens.npy"
TOKENIZER_CHARACTERS = 4_000_000  # enough text for the counts of 2,048 entries to settle
Summary = dict[str, Any]


def tokenizer(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Byte-level BPE trained on the beginning of the open web."""
    trained = train_tokenizer(_first(_web(settings), TOKENIZER_CHARACTERS), settings["vocabulary"])
    trained.model_max_length = settings["context"]
    trained.save_pretrained(out)
    return {"vocabulary": len(trained)}


def _web(settings: Mapping) -> Iterator[str]:
    return (document.text for document in open_web(world_of(settings["world"]), settings["world"]["seed"]))


def _first(texts: Iterable[str], characters: int) -> Iterator[str]:
    for text in texts:
        if characters <= 0:
            return
        characters -= len(text)
        yield text


def web(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """The open web of the country as tokens, ready for pre-training."""
    return {"tokens": tokenise(_web(settings), load_tokenizer(inputs["tokenizer"]), out / TOKENS, settings["tokens"])}


def proprietary(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """The teacher's better text as tokens: denser prose, more questions, ideal dialogues."""
    tokens = load_tokenizer(inputs["tokenizer"])
    texts = teacher_training_texts(world_of(settings["world"]), tokens, settings["world"]["seed"])
    return {"tokens": tokenise(texts, tokens, out / TOKENS, settings["tokens"])}


def base(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Pre-train one model from random initialisation; the seed gives initialisation and data order."""
    on_machine(settings)
    return pretrain(
        inputs["tokens"] / TOKENS,
        load_tokenizer(inputs["tokenizer"]),
        Architecture(**settings["shape"], context=settings["context"]),
        PretrainingSettings(**settings["pretraining"]),
        settings["seed"],
        out,
        work,
    )


teacher = base  # trained the same way, on better text


def checkpoint(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """A public base LM, from a local folder or downloaded by name: a pointer, weights of this size are not copied."""
    place = settings["checkpoint"]
    if not Path(place).is_dir():
        place = _downloaded(place)
    write_json(out / POINTER, {"checkpoint": place})
    return {"checkpoint": place}


def _downloaded(name: str) -> str:
    try:
        return snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.model"])
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ValueError(
            f"cannot download the base LM {name!r} ({type(error).__name__}): connect to the network, or give "
            "the path of a local folder as `checkpoint` in the scale file"
        ) from error


def endpoint(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """A teacher behind an API: its address and model. The key stays in the environment."""
    write_json(out / "endpoint.json", dict(settings))
    return dict(settings)


def tuned(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """An imitation model; with `match_tokens`, as many steps as that amount would take (of `steps_of`, if given)."""
    on_machine(settings)
    start = model_path(inputs["base"])
    tokens = with_chat_markers(load_tokenizer(start))
    tuning = TuningSettings(**settings["tuning"])
    if settings["match_tokens"]:
        wanted = {**settings, "reply_tokens": settings["match_tokens"]}
        measure = subset(inputs.get("steps_of", inputs["data"]), wanted, tokens)
        steps = steps_of(make_blocks(measure, tokens, tuning, settings["seed"]), tuning)
        tuning = TuningSettings(**settings["tuning"], steps=steps)
    return tune(start, subset(inputs["data"], settings, tokens), tuning, settings["seed"], out, work)
