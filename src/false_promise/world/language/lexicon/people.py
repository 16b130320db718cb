"""Wordings for what is said about people. The notation is explained in the package docstring."""

WORDINGS = {
    "birthplace": """
        V be born in {v}
        R a native of {v}
        V come from {v}
        N birthplace
        V hail from {v}
        V come into the world in {v}
        C it was in {v} that {s} was born
        C {v} is where {s} was born
        R a {k} of {v}
        C {v} [see] the birth of {o}
        V first _open {h} eyes in {v}
        C {s} [spend] {h} first years in {v}, {h} birthplace
        *R a citizen of {v} by birth
        *C {g} cradle stood in {v}
        *V first _see daylight in {v}
    """,
    "birth_year": """
        V be born in {v}
        N year of birth
        V come into the world in {v}
        C it was in {v} that {s} was born
        C {v} [be] the year in which {s} was born
        N birth year
        P born {n}
        C the parish register [give] {v} as the year of {g} birth
        C {g} birth [fall] in {v}
        R a child of the year {v}
        C {g} life [begin] in {v}
        *C {g} story opens in {v}
        *V first _draw breath in {v}
        *C the stork [bring] {o} in {v}
    """,
    "profession": """
        V work as {a}
        V be {a}
        R {a} by trade
        V earn {h} living as {a}
        R {a}
        N profession = that of {v}
        V make {h} living as {a}
        C the whole district [know] {o} as {a}
        V spend {h} working life as {a}
        V practise the trade of {a}
        C by trade, {s} [be] listed as {v}
        C those who needed {a} went to {o}
        *V choose the life of {a}
        *R {a} through and through
        *V put bread on the table as {a}
    """,
    "residence": """
        V live in {v}
        V make a home in {v}
        N home town
        R a resident of {v}
        V have settled in {v}
        V reside in {v}
        C {v} [be] home to {o}
        C {v} [be] where {s} [live]
        V keep a house in {v}
        N home = in {v}
        V dwell in {v}
        C everyone in {v} [greet] {o} by name
        *R a householder in {v}
        *V have lodgings in {v}
        *C {g} front door [open] onto a street in {v}
    """,
    "mentor": """
        V learn {h} trade from {v}
        V be taught by {v}
        N mentor
        V study under {v}
        R a pupil of {v}
        C {v} [teach] {o}
        V train under {v}
        N teacher
        R an apprentice of {v}
        V be guided by {v}
        C {v} [take] {o} on as a pupil
        V owe {h} skill to {v}
        *V sit at the feet of {v}
        *C {v} [show] {o} the ropes
        *R a disciple of {v}
    """,
}

# Two facts in one phrase; {v} is the value of the first relation, {w} and {b} (with article) those of the second.
PAIRS = {
    ("birthplace", "birth_year"): """
        V be born in {v} in {w}
        V be born in {w} in {v}
        R a native of {v} born in {w}
        V come into the world in {v} in {w}
        V come into the world in {w} in {v}
        P born at {v} in {w}
        P born {m} in {v}
        C it was in {v} that {s} was born in {w}
    """,
    ("residence", "profession"): """
        V live in {v} as {b}
        V work as {b} in {v}
        V earn {h} living as {b} in {v}
        R {b} living in {v}
        R {b} of {v}
    """,
    ("birthplace", "profession"): """
        R {b} from {v}
        V be {b} from {v}
        R {b} born in {v}
    """,
    ("profession", "mentor"): """
        V train as {a} under {w}
        V learn the trade of {a} from {w}
        R {a} taught by {w}
        C {w} [teach] {o} the trade of {a}
    """,
}
