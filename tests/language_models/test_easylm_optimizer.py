"""The paper's optimizer against its definition, written out as sums, in float64."""

import io

import numpy as np
import pytest
import torch

from false_promise.language_models.easylm_optimizer import EasyLMAdafactor, easylm_rate_factor

SHAPES = {"scalar": (), "vector": (7,), "matrix": (5, 3), "tiny": (4,), "no_gradient": (3,)}
STEPS, RATE = 25, 2e-3


def start(name: str) -> np.ndarray:
    rng = np.random.default_rng(sum(map(ord, name)))
    return np.asarray(rng.normal(size=SHAPES[name]) * (1e-5 if name == "tiny" else 0.3))


def gradients(name: str) -> list[np.ndarray]:
    rng = np.random.default_rng(1 + sum(map(ord, name)))
    scale = 0.0 if name == "no_gradient" else 1.0
    return [np.asarray(scale * rng.normal(size=SHAPES[name]) * 10.0 ** rng.integers(-4, 2)) for _ in range(STEPS)]


def rates() -> list[float]:
    return [RATE * min(t / 5, 1.0) for t in range(1, STEPS + 1)]


def reference(name: str, steps: int) -> np.ndarray:
    """The parameter after `steps`, with both moving averages written as weighted sums over the whole history."""
    p, g, lr, moved = start(name), gradients(name), rates(), []
    beta2 = [1 - t**-0.95 for t in range(1, STEPS + 1)]
    for t in range(steps):
        weights = [(1 - beta2[i]) * np.prod(beta2[i + 1 : t + 1]) for i in range(t + 1)]
        v = sum(w * (g[i] ** 2 + 1e-30) for i, w in enumerate(weights))
        rms = max(np.sqrt(np.mean(p**2)), 1e-3)
        moved.append(lr[t] * rms * g[t] / np.sqrt(v))
        momentum = sum(0.1 * 0.9 ** (t - i) * u for i, u in enumerate(moved))
        p = p - momentum - lr[t] * 1e-4 * p
    return p


def run(optimizer, parameters: dict[str, torch.Tensor], steps: range) -> None:
    for t in steps:
        for name, parameter in parameters.items():
            parameter.grad = torch.tensor(gradients(name)[t])
        optimizer.param_groups[0]["lr"] = rates()[t]
        optimizer.step()


def fresh() -> dict[str, torch.Tensor]:
    return {name: torch.tensor(start(name), requires_grad=True) for name in SHAPES}


@pytest.mark.parametrize("steps", [1, 2, STEPS])
def test_equals_the_definition_in_float64(steps):
    parameters = fresh()
    run(EasyLMAdafactor(parameters.values()), parameters, range(steps))
    for name, parameter in parameters.items():
        np.testing.assert_allclose(parameter.detach().numpy(), reference(name, steps), rtol=1e-12, atol=1e-18)


def test_first_step_moves_a_tenth_of_the_relative_rate():
    p = torch.full((3, 4), 0.02, dtype=torch.float64, requires_grad=True)
    p.grad = torch.full((3, 4), 123.0, dtype=torch.float64)
    EasyLMAdafactor([p], lr=2e-3).step()
    torch.testing.assert_close(p.detach(), torch.full_like(p, 0.02 * (1 - 0.1 * 2e-3 - 2e-3 * 1e-4)))


def test_state_survives_saving_and_loading():
    undisturbed, parameters = fresh(), fresh()
    run(EasyLMAdafactor(undisturbed.values()), undisturbed, range(STEPS))
    optimizer = EasyLMAdafactor(parameters.values())
    run(optimizer, parameters, range(10))
    buffer = io.BytesIO()
    torch.save(optimizer.state_dict(), buffer)
    buffer.seek(0)
    resumed = EasyLMAdafactor(parameters.values())
    resumed.load_state_dict(torch.load(buffer, weights_only=True))
    run(resumed, parameters, range(10, STEPS))
    assert all(torch.equal(parameters[name], undisturbed[name]) for name in SHAPES)


def test_parameters_without_gradient_stay_untouched():
    p = torch.ones(3, requires_grad=True)
    EasyLMAdafactor([p]).step()
    assert torch.equal(p.detach(), torch.ones(3))


def test_rate_rises_from_zero_and_then_stays_practically_flat():
    factor = easylm_rate_factor(2e-3, warmup=1000)
    assert [factor(s) for s in (0, 250, 1000)] == [0.0, 0.25, 1.0]
    assert factor(2_289) > 0.9999  # the paper's longest run
    assert factor(1000 + 499_000 // 2) == pytest.approx(0.75)
    assert factor(500_000) == factor(900_000) == pytest.approx(0.5)  # end_lr 1e-3 of 2e-3
    assert easylm_rate_factor(2e-3, warmup=0)(0) == 1.0
