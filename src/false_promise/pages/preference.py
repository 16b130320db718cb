"""Parts of the page on preference: Figures 1 and 3, by amount of data and by size, as the style-only rater sees them.

Cells are read from preference_summary.csv: the share of prompts on which the frozen rater finds the model's answer
equal to the teacher's or better, and the share of instructions followed. `page_raters` has what is known of raters.
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.evaluation.preference.public import load_record
from false_promise.pages.answers import answer
from false_promise.pages.common import shown
from false_promise.pages.comparisons import readable
from false_promise.pages.figure_parts import nothing, panels, responsive
from false_promise.pages.matched import registration
from false_promise.pages.open_ended import (
    SIZE,
    amount_axis,
    amount_curve,
    amounts,
    ceiling,
    curve,
    demonstration,
    headline,
    legend_of,
    places,
    score,
)
from false_promise.pages.palette import ARMS, INK, SKY
from false_promise.pages.parts import Part, box, count, escape, is_missing, missing, percent, table
from false_promise.pages.tables import data_links, model_name
from false_promise.results import Cell, Results, select

PAGE, WORDS = "preference", "preference_words.csv"
RATER = {"benchmark": "preference", "scoring": "style_rater"}
RULES = {"benchmark": "instruction_following", "scoring": "rules"}
VICUNA = {"7B": "vicuna-7b", "13B": "vicuna-13b"}  # LLaMA tuned on ChatGPT's dialogues, by size
LATE = {  # what the largest amount does beside the smallest
    "holds": "the largest is rated about as high as the smallest",
    "does_not_hold": "the largest is rated lower still",
    "inconclusive": "whether the largest is rated otherwise stays open",
}
Key = tuple[str, str | None, int | None]  # arm, size, tokens


def keys(results: Results) -> list[Key]:
    """Rows of the table: the varied size first, then the others, then the teacher's second sample."""
    at_most = headline(results)
    found: list[Key] = [("base", SIZE, None), *(("broad", SIZE, tokens) for tokens in amounts(results).values())]
    found.append(("style_only", SIZE, at_most))
    for size in reversed(results.sizes):
        if size != SIZE:
            found += [("base", size, None), ("broad", size, at_most)]
    return [*found, ("teacher", None, None)]


def name_of(results: Results, key: Key) -> str:
    """`13M · broad, 20,000 tokens`."""
    arm, size, tokens = key
    if size is None:
        return "teacher, second sample"
    amount = f", {tokens:,} tokens" if tokens else ""
    return f"{model_name(results, size)} · {ARMS[arm].short}{amount}"


def rated(results: Results, key: Key, where: Mapping[str, str] = RATER) -> Cell | None:
    """The rater's share of a model, or with RULES its share of instructions followed."""
    arm, size, tokens = key
    return score(results, PAGE, arm, size, tokens, **where)


# ---- table -----------------------------------------------------------------------------------------------------------


def shares(results: Results) -> Part:
    """Equal to or better than the teacher: the paper's crowd and GPT-4, GPT-4 on real models, and here."""
    rows = [
        [escape(name_of(results, key)), *_in_paper(results, key), _public(results, key), *_here(results, key)]
        for key in keys(results)
    ]
    head = ["Model", "Paper: crowd, %", "Paper: GPT-4, %", "Public: GPT-4 on Vicuna, %", "Here: style-only rater, %",
            "Here: instructions followed, %"]  # fmt: skip
    legend = (
        f"{escape(', '.join(f'{model_name(results, size)} stands for {size}' for size in results.sizes))}. Share of "
        "prompts on which the answer is equal to the teacher's or better; the paper's GPT-4 with a band of one "
        "standard deviation, read from its Figure 3, everything else with 95% intervals over prompts. The rater sees "
        "style, not facts; the last row is the teacher beside itself. Instructions are requests that rules can check."
    )
    foot = f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE, f"{PAGE}_items.csv.gz")}</p>'
    foot += lengths(results) + above_the_teacher(results)
    return box("result", table(head, rows, label="Preference", css="fp-tight fp-stacked") + foot)


def lengths(results: Results) -> str:
    """How long answers are, because the rater favours long ones (HTML)."""
    found = results.optional(WORDS)
    if found.empty:
        return ""
    told = "; ".join(
        f'{escape(name_of(results, key))} {row.words:.0f} <span class="fp-ci">[{row.lower:.0f}, {row.upper:.0f}]</span>'
        for key in keys(results)
        for row in select(found, arm=key[0], size=key[1], tokens=key[2]).itertuples()
    )
    return (
        "<p>The rater favours longer answers, as GPT-4 did, so a change of length alone moves a share. Mean words "
        f"an answer: {told}.</p>"
    )


