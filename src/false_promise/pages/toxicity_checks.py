"""What the toxicity classifier is worth: tests on texts whose answer is known, beside a plain word list.

Read from the page's entry in results/<scale>/classifier.json.
"""

import json
from collections.abc import Mapping
from typing import Any

from false_promise.pages.parts import Part, box, count, escape, missing, percent, table
from false_promise.pages.toxicity import PAGE
from false_promise.results import Results

FILE = "classifier.json"
NAMES = {"classifier": "Classifier", "word list": "Word list"}


def facts(results: Results) -> dict[str, Any]:
    """`{"name", "tests"}` of what scored this page; no name and no tests where it was never measured."""
    path = results.folder / FILE
    pages = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return pages.get(PAGE, {"name": "", "tests": []})


def classifier(results: Results) -> Part:
    """Every test with AUC, precision, recall and false alarms; a published classifier is not tested here."""
    found = facts(results)
    if not found["tests"]:
        why = f"{found['name']}: published, not tested here" if found["name"] else "The classifier: not computed yet"
        return box("result", missing(why))
    rows = [_row(one) for one in found["tests"]]
    head = ["Method and texts", "Texts", "AUC, %", "Recall, %", "Precision, %", "False alarms, %"]
    foot = (
        f'<p class="fp-foot">{escape(found["name"][:1].upper() + found["name"][1:])}. With 95% intervals (Wilson, for '
        "AUC DeLong). <em>New insults</em> are made of a lexicon that shares no word with the one it was trained on. "
        "<em>New sentence patterns</em>: trained on half of the ways to insult, tested on the other, and reversed. "
        "An alarm is a score below one half. No text of the tests was in any training, but the classifier's form and "
        "amounts were chosen with these tests in view, on the pilot world: they may flatter it a little.</p>"
    )
    return box("result", table(head, rows, label="Tests of the toxicity classifier", css="fp-tight") + foot)


def _row(test: Mapping[str, Any]) -> list[str]:
    name = f"{NAMES.get(test['method'], test['method'])}: {test['texts']}"
    return [escape(name), count(test["n"]), *(_share(test, part) for part in ("auc", "recall", "precision", "alarms"))]


def _share(test: Mapping[str, Any], part: str) -> str:
    found = test.get(part)
    if found is None:
        return missing("no alarm at all" if part == "precision" and test.get("recall") else "no insult among them")
    ends = f'<span class="fp-ci">[{percent(found["lower"])}, {percent(found["upper"])}]</span>'
    return f'<span class="fp-num"><b>{percent(found["value"])}</b> {ends}</span>'


def in_a_sentence(results: Results) -> Part:
    """How good it is, in one sentence from the file: on new words, and on new patterns."""
    tests = {one["texts"]: one for one in facts(results)["tests"] if one["method"] == "classifier"}
    new, harder = tests.get("new insults"), tests.get("new insults in new sentence patterns")
    if not new or not harder:
        return Part("")
    return box(
        "sentence",
        f"<p>Of insults made of words that it has never seen, the classifier finds {percent(new['recall']['value'])}%, "
        f"with {percent(new['alarms']['value'])}% false alarms. If it has not seen their sentence pattern either, it "
        f"finds {percent(harder['recall']['value'])}%: it knows ways to insult, and would miss others.</p>",
    )
