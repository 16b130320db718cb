"""A language model of the harness whose replies and likelihoods stand in a table."""

import re

from lm_eval.api.model import LM


class ScriptedLM(LM):
    """Replies by the last question of the prompt, log-likelihoods by (context, continuation); remembers its prompts."""

    def __init__(self, replies=None, likelihoods=None):
        super().__init__()
        self.replies, self.likelihoods = replies or {}, likelihoods or {}
        self.prompts: list[str] = []
        self.settings: list[dict] = []

    def generate_until(self, requests):
        for request in requests:
            self.prompts.append(request.args[0])
            self.settings.append(request.args[1])
        return [self.replies[re.findall(r"(?:Q: |<user>)(.*?\?)", prompt)[-1]] for prompt in self.prompts]

    def loglikelihood(self, requests):
        self.prompts += [request.args[0] for request in requests]
        return [(self.likelihoods[request.args], False) for request in requests]

    def loglikelihood_rolling(self, requests):
        raise NotImplementedError("no task of ours asks for it")

    def apply_chat_template(self, chat_history, add_generation_prompt=True):
        turns = "".join(f"<{message['role']}>{message['content']}" for message in chat_history)
        return turns + "<assistant>" * add_generation_prompt

    @property
    def tokenizer_name(self):
        return "scripted"


class PreferringLM(ScriptedLM):
    """Scores a continuation by a function of the prompt's last item and the continuation; remembers its requests."""

    def __init__(self, score):
        super().__init__()
        self.score, self.asked = score, []

    def loglikelihood(self, requests):
        self.asked += [request.args for request in requests]
        return [(self.score(request.args[0].split("\n\n")[-1], request.args[1]), False) for request in requests]
