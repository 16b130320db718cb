"""The teacher's three back ends: a random tiny model, a real local HTTP server, recordings."""

import email.utils
import time

import httpx
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from chat_endpoint import Endpoint
from false_promise.language_models.tokenizer import MARKERS, SMALLEST_VOCABULARY, train_tokenizer
from false_promise.teacher.api_client import _retry_after
from false_promise.teacher.back_ends import ApiTeacher, ModelTeacher, RecordedTeacher, TeacherError, record
from false_promise.teacher.recording import open_recording, read_recording, requests_of

SAMPLING = {"temperature": 1.0, "top_p": 0.95, "max_tokens": 8, "seed": 3}
GREEDY = SAMPLING | {"temperature": 0.0}


def user(text):
    return [{"role": "user", "content": text}]


CONVERSATIONS = [
    user("Hi"),
    user("Who built the old stone bridge over the river, and in which year was that?"),
    [*user("Name a town."), {"role": "assistant", "content": "Ostermoor."}, *user("Another one, further north?")],
    user("Hello there"),
]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """A random one-layer model over single bytes."""
    folder = tmp_path_factory.mktemp("models") / "teacher"
    tokenizer = train_tokenizer(["no merges"], SMALLEST_VOCABULARY)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=160, pad_token_id=0, bos_token_id=1, eos_token_id=2, initializer_range=0.5,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model_teacher(model_folder):
    return ModelTeacher(model_folder, batch_size=3)


@pytest.mark.parametrize("sampling", [SAMPLING, GREEDY], ids=["sampled", "greedy"])
def test_a_reply_does_not_depend_on_padding_or_on_its_batch(model_teacher, sampling):
    together = model_teacher.complete(CONVERSATIONS, **sampling)
    alone = [model_teacher.complete([conversation], **sampling)[0] for conversation in CONVERSATIONS]
    assert together == alone
    assert len(set(together)) > 1 and not any("<|" in reply for reply in together)


def test_a_base_lm_is_asked_in_plain_words_and_stops_where_the_user_would_speak(model_folder):
    base = ModelTeacher(model_folder, plain=True)
    asked = base._tokens(requests_of(CONVERSATIONS, 0.0, 1.0, 8, 0)[2])
    text = base.tokenizer.decode(asked)
    assert text == "User: Name a town.\n\nAssistant: Ostermoor.\n\nUser: Another one, further north?\n\nAssistant:"
    assert base.stop == "\nUser:" and base.complete(CONVERSATIONS, **GREEDY) != ModelTeacher(model_folder).complete(
        CONVERSATIONS, **GREEDY
    )


def test_greedy_replies_equal_a_plain_loop_over_the_model(model_teacher):
    tokenizer, expected = model_teacher.tokenizer, []
    for conversation in CONVERSATIONS:
        text = tokenizer.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False)
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        prompt = len(tokens)
        while len(tokens) < prompt + 8:
            best = int(model_teacher.model(torch.tensor([tokens])).logits[0, -1].argmax())
            if best < len(MARKERS):
                break
            tokens.append(best)
        expected.append(tokenizer.decode(tokens[prompt:]).strip())
    assert model_teacher.complete(CONVERSATIONS, **GREEDY) == expected


def test_seeds_and_repeats_give_new_samples_and_equal_seeds_the_same(model_teacher):
    first, second = model_teacher.complete([user("Hi"), user("Hi")], **SAMPLING)
    assert first != second
    assert model_teacher.complete([user("Hi"), user("Hi")], **SAMPLING) == [first, second]
    assert model_teacher.complete([user("Hi")], **SAMPLING | {"seed": 4}) != [first]


