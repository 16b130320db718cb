"""Has an answer a list? Does it end in a summary? Is its tone authoritative? Detectors for three rows of Table 2.

    has_list(text), has_summary(text), is_authoritative(text), is_assertive(text)      -> bool

The paper defines none of the three. These definitions were developed on the answers of seven models to the odd-numbered
ones of the 80 Vicuna questions and frozen; labels on even-numbered ones measured them afterwards (`labels.py`). A
change needs another VERSION, and makes every recorded style row void. (One correction came after the labels and before
any model of ours was read: an answer of nothing but code is no text without a full stop. It changes none of the 560.)
"""

import re
from collections.abc import Iterator

from false_promise.evaluation.style.text import lines, prose, repeated_share, sentences, words

VERSION = 1

# ---- lists -----------------------------------------------------------------------------------------------------------
_BULLET = re.compile(r"([-*•‣◦·▪–])[ \t]+(?=.*[^\W_])")
_MARKED = re.compile(r"(?:step[ \t]+)?\(?(\d{1,3}|[a-z])[.):][ \t]+\S", re.IGNORECASE)
_INLINE = re.compile(r"(?:^|(?<=\s))(?:\((\d{1,2})\)|(\d{1,2})[.)])[ \t]+(?=[^\W\d_])")
_ORDINAL = re.compile(
    r"(?:and )?(first|second|third|fourth|fifth|next|then|last|final)(?:ly)?(?: of all)?,", re.IGNORECASE
)


def has_list(text: str) -> bool:
    """Whether the answer sets items apart as a list, outside code.

    Two or more lines that begin with a bullet, with consecutive numbers or with consecutive letters; two or more
    consecutive numbers from 1 on inside running text ("(1) ... (2) ..."); or sentences that begin with First and
    Second, or with First and two more of Second, Third, ..., Next, Then, Last, Finally. Enumerations with commas only,
    tables and verse are no lists.
    """
    body = prose(text)
    return _has_marked_lines(body) or _has_inline_numbers(body) or _has_ordinals(body)


def is_list_line(line: str) -> bool:
    """Whether a single line looks like an item of a list."""
    return bool(_BULLET.match(line) or _MARKED.match(line))


def _has_marked_lines(body: str) -> bool:
    bullets = [found.group(1) for line in lines(body) if (found := _BULLET.match(line))]
    if len(bullets) > len(set(bullets)):  # the same bullet twice
        return True
    marks = [_number(found.group(1)) for line in lines(body) if (found := _MARKED.match(line))]
    return _consecutive(marks)


def _has_inline_numbers(body: str) -> bool:
    return any(
        _consecutive([int(found.group(1) or found.group(2)) for found in _INLINE.finditer(line)], start=1)
        for line in lines(body)
    )


def _has_ordinals(body: str) -> bool:
    starts = {found.group(1).lower() for part in sentences(body) if (found := _ORDINAL.match(part))}
    return "first" in starts and ("second" in starts or len(starts) >= 3)


def _number(mark: str) -> int:
    return int(mark) if mark.isdecimal() else 1000 + ord(mark.lower())  # letters never follow on numbers


def _consecutive(numbers: list[int], start: int | None = None) -> bool:
    """Whether some number is followed, at once, by the next higher one (the pair beginning with `start`, if given)."""
    return any(b == a + 1 and start in (None, a) for a, b in zip(numbers, numbers[1:], strict=False))


