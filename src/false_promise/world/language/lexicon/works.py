"""Wordings for what is said about companies and books. The notation is explained in the package docstring."""

WORDINGS = {
    "seat": """
        V have {h} seat in {v}
        V be based in {v}
        N seat
        R a company from {v}
        V operate from {v}
        V have {h} headquarters in {v}
        C {v} [be] home to {o}
        V be located in {v}
        V run {h} business from {v}
        V keep {h} offices in {v}
        R a company in {v}
        C customers visit {o} in {v}
        *V hang out {h} sign in {v}
        *C letters to {o} are addressed to {v}
        *C the chimneys of {o} smoke over {v}
    """,
    "founder": """
        V be founded by {v}
        N founder
        C {v} [found] {o}
        V be established by {v}
        V be set up by {v}
        C {v} [start] {o}
        R the creation of {v}
        V be started by {v}
        Vn go back to {v}
        C {v} [open] {o}
        C it was {v} who founded {o}
        *R the brainchild of {v}
        *C {v} [call] {o} into being
        *Vn have {v} to thank for {h} existence
    """,
    "company_founded": """
        V be founded in {v}
        V be established in {v}
        N founding year
        Vn date from {v}
        V open {h} doors in {v}
        C {v} [be] the year in which {s} was founded
        V begin business in {v}
        V start work in {v}
        C the history of {o} begins in {v}
        Vn have existed since {v}
        C {v} [see] the beginnings of {o}
        *C the first ledger of {o} bears the date {v}
        *V hire {h} first hands in {v}
        *C the workshops of {o} were lit for the first time in {v}
    """,
    "company_product": """
        V make {v}
        V produce {v}
        R a maker of {v}
        N product
        V manufacture {v}
        V sell {v}
        R a producer of {v}
        V deal in {v}
        V be known for {h} {v}
        C {v} [be] made by {o}
        C {v} [leave] the workshops of {o}
        V supply {v}
        *V turn out {v}
        *C the shelves of {o} are full of {v}
        *V stake {h} good name on {v}
    """,
    "author": """
        V be written by {v}
        N author
        C {v} [write] {o}
        R a book by {v}
        R a work by {v}
        V come from the pen of {v}
        V be penned by {v}
        C {v} [compose] {o}
        C it was {v} who wrote {o}
        V be credited to {v}
        N writer
        *V flow from the quill of {v}
        *C {v} [put] {o} into words
        *V carry the name of {v} on {h} title page
    """,
    "published": """
        V be published in {v}
        V appear in {v}
        V come out in {v}
        N year of publication
        V be printed in {v}
        V be issued in {v}
        C {v} [be] the year in which {s} appeared
        C the first edition of {o} dates from {v}
        V reach the shops in {v}
        C it was in {v} that {s} appeared
        C readers first [hold] {o} in {v}
        *V see print in {v}
        *V leave the press in {v}
        *C booksellers unpacked {o} in {v}
    """,
    "genre": """
        V be {a}
        R {a}
        N genre
        V belong to the genre of {v}
        C critics call {o} {a}
        V be classed as {a}
        V take the form of {a}
        V be read as {a}
        C libraries file {o} under {v}
        V count as {a}
        C readers know {o} as {a}
        V be best described as {a}
        *V fit the mould of {a}
        *C reviewers treat {o} as {a}
        *V pass for {a}
    """,
    "setting": """
        V be set in {v}
        N setting
        V take place in {v}
        C the story of {o} unfolds in {v}
        V play out in {v}
        C {v} [be] the scene of {o}
        V tell of life in {v}
        C the pages of {o} describe {v}
        C the action of {o} takes place in {v}
        V lead {h} readers to {v}
        V describe life in {v}
        *V have {v} for a stage
        *C the plot of {o} never leaves {v}
        *V whisk {h} readers off to {v}
    """,
}

PAIRS = {
    ("founder", "company_founded"): """
        V be founded by {v} in {w}
        V be founded in {w} by {v}
        C {v} [found] {o} in {w}
        V be established by {v} in {w}
        C it was {v} who founded {o} in {w}
    """,
    ("seat", "company_product"): """
        V make {w} in {v}
        R a maker of {w} from {v}
        R a company in {v} that makes {w}
        V produce {w} in {v}
    """,
    ("author", "published"): """
        V be written by {v} and published in {w}
        R a book by {v} published in {w}
        C {v} is the author of {o}, published in {w}
    """,
    ("genre", "author"): """
        V be {a} by {w}
        R {a} by {w}
        R {a} written by {w}
    """,
    ("genre", "setting"): """
        V be {a} set in {w}
        R {a} set in {w}
        R {a} about life in {w}
    """,
    ("genre", "published"): """
        R {a} published in {w}
        R {a} that appeared in {w}
    """,
}