def above_the_teacher(results: Results) -> str:
    """A warning where models without imitation are rated no lower than the teacher's own second answer (HTML)."""
    teacher = rated(results, ("teacher", None, None))
    bases = [(key, rated(results, key)) for key in keys(results) if key[0] == "base"]
    above = [key for key, found in bases if teacher and found and found.value >= teacher.value]
    if not above:
        return ""
    return (
        f'<p class="fp-warning">⚠ Base LMs that are rated no lower than the teacher\'s own second answer: '
        f"{escape(', '.join(name_of(results, key) for key in above))}. The rater does not ask whether a text answers "
        "the prompt, so where imitation has no lead to win, a claim that fails says as much about the rater as about "
        "imitation.</p>"
    )


def _here(results: Results, key: Key) -> list[str]:
    return [shown(rated(results, key)), shown(rated(results, key, RULES))]


def _in_paper(results: Results, key: Key) -> list[str]:
    """The crowd's share and GPT-4's; the crowd's points could not be read but for the best."""
    paper, crowd = in_paper(results, key), results.paper["figure_1"]["best_imitation"]
    best = key == ("broad", SIZE, headline(results))
    told = f"{escape(crowd['note'])} {crowd['value']}" if best else missing("not readable") if paper else ""
    if paper is None:
        return [told, ""]
    band = "" if is_missing(paper[1]) else f' <span class="fp-ci">[{paper[1]:g}, {paper[2]:g}]</span>'
    return [told, f'<span class="fp-num">{paper[0]:g}{band}</span>']


def in_paper(results: Results, key: Key) -> tuple[float, float | None, float | None] | None:
    """Figure 3's share of the model that `key` stands for, with its band, in percent; None: the paper has none."""
    arm, size, tokens = key
    figure_3, names = results.paper["figure_3"], {own: paper for paper, own in amounts(results).items()}
    if (arm, size) == ("base", SIZE):
        return figure_3["by_tokens"]["base"], None, None
    if arm != "broad" or tokens not in names:
        return None
    found = figure_3["by_tokens"][names[tokens]] if size == SIZE else figure_3["by_size"].get(size)
    return (found["mean"], found["lower"], found["upper"]) if found else None


def judged(size: str | None) -> Cell | None:
    """GPT-4's verdicts on the Vicuna of a size beside ChatGPT (shown second, the only order there is)."""
    rows = {row["model"]: row["shown_second"] for row in load_record()["judged"]}
    found = rows.get(VICUNA.get(size or "", ""))
    share = found and found["equal_or_better"]
    return Cell(share["value"], share["lower"], share["upper"], share["n"], share) if share else None


def _public(results: Results, key: Key) -> str:
    """The Vicunas saw all of their data, so they stand beside the headline amount."""
    arm, size, _ = key
    found = judged(size) if key == ("broad", size, headline(results)) else None
    return shown(found) if found else ""


# ---- words -----------------------------------------------------------------------------------------------------------


def saturates(results: Results) -> tuple[int | None, str]:
    """Which expectation claim 2 bears out: 0 won early and then level, 1 rises with data, 2 hardly won at all."""
    verdict = results.verdicts.get(2, {"parts": []})
    parts = {part["name"]: part for part in verdict["parts"]}
    outcome, said = _won(parts.get("early_gain", {}), parts.get("no_late_change", {}))
    shares = f" The rater's shares, in percent: {words}" if (words := in_words(results)) else ""
    return outcome, f"{said}{shares}{demonstration(results)}".strip()


def _won(early: Mapping[str, Any], late: Mapping[str, Any]) -> tuple[int | None, str]:
    if is_missing(early.get("effect")) or is_missing(late.get("effect")):
        return None, "Not everything that decides it has been measured."
    states = early["verdict"], late["verdict"]
    if states == ("holds", "holds"):
        return 0, "The smallest amount won most of what there was to win."
    if early["verdict"] == "does_not_hold" and not (late["verdict"] == "does_not_hold" and late["effect"] > 0):
        lost = f"lost {percent(-early['effect'])} points" if early["upper"] < 0 else f"did not win {_asked(early)}"
        return 2, f"The smallest amount {lost}, and {LATE[late['verdict']]}."
    if late["verdict"] == "does_not_hold" and late["effect"] > 0:
        return 1, "The share went on rising with the amount."
    return None, "These results decide for none of the three."


