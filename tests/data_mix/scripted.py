"""A teacher that follows a script, for tests of what is done with its replies."""

from dataclasses import dataclass, field


@dataclass
class Scripted:
    """`reply(messages, seed, place)` is called for every conversation; all calls are kept."""

    reply: object
    name: str = "scripted"
    calls: list = field(default_factory=list)

    def complete(self, conversations, *, temperature, top_p, max_tokens, seed):
        self.calls.append({"n": len(conversations), "temperature": temperature, "top_p": top_p, "seed": seed,
                           "max_tokens": max_tokens})  # fmt: skip
        return [self.reply(messages, seed, place) for place, messages in enumerate(conversations)]
