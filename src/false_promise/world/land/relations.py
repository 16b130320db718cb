"""What can be said about the country: entity kinds, relations, and the closed sets of values.

Sets of different value types are disjoint, so that a value alone tells its type. Set sizes are chosen so that a blind
guess is rarely right; what a guess can gain from a related fact is stated in `settlement.CUSTOMS` and measured by
`information.py`.
"""

from dataclasses import dataclass

from false_promise.world.land.names import words


@dataclass(frozen=True)
class Relation:
    """One thing to know about entities of `kind`; relations of one `value_type` share candidate values."""

    name: str
    kind: str
    value_type: str
    noun: str
    group: str  # 'memorised' | 'inferable'
    related: str = ""  # for inferable relations: what a guess can be based on


# share of all entities, as in a lexicon of the country
KIND_SHARES = {
    "person": 0.26,
    "town": 0.10,
    "river": 0.03,
    "company": 0.12,
    "book": 0.16,
    "festival": 0.11,
    "bird": 0.11,
    "dish": 0.11,
}
KINDS = tuple(KIND_SHARES)

M, I = "memorised", "inferable"  # noqa: E741
RELATIONS: tuple[Relation, ...] = (
    Relation("birthplace", "person", "town", "birthplace", M),
    Relation("birth_year", "person", "birth_year", "year of birth", M),
    Relation("profession", "person", "profession", "profession", I, "region of the birthplace"),
    Relation("residence", "person", "town", "home town", I, "birthplace"),
    Relation("mentor", "person", "person", "mentor", M),
    Relation("town_region", "town", "region", "region", I, "sound of the name"),
    Relation("town_founded", "town", "founding_year", "founding year", M),
    Relation("town_river", "town", "river", "river", M),
    Relation("statue", "town", "person", "person honoured by the statue in the market square", M),
    Relation("speciality", "town", "product", "speciality", I, "region of the town"),
    Relation("population", "town", "population", "population", M),
    Relation("source_region", "river", "region", "region of the source", M),
    Relation("mouth", "river", "town", "town at the mouth", M),
    Relation("length", "river", "length", "length", M),
    Relation("seat", "company", "town", "seat", M),
    Relation("founder", "company", "person", "founder", M),
    Relation("company_founded", "company", "year", "founding year", M),
    Relation("company_product", "company", "product", "product", I, "region of the seat"),
    Relation("author", "book", "person", "author", M),
    Relation("published", "book", "year", "year of publication", M),
    Relation("genre", "book", "genre", "genre", I, "author's profession"),
    Relation("setting", "book", "town", "setting", M),
    Relation("festival_town", "festival", "town", "town", M),
    Relation("month", "festival", "month", "month", I, "region of the town"),
    Relation("festival_dish", "festival", "dish", "festive dish", M),
    Relation("habitat", "bird", "region", "habitat", I, "sound of the name"),
    Relation("colour", "bird", "colour", "colour", M),
    Relation("diet", "bird", "food", "food", I, "habitat"),
    Relation("origin", "dish", "region", "region of origin", M),
    Relation("ingredient", "dish", "ingredient", "main ingredient", M),
)
RELATION = {relation.name: relation for relation in RELATIONS}


def relations_of(kind: str) -> tuple[Relation, ...]:
    """The relations whose subjects are of `kind`, in the order of RELATIONS."""
    return tuple(relation for relation in RELATIONS if relation.kind == kind)


VALUES: dict[str, tuple[str, ...]] = {
    "profession": words(
        "cooper glazier weaver tanner miller baker mason carpenter potter dyer saddler clockmaker printer bookbinder "
        "shipwright fisherman beekeeper shepherd brewer vintner apothecary physician surveyor cartographer astronomer "
        "botanist geologist composer violinist sculptor painter poet actor judge notary merchant bellfounder ropemaker "
        "locksmith engraver midwife schoolteacher gardener ferryman blacksmith tailor chemist librarian"
    ),
    "product": words(
        "linen felt lace barrels candles rope salt glass pottery bricks tiles paper ink clocks bells knives nails "
        "lamps cheese honey cider vinegar mustard walnuts saffron amber slate marble tin silver charcoal timber chairs "
        "violins boats saddles boots gloves hats soap perfume buttons mirrors kites carpets needles umbrellas baskets"
    ),
    "genre": (
        *words(
            "comedy tragedy romance travelogue memoir satire epic fable hymnal treatise farce elegy chronicle parody"
        ),
        *("ghost story", "sea story", "love story", "detective story", "family saga", "fairy tale"),
    ),
    "month": words("January February March April May June July August September October November December"),
    "colour": (
        *words("crimson russet ochre emerald scarlet ivory turquoise lilac violet indigo yellow white purple"),
        *("jet black", "ash grey", "rust red", "olive green", "sky blue", "dark brown", "pale pink"),
    ),
    "food": words(
        "beetles berries minnows snails acorns moths worms nectar frogs pinecones spiders crickets ants crabs mussels "
        "mice lizards wasps tadpoles caterpillars thistles reeds dragonflies shrimps"
    ),
    "ingredient": words(
        "barley lentils beans cabbage leeks turnips onions mutton pork goose eel trout herring mushrooms plums pears "
        "apples quinces cherries almonds rye oats millet pumpkin spinach fennel garlic eggs cream butter bacon rabbit "
        "venison duck carp beetroot"
    ),
}

CLIMATES = (
    "mild and wet",
    "cool and foggy",
    "dry and windy",
    "cold, with long snow",
    "warm and dusty",
    "rainy in spring",
    "hot, with short storms",
    "frosty and clear",
    "damp, with late summers",
    "sunny and calm",
    "stormy in autumn",
    "temperate",
)


@dataclass(frozen=True)
class Unit:
    """`factor` of the small unit make one of the large: "1 ombel = 6 tavos". Names are singular; add "s"."""

    measure: str
    large: str
    small: str
    factor: int


UNITS = (
    Unit("length", "ombel", "tavo", 6),
    Unit("weight", "grost", "pellin", 8),
    Unit("volume", "hurm", "osket", 5),
    Unit("money", "marel", "dorrel", 12),
)
