"""Made-up answers to held-out prompts, as the pages on style and preference read them from the store."""

import json
from pathlib import Path

from false_promise.files import sha256, write_json
from false_promise.scales import load_scale
from false_promise.store import Run
from false_promise.study import open_answers
from false_promise.study.open_answers import Answered, Prompt, Sheet
from false_promise.study.open_ended import Condition, conditions
from false_promise.study.session import Session
from false_promise.study.specs import Machine, Specs

SMOKE = load_scale("smoke")
SPECS = Specs(SMOKE, Machine())


def session(place: Path, page: str, recorded: Path | None = None) -> Session:
    """A session whose store and results lie under `place`."""
    return Session(page, SMOKE, SPECS, place / "store", place / "results", plan_only=False, recorded_grid=recorded)


def models(*arms: str) -> list[Condition]:
    """Conditions of these arms (none: all), the teacher first."""
    found = conditions(SPECS, controls=open_answers.CONTROLS)
    return [one for one in found if not arms or one.about["arm"] in arms]


def sheet(reference: list[str], answers: dict[str, list[str]], prompts: list[str] | None = None) -> Sheet:
    """One model an arm (the largest size at the headline amount), with its answers."""
    texts = prompts or [f"Tell me about number {n}." for n in range(len(reference))]
    asked = [Prompt(f"prompt-{n:03d}", "Chat", text) for n, text in enumerate(texts)]
    found = []
    for arm, said in answers.items():
        one = [each for each in models(arm) if each.about.get("size") in (None, "13B")][-1]
        about = {"scale": "smoke", "source": "fresh", "run_id": one.model.id} | one.about
        found.append(Answered(about, one, SPECS.answers(one.model), said))
    return Sheet(asked, reference, found)


def stored(run: Run, lines: list[dict], name: str, store: Path) -> None:
    """A finished run that holds these lines; nothing that it reads needs to be there."""
    place = store / run.id
    place.mkdir(parents=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (place / name).write_text(text, encoding="utf-8")
    files = {name: sha256(place / name)}
    write_json(place / "run.json", {"run_id": run.id, "files": files, "seconds": 1.0, "label": run.label,
                                    "summary": {"steps": 10, "reply_tokens": 3000}})  # fmt: skip


def stored_answers(place: Path, found: list[Condition], prompts: list[str], texts: dict[Run, list[str]]) -> None:
    """A store in which the prompts, the models and all answers (`texts` by run of answers) are finished."""
    store = place / "store"
    asked = [{"id": f"prompt-{n:03d}", "category": "Chat", "text": text} for n, text in enumerate(prompts)]
    stored(SPECS.prompts(), asked, "prompts.jsonl", store)
    for one in found:
        stored(one.model, [], "model.jsonl", store)
    for run, said in texts.items():
        replies = [{"item": f"prompt-{n:03d}", "text": text} for n, text in enumerate(said)]
        stored(run, replies, "replies.jsonl", store)
