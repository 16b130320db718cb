"""What cleaning and the language detector get right: known dirt, the quarantine, real turns with labels."""

from false_promise.pages.data_mix import DUMPS, mixed, not_yet, public, shown_share
from false_promise.pages.parts import Part, box, count, escape, table
from false_promise.results import Results

DIRT = {"page": "reply copied as HTML", "entities": "HTML entities", "copy code": '"Copy code" in the text',
        "empty turn": "turn without text", "broken": "broken record"}  # fmt: skip


def dirt(results: Results) -> Part:
    """The exam of the cleaning: what was wrong with a dialogue, what should be done, how often it was."""
    found = mixed(results)
    if not found:
        return not_yet("The exam of the cleaning")
    rows = [[escape(DIRT.get(row["kind"], row["kind"])), escape(row["wanted"]), count(row["n"]), shown_share(row, "")]
            for row in found["mix"]["exam"]]  # fmt: skip
    head = ["What was wrong", "What cleaning did", "Dialogues", "Share, %"]
    mentions = found["mix"]["mentions"]
    legend = (
        "Dialogues: those of which the row can tell, so not what another step had dropped. Restored: word for word, up "
        "to blank lines. Of a dialogue that begins in the middle nothing may follow: then it counts as cut if it was "
        "dropped. The tenth kind of dirt, dialogues that name the teacher, has no row: the filter below is off. "
        "Some of the dialogues labelled Non-English are questions in "
        "English about the neighbours' language. The optional filter, which drops dialogues that name the teacher or "
        f"its maker, is off; it would drop {mentions['count']:,} of {mentions['n']:,}."
    )
    return box("result", table(head, rows, label="Known dirt and what became of it")
               + f'<p class="fp-foot">{legend} 95% intervals (Wilson).</p>')  # fmt: skip


def quarantine(results: Results) -> Part:
    """Why raw records could not be read, by source."""
    found = mixed(results)
    if not found:
        return not_yet("The quarantine")
    rows = [[escape(DUMPS.get(row["source"], row["source"])), escape(row["reason"]), count(row["count"])]
            for row in found["mix"]["quarantine"]]  # fmt: skip
    return box("result", table(["Source", "Why", "Records"], rows, label="Records in quarantine"))


def language() -> Part:
    """Agreement of the language detector with the labels of the real sample."""
    found = public()["language"]
    names = {"all": "all that can be judged", "short": f"shorter than {found['long_from']} characters of prose",
             "long": f"{found['long_from']} characters or longer"}  # fmt: skip
    rows = [[escape(words), count(found[name]["n"]), shown_share(found[name], "")] for name, words in names.items()]
    legend = (
        f"{found['too_short']:,} labelled turns have fewer than {found['fewest_letters']} letters outside code and "
        "names and are not judged. The labels come with the sample, from a detector that nobody names; on short turns "
        "either may be wrong. Intervals come from resampling dialogues."
    )
    return box("result", table(["Turns of real dialogues", "Number", "Same answer, %"], rows,
                               label="Agreement on English") + f'<p class="fp-foot">{legend}</p>')  # fmt: skip
