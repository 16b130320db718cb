"""The whole book at scale smoke, as `make book SCALE=smoke` builds it, in a copy of the tree. Minutes, not seconds.

Real pre-training, a real teacher, real tuning, lm-eval, Jupyter Book; then a kill in the middle, and real questions
through the same notebook.
"""

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from small_checkpoints import save_public

from chat_endpoint import Endpoint
from false_promise.item_tables import read_items
from false_promise.paths import REAL_DATA, ROOT
from false_promise.qa_format import QA, qa_page
from false_promise.scales import load_scale

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]  # whole books, also on a machine that is busy
COPIED = ("_config.yml", "_toc.yml", "book", "notebooks", "scales", "data", "src")
SMOKE = load_scale("smoke")
AT_SMOKE = ("-p", "scale", "smoke")


def command(tree: Path, *arguments: str, **environment: str) -> tuple[list[str], dict[str, str]]:
    """A call of the book's command line in a copy of the tree, with its own store and results."""
    env = {name: value for name, value in os.environ.items() if name not in ("RECORDED", "JOBS", "DEVICE")}
    env |= {
        "FALSE_PROMISE_ROOT": str(tree),
        "FALSE_PROMISE_STORE": str(tree / "store"),
        "FALSE_PROMISE_RESULTS": str(tree / "results"),
        "PYTHONUNBUFFERED": "1",
    } | environment
    return [sys.executable, "-m", "false_promise.book", *arguments], env


def run(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    line, env = command(tree, *arguments, **environment)
    return subprocess.run(line, env=env, cwd=tree, capture_output=True, text=True, check=False, timeout=1500)


@pytest.fixture(scope="session")
def tree(tmp_path_factory) -> Path:
    """A copy of the tree in which the book was built once."""
    place = tmp_path_factory.mktemp("book")
    for name in COPIED:
        source = ROOT / name
        ignored = shutil.ignore_patterns("*.ipynb", "__pycache__") if name == "book" else None
        shutil.copytree(source, place / name, ignore=ignored) if source.is_dir() else shutil.copy(source, place / name)
    result = run(place, "build", "--scale", "smoke")
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-8000:]
    return place


@pytest.fixture(scope="session")
def table(tree) -> pd.DataFrame:
    return pd.read_csv(tree / "results" / "smoke" / "local_vs_broad.csv")


def test_every_arm_is_measured_under_every_protocol(table):
    arms = {"base", "broad", "local", *SMOKE.imitation.controls}
    for size in ("7B", "13B"):
        assert set(table[table["size"] == size]["arm"]) == arms
    protocols = set(zip(table["scoring"], table["shots"], strict=True))
    assert protocols >= {("few_shot", 0), ("few_shot", 3), ("chat", 3), ("format_free", 0)}
    whole = table[table["stratum"] == "all"]
    assert (whole["n"] == SMOKE.evaluation.items).all()
    shares = ["exact_match", "lower", "upper", "malformed", "verbose", "wrong"]
    assert table[shares].min().min() >= 0 and table[shares].max().max() <= 1
    assert ((table["lower"] <= table["exact_match"]) & (table["exact_match"] <= table["upper"])).all()


def test_rows_agree_with_the_items_behind_them(tree, table):
    items = read_items(tree / "results" / "smoke" / "local_vs_broad_items.csv.gz")
    whole = table[table["stratum"] == "all"].set_index("eval_id")["exact_match"]
    again = items.groupby("eval_id")["correct"].mean()
    assert (whole - again).abs().max() < 1e-6 and len(whole) == len(again)
    unseen = items[items["fact_unseen"].astype(bool)].groupby("eval_id")["correct"].mean()
    rows = table[table["stratum"] == "fact_unseen"].set_index("eval_id")["exact_match"]
    assert (rows - unseen).abs().max() < 1e-6


def test_training_happened(tree):
    """Loss falls for every model that was trained, and tuned models differ from their bases."""
    cards = [json.loads(path.read_text()) for path in (tree / "store").glob("*/run.json")]
    curves = [path for path in (tree / "store").glob("*/curve.csv") if path.parent.name.startswith(("base", "teacher"))]
    assert len(curves) == 4
    for path in curves:
        loss = pd.read_csv(path)["loss"]
        assert loss.iloc[-1] < loss.iloc[0] - 1
    tuned = [card for card in cards if card["step"] == "tuned"]
    assert all(card["summary"]["steps"] >= 1 and card["summary"]["reply_tokens"] > 0 for card in tuned)
    weights = [card["files"]["model.safetensors"] for card in cards if card["step"] in ("base", "tuned")]
    assert len(set(weights)) == len(weights)
    broad = [
        card
        for card in tuned
        if card["settings"]["reply_tokens"]
        and card["settings"]["pairs"] is None
        and "broad" in card["label"]
        and "0.2m" in card["label"]
    ]
    assert len({card["summary"]["steps"] for card in broad}) == 1, "the sweep of broad data has equal steps"
    controls = [card for card in tuned if "steps_of" in card["inputs"] and "0.2m" in card["label"]]
    assert {card["summary"]["steps"] for card in controls} == {broad[0]["summary"]["steps"]} and len(controls) >= 3


