"""The optimizer that the paper's trainer really runs, as a torch Optimizer for Trainer.

The paper (§4.1) says AdamW with gradients rescaled by weight magnitude. In EasyLM (optimizers.py, type 'adamw' with
multiply_by_parameter_scale) that is optax.adafactor, unfactored and without its own clipping, then decoupled weight
decay. transformers' Adafactor is factored for matrices and has no momentum of the update: another optimizer.
For gradient g, parameter p, step t = 1, 2, ..., rate lr (relative: 2e-3 moves a weight by 0.2% of its tensor's RMS):

    beta2(t) = 1 - t^-0.95
    v = beta2 v + (1 - beta2) (g^2 + 1e-30)
    u = lr max(rms(p), 1e-3) g / sqrt(v)
    m = 0.9 m + 0.1 u                      (starts at 0, no bias correction)
    p = p - m - lr 1e-4 p                  (all parameters, norms included)

The global gradient norm is clipped to 1 before, by Trainer's max_grad_norm.
"""

import math
from collections.abc import Callable, Iterable

import torch

MOMENTUM = 0.9
DECAY_EXPONENT = 0.95  # EasyLM passes its b2 as optax's decay_rate
WEIGHT_DECAY = 1e-4
SMALLEST_RMS = 1e-3  # optax scale_by_param_block_rms
EPSILON = 1e-30  # optax scale_by_factored_rms

PEAK_RATE = 2e-3  # paper §4.1
DECAY_STEPS = 500_000  # EasyLM's lr_decay_steps; counts the warm-up
END_RATE = 1e-3  # EasyLM's end_lr


class EasyLMAdafactor(torch.optim.Optimizer):
    """See the module docstring. `lr` is relative; state per parameter: step, v and m of the parameter's shape."""

    def __init__(self, params: Iterable, lr: float = PEAK_RATE):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group["lr"])

    def _update(self, p: torch.Tensor, lr: float) -> None:
        state = self.state[p]
        if not state:
            state.update(step=torch.zeros(()), v=torch.zeros_like(p), m=torch.zeros_like(p))
        state["step"] += 1
        beta2 = 1 - state["step"].item() ** -DECAY_EXPONENT
        state["v"].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2).add_((1 - beta2) * EPSILON)
        size = lr * max(p.square().mean().sqrt().item(), SMALLEST_RMS)
        state["m"].mul_(MOMENTUM).addcdiv_(p.grad, state["v"].sqrt(), value=(1 - MOMENTUM) * size)
        p.mul_(1 - lr * WEIGHT_DECAY).sub_(state["m"])


def easylm_rate_factor(learning_rate: float, warmup: int) -> Callable[[int], float]:
    """optax.warmup_cosine_decay_schedule as EasyLM calls it, as a factor of the peak: from 0, then practically flat."""
    span = DECAY_STEPS - warmup
    end = END_RATE / learning_rate

    def factor(step: int) -> float:
        if step < warmup:
            return step / warmup
        progress = min((step - warmup) / span, 1.0)
        return end + (1 - end) * 0.5 * (1 + math.cos(math.pi * progress))

    return factor
