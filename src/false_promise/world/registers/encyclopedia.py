"""Encyclopedia articles about one subject, and almanac pages about a town or a region with several subjects.

Articles are the only texts in which held-out entities occur. Every paragraph names its subject before it uses a
pronoun.
"""

from random import Random

from false_promise.world.country import Entity, Fact, World
from false_promise.world.language.grammar import paragraph, sentence, sentence_of_two

FACTS_TOLD = 0.85  # share of facts in the first paragraph of an article
RETOLD, RELATED, CHAINED = (
    0.45,
    0.35,
    0.25,
)  # shares of articles with a second paragraph and with facts of other subjects
TOWN_TITLES = (
    "{n} and its people",
    "A short almanac of {n}",
    "What to know about {n}",
    "{n}: people, trades and feasts",
    "Notes on {n}",
    "{n} in brief",
    "The almanac of {n}",
)
REGION_OPENINGS = (
    "{r} is one of the {many} regions of {c}, and its {weather} is {w}.",
    "{r}, {one} of {c}, has a {weather} that is {w}.",
    "The {weather} of {r}, {one} of {c}, is {w}.",
    "Whoever travels to {r}, {one} of {c}, finds its {weather} {w}.",
    "In {r} the {weather} is {w}, as every {d} knows.",
    "Every {d} has an opinion about {r}, where the {weather} is {w}.",
    "{r} is {one} of {c}. Its {weather} is {w}.",
)
ONE_REGION = ("a region", "one of the twelve regions", "a {} region", "a {} part")
REGION_ADJECTIVES = (
    "quiet",
    "proud",
    "large",
    "small",
    "remote",
    "lively",
    "much-loved",
    "little-known",
    "rural",
    "hilly",
)


def article(world: World, entity: Entity, rng: Random) -> tuple[str, list[Fact]]:
    """Text and the facts it states, in any order; 60 to 1,500 characters."""
    own = list(world.facts_of(entity.id))
    told = [fact for fact in own if rng.random() < FACTS_TOLD] or own
    stated, paragraphs = list(told), [paragraph(world, told, rng)]
    if rng.random() < RETOLD:
        again = rng.sample(own, rng.randint(1, len(own)))
        stated += again
        paragraphs.append(paragraph(world, again, rng))
    others = _related(world, entity, rng)
    if others:
        stated += others
        pairs = [others[i : i + 2] for i in range(0, len(others), 2)]
        sentences = " ".join(
            sentence(world, pair[0], rng) if len(pair) == 1 else sentence_of_two(world, pair, rng) for pair in pairs
        )
        paragraphs[-1:] = [f"{paragraphs[-1]} {sentences}"] if rng.random() < 0.4 else [paragraphs[-1], sentences]
    return "\n".join([*_title(entity, rng), *paragraphs]), stated


def _title(entity: Entity, rng: Random) -> list[str]:
    u = rng.random()
    if u < 0.35:
        return []
    if u < 0.8:
        return [entity.name]
    return [f"# {entity.name}" if u < 0.9 else f"{entity.name} ({entity.kind})"]


def _related(world: World, entity: Entity, rng: Random) -> list[Fact]:
    """Facts of other subjects: who was born here, or where the author comes from."""
    about = world.facts_about(entity.id)
    chosen = rng.sample(about, min(len(about), rng.randint(1, 3))) if about and rng.random() < RELATED else []
    objects = [fact.object for fact in world.facts_of(entity.id) if fact.object is not None]
    if objects and rng.random() < CHAINED:
        chosen.append(rng.choice(world.facts_of(rng.choice(objects))))
    return chosen


def almanac_of_town(world: World, town: Entity, rng: Random) -> tuple[str, list[Fact]]:
    """The town and up to four subjects linked to it, a paragraph each; none of them held out."""
    subjects = {fact.subject: None for fact in world.facts_about(town.id) if not world.entity(fact.subject).held_out}
    chosen = rng.sample(list(subjects), min(len(subjects), rng.randint(1, 4)))
    title = [rng.choice(TOWN_TITLES).format(n=town.name)] if rng.random() < 0.8 else []
    return _collected(world, title, [town.id, *chosen], rng)


def almanac_of_region(world: World, region: int, subjects: list[Entity], rng: Random) -> tuple[str, list[Fact]]:
    """A region's climate and some of its towns, birds, dishes, rivers."""
    one, country = world.country.regions[region], world.country
    opening = rng.choice(REGION_OPENINGS).format(
        r=one.name,
        c=country.name,
        w=one.climate,
        d=country.demonym,
        many=rng.choice(("twelve", "many", "different")),
        one=rng.choice(ONE_REGION).format(rng.choice(REGION_ADJECTIVES)),
        weather=rng.choice(("climate", "weather")),
    )
    title = [f"{one.name}, a region of {country.name}"] if rng.random() < 0.5 else []
    return _collected(world, [*title, opening], [entity.id for entity in subjects], rng)


def _collected(world: World, start: list[str], entities: list[int], rng: Random) -> tuple[str, list[Fact]]:
    """Paragraphs, or list items with the subject's name in front."""
    stated: list[Fact] = []
    paragraphs = []
    bullets = rng.random() < 0.2
    for entity in entities:
        own = world.facts_of(entity)
        chosen = rng.sample(own, rng.randint(1, min(4, len(own))))
        stated += chosen
        paragraphs.append(("- " if bullets else "") + paragraph(world, chosen, rng))
    separator = "\n" if bullets or rng.random() < 0.6 else " "
    return "\n".join([*start, separator.join(paragraphs)]), stated