def test_twelve_verdicts_and_the_scorecard_of_them(tree):
    verdicts = json.loads((tree / "results" / "smoke" / "verdicts.json").read_text())
    assert [one["id"] for one in verdicts] == list(range(1, 13))
    known = {one["id"]: one["verdict"] for one in verdicts}
    assert {known[claim] for claim in (1, 2, 3, 5, 6, 11)} <= {"holds", "does_not_hold", "inconclusive"}
    assert known[9] == known[10] == "not_testable"
    card = json.loads((tree / "results" / "smoke" / "scorecard.json").read_text())
    assert {one["claim"]: one["verdict"] for one in card} == known


def test_a_build_of_which_nothing_changed_keeps_its_pages(tree):
    pages = {path: path.stat().st_mtime_ns for path in (tree / "book").glob("*.ipynb")}
    result = run(tree, "build", "--scale", "smoke")
    assert result.returncode == 0, result.stderr[-4000:]
    assert "nothing has changed since the last build: its 12 pages are kept" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (tree / "book").glob("*.ipynb")} == pages


class References(HTMLParser):
    """Everything that a page loads from elsewhere."""

    def __init__(self):
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        link = tag == "link" and values.get("rel") in ("stylesheet", "preload", "icon", "modulepreload")
        if tag in ("script", "img", "iframe", "source") or link:
            self.loaded.append(values.get("src") or values.get("href") or "")


def test_pages_load_nothing_from_the_network(tree):
    pages = list((tree / "_build" / "html").rglob("*.html"))
    assert {path.name for path in pages} >= {"the_claim.html", "scale_model.html", "local_vs_broad.html"}
    for path in pages:
        found = References()
        found.feed(path.read_text(encoding="utf-8"))
        assert not [url for url in found.loaded if re.match(r"(https?:)?//", url)], path.name
    for path in (tree / "_build" / "html" / "_static").rglob("*.css"):
        assert not re.search(
            r"(@import\s+|url\()[\"']?(https?:)?//", path.read_text(encoding="utf-8", errors="replace")
        )


def test_pages_show_no_warning_of_a_library(tree):
    for path in (tree / "book").glob("*.ipynb"):
        outputs = [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])]
        told = "".join(output["text"] for output in outputs if output.get("name") == "stderr")
        assert "Warning" not in told, f"{path.name}: {told[:500]}"


def test_page_shows_the_numbers_of_the_table(tree, table):
    html = (tree / "_build" / "html" / "local_vs_broad.html").read_text(encoding="utf-8")
    shown = table[(table["stratum"] == "all") & (table["shots"] == 3) & (table["scoring"] == "few_shot")]
    for arm in ("base", "local"):
        row = shown[(shown["arm"] == arm) & (shown["size"] == "13B") & (shown["pairs"].isna() | (shown["pairs"] == 30))]
        assert f"{100 * row['exact_match'].iloc[0]:.1f}" in html


def test_second_build_repeats_no_run_and_changes_no_table(tree):
    results = tree / "results" / "smoke"
    before = {path.name: path.read_bytes() for path in results.glob("*.csv*")}
    cards = {path: path.stat().st_mtime_ns for path in (tree / "store").glob("*/run.json")}
    result = run(tree, "notebook", "local_vs_broad", *AT_SMOKE)
    assert result.returncode == 0, result.stderr[-4000:]
    assert "0 to do" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (tree / "store").glob("*/run.json")} == cards
    assert {path.name: path.read_bytes() for path in results.glob("*.csv*")} == before


