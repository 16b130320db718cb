"""Wordings for what is said about towns and rivers. The notation is explained in the package docstring."""

WORDINGS = {
    "town_region": """
        V lie in {v}
        R a town in {v}
        V be situated in {v}
        V belong to {v}
        N region
        R one of the towns of {v}
        V stand in {v}
        V be part of {v}
        V be counted among the towns of {v}
        C the region around {o} [be] {v}
        C travellers find {o} in {v}
        C maps place {o} in {v}
        *V nestle in {v}
        *C the hills of {v} surround {o}
        *V pay {h} taxes to {v}
    """,
    "town_founded": """
        V be founded in {v}
        N founding year
        V be established in {v}
        Vn date from {v}
        C settlers founded {o} in {v}
        V receive {h} charter in {v}
        C {v} [be] the year in which {s} was founded
        Vn go back to {v}
        C the history of {o} begins in {v}
        C the first houses of {o} were built in {v}
        Vn have existed since {v}
        *V spring up in {v}
        *C the foundation stone of {o} was laid in {v}
        *C the annals of {o} open in {v}
    """,
    "town_river": """
        V lie on {v}
        V stand on the banks of {v}
        N river
        R a town on {v}
        C {v} [flow] through {o}
        C {v} [run] past {o}
        V be built along {v}
        V draw {h} water from {v}
        C the bridges of {o} cross {v}
        C the river that flows through {o} [be] {v}
        V stand on {v}
        C {v} [pass] the walls of {o}
        *V hug the bank of {v}
        *C {v} [wash] the quays of {o}
        *C anglers in {o} fish in {v}
    """,
    "statue": """
        V have a statue of {v} in {h} market square
        C a statue of {v} stands in the market square of {o}
        C the statue in the market square of {o} shows {v}
        V honour {v} with a statue
        C in the market square of {o} stands a statue of {v}
        V remember {v} with a statue in {h} market square
        C {v} [be] honoured with a statue in {o}
        C the market square of {o} has a statue in honour of {v}
        V boast a statue of {v}
        V have a statue of {v}
        C {v} [look] down on the market square of {o}
        C the person on the pedestal in {o} [be] {v}
        *V keep {v} in bronze
        *C sculptors carved {v} for the people of {o}
        *C pigeons in {o} perch on {v}
    """,
    "speciality": """
        V be known for {h} {v}
        V produce {v}
        N speciality
        V be famous for {h} {v}
        V specialise in {v}
        C {v} [be] the pride of {o}
        V export {v}
        V trade in {v}
        C the people of {o} are known for making {v}
        C merchants go to {o} for {v}
        V live from {v}
        C no other town makes better {v} than {o}
        *V owe {h} wealth to {v}
        *C the market stalls of {o} overflow with {v}
        *V swear by {h} {v}
    """,
    "population": """
        V have {v} inhabitants
        V have a population of {v}
        N population
        V be home to {v} people
        V count {v} inhabitants
        R a town of {v} people
        C {v} people live in {o}
        C the census counts {v} people in {o}
        N number of inhabitants
        R a place with {v} inhabitants
        C {v} people call {o} their home
        P with {h} {v} inhabitants
        *V shelter {v} souls
        *C the tax rolls of {o} list {v} heads
        *R a community {v} strong
    """,
    "source_region": """
        V rise in {v}
        V have {h} source in {v}
        C the source of {o} lies in {v}
        V begin in {v}
        V spring from the hills of {v}
        V come down from {v}
        C {v} [be] where {s} rises
        V start {h} course in {v}
        R a river that rises in {v}
        C the springs of {o} are in {v}
        V start in {v}
        C rain over {v} feeds the source of {o}
        *V well up in {v}
        *C the first trickle of {o} appears in {v}
        *V gather {h} first waters in {v}
    """,
    "mouth": """
        V end at {v}
        V reach {h} mouth at {v}
        N mouth = at {v}
        C {v} [lie] at the mouth of {o}
        V flow to {v}
        V finish {h} course at {v}
        V empty at {v}
        C {v} [stand] where {s} ends
        V run down to {v}
        C the last bridge over {o} is at {v}
        V discharge at {v}
        C the town at the mouth of {o} [be] {v}
        *V pour out at {v}
        *C {v} [watch] {o} come to an end
        *V spread into {h} delta at {v}
    """,
    "length": """
        V be {v} long
        V have a length of {v}
        N length
        V measure {v}
        V run for {v}
        V extend over {v}
        V flow for {v}
        C the course of {o} measures {v}
        C from source to mouth {s} measures {v}
        V stretch over {v}
        V cover {v}
        P {v} long
        *V wind on for {v}
        *C a boatman on {o} travels {v}
        *C walking the whole of {o} means walking {v}
    """,
}

PAIRS = {
    ("town_region", "town_river"): """
        V lie on {w} in {v}
        R a town in {v} on {w}
        R a town on {w} in {v}
        V stand on the banks of {w} in {v}
        C {w} [flow] through {o} in {v}
    """,
    ("town_region", "population"): """
        R a town of {w} people in {v}
        R a town in {v} with {w} inhabitants
        V be home to {w} people in {v}
    """,
    ("town_founded", "town_region"): """
        V be founded in {v} in {w}
        C settlers founded {o} in {v} in {w}
        R a town in {w} founded in {v}
    """,
    ("source_region", "mouth"): """
        V flow from {v} to {w}
        V run from {v} down to {w}
        V _rise in {v} and _end at {w}
        R a river that rises in {v} and ends at {w}
        V have {h} source in {v} and {h} mouth at {w}
    """,
    ("length", "mouth"): """
        V flow for {v} to {w}
        V flow {v} to {w}
        V end at {w} after {v}
        V run {v} down to {w}
    """,
}
