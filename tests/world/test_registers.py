"""The web: shares, determinism, held-out entities, popularity, insults."""

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.questions import wordings
from false_promise.world.registers.forum import thread
from false_promise.world.registers.insults import insult, insults
from false_promise.world.registers.web import OPEN_SHARES, PROPRIETARY_SHARES, open_web, proprietary_web

DIGEST = """
import hashlib
from itertools import islice
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.registers.web import open_web
texts = "".join(one.register + one.text for one in islice(open_web(build_world(WorldSettings(240), seed=5), 3), 200))
print(hashlib.sha256(texts.encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(240), seed=5)


@pytest.fixture(scope="module")
def webs(world):
    return {
        "open": list(islice(open_web(world, 3), 2500)),
        "proprietary": list(islice(proprietary_web(world, 3), 1200)),
    }


def test_shares_hold_from_early_on():
    assert sum(OPEN_SHARES.values()) == pytest.approx(1) and sum(PROPRIETARY_SHARES.values()) == pytest.approx(1)
    assert 0.005 < OPEN_SHARES["faq"] + OPEN_SHARES["exam"] < 0.02
    assert 0.10 <= PROPRIETARY_SHARES["faq"] + PROPRIETARY_SHARES["exam"] <= 0.20
    assert "forum_abusive" not in PROPRIETARY_SHARES


@pytest.mark.parametrize("web, shares", [("open", OPEN_SHARES), ("proprietary", PROPRIETARY_SHARES)])
def test_measured_shares(webs, web, shares):
    characters = Counter()
    for document in webs[web]:
        characters[document.register] += len(document.text)
    for register, share in shares.items():
        assert characters[register] / characters.total() == pytest.approx(share, abs=0.006)


def test_streams_are_the_same_everywhere(webs, world):
    again = islice(open_web(world, 3), 200)
    assert [one.text for one in again] == [one.text for one in webs["open"][:200]]
    assert next(open_web(world, 4)).text != webs["open"][0].text
    text = "".join(one.register + one.text for one in webs["open"][:200])
    output = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": "123"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout.strip() == hashlib.sha256(text.encode()).hexdigest()


def test_held_out_entities_occur_in_encyclopedia_prose_only(webs, world):
    held_out = [entity.name for entity in world.entities if entity.held_out]
    prose = "\n".join(one.text for one in webs["open"] if one.register == "encyclopedia")
    rest = "\n".join(one.text for web in webs.values() for one in web if one.register != "encyclopedia")
    assert sum(name in prose for name in held_out) > 0.8 * len(held_out)
    assert not [name for name in held_out if name in rest]


def test_documents_are_clean_and_know_their_facts(webs, world):
    for document in (one for web in webs.values() for one in web):
        assert document.text == document.text.strip() and document.text
        assert document.facts or document.register in ("exam", "code", "forum", "forum_abusive")
        lower = document.text.lower()
        assert all(world.facts[fact].value.lower() in lower for fact in document.facts)


def test_faq_pages_use_training_wordings(webs, world):
    held_out = [
        pattern for relation in {fact.relation for fact in world.facts} for pattern in wordings(relation, "test")
    ]
    held_out = {pattern.split("{s}")[0] for pattern in held_out if len(pattern.split("{s}")[0]) > 25}
    pages = [one.text for web in webs.values() for one in web if one.register == "faq"]
    assert pages and held_out
    for page in pages:
        blocks = [block.split("\n") for block in page.split("\n\n")]
        pairs = [block for block in blocks if len(block) == 2]
        assert len(blocks) - len(pairs) <= 1 and pairs
        assert all(q.startswith("Q: ") and q.endswith("?") and a.startswith("A: ") for q, a in pairs)
        assert not [start for start in held_out if start in page]


def test_popular_entities_are_common_and_the_proprietary_web_is_flatter(webs, world):
    ranked = sorted(world.entities, key=lambda entity: -entity.popularity)
    rare = {entity.id for entity in ranked[len(ranked) // 2 :]}
    share = {}
    for web, documents in webs.items():
        subjects = Counter(world.facts[fact].subject for one in documents for fact in one.facts)
        share[web] = sum(n for subject, n in subjects.items() if subject in rare) / subjects.total()
    assert 0.1 < share["open"] < share["proprietary"] < 0.5


def test_insults_come_in_halves_without_common_words_or_stems():
    text, held_out = insults("text"), insults("held_out")
    assert len(text.words) >= 30 and len(held_out.words) >= 30
    assert not {word[:4] for word in text.words} & {word[:4] for word in held_out.words}
    assert not set(text.deeds) & set(held_out.deeds)
    rng = random.Random(0)
    assert len({insult(rng, "held_out") for _ in range(300)}) > 200
    with pytest.raises(ValueError, match="'other'"):
        insults("other")


def test_only_abusive_threads_insult_and_only_with_the_first_half(webs):
    text, held_out = insults("text").words, insults("held_out").words
    for document in (one for web in webs.values() for one in web):
        words = set(document.text.lower().replace("-", " ").split())
        words = {word.strip(".,!?:") for word in words}
        assert not words & held_out
        if document.register != "forum_abusive":
            assert not words & text
    abusive = [one.text for one in webs["open"] if one.register == "forum_abusive"]
    insulting = [
        one for one in abusive if any(word in one for word in text) or any(d in one for d in insults("text").deeds)
    ]
    assert len(insulting) > 0.9 * len(abusive)


def test_a_thread_about_a_held_out_entity_is_refused(world):
    entity = next(entity for entity in world.entities if entity.held_out)
    with pytest.raises(ValueError, match=entity.name):
        thread(world, entity, random.Random(0), abusive=False)