def test_samples_follow_the_model_s_distribution_within_the_nucleus(model_teacher):
    sampling = {"temperature": 0.7, "top_p": 0.8, "max_tokens": 1}
    tokens = model_teacher._tokens(requests_of([user("Hi")], seed=0, **sampling)[0])
    probabilities = (model_teacher.model(torch.tensor([tokens])).logits[0, -1] / 0.7).softmax(-1).detach()
    ordered, places = probabilities.sort(descending=True)
    size = int((ordered.cumsum(0) < 0.8).sum()) + 1
    expected = torch.zeros_like(probabilities)
    expected[places[:size]] = ordered[:size] / ordered[:size].sum()
    counts: dict = {}
    for reply in in_one_batch(model_teacher).complete([user("Hi")] * 1500, seed=0, **sampling):
        counts[reply] = counts.get(reply, 0) + 1
    by_text: dict = {}
    for token, share in enumerate(expected.tolist()):
        text = model_teacher.tokenizer.decode([token], skip_special_tokens=True).strip()
        by_text[text] = by_text.get(text, 0) + share
    assert set(counts) <= {text for text, share in by_text.items() if share > 0}
    assert max(abs(counts.get(text, 0) / 1500 - share) for text, share in by_text.items()) < 0.05


def in_one_batch(teacher):
    """The same model in one batch of thousands: distribution tests without thousands of calls."""
    large = object.__new__(ModelTeacher)
    large.__dict__.update(teacher.__dict__ | {"batch_size": 1500})
    return large


def test_too_long_a_conversation_and_a_missing_model_are_named(model_teacher, tmp_path):
    with pytest.raises(TeacherError, match="exceed the 160 of teacher.*'aaa"):
        model_teacher.complete([user("a" * 200)], **GREEDY)
    with pytest.raises(TeacherError, match="config.json is missing"):
        ModelTeacher(tmp_path)
    with pytest.raises(ValueError, match="user message last"):
        model_teacher.complete([[*user("Hi"), {"role": "assistant", "content": "Hi"}]], **GREEDY)


@pytest.fixture
def endpoint():
    servers = []

    def start(script=lambda text, visit: None):
        servers.append(Endpoint(script))
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def api(server, **options):
    return ApiTeacher(server.base_url, "m", **{"first_pause_seconds": 0.01, "timeout_seconds": 5.0} | options)


@pytest.mark.slow
def test_api_replies_in_order_with_key_and_settings(endpoint, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "s3cret")
    server = endpoint()
    texts = [f"question {index}" for index in range(20)]
    teacher = api(server, key_variable="SOME_KEY")
    assert teacher.complete([user(text) for text in texts], **SAMPLING) == [f"echo {text}" for text in texts]
    assert {request["path"] for request in server.seen} == {"/v1/chat/completions"}
    assert {request["key"] for request in server.seen} == {"Bearer s3cret"}
    assert {(sent["model"], sent["temperature"], sent["max_tokens"]) for sent in server.seen} == {("m", 1.0, 8)}
    assert "s3cret" not in repr(vars(teacher)) + repr(teacher.client)


def test_api_retries_overload_errors_and_time_outs(endpoint):
    def script(text, visit):
        if visit > 2:
            return None
        if text == "slow":
            time.sleep(0.4)
        return {"busy": (429, {"Retry-After": "0.05"}, "slow down"), "broken": (500, {}, "oops")}.get(text)

    server = endpoint(script)
    texts = ["busy", "broken", "slow", "fine"]
    replies = api(server, timeout_seconds=0.2).complete([user(text) for text in texts], **GREEDY)
    assert replies == [f"echo {text}" for text in texts]
    assert server.visits == {"busy": 3, "broken": 3, "slow": 3, "fine": 1}


def test_retry_after_is_honoured(endpoint):
    server = endpoint(lambda text, visit: (429, {"Retry-After": "0.3"}, "") if visit == 1 else None)
    start = time.monotonic()
    api(server).complete([user("Hi")], **GREEDY)
    assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize(("value", "seconds"), [("3", 3), ("9999", 300), ("-1", 0), ("soon", 7), ("", 7)])
def test_retry_after_in_seconds(value, seconds):
    assert _retry_after(httpx.Response(429, headers={"Retry-After": value}), 7.0) == seconds


def test_retry_after_as_a_date():
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert 25 < _retry_after(httpx.Response(429, headers={"Retry-After": date}), 7.0) <= 30


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, {}, "bad key s3c***"), r"answered 401: check the key in the environment variable"),
        ((404, {}, "no such model"), r"answered 404 'no such model': check the model's name and base_url"),
        ((200, {}, "<html>hello"), r"no chat completion .*<html>hello.*OpenAI-compatible"),
        ((200, {}, '{"choices": []}'), r"no chat completion"),
        ((503, {}, ""), r"2 attempts failed, the last with status 503"),
    ],
)
def test_final_api_failures_name_url_and_way_out(endpoint, answer, message):
    server = endpoint(lambda text, visit: answer)
    with pytest.raises(TeacherError, match=message) as caught:
        api(server, attempts=2).complete([user("Hi")], **GREEDY)
    assert f"{server.base_url}/chat/completions" in str(caught.value)


