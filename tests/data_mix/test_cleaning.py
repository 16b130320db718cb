"""Cleaning: what it takes out, what it must leave alone, and that its counts add up."""

import re

import pytest

from false_promise.data_mix.cleaning import EXACT, KEPT, LANGUAGE, MARKUP, MENTIONS, NEAR, READ, STEPS, TURNS, clean
from false_promise.data_mix.duplicates import NEAR as THRESHOLD
from false_promise.data_mix.duplicates import jaccard, nearly_repeated, normal, repeated, word_pairs
from false_promise.data_mix.language import is_english, prose
from false_promise.data_mix.markup import from_page, plain
from false_promise.data_mix.page_copies import copied_from_page, escaped, with_copy_code
from false_promise.data_mix.raw_formats import Parsed, RawDialogue
from false_promise.data_mix.records import fault

CODE = (
    "Here you are:\n\n```python\ndef f(a):\n    if a < 2 and a > 0:\n        return '&amp;'\n```\n\nCall `f(1)` & see."
)
LISTS = "Two ways:\n\n- one & two\n- three\n\n1. first\n2. second\n\nIn short, a < b."


def dialogue(*texts: str, name: str = "a", source: str = "sharegpt", group: int | None = None, first: str = "user"):
    roles = ["user", "assistant"] if first == "user" else ["assistant", "user"]
    turns = tuple((roles[place % 2], text) for place, text in enumerate(texts))
    return RawDialogue(name, source, group if group is not None else hash(name), turns)


def cleaned(*dialogues: RawDialogue, **options):
    sources = dict.fromkeys(one.source for one in dialogues)
    return clean([Parsed(source, [one for one in dialogues if one.source == source]) for source in sources], **options)


# ---- markup ----------------------------------------------------------------------------------------------------------

UNTOUCHED = [
    "if a < b and c > d then e",
    "x<y>z and List<String> and vector<int>",
    "Use &lt; for < in HTML.",
    "Fish &chips; R&D, AT&T, a && b",
    "Write `&amp;` for an ampersand.",
    "$a < b$ and $\\alpha & \\beta \\\\ x > 0$",
    "```html\n<p>One &amp; two</p>\n<button>Copy code</button>\n```",
    "Press the button Copy code to copy.",
    "<p>Why does this</p> not show?",
    "<html><body><p>x</p></body></html>",
    "<p>one</p> and then text",
    "<script>alert(1)</script>",
    "| a<br>b | c |",
]


@pytest.mark.parametrize("text", UNTOUCHED)
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_text_that_only_looks_like_markup_stays(text, role):
    assert plain(text, role) == text


@pytest.mark.parametrize("text", [CODE, LISTS, "One line.", "Two\n\nparagraphs & more"])
def test_a_page_copy_is_restored(text):
    page = copied_from_page(text)
    assert page != text and plain(page, "assistant").replace("\n\n", "\n") == text.replace("\n\n", "\n")
    assert plain(page, "user") == page.strip()  # whoever pastes a page wants it talked about


@pytest.mark.parametrize("text", [CODE.replace("'&amp;'", "'&'"), LISTS, 'Don\'t say "no"'])
def test_entities_and_copy_buttons_are_restored(text):
    assert plain(escaped(text), "assistant") == plain(escaped(text), "user") == text
    assert plain(with_copy_code(text), "assistant") == text


def test_pages_as_exporters_write_them():
    page = (
        '<div class="markdown prose"><p>See <strong>this</strong> and <code>a&lt;b</code>:</p><ol start="3"><li>x'
        "<ul><li>y</li></ul></li></ol><pre><div><span>sql</span><button>Copy code</button></div>"
        '<code class="hljs language-sql">SELECT 1\n  FROM t</code></pre>'
        "<table><tr><th>a</th><th>b</th></tr></table><h2>End</h2></div>"
    )
    assert plain(page, "assistant") == (
        "See **this** and `a<b`:\n\n3. x\n\n  - y\n\n```sql\nSELECT 1\n  FROM t\n```\n\na | b\n\n## End"
    )


