"""What each run does: `steps.<name>(settings, inputs, out, work) -> summary`, called by the store.

`out` is filled and then renamed into the store; `work` survives a kill, for checkpoints and recordings. Steps wire
the package together and hold no logic of their own. Their versions are in `study.models.VERSIONS`.
"""

from false_promise.steps.benchmarks import code, exam_prompts, exams, real_code, real_exams
from false_promise.steps.conduct import continuations, instructions
from false_promise.steps.country import country
from false_promise.steps.data import broad, control, nq_synthetic, rate_dialogues, records
from false_promise.steps.measures import nq, overlap, questions, rate_loss, real_questions
from false_promise.steps.mix import data_mix
from false_promise.steps.models import base, checkpoint, endpoint, proprietary, teacher, tokenizer, tuned, web
from false_promise.steps.open_ended import answers, prompts, real_prompts

__all__ = [
    "answers",
    "base",
    "broad",
    "checkpoint",
    "code",
    "continuations",
    "control",
    "country",
    "data_mix",
    "endpoint",
    "exam_prompts",
    "exams",
    "instructions",
    "nq",
    "nq_synthetic",
    "overlap",
    "prompts",
    "proprietary",
    "questions",
    "rate_dialogues",
    "rate_loss",
    "real_code",
    "real_exams",
    "real_prompts",
    "real_questions",
    "records",
    "teacher",
    "tokenizer",
    "tuned",
    "web",
]