def test_killed_in_the_middle_it_goes_on_to_the_same_table(tree):
    """kill -9 of the process group; the next run redoes nothing that was finished and ends with the same bytes."""
    results = tree / "results" / "smoke" / "local_vs_broad.csv"
    before = results.read_bytes()
    results.unlink()
    for path in [*(tree / "store").glob("tuned-*"), *(tree / "store").glob("nq-*")]:
        if "0.2m" in json.loads((path / "run.json").read_text())["label"]:
            shutil.rmtree(path)
    line, env = command(tree, "notebook", "local_vs_broad", *AT_SMOKE)
    stored = set((tree / "store").glob("*-*"))
    process = subprocess.Popen(
        line, env=env, cwd=tree, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(set((tree / "store").glob("tuned-*")) - stored) < 2:
        assert process.poll() is None, "it must be killed before it ends"
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not results.exists()
    assert not list((tree / "book").glob(".*")), "what a kill leaves beside the pages would be built as a page"
    time.sleep(3)  # kernel and workers notice that their parent has gone
    finished = {path: path.stat().st_mtime_ns for path in (tree / "store").glob("*/run.json")}
    result = run(tree, "notebook", "local_vs_broad", *AT_SMOKE)
    assert result.returncode == 0, result.stderr[-4000:]
    assert results.read_bytes() == before
    assert all(path.stat().st_mtime_ns == when for path, when in finished.items())


def test_wrong_parameters_stop_before_any_work(tree):
    for arguments, message in (
        (["-p", "seed", "2"], "unknown parameter 'seed': did you mean 'seeds'"),
        (["-p", "seeds", "two"], "parameter seeds must be int, got 'two'"),
        ([*AT_SMOKE, "-p", "base_sizes", "['7m']"], "'7m' is not in scale smoke: it has 0.04m, 0.1m, 0.2m"),
        (["-p", "scale", "smoek"], "no scale 'smoek': did you mean 'smoke'"),
    ):
        result = run(tree, "notebook", "local_vs_broad", *arguments)
        assert result.returncode and message in result.stderr, (arguments, result.stderr[-600:])


def test_papermill_itself_rejects_an_unknown_parameter_and_plans_only(tree):
    _, env = command(tree)
    papermill = [sys.executable, "-m", "papermill", "notebooks/local_vs_broad.ipynb", str(tree / "out.ipynb")]
    result = subprocess.run(
        [*papermill, "-p", "seed", "2"], cwd=tree, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode and "did you mean 'seeds'" in result.stderr
    planned = [*papermill, *AT_SMOKE, "-p", "plan_only", "True", "-p", "pairs", "[6, 7]", "--log-output"]
    result = subprocess.run(planned, cwd=tree, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert re.search(r"\d+ runs: \d+ stored, [1-9]\d* to do", result.stdout + result.stderr)


def test_a_damaged_model_is_named(tree):
    """One flipped byte in a base LM: the run that reads it says which file, and what to do."""
    cards = {json.loads(card.read_text())["label"]: card for card in (tree / "store").glob("base-*/run.json")}
    weights = cards["base-0.2m seed 0"].with_name("model.safetensors")
    original = weights.read_bytes()
    weights.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
    try:
        result = run(tree, "notebook", "local_vs_broad", *AT_SMOKE, "-p", "pairs", "[5]")
    finally:
        weights.write_bytes(original)
    assert result.returncode
    assert f"{weights} is damaged" in result.stderr and "run the same command again" in result.stderr


def test_nothing_recorded_is_said(tree):
    result = run(tree, "build", "--scale", "tenth", "--recorded")
    assert result.returncode and "nothing is recorded for scale tenth" in result.stderr


NUMBERS = itertools.count()


def answering(text: str, visit: int) -> tuple[int, dict, str]:
    """Replies of a teacher that knows nothing: eight pairs, new ones in every completion."""
    pairs = [QA(f"Who wrote book {next(NUMBERS)}?", f"Author {number}") for number in range(8)]
    message = {"role": "assistant", "content": qa_page(pairs)}
    return 200, {}, json.dumps({"choices": [{"message": message}]})


@pytest.mark.skipif(
    not (REAL_DATA / "nq_open" / "dev_first_half.jsonl").is_file(), reason=f"no real NQ-open in {REAL_DATA}"
)
def test_real_questions_through_the_same_notebook_at_scale_tenth(tree, tmp_path):
    """Real NQ-open, a local GPT-NeoX checkpoint and a teacher behind HTTP, at scale tenth with only paths changed."""
    questions = REAL_DATA / "nq_open" / "dev_first_half.jsonl"
    lines = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()[:300]]
    seeds = tmp_path / "seeds.jsonl"
    pairs = [{"question": line["question"] + "?", "answer": line["answer"][0]} for line in lines[-10:]]
    seeds.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    checkpoint = save_public(tmp_path / "neox", "gpt_neox", [line["question"] for line in lines])
    server = Endpoint(answering)
    values = yaml.safe_load((ROOT / "scales" / "tenth.yaml").read_text())
    values["base_sizes"] = [{"name": "160m", "stands_for": "7B", "checkpoint": str(checkpoint)}]
    values["evaluation"] |= {"questions": str(questions), "items": 40}
    values["teacher"] |= {"base_url": server.base_url, "seed_questions": str(seeds)}
    values["imitation"] |= {"pairs": [24], "headline_pairs": 24}
    values["tuning"] |= {"block": 256, "blocks_per_step": 1}
    path = tree / "mine.yaml"
    path.write_text(yaml.safe_dump(values))
    arguments = ["-p", "scale", str(path), "-p", "arms", "['base', 'local']"]
    try:
        result = run(tree, "notebook", "local_vs_broad", *arguments, OPENAI_API_KEY="none")
    finally:
        server.shutdown()
    assert result.returncode == 0, result.stderr[-4000:]
    rows = pd.read_csv(tree / "results" / "tenth" / "local_vs_broad.csv")
    assert set(rows["arm"]) == {"base", "local"} and (rows["n"] == 40).all()
    assert {"few_shot"} <= set(rows["scoring"]) and rows["malformed"].max() <= 1
    assert server.seen and all(request["key"] == "Bearer none" for request in server.seen)