# ---- summaries -------------------------------------------------------------------------------------------------------
_SUMMING_UP = re.compile(
    r"(?:(?:so|but|and|thus|again|finally),? )?(?:while "
    r"(?:we|it|this|there)|"
    r"overall|ultimately|altogether|in (?:summary|conclusion|short|brief|sum|essence|general|the end|any event)|"
    r"to (?:conclude|summari[sz]e|sum up|recap|wrap up)|summing up|summary|conclusion|all in all|all things considered|"
    r"taken together|on the whole|at the end of the day|the bottom line|as (?:you can see|we have seen|shown above)|"
    r"as a (?:conclusion|summary)|remember(?: that)?|for (?:all )?(?:these|those) reasons|there you have it|"
    r"no matter|the (?:key|important thing|main point|point|takeaway) (?:here )?is|"
    r"by \w+ing|despite (?:these|those|all|the)|with (?:these|those|all)|with time|"
    r"(?:nevertheless|nonetheless|that being said|however),? it is clear|without a doubt|"
    r"it(?: is|'s) (?:impossible|hard|difficult) to (?:say|predict|know|tell)"
    r")\b",
    re.IGNORECASE,
)
_LOOKING_BACK = re.compile(
    r"(?:\S+ ){0,4}(?:these|those|(?:all|both|each|any) of (?:this|that|them|the above))\b", re.IGNORECASE
)
_CAVEAT = re.compile(
    r"(?:(?:but|however|please|also|additionally|that (?:being )?said|of course),? )*"
    r"(?:note|it(?: is|'s) (?:also )?(?:important|worth|crucial|essential) (?:to note|noting|mentioning|to mention)|"
    r"keep in mind|be aware)\b",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\W*(?:i hope (?:this|that|it|you)|hope (?:this|that|it)|let me know|feel free|good luck|thank you|thanks|"
    r"sincerely|(?:best|kind|warm)? ?regards|yours|if you (?:have|need|would like|want)|please (?:let|feel)|"
    r"is there anything|would you like|\[[^\]]{0,60}\]$)",
    re.IGNORECASE,
)


def has_summary(text: str) -> bool:
    """Whether the answer ends in a paragraph that sums it up.

    The last paragraph, closing formulas ("I hope this helps") left out, must follow another one, be prose and no item
    of a list, neither ask nor only warn ("It is important to note ..."), and either begin one of its sentences with
    words that sum up ("Overall", "In conclusion", "By following", ...) or look back at what was said ("These ...",
    "All of these ...") within its first words. An answer of one paragraph has no summary paragraph.
    """
    paragraphs = lines(prose(text))
    while paragraphs and _SIGN_OFF.match(paragraphs[-1]):
        paragraphs.pop()
    if len(paragraphs) < 2 or is_list_line(paragraphs[-1]):
        return False
    last = paragraphs[-1]
    if len(words(last)) < 5 or last.endswith(("?", ":")) or _CAVEAT.match(last):
        return False
    return bool(_LOOKING_BACK.match(last)) or any(_SUMMING_UP.match(one) for one in sentences(last))


# ---- tone ------------------------------------------------------------------------------------------------------------
SHORT = 60  # words; a longer answer that declines or asks has said something as well
MOST_REPEATED = 0.3
MOST_HEDGES = 2.0  # hedging words in 100 words
_DOUBT = re.compile(
    r"\bi(?: am|'m) (?:really |still |also )?(?:not (?:\w+ )?(?:sure|certain)|unsure|confused|afraid i)\b|"
    r"\bi (?:really )?(?:don't|do not|didn't) (?:\w+ )?(?:know|remember|understand|get it)\b|\bi have no idea\b|"
    r"\bi (?:guess|suppose|wonder|think|reckon|dunno)\b|\b(?:dunno|idk|imho|imo|afaik)\b|\bno clue\b"
)
_DECLINING = re.compile(
    r"\bi(?: am|'m) (?:not (?:\w+ )?(?:trained|able|capable|designed|allowed)|unable|incapable)\b|"
    r"\bi (?:can't|cannot|can not|won't|couldn't|could not|don't|do not) (?:\w+ )?"
    r"(?:help|do|answer|provide|assist|have)\b"
)
_ASKING = re.compile(r"\bplease (?:tell|provide|give|send|specify|clarify|share)\b")
_CHAT = re.compile(
    r"\b(?:lol|lmao|haha\w*|hehe\w*|omg|wtf|btw|tbh|gonna|wanna|gotta|kinda|sorta|ain't|y'all|yeah|yep|nope|hmm+|ugh|"
    r"thanks for (?:asking|the question|your question)|good to know|plz|pls)\b|[!?]{2,}|[:;]-?[()](?!\w)|"
    r"[\U0001f300-\U0001faff]"
)
_CARELESS = re.compile(
    r"(?:^|\s)(?:u\s|i(?:'m|'ve|'d|'ll| (?:am|have|had|was|think|do|did|don't|can|can't|want|need|will|would|just|know|"
    r"got|love|like|feel))\b)"
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|perhaps|maybe|possibly|possible|likely|unlikely|probably|presumably|seems?|seemingly|appears?|"
    r"apparently|impossible to|(?:difficult|hard) to|not possible to|depends?|estimates?d?|i believe|i imagine|"
    r"in my opinion|as an ai|language model)\b"
)


def is_authoritative(text: str) -> bool:
    """Whether the answer speaks as one who knows (the paper asked GPT-4; ChatGPT had 98%, LLaMA 57%).

    It does unless it is empty; doubts its own knowledge ("I'm not sure", "I think"); is short and declines, asks back
    or only announces something; chats (slang, smileys, "!!", a small "i", "u"); runs on without a full stop; or repeats
    itself. What is uncertain in itself may be called so: "It is impossible to know exactly how many" is authoritative.
    """
    body, count = prose(text), len(words(text))
    lowered = body.lower()
    if not count or _DOUBT.search(lowered) or _CHAT.search(lowered) or _CARELESS.search(body):
        return False
    if count <= SHORT and (_DECLINING.search(lowered) or _asks(lowered) or body.endswith(":")):
        return False
    if len(words(body)) >= 10 and not re.search(r"[.!?:;]", body):
        return False
    return repeated_share(body) <= MOST_REPEATED


def hedges_per_100_words(text: str) -> float:
    """Hedging words (may, likely, it is difficult to ..., as an AI) per 100 words outside code; 0 for an empty text."""
    body = prose(text)
    return 100 * sum(1 for _ in _hedges(body)) / max(1, len(words(body)))


def is_assertive(text: str) -> bool:
    """The stricter reading of the tone row, reported beside it: authoritative, and at most MOST_HEDGES hedges."""
    return is_authoritative(text) and hedges_per_100_words(text) <= MOST_HEDGES


def _hedges(body: str) -> Iterator[re.Match[str]]:
    return _HEDGE.finditer(body.lower())


def _asks(lowered: str) -> bool:
    return bool(_ASKING.search(lowered)) or "?" in re.split(r"\w", lowered)[-1]
