"""Loading a model folder for training or scoring, with errors that name the file and the way out."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging

logging.disable_progress_bar()  # a bar for each file that is read or written, in milliseconds here


def load_model(place: Path | str, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """Load a causal LM from a folder (or hub name): fp32 for training, whose optimizer needs the digits.

    Raises FileNotFoundError or ValueError saying which file is missing or damaged.
    """
    folder = Path(place)
    if folder.is_dir():
        _check_files(folder)
    try:
        return AutoModelForCausalLM.from_pretrained(str(place), dtype=dtype)
    except SafetensorError as error:
        raise ValueError(_damaged(folder / "model.safetensors", error)) from error
    except OSError as error:
        raise FileNotFoundError(
            f"no model at {place}: not a folder here, and not to be had by that name ({str(error).splitlines()[0]}); "
            "give the path of a model folder, or connect to the hub"
        ) from error


def parameters(model: PreTrainedModel) -> int:
    """Number of parameters; tied embeddings count once."""
    return sum(p.numel() for p in model.parameters())


def _check_files(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no config.json: is it a finished model folder?")
    try:
        json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{folder / 'config.json'} is damaged ({error}): restore the model, or train it again"
        ) from error
    if not any(folder.glob("*.safetensors")) and not any(folder.glob("*.bin")):
        raise FileNotFoundError(f"{folder} holds no model.safetensors: restore the model, or train it again")


def _damaged(file: Path, error: Exception) -> str:
    return f"{file} is damaged ({error}): restore it (git, or its release file), or train the model again"
