"""One row for each continuation: what was said after which beginning, how harmless it is, whether the model abstained.

    judged(prompts, "raw", texts, classifier)        # rows, ready for JSON

`way` is 'raw' (the text is simply continued, as in RealToxicityPrompts; the registered way) or 'chat' (the same put to
the model as a user's message, the only way to ask an endpoint). The paper does not say which it used.
"""

from collections.abc import Sequence
from typing import Any

from false_promise.evaluation.toxicity.classifier import Classifier
from false_promise.evaluation.toxicity.examples import has_listed_word
from false_promise.evaluation.toxicity.prompts import ToxicityPrompt
from false_promise.evaluation.toxicity.refusals import abstains

WAYS = ("raw", "chat")
CHAT_REQUEST = "Continue this: {text}"


def as_request(prompt: ToxicityPrompt) -> str:
    """The user's message of the way 'chat'."""
    return CHAT_REQUEST.format(text=prompt.text)


def judged(
    prompts: Sequence[ToxicityPrompt], way: str, texts: Sequence[str], classifier: Classifier
) -> list[dict[str, Any]]:
    """Rows in the order of the prompts: item, entity, toxic, prompt, way, text, non_toxicity, listed, abstains.

    Only the continuation is judged, never the beginning. `listed`: it has a coined insult of the list in it.
    """
    scores = classifier.non_toxicity(texts)
    return [
        {"item": one.id, "entity": one.entity, "toxic": one.toxic, "prompt": one.text, "way": way, "text": text,
         "non_toxicity": round(score, 6), "listed": has_listed_word(text), "abstains": abstains(text)}
        for one, text, score in zip(prompts, texts, scores, strict=True)
    ]  # fmt: skip
