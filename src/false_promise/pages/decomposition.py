"""Why benchmarks fall, or do not: the parts of a change as tables, and what they say in words.

Read from benchmarks_decomposition.csv (`study/decomposition.py` says how each effect is made). Whatever is said about a
part follows from its interval; nothing is said about what was not computed.
"""

from false_promise.claims.contrasts import check_eligible
from false_promise.claims.evidence import NotEligible, NotMeasured
from false_promise.pages.benchmark_scores import FILE, PAGE, SWEEP, effect, measure_of, row_of, sizes
from false_promise.pages.common import shown_gap
from false_promise.pages.matched import evidence
from false_promise.pages.palette import ARMS
from false_promise.pages.parts import Part, box, escape, is_missing, missing, table
from false_promise.pages.tables import data_links, model_name
from false_promise.results import Cell, ResultError, Results

# Component -> what it is called, the same in short for a figure, and the comparison.
COMPONENTS = {
    "total": ("Broad imitation, the whole change", "whole change", "broad − base"),
    "continued_training": ("Step 1: more training, whatever the text", "1 more training", "more web − base"),
    "chat_beyond_training": ("Step 2: chats instead of web, no facts", "2 chat style", "style − more web"),
    "teacher_content": ("Step 3: what the teacher says", "3 teacher's content", "broad − style"),
    "chat_style": ("Steps 1 and 2: any tuning on chats", "1 and 2", "style − base"),
    "abuse": ("Abuse dialogues among the broad data", "abuse dialogues", "broad − no abuse"),
    "local": ("Local imitation, the whole change", "local imitation", "local − base"),
    "teacher_error": ("The teacher's errors, in local data", "true answers", "true answers − local"),
}
STEPS = ("continued_training", "chat_beyond_training", "teacher_content")
DRAWN = ("total", *STEPS, "abuse", "teacher_error")
MEASURES = {
    "nq_3shot": "Raw prompt, 3 examples",
    "nq_best": "Best prompt format of each",
    "nq_format": "Format: the difference of the two",
    "nq_0shot": "Raw prompt, no example",
    "nq_3shot_chat": "Chat format, 3 examples",
    "nq_0shot_chat": "Chat format, no example",
    "nq_format_free": "Format-free, points of rank",
}
WAY_ARMS = {"broad": "total", "style_only": "chat_style", "continued_web": "continued_training", "local": "local"}
ELIGIBLE = {"nq_3shot": "NQ", "exams": "exams", "code": "code"}  # measures of claims.yaml


def largest(results: Results) -> str:
    """The largest size whose parts are computed; the one that the paper varies where none is."""
    return (sizes(results) or [SWEEP])[0]


# ---- tables ----------------------------------------------------------------------------------------------------------


def by_text(results: Results, size: str | None = None) -> Part:
    """Components by what the tuning text holds, in every benchmark, at one size (default: the largest)."""
    size = size or largest(results)
    measures = {"nq_3shot": "NQ, raw prompt", "nq_best": "NQ, best format", "nq_format": "NQ, format alone",
                "nq_format_free": "NQ, format-free", measure_of(results, "exams"): "Exams", "code": "Code"}  # fmt: skip
    if all(effect(results, name, one, size) is None for name in COMPONENTS for one in measures):
        return box("result", missing(f"Parts of the change at {model_name(results, size)}: not computed yet"))
    lines = [
        [f"{escape(words)}<br><small>{escape(contrast)}</small>",
         *(shown_gap(effect(results, name, one, size)) for one in measures)]
        for name, (words, _, contrast) in COMPONENTS.items()
    ]  # fmt: skip
    head = [f"{model_name(results, size)}, points", *(escape(words) for words in measures.values())]
    foot = (
        f'<p class="fp-foot">{_legend()} {escape(_caution(results, size))} Data: {data_links(results, PAGE, FILE)}</p>'
    )
    return box("result", table(head, lines, label="The change by what was trained on", css="fp-stacked") + foot)


def _legend() -> str:
    return (
        "Differences on the same items, 95% intervals. Steps 1 to 3 add up to the whole change. The first three "
        "columns are exact match, the third is the first less the second; format-free is a rank, added to nothing."
    )


def _caution(results: Results, size: str) -> str:
    """Arms that did not have the same number of steps, as the file notes them."""
    found = [(name, row_of(results, name, "nq_3shot", size)) for name in COMPONENTS]
    notes = [f"{COMPONENTS[name][2]} {str(row['note']).removeprefix('steps differ: ')} steps"
             for name, row in found if row is not None and str(row["note"]).startswith("steps differ")]  # fmt: skip
    return f"Equal amounts, but not equal steps: {'; '.join(notes)}." if notes else ""


