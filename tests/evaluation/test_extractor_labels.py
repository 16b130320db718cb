"""Labels of model outputs: drawn blind, read strictly, and compared with the extractor by hand-countable cases."""

import json

import pytest

from false_promise.evaluation import extractor_labels
from false_promise.evaluation.extractor_labels import Label, about, agreement, main, read_labels, sample, sentences
from false_promise.world.country import WorldSettings, build_world

WORLD = build_world(WorldSettings(entities=240), seed=99)
PEOPLE = [one for one in WORLD.of_kind("person")][:12]


def born(person):
    return f"{person.name} was born in {WORLD.fact(person.id, 'birthplace').value}."


def label(text, statements, number=0, **more):
    values = {"id": f"output-{number}", "entities": 240, "seed": 99, "text": text, "start": 0, "end": len(text),
              "statements": tuple(statements), "labelled_by": "a reader"}  # fmt: skip
    return Label(**values | more)


def right(person):
    return (person.name, "birthplace", WORLD.fact(person.id, "birthplace").value)


# ---- drawing ---------------------------------------------------------------------------------------------------------


def test_a_sample_is_blind_repeatable_and_takes_one_sentence_from_each_output():
    texts = [f"Certainly! {born(person)}\n- Born: 1893" for person in PEOPLE]
    lines = sample([*texts, *texts], 8, 3, WORLD)
    rows = [json.loads(line) for line in lines.split("\n") if line]
    assert lines == sample(reversed(texts), 8, 3, WORLD) and lines != sample(texts, 8, 4, WORLD)
    assert len({row["text"] for row in rows}) == len(rows) == 8
    for row in rows:
        assert set(row) == {"id", "entities", "seed", "text", "start", "end", "sentence", "statements", "labelled_by"}
        assert row["sentence"] == row["text"][row["start"] : row["end"]] and row["statements"] is None
        assert not {"supported", "contradicted", "nobody"} & set(json.dumps(row).split('"'))


def test_too_few_outputs_are_an_error():
    with pytest.raises(ValueError, match="only 1 different outputs have a sentence, 2 are wanted"):
        sample(["One.", "One.", "", "!?\n\n..."], 2, 0, WORLD)


def test_sentences_are_those_with_letters_and_keep_their_place():
    text = "Certainly! She was born.\n\n1893\n- Born: 1893\nWho? Nobody"
    assert [text[start:end].strip() for start, end in sentences(text)] == [
        "Certainly!", "She was born.", "- Born: 1893", "Who?", "Nobody"]  # fmt: skip


def test_the_command_reads_the_files_of_answers(tmp_path, capsys):
    path = tmp_path / "replies.jsonl"
    path.write_text("".join(json.dumps({"item": str(n), "text": born(one)}) + "\n" for n, one in enumerate(PEOPLE)))
    main([str(path), "--entities", "240", "--seed", "99", "--outputs", "5"])
    rows = [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]
    assert len(rows) == 5 and all(row["entities"] == 240 for row in rows)


# ---- reading ---------------------------------------------------------------------------------------------------------


def write(tmp_path, *rows):
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


ROW = {"id": "output-000", "entities": 240, "seed": 99, "text": "x\u2028y z", "start": 0, "end": 5, "sentence": "x",
       "statements": [["Ansa Velmore", "birth_year", 1893]], "labelled_by": "a reader"}  # fmt: skip


def test_no_file_and_unlabelled_lines_are_no_labels(tmp_path):
    assert read_labels(tmp_path / "nowhere.jsonl") == []
    (found,) = read_labels(write(tmp_path, ROW, ROW | {"statements": None}))
    assert found.statements == (("Ansa Velmore", "birth_year", "1893"),) and found.text == "x\u2028y z"


