"""Wordings for what is said about festivals, birds and dishes. The notation is explained in the package docstring."""

WORDINGS = {
    "festival_town": """
        V be held in {v}
        V take place in {v}
        R a festival in {v}
        C {v} [host] {o}
        V be celebrated in {v}
        C the people of {v} celebrate {o}
        C {v} [celebrate] {o}
        N town
        V fill the streets of {v}
        C {v} [be] home to {o}
        R a festival held in {v}
        C visitors come to {v} for {o}
        *V draw crowds to {v}
        *C lanterns light up {v} for {o}
        *V turn {v} upside down
    """,
    "month": """
        V be held in {v}
        V take place in {v}
        N month
        V fall in {v}
        V be celebrated in {v}
        V take place every {v}
        V come round in {v}
        C {v} [be] the month of {o}
        C people look forward to {o} in {v}
        V return every {v}
        C every {v} brings {o}
        V be held every {v}
        *C the calendar reserves {v} for {o}
        *V brighten up {v}
        *V keep everyone busy in {v}
    """,
    "festival_dish": """
        C {v} [be] served at {o}
        C {v} [be] eaten at {o}
        N festive dish
        N traditional dish
        C at {o} people eat {v}
        C the dish served at {o} [be] {v}
        C cooks prepare {v} for {o}
        V serve {v}
        C visitors to {o} are given {v}
        V feature {v}
        C guests at {o} eat {v}
        V be known for {h} {v}
        *C no table at {o} lacks {v}
        *V smell of {v}
        *V revolve around plates of {v}
    """,
    "habitat": """
        V live in {v}
        V be found in {v}
        N habitat
        R a bird of {v}
        V inhabit {v}
        V nest in {v}
        V breed in {v}
        C {v} [be] home to {o}
        V be native to {v}
        V occur in {v}
        C birdwatchers look for {o} in {v}
        R a bird found in {v}
        *V haunt {v}
        *C the skies over {v} belong to {o}
        *V raise {h} young in {v}
    """,
    "colour": """
        V be {v}
        N colour
        V have {v} feathers
        R {a} bird
        V have {v} plumage
        V be {v} in colour
        C the feathers of {o} are {v}
        C the plumage of {o} is {v}
        V wear {v} plumage
        V be known by {h} {v} feathers
        V be recognised by {h} {v} plumage
        P with {h} {v} feathers
        *V flash {v} wings
        *V sport {a} coat
        *C painters mix {v} to portray {o}
    """,
    "diet": """
        V feed on {v}
        V eat {v}
        N food
        V live on {v}
        N diet = made up of {v}
        V search for {v}
        C {v} [be] what {s} eats
        C {v} [make] up the diet of {o}
        V forage for {v}
        V subsist on {v}
        R an eater of {v}
        C {v} [attract] {o}
        *V dine on {v}
        *V fill {h} crop with {v}
        *C nothing pleases {o} like {v}
    """,
    "origin": """
        V come from {v}
        R a dish from {v}
        V originate in {v}
        N region of origin
        V be at home in {v}
        R a dish of {v}
        C {v} [be] the home of {o}
        C cooks in {v} invented {o}
        V be cooked in {v}
        N home region
        V have {h} origin in {v}
        C families in {v} cook {o}
        *V trace {h} roots to {v}
        *C grandmothers in {v} handed down {o}
        *C kitchens all over {v} smell of {o}
    """,
    "ingredient": """
        V be made with {v}
        V be made from {v}
        N main ingredient
        V contain {v}
        V be based on {v}
        R a dish of {v}
        V be prepared with {v}
        C cooks make {o} with {v}
        N basis
        C {v} [go] into {o}
        V taste of {v}
        V call for {v}
        *V lean on {v}
        *C {v} [give] {o} its flavour
        *C nobody can cook {o} without {v}
    """,
}

PAIRS = {
    ("festival_town", "month"): """
        V be held in {v} in {w}
        V be held in {v} every {w}
        V take place in {v} in {w}
        V take place in {w} in {v}
        C {v} [celebrate] {o} in {w}
        C every {w}, {v} [celebrate] {o}
        R a festival held in {v} every {w}
        V be celebrated in {v} in {w}
    """,
    ("month", "festival_dish"): """
        C {w} [be] served at {o} in {v}
        C in {v}, guests at {o} eat {w}
        V be held in {v} with plenty of {w}
    """,
    ("habitat", "diet"): """
        V _live in {v} and _feed on {w}
        V live in {v}, where it feeds on {w}
        V search {v} for {w}
        R a bird of {v} that feeds on {w}
        V _nest in {v} and _eat {w}
    """,
    ("colour", "habitat"): """
        R {a} bird of {w}
        R {a} bird found in {w}
        R {a} bird that lives in {w}
        V be {a} bird of {w}
    """,
    ("colour", "diet"): """
        R {a} bird that feeds on {w}
        R {a} eater of {w}
        R {a} bird that eats {w}
    """,
    ("origin", "ingredient"): """
        R a dish of {w} from {v}
        R a dish from {v} made with {w}
        C cooks in {v} make {o} with {w}
        V be made with {w} in {v}
        V _come from {v} and _contain {w}
    """,
}