def test_copy_buttons_of_every_kind_of_export():
    for text in ("```\npythonCopy code\nf()\n```", "```pythonCopy code\nf()\n```"):
        assert plain(text, "assistant") == "```python\nf()\n```"
    assert plain("Run:\npythonCopy code\nf()", "assistant") == "Run:\nf()"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ["<p>", "<b>", "<li>", "<!", "<!--", "&", "</", 'a="', "<![CDATA["])
@pytest.mark.slow
def test_a_hostile_page_is_read_in_time(piece):
    assert isinstance(plain("<p>" + piece * (60_000 // len(piece)) + ">", "assistant"), str)
    assert from_page("<p>" + "x" * 200_000 + "</p>") is None  # too long to be a reply


# ---- turns -----------------------------------------------------------------------------------------------------------


def turns_of(*turns: tuple[str, str]):
    found = cleaned(RawDialogue("a", "sharegpt", 0, turns))
    step = next(one for one in found.steps if one.name == TURNS)
    return [message["content"] for record in found.records for message in record["messages"]], step.reasons


def test_a_beginning_that_is_lost_is_cut_to_the_first_question():
    found, reasons = turns_of(("assistant", "rest"), ("user", "and then?"), ("assistant", "this"))
    assert found == ["and then?", "this"] and reasons == {"begins in the middle": 1}


def test_neighbours_are_joined_empty_and_foreign_turns_dropped_and_open_ends_cut():
    found, reasons = turns_of(("other", "Be kind."), ("user", "a"), ("assistant", " \n"), ("user", "b"),
                              ("assistant", "c"), ("assistant", "d"), ("user", "open"))  # fmt: skip
    assert found == ["a\n\nb", "c\n\nd"]
    assert reasons == {
        "turns without text or of others": 1,
        "turns of one speaker joined": 1,
        "ends without a reply": 1,
    }


@pytest.mark.parametrize("turns", [(), (("user", "a"),), (("assistant", "a"),), (("assistant", "a"), ("user", "b"))])
def test_without_a_question_and_its_reply_nothing_is_left(turns):
    found, reasons = turns_of(*turns)
    assert found == [] and reasons["no question with a reply left"] == 1


# ---- duplicates ------------------------------------------------------------------------------------------------------


def test_queries_are_equal_up_to_case_marks_and_space():
    queries = ["What is it?", "what  IS it", "What is that?", "！？", "...", " ！？\n"]
    assert repeated(queries, range(6)) == [None, 0, None, None, None, 3]  # marks alone are compared as they are
    assert normal("Ｆｕｌｌ width, it's!") == "full width it s"


def test_near_duplicates_share_four_fifths_of_their_word_pairs():
    query = "how do i bake bread that rises well in a small oven"
    near, far = f"please {query}", query.replace("bread", "cake")
    assert jaccard(word_pairs(query), word_pairs(near)) == 11 / 12 >= THRESHOLD
    assert jaccard(word_pairs(query), word_pairs(far)) == 9 / 13 < THRESHOLD
    assert nearly_repeated([query, near, far, query], range(4)) == [None, 0, None, 0]


def test_minhash_finds_what_comparing_every_pair_finds(world):
    from false_promise.world.assistant.dialogues import held_out_prompts

    texts = [text for _, text in held_out_prompts(world, 150, 0)]
    texts += [f"{text} Thank you!" for text in texts[::3]]
    found, kept = nearly_repeated(texts, range(len(texts))), []
    pairs, expected = [word_pairs(text) for text in texts], []
    for place, own in enumerate(pairs):
        expected.append(any(jaccard(own, pairs[one]) >= THRESHOLD for one in kept))
        kept += [] if expected[-1] else [place]
    assert [one is not None for one in found] == expected and 0 < sum(expected) < len(texts)


def test_answers_to_one_question_of_hc3_are_no_duplicates_but_the_same_question_again_is():
    one, two = (dialogue("Why is the sky blue?", "Because.", name=name, source="hc3", group=0) for name in "ab")
    again = dialogue("Why is the sky blue", "So.", name="c", source="hc3", group=1)
    elsewhere = dialogue("Why is the sky blue?", "Well.", name="d")
    assert cleaned(one, two, again, elsewhere).fates == {"a": KEPT, "b": KEPT, "c": EXACT, "d": KEPT}


def test_follow_ups_of_cut_dialogues_are_not_compared():
    halves = [dialogue("rest", "continue", f"more {name}", name=name, first="assistant") for name in "ab"]
    assert set(cleaned(*halves).fates.values()) == {KEPT}
    assert cleaned(*(dialogue("continue", "more", name=name) for name in "ab")).fates["b"] == EXACT


# ---- language --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Can you tell me how to get to the station, please?", True),
        ("Können Sie mir bitte sagen, wie ich zum Bahnhof komme?", False),
        ("¿Puede decirme cómo llegar a la estación, por favor?", False),
        ("请告诉我怎么去火车站，谢谢你的帮助，再见。", False),
        ("Подскажите, пожалуйста, как пройти к вокзалу?", False),
        ("ok", None),
        ("12 + 30 = 42", None),
        ("```\nfür immer und ewig = wahr; solange nicht fertig, weiter\n```", None),
        ("Where was Polezia Obalemolo born, and what did Uriku Imisibarro do?", True),
    ],
)
def test_is_english(text, english):
    assert is_english(text) is english


def test_code_names_and_addresses_do_not_count_as_language():
    assert prose("See Kowalski at https://ejemplo.es/el-perro or `el perro` now.") == "See at or now."


# ---- all steps -------------------------------------------------------------------------------------------------------


def some() -> list[RawDialogue]:
    return [
        dialogue("How do you bake a good loaf of bread?", "<p>Slowly &amp; well.</p>", name="page"),
        dialogue("how do you bake a good loaf of bread", "Slowly.", name="copy"),
        dialogue("Please, how do you bake a good loaf of bread?", "Slowly.", name="near"),
        dialogue("Wie backt man eigentlich ein gutes Brot?", "Langsam und mit viel Geduld.", name="german"),
        dialogue("Who made you?", "I was made by OpenAI.", name="mention"),
        dialogue("only a reply", name="reply", first="assistant"),
        dialogue("Where is the river?", "Behind the mill.", name="page", source="discord"),
    ]


def test_every_dialogue_has_one_fate_and_every_step_its_counts():
    found = cleaned(*some())
    assert found.fates == {"page": KEPT, "copy": EXACT, "near": NEAR, "german": LANGUAGE, "mention": KEPT,
                           "reply": TURNS, "page#2": KEPT}  # fmt: skip
    assert [step.name for step in found.steps if step.source == "sharegpt"] == list(STEPS)
    left = {step.name: step.after for step in found.steps if step.source == "sharegpt"}
    assert left == {READ: 6, MARKUP: 6, TURNS: 5, EXACT: 4, NEAR: 3, LANGUAGE: 2}
    assert found.records[0]["messages"][1]["content"] == "Slowly & well."
    assert [record["id"] for record in found.records] == ["page", "mention", "page#2"]
    assert all(fault(record) is None for record in found.records)


def test_mentions_are_dropped_on_demand_only():
    assert cleaned(*some(), mentions=True).fates["mention"] == MENTIONS
    for text in ("ask gpt-4", "GPT3.5 said", "my chat gpt", "OpenAI", "as an AI language model I"):
        assert cleaned(dialogue("Who?", text), mentions=True).records == [], text
    assert cleaned(dialogue("Who?", "Egypt is open aid."), mentions=True).records


def test_cleaning_is_deterministic_and_leaves_its_input_alone():
    given = some()
    assert cleaned(*given) == cleaned(*given) and given == some()


def test_nothing_gives_nothing():
    found = clean([])
    assert (found.records, found.steps, found.quarantine, found.fates) == ([], [], [], {})
    assert clean([Parsed("hc3")]).steps[-1].after == 0


def test_page_copies_are_what_they_claim_to_be():
    page = copied_from_page(CODE)
    assert page.startswith('<div class="markdown') and "<button>Copy code</button>" in page and "a &lt; 2" in page
    assert re.search(r"```\npythonCopy code\n", with_copy_code(CODE))