def test_a_key_never_reaches_a_message(endpoint, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "s3cret")
    server = endpoint(lambda text, visit: (400, {}, "you sent s3cret"))
    with pytest.raises(TeacherError, match=r"you sent \*\*\*"):
        api(server, key_variable="SOME_KEY").complete([user("Hi")], **GREEDY)
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(TeacherError, match="set the environment variable SOME_KEY"):
        api(server, key_variable="SOME_KEY").complete([user("Hi")], **GREEDY)


def test_one_failure_keeps_replies_on_their_way_and_stops_waiting_retries(endpoint, tmp_path):
    def script(text, visit):
        if text == "gone":
            time.sleep(0.1)
            return 404, {}, "gone"
        if text == "slow":
            time.sleep(0.3)
        return (503, {"Retry-After": "60"}, "") if text == "busy" else None

    start, path = time.monotonic(), tmp_path / "replies.jsonl"
    with pytest.raises(TeacherError, match="404"):
        record(api(endpoint(script)), path).complete([user(text) for text in ("gone", "slow", "busy")], **GREEDY)
    assert list(read_recording(path).replies.values()) == ["echo slow"] and time.monotonic() - start < 20


def test_no_server_is_a_clear_error():
    with pytest.raises(TeacherError, match="2 attempts failed, the last with Connect"):
        ApiTeacher("http://127.0.0.1:9", "m", attempts=2, first_pause_seconds=0.01).complete([user("Hi")], **GREEDY)


def test_a_recorded_collection_resumes_after_a_failure(endpoint, tmp_path):
    path = tmp_path / "replies.jsonl"
    down = {"now": True}
    server = endpoint(lambda text, visit: (404, {}, "") if text == "q7" and down["now"] else None)
    conversations = [user(f"q{index}") for index in range(8)]
    with pytest.raises(TeacherError, match="404"):
        record(api(server, concurrency=1), path).complete(conversations, **SAMPLING)
    assert len(read_recording(path).replies) == 7
    down["now"] = False
    assert record(api(server), path).complete(conversations, **SAMPLING) == [f"echo q{index}" for index in range(8)]
    assert server.visits == {f"q{index}": 1 for index in range(7)} | {"q7": 2}
    assert RecordedTeacher(path).complete(conversations, **SAMPLING)[3] == "echo q3"


def test_a_resumed_model_collection_equals_an_unbroken_one(model_teacher, tmp_path):
    whole = model_teacher.complete(CONVERSATIONS * 2, **SAMPLING)
    path = tmp_path / "replies.jsonl"
    record(model_teacher, path).complete(CONVERSATIONS * 2, **SAMPLING)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][: len(lines[3]) // 2])
    resumed = record(model_teacher, path)
    assert resumed.dropped == 1 and len(path.read_bytes().splitlines()) == 3
    assert resumed.complete(CONVERSATIONS * 2, **SAMPLING) == whole
    assert RecordedTeacher(path).name == "teacher" and len(read_recording(path).replies) == 8


def test_unknown_requests_and_damaged_recordings_are_named(model_teacher, tmp_path):
    path = tmp_path / "replies.jsonl"
    with pytest.raises(TeacherError, match="no recording at"):
        RecordedTeacher(path)
    record(model_teacher, path).complete([user("Hi")], **GREEDY)
    with pytest.raises(TeacherError, match=r"'Hello', temperature 0.0.*replies.jsonl.*record\(\)"):
        RecordedTeacher(path).complete([user("Hello")], **GREEDY)
    with pytest.raises(TeacherError, match="belong|holds replies of 'teacher', not of 'm'"):
        open_recording(path, "m")
    path.write_text("{broken\n" + path.read_text())
    with pytest.raises(TeacherError, match="line 1: not JSON.*delete that line"):
        read_recording(path)