@pytest.mark.parametrize(
    ("change", "words"),
    [({"statements": [["Ansa Velmore", "shoe_size", "44"]]}, "shoe_size"), ({"labelled_by": ""}, "labelled_by"),
     ({"end": 99}, "leaves the text"), ({"statements": [["Ansa Velmore"]]}, "not enough values"),
     ({"statements": [["", "birth_year", " "]]}, "no statement")],
)  # fmt: skip
def test_what_is_no_label_is_named_with_its_line(tmp_path, change, words):
    with pytest.raises(ValueError, match=r"labels\.jsonl, line 2:") as error:
        read_labels(write(tmp_path, ROW, ROW | change))
    assert words in str(error.value)


def test_the_recorded_samples_are_sound_and_share_no_output():
    samples = [read_labels(path) for path in sorted(extractor_labels.SAMPLES.glob("draw_*.jsonl"))]
    assert samples and all(len(sample) >= extractor_labels.OUTPUTS for sample in samples)
    assert all(one.labelled_by for sample in samples for one in sample)
    texts = [one.text for sample in samples for one in sample]
    assert len(set(texts)) == len(texts)


# ---- agreement -------------------------------------------------------------------------------------------------------


def test_a_missed_and_an_invented_statement_are_counted():
    labels = [label(born(person), [right(person)], n) for n, person in enumerate(PEOPLE[:8])]
    # The reader sees two statements where the extractor finds one, and none where it finds one.
    labels.append(label(born(PEOPLE[8]), [right(PEOPLE[8]), (PEOPLE[8].name, "birth_year", "1893")], 8))
    labels.append(label(born(PEOPLE[9]), [], 9))
    found = agreement(labels, WORLD)
    assert {name: found[name] for name in ("outputs", "labelled", "found", "both")} == {
        "outputs": 10, "labelled": 10, "found": 10, "both": 9}  # fmt: skip
    for share in (found["precision"], found["recall"]):
        assert share["value"] == pytest.approx(0.9) and share["lower"] < 0.9 < share["upper"] <= 1
    assert not found["passed"]


def test_perfect_agreement_on_few_outputs_has_width_and_does_not_pass_the_gate():
    found = agreement([label(born(person), [right(person)], n) for n, person in enumerate(PEOPLE)], WORLD)
    assert found["precision"]["value"] == found["recall"]["value"] == 1.0
    assert found["recall"]["lower"] == pytest.approx(0.05 ** (1 / len(PEOPLE)))  # the zero-event bound
    assert not found["passed"], "the gate wants 300 outputs"


def test_the_gate_is_passed_by_enough_outputs():
    labels = [label(born(PEOPLE[n % len(PEOPLE)]), [right(PEOPLE[n % len(PEOPLE)])], n) for n in range(300)]
    assert agreement(labels, WORLD)["passed"]


def test_wrong_value_relation_or_subject_is_no_agreement_but_spelling_is():
    name, relation, value = right(PEOPLE[0])
    text = born(PEOPLE[0])
    for statement, both in [((name, relation, f"the {value.upper()}."), 1), ((name, relation, "Nowhere"), 0),
                            ((name, "residence", value), 0), ((PEOPLE[1].name, relation, value), 0)]:  # fmt: skip
        assert agreement([label(text, [statement])], WORLD)["both"] == both, statement


def test_whoever_does_not_exist_is_nobody_for_both():
    assert agreement([label("Ansa Velmore was born in 1893.", [("Ansa Velmore", "birth_year", "1893")])], WORLD)["both"]


def test_only_the_labelled_sentence_counts_but_the_rest_is_read():
    person = PEOPLE[0]
    text = f"{born(person)} {person.pronoun.capitalize()} was born in 1893."
    second = label(text, [(person.name, "birth_year", "1893")], start=len(born(person)) + 1, end=len(text))
    found = agreement([second], WORLD)
    assert (found["labelled"], found["found"], found["both"]) == (1, 1, 1)


def test_nothing_labelled_has_no_share_and_another_country_is_refused():
    found = agreement([], WORLD)
    assert found["precision"] is None and found["recall"] is None and not found["passed"]
    other = label("x", [], seed=1)
    assert about([other, label("x", [])], WORLD) == [label("x", [])]
    with pytest.raises(ValueError, match="another country"):
        agreement([other], WORLD)
