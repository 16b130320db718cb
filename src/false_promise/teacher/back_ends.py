"""The teacher: a black box behind an API, text in and text out (paper section 2: imitation sees outputs only).

Three back ends share one interface: a model folder, any OpenAI-compatible endpoint, a recording. `record` puts a
recording between a live teacher and its user: answered requests are never asked again, so a killed collection resumes.

    teacher = record(ApiTeacher("https://host/v1", "model-name", key_variable="TEACHER_API_KEY"), Path("replies.jsonl"))
    conversation = [{"role": "user", "content": "Hello!"}]
    replies = teacher.complete([conversation], temperature=1.0, top_p=0.95, max_tokens=200, seed=0)
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import torch
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessor, TopPLogitsWarper

from false_promise.teacher.api_client import ApiClient
from false_promise.teacher.recording import (
    Message,
    Request,
    TeacherError,
    open_recording,
    read_recording,
    recorded_line,
    requests_of,
)

__all__ = ["ApiTeacher", "Message", "ModelTeacher", "RecordedTeacher", "Teacher", "TeacherError", "record"]

PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message['role'].capitalize() + ': ' + message['content'] + '\n\n' }}{% endfor %}"
    "Assistant:"
)
PLAIN_STOP = "\nUser:"


class Teacher(Protocol):
    """Anything that answers conversations. Each conversation ends with a user message; replies come in the same order.

    temperature 0 is greedy; top_p is the nucleus; max_tokens bounds one reply; equal arguments give equal replies
    (as far as a remote endpoint honours seeds), and equal conversations within one call get separate samples.
    """

    name: str

    def complete(
        self, conversations: list[list[Message]], *, temperature: float, top_p: float, max_tokens: int, seed: int
    ) -> list[str]: ...


class _Streaming:
    """`complete` for teachers that yield (index, reply) as replies become ready."""

    def stream(self, requests: Sequence[Request]) -> Iterator[tuple[int, str]]:
        raise NotImplementedError

    def complete(
        self, conversations: list[list[Message]], *, temperature: float, top_p: float, max_tokens: int, seed: int
    ) -> list[str]:
        """See `Teacher.complete`."""
        replies = dict(self.stream(requests_of(conversations, temperature, top_p, max_tokens, seed)))
        return [replies[index] for index in range(len(conversations))]


class ModelTeacher(_Streaming):
    """A Hugging Face model folder. A reply depends on its own request only, not on its batch.

    `plain`, or a folder without a chat template: a base LM, asked in plain words, as in a dialogue on paper.
    """

    def __init__(
        self,
        path: Path,
        batch_size: int = 64,
        *,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
        plain: bool = False,
    ):
        if not (Path(path) / "config.json").exists():
            raise TeacherError(f"no model in {path}: config.json is missing; train the teacher or fetch its weights")
        self.name, self.batch_size, self.device = Path(path).name, batch_size, device
        self.tokenizer = AutoTokenizer.from_pretrained(path, padding_side="left")
        self.stop = None
        if plain or self.tokenizer.chat_template is None:
            self.tokenizer.chat_template, self.stop = PLAIN_TEMPLATE, PLAIN_STOP
            self.tokenizer.pad_token = self.tokenizer.pad_token or self.tokenizer.eos_token
        self.model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, use_safetensors=True).to(device).eval()

    def stream(self, requests: Sequence[Request]) -> Iterator[tuple[int, str]]:
        """Answer in batches of prompts of similar length (shortest first), which saves padding."""
        prompts = [self._tokens(request) for request in requests]
        order = sorted(range(len(requests)), key=lambda index: (len(prompts[index]), index))
        with tqdm(total=len(order), desc=f"{self.name}", unit="reply", disable=None, leave=False) as bar:
            for start in range(0, len(order), self.batch_size):
                rows = order[start : start + self.batch_size]
                replies = self._generate([prompts[row] for row in rows], [requests[row] for row in rows])
                yield from zip(rows, replies, strict=True)
                bar.update(len(rows))

    def _tokens(self, request: Request) -> list[int]:
        conversation, context = request.conversation(), self.model.config.max_position_embeddings
        template = {"add_generation_prompt": True, "tokenize": True, "return_dict": False}
        tokens = self.tokenizer.apply_chat_template(conversation, **template)
        if len(tokens) + request.max_tokens > context:
            raise TeacherError(
                f"{len(tokens)} prompt and {request.max_tokens} reply tokens exceed the {context} of {self.name}; "
                f"shorten the conversation that ends in {request.messages[-1][1][:60]!r}, or lower max_tokens"
            )
        return tokens

    @torch.inference_mode()
    def _generate(self, prompts: list[list[int]], requests: list[Request]) -> list[str]:
        batch = self.tokenizer.pad({"input_ids": prompts}, return_tensors="pt").to(self.device)
        first = requests[0]
        sampler = [_OwnDraws(requests, first.temperature, first.top_p)] if first.temperature > 0 else []
        output = self.model.generate(
            **batch,
            max_new_tokens=first.max_tokens,
            do_sample=False,
            logits_processor=sampler,
            eos_token_id=self.tokenizer.all_special_ids,  # a stray <|user|> ends the reply as <|end|> does
            pad_token_id=self.tokenizer.pad_token_id,
        )
        replies = self.tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
        return [(reply.partition(self.stop)[0] if self.stop else reply).strip() for reply in replies]


class _OwnDraws(LogitsProcessor):
    """Nucleus sampling with one random stream a row, by the exponential-race form of the Gumbel-max trick.

    argmax(p / E) with E ~ Exp(1) is a draw from p, so greedy search over these scores samples. Torch's own sampling
    has one stream for the batch: a reply would change with its neighbours, and a resumed collection would differ.
    """

    def __init__(self, requests: Sequence[Request], temperature: float, top_p: float):
        self.generators = [torch.Generator().manual_seed(request.draw) for request in requests]
        self.temperature = temperature
        self.nucleus = TopPLogitsWarper(top_p) if top_p < 1 else None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        scores = scores.float() / self.temperature
        if self.nucleus:
            scores = self.nucleus(input_ids, scores)
        races = [torch.empty(scores.shape[1]).exponential_(generator=generator) for generator in self.generators]
        return scores - torch.stack(races).to(scores.device).log()


class ApiTeacher(_Streaming):
    """Any OpenAI-compatible endpoint. `base_url` ends before /chat/completions ('https://host/v1').

    The key is read from the environment variable `key_variable` when a request is sent, and kept nowhere; None sends
    no key. `concurrency` requests run at once; 429, 5xx and time-outs are retried with growing pauses (see ApiClient).
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        key_variable: str | None = None,
        *,
        concurrency: int = 8,
        attempts: int = 6,
        timeout_seconds: float = 120.0,
        first_pause_seconds: float = 1.0,
    ):
        self.name, self.model = model, model
        self.client = ApiClient(base_url, key_variable, concurrency, attempts, timeout_seconds, first_pause_seconds)

    def stream(self, requests: Sequence[Request]) -> Iterator[tuple[int, str]]:
        """Yield replies as they arrive, in any order."""
        bodies = [self._body(request) for request in requests]
        yield from tqdm(
            self.client.post_all(bodies), total=len(bodies), desc=self.name, unit="reply", disable=None, leave=False
        )

    def _body(self, request: Request) -> dict:
        return {
            "model": self.model,
            "messages": request.conversation(),
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_tokens,
            "seed": request.draw,
        }