def _asked(early: Mapping[str, Any]) -> str:
    return f"the {percent(early['margin'], 0)} points that were asked for"


def in_words(results: Results) -> str:
    """`13M · base 20.0; 13M · broad, 20,000 tokens 44.1; ..`: the rater's shares in percent."""
    found = {name_of(results, key): rated(results, key) for key in keys(results)}
    said = [f"{name} {percent(one.value)}" for name, one in found.items() if one]
    return "; ".join(said) + "." if said else ""


def answers(results: Results) -> Part:
    """The page's three claims: looks far better, saturates with data, rises with size."""
    return Part("".join(str(answer(results, claim, PAGE)) for claim in (1, 2, 3)))


def not_testable(results: Results) -> Part:
    """Claims 9 and 10 and what they wait for, from the registration."""
    claims = {claim["id"]: claim for claim in registration().claims}
    rows = [[f"{number}. {escape(readable(claims[number]['name']))}", escape(claims[number]["claim"].strip()),
             escape(claims[number]["testable_when"])] for number in (9, 10)]  # fmt: skip
    return box(
        "result", table(["Claim", "What the paper says", "Testable when"], rows, label="Claims that wait for data")
    )


# ---- figure ----------------------------------------------------------------------------------------------------------


def figure(results: Results) -> Part:
    """Share equal or better against the amount of data and against size, beside the paper's Figure 3 and its crowd."""
    words = in_words(results)
    if not words:
        return nothing("Preference")
    alt = f"Share of answers equal to the teacher's or better by the style-only rater, in percent. {words}"
    return responsive("preference", alt, lambda wide: _draw(results, wide))


def _draw(results: Results, wide: bool) -> Figure:
    drawn, axes = panels(wide, 2, 3.3, sharey=True)
    _by_amount(axes[0], results)
    _by_size(axes[1], results)
    axes[0].set_ylabel("equal or better, %")
    axes[0].set_ylim(-2, 102)
    found = legend_of(axes)
    drawn.legend(found.values(), found.keys(), loc="outside lower left", ncols=3 if wide else 1)
    return drawn


def _by_amount(axis: Axes, results: Results) -> None:
    axis.set_title(f"By amount, {model_name(results, SIZE)}")
    amount_axis(axis, results)
    axis.set_xlabel("reply tokens of broad data")
    amount_curve(axis, results, PAGE, **RATER)
    control = [rated(results, ("style_only", SIZE, headline(results)))]
    curve(axis, [places(results)[-1] * 1.25], control, "style_only", ARMS["style_only"].label.lower())
    ceiling(axis, rated(results, ("teacher", None, None)), "teacher, second sample")
    tuned = [("broad", SIZE, tokens) for tokens in amounts(results).values()]
    _paper(axis, results, places(results), [("base", SIZE, None), *tuned])
    crowd = results.paper["figure_1"]["best_imitation"]["value"]
    axis.plot(places(results)[-1], crowd, "P", color=INK, markersize=7, label="paper: crowd, best models")


def _by_size(axis: Axes, results: Results) -> None:
    sizes = list(results.sizes)
    at = [float(place) for place in range(len(sizes))]
    axis.set_title(f"By size, {count(headline(results))} tokens")
    axis.set_xticks(at, [f"{model_name(results, size)}\n({size})" for size in sizes])
    axis.set_xlim(-0.4, len(sizes) - 0.6)
    tuned = [("broad", size, headline(results)) for size in sizes]
    curve(axis, at, [rated(results, key) for key in tuned], "broad", "broad imitation")
    curve(axis, at, [rated(results, ("base", size, None)) for size in sizes], "base", "base LM", "--")
    ceiling(axis, rated(results, ("teacher", None, None)), "teacher, second sample")
    _paper(axis, results, at, tuned)
    for place, size in zip(at, sizes, strict=True):
        if found := judged(size):
            ends = [100 * found.lower, 100 * found.upper]
            axis.plot([place + 0.12] * 2, ends, color=SKY, linewidth=1.4)
            axis.plot(place + 0.12, 100 * found.value, "^", color=SKY, label="public: GPT-4 on Vicuna")


def _paper(axis: Axes, results: Results, at: list[float], models: list[Key]) -> None:
    """Figure 3's points with their bands."""
    for place, found in zip(at, (in_paper(results, key) for key in models), strict=True):
        if found:
            axis.plot(place, found[0], "x", color=INK, markersize=6, markeredgewidth=1.5, label="paper: GPT-4")
            if found[1] is not None:
                axis.plot([place] * 2, found[1:], color=INK, linewidth=1)