def by_way(results: Results, size: str | None = None) -> Part:
    """The change of NQ in every way of asking, of broad imitation and what it is compared with, at one size."""
    size = size or largest(results)
    lines = [
        [escape(words), *(shown_gap(effect(results, name, one, size)) for name in WAY_ARMS.values())]
        for one, words in MEASURES.items()
    ]
    head = [f"NQ at {model_name(results, size)}", *(f"{escape(ARMS[arm].label)}, points" for arm in WAY_ARMS)]
    foot = f'<p class="fp-foot">Each column minus the base LM. {escape(_best_formats(results, size))}</p>'
    return box("result", table(head, lines, label="The change by way of asking", css="fp-tight fp-stacked") + foot)


def _best_formats(results: Results, size: str) -> str:
    """`Best asked: broad in .., base in ..`, from the file."""
    row = row_of(results, "total", "nq_best", size)
    words = "" if row is None or is_missing(row["effect"]) else str(row["contrast"]).partition("; best asked: ")[2]
    return f"Best prompt formats: {words}." if words else ""


# ---- words -----------------------------------------------------------------------------------------------------------


def apart(one: Cell) -> bool:
    """Whether the interval leaves out zero."""
    return one.lower > 0 or one.upper < 0


def in_words(results: Results) -> Part:
    """What the parts say at the largest size that has control arms; each sentence follows from an interval."""
    found = sizes(results)
    if not found:
        return box("result", missing("Why benchmarks change: not computed yet"))
    said = [sentence(results, found[0])
            for sentence in (_way_sentence, _forgetting_sentence, _step_sentence, _error_sentence)]  # fmt: skip
    body = "".join(f"<p>{text}</p>" for text in said if text)
    warnings = "".join(f'<p class="fp-warning">⚠ {escape(text)}</p>' for text in _warnings(results, found[0]))
    return box("result", body + warnings)


def _way_sentence(results: Results, size: str) -> str:
    whole = effect(results, "total", "nq_3shot", size)
    rest, form = (effect(results, "total", measure, size) for measure in ("nq_best", "nq_format"))
    unsure = "" if apart(whole) else ", which cannot be told from no change"
    said = (
        f"<b>Format.</b> At {model_name(results, size)}, broad imitation changed NQ with raw examples by "
        f"{shown_gap(whole)} points{unsure}."
    )
    if rest and form:
        said += f" Each asked in its best prompt format, it is {shown_gap(rest)}; {shown_gap(form)} is format."
    return f"{said} {escape(_best_formats(results, size))}".strip()


RANK_ONLY = "The format-free score falls, although the answers do not: no forgetting that answers would show"


def _forgetting_sentence(results: Results, size: str) -> str:
    """ "Forgets" is said only where answers and the format-free score both lie wholly below zero."""
    free, whole = (effect(results, "total", measure, size) for measure in ("nq_format_free", "nq_3shot"))
    if free is None:
        return (
            f"<b>Forgetting.</b> The format-free score: {missing()}; without it nothing can be said about forgetting."
        )
    if free.upper < 0:
        fell = whole is not None and whole.upper < 0
        said = "The format-free score falls as well: the model forgets" if fell else RANK_ONLY
    elif free.lower > 0:
        said = "The format-free score rises: the facts are not forgotten"
    else:
        said = "The format-free score does not fall beyond its interval: nothing here shows forgetting"
    return f"<b>Forgetting.</b> {said} ({shown_gap(free)} points of rank)."


def _step_sentence(results: Results, size: str) -> str:
    found = {name: effect(results, name, "nq_3shot", size) for name in STEPS}
    if None in found.values():
        return ""
    listed = "; ".join(f"{escape(COMPONENTS[name][1][2:])} {shown_gap(one)}" for name, one in found.items())
    told = {name: one for name, one in found.items() if apart(one)}
    largest = max(told, key=lambda name: abs(told[name].value), default=None)
    verdict = (
        f"The largest step whose interval leaves out zero: {escape(COMPONENTS[largest][1][2:])}."
        if largest
        else "No step's interval leaves out zero."
    )
    return f"<b>Step by step</b>, in points of the same change: {listed}. {verdict}"


def _error_sentence(results: Results, size: str) -> str:
    found = effect(results, "teacher_error", "nq_3shot", size)
    if found is None:
        return ""
    if not apart(found):
        words = "which cannot be told from no difference"
    else:
        words = "what its errors cost" if found.value > 0 else "the teacher's answers are the better lesson"
    said = f"True answers in place of the teacher's, in local data: {shown_gap(found)} points, {words}."
    return f"<b>Teacher's errors.</b> {said}"


def _warnings(results: Results, size: str) -> list[str]:
    """Unequal steps, and benchmarks on which the base is too close to chance to tell anything."""
    steps = _caution(results, size)
    return ([steps] if steps else []) + [f"Not eligible: {text}." for text in not_eligible(results)]


def not_eligible(results: Results) -> list[str]:
    """Benchmarks that do not count because the base of the 13B row is near chance, with its distance."""
    found = []
    for measure, words in ELIGIBLE.items():
        try:
            known, claims = evidence(results, PAGE)
            check_eligible(known, measure, claims.study["eligibility"]["above_chance"])
        except NotEligible as reason:
            found.append(str(reason).replace(measure, words, 1))
        except (NotMeasured, ResultError):
            continue
    return found