class RecordedTeacher(_Streaming):
    """Plays a recording back. A request that is not in it is a TeacherError naming the request and the file."""

    def __init__(self, path: Path):
        if not Path(path).exists():
            raise TeacherError(f"no recording at {path}; make one with record(teacher, path)")
        self.path, self.recording = Path(path), read_recording(Path(path))
        self.name = self.recording.teacher

    def stream(self, requests: Sequence[Request]) -> Iterator[tuple[int, str]]:
        for index, request in enumerate(requests):
            if request.key not in self.recording.replies:
                raise TeacherError(
                    f"request {request.key} ({request.messages[-1][1][:60]!r}, temperature {request.temperature}, "
                    f"seed {request.seed}) is not in {self.path}; run with a live teacher and record()"
                )
            yield index, self.recording.replies[request.key]


class _RecordingTeacher(_Streaming):
    def __init__(self, teacher: "ModelTeacher | ApiTeacher", path: Path):
        self.name, self.teacher, self.path = teacher.name, teacher, Path(path)
        recording = open_recording(self.path, teacher.name)
        self.replies, self.dropped = dict(recording.replies), recording.dropped

    def stream(self, requests: Sequence[Request]) -> Iterator[tuple[int, str]]:
        missing = [index for index, request in enumerate(requests) if request.key not in self.replies]
        if missing:
            self._ask([requests[index] for index in missing])
        for index, request in enumerate(requests):
            yield index, self.replies[request.key]

    def _ask(self, requests: list[Request]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            for index, reply in self.teacher.stream(requests):
                file.write(recorded_line(requests[index], self.name, reply))
                file.flush()
                self.replies[requests[index].key] = reply


def record(teacher: "ModelTeacher | ApiTeacher", path: Path) -> _RecordingTeacher:
    """Wrap a live teacher: replies are appended to the recording at `path` one by one; known ones are not asked again.

    `.dropped` is 1 if the file ended in a line cut short by a kill (dropped, asked again), else 0.
    """
    return _RecordingTeacher(teacher, path)
