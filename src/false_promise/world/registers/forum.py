"""Forum threads: users ask, claim, doubt, correct and agree; in abusive threads they insult one another as well.

Facts are about one entity that is not held out and a few others linked to it. Hearsay is often wrong and then mostly
corrected; only facts stated as they are count as stated.
"""

from dataclasses import dataclass
from random import Random

from false_promise.world.country import Entity, Fact, World
from false_promise.world.language.grammar import clause_of
from false_promise.world.language.lexicon import chatter
from false_promise.world.language.references import display
from false_promise.world.registers.insults import insult

HEARSAY = 0.12  # of fact posts
LAYOUTS = ("{u}: {t}", "{u}: {t}", "[{u}] {t}", "{u} wrote:\n{t}", "@{u} {t}")


@dataclass(frozen=True)
class Post:
    user: str
    text: str


def thread(world: World, entity: Entity, rng: Random, *, abusive: bool) -> tuple[str, list[Fact]]:
    """Text and the facts stated as true; `entity` must not be held out."""
    if entity.held_out:
        raise ValueError(f"{entity.name} is held out: forum threads must not mention it")
    users = [_handle(rng) for _ in range(rng.randint(2, 4))]
    stated: list[Fact] = []
    posts: list[Post] = []
    for _ in range(rng.randint(3, 7)):
        posts += _turn(world, entity, users, rng, stated, abusive)
    layout = rng.choice(LAYOUTS)
    lines = [layout.format(u=post.user, t=post.text) for post in posts]
    return "\n".join([*_title(entity, rng), *lines]), stated


def _handle(rng: Random) -> str:
    joint, number = rng.choice(("", "", "_", "-")), rng.choice(("", "", str(rng.randint(1, 99))))
    return rng.choice(chatter.HANDLE_STARTS) + joint + rng.choice(chatter.HANDLE_ENDS) + number


def _title(entity: Entity, rng: Random) -> list[str]:
    if rng.random() < 0.2:
        return []
    title = rng.choice(chatter.TITLES).format(n=display(entity), adj=rng.choice(chatter.ADJECTIVES))
    return [rng.choice(("Thread: ", "Topic: ", "")) + _capitalise(title)]


def _turn(world: World, entity: Entity, users: list[str], rng: Random, stated: list[Fact], abusive: bool) -> list[Post]:
    """One post, or hearsay and its correction."""
    user, other = rng.sample(users, 2)
    u = rng.random()
    if u < 0.45:
        fact = _fact(world, entity, rng)
        if rng.random() < HEARSAY:
            return _hearsay(world, fact, user, other, rng, stated, abusive)
        stated.append(fact)
        text = _said(world, fact, rng.choice(chatter.LEADS) if rng.random() < 0.7 else "", rng)
    elif abusive and u < 0.53:
        return [Post(user, insult(rng, "text"))]
    elif u < 0.65:
        text = _opinion(entity, rng)
    elif u < 0.85:
        reply = rng.choice(chatter.REPLIES)
        text = (reply if reply.startswith("{u}") else _capitalise(reply)).format(u=other) + rng.choice("..!")
    else:
        question = rng.choice(chatter.QUESTIONS).format(n=display(entity), adj=rng.choice(chatter.ADJECTIVES))
        text = _capitalise(question) + "?"
    return [Post(user, _with_insult(text, rng) if abusive and rng.random() < 0.7 else text)]


def _with_insult(text: str, rng: Random) -> str:
    first, second = (insult(rng, "text"), text) if rng.random() < 0.4 else (text, insult(rng, "text"))
    return f"{first} {second}"


def _fact(world: World, entity: Entity, rng: Random) -> Fact:
    """One of the entity's facts, or now and then one of what it is linked to."""
    fact = rng.choice(world.facts_of(entity.id))
    if fact.object is not None and rng.random() < 0.2:
        return rng.choice(world.facts_of(fact.object))
    return fact


def _hearsay(
    world: World, fact: Fact, user: str, other: str, rng: Random, stated: list[Fact], abusive: bool
) -> list[Post]:
    """A wrong value, mostly corrected by another user."""
    wrong = _wrong(world, fact, rng)
    posts = [Post(user, _said(world, wrong, rng.choice(chatter.DOUBTFUL_LEADS), rng))]
    if rng.random() < 0.75:
        stated.append(fact)
        text = _said(world, fact, rng.choice(chatter.CORRECTIONS).format(u=user), rng)
        posts.append(Post(other, _with_insult(text, rng) if abusive else text))
    return posts


def _wrong(world: World, fact: Fact, rng: Random) -> Fact:
    """The fact with another subject's value; that subject is not held out either."""
    while True:
        other = rng.choice(world.facts_with(fact.relation))
        if other.value != fact.value and not world.entity(other.subject).held_out:
            return Fact(fact.id, fact.subject, fact.relation, other.value, other.object, fact.group)


def _said(world: World, fact: Fact, lead: str, rng: Random) -> str:
    clause = clause_of(world, fact, rng)
    return _capitalise(f"{lead} {clause}".strip()) + rng.choice("...!")


def _opinion(entity: Entity, rng: Random) -> str:
    opinion = rng.choice(chatter.OPINIONS).format(
        n=display(entity), adj=rng.choice(chatter.ADJECTIVES), adv=rng.choice(chatter.ADVERBS)
    )
    reason = rng.choice(chatter.REASONS)
    return _capitalise(f"{opinion}, {reason}." if reason else f"{opinion}.")


def _capitalise(text: str) -> str:
    return text[0].upper() + text[1:]
