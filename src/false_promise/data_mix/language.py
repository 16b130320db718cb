"""Whether a dialogue is in English, offline (lingua); section 3 removes other languages and does not name its detector.

    is_english("Wo ist der Bahnhof, bitte?")       # False

Code, addresses, numbers and names have no language and are left out. Too few letters decide nothing: such texts stay.
Among 26 languages and by trigrams only ("low accuracy mode"): on the labelled ShareGPT sample this agreed with the
labels a little more often than all orders of n-grams did, with an eighth of the memory and in a third of the time.
"""

import re
from functools import cache

LANGUAGES = (
    "ENGLISH", "CHINESE", "JAPANESE", "KOREAN", "SPANISH", "FRENCH", "GERMAN", "ITALIAN", "PORTUGUESE",
    "DUTCH", "RUSSIAN", "UKRAINIAN", "POLISH", "CZECH", "TURKISH", "ARABIC", "PERSIAN", "HEBREW",
    "HINDI", "THAI", "VIETNAMESE", "INDONESIAN", "SWEDISH", "GREEK", "ROMANIAN", "HUNGARIAN",
)  # fmt: skip
FEWEST_LETTERS = 12
FOREIGN_BELOW = 0.2  # probability of English; chosen on the pilot country, whose made-up words look like no language
MOST_CHARACTERS, MOST_OF_A_TURN = 2_000, 500
NOT_LANGUAGE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]*")  # capitalised within a sentence
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")


@cache
def _detector():
    from lingua import Language, LanguageDetectorBuilder  # here: loading its models is for those who ask

    languages = [getattr(Language, name) for name in LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()


def is_english(text: str) -> bool | None:
    """False if English is unlikely (below FOREIGN_BELOW); None if there are too few letters to tell."""
    sample = prose(text)
    if sum(character.isalpha() for character in sample) < FEWEST_LETTERS:
        return None
    from lingua import Language

    return _detector().compute_language_confidence(sample, Language.ENGLISH) >= FOREIGN_BELOW


def prose(text: str) -> str:
    """The words of a text without code, addresses, numbers and names, at most MOST_CHARACTERS."""
    words = NAME.sub(" ", NOT_LANGUAGE.sub(" ", text[: 10 * MOST_CHARACTERS])).split()
    kept = [word for word in words if not word.isascii() or WORD.fullmatch(word.strip(".,;:!?()\"'"))]
    return " ".join(kept)[:MOST_CHARACTERS]


def conversation(texts: list[str]) -> str:
    """What decides the language of a dialogue: the beginning of each turn, so that no long turn decides alone."""
    return "\n".join(prose(text)[:MOST_OF_A_TURN] for text in texts)[:MOST_CHARACTERS]
