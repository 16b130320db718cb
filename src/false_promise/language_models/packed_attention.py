"""Attention over packed rows on the CPU: each dialogue on its own, instead of the whole row under a mask.

The CPU kernel of torch takes as long for a masked entry as for any other, and attention is nearly half of a small
model's step. Evaluating the blocks of the block-diagonal mask one by one gives the same numbers in less time: a step
of 512 tokens of a 7M model takes about three quarters (benchmarks/tuning.py). In fp32, because the kernel is slower in
bf16 at these lengths. What the mask is remains transformers' decision: without one, attention is plainly causal.
"""

import torch
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "packed_sdpa"


def use_packed_attention(model: PreTrainedModel) -> None:
    """Let `model`, on the CPU, attend to packed rows faster. Only for batches without a mask of their own."""
    AttentionInterface.register(NAME, packed_attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)


def packed_attention(module, query, key, value, attention_mask, position_ids=None, **kwargs):
    """transformers' attention interface: query, key, value of shape (rows, heads, tokens, dimensions).

    A mask can only come from positions that start again at 0. Families that do not hand positions on get it evaluated.
    """
    if attention_mask is None or position_ids is None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    with torch.autocast("cpu", enabled=False):
        rows = [
            _row(module, positions, [tensor[None].float() for tensor in row], kwargs)
            for positions, *row in zip(position_ids, query, key, value, strict=True)
        ]
    return torch.cat(rows).to(query.dtype), None


def _row(module, positions: torch.Tensor, row: list[torch.Tensor], kwargs: dict) -> torch.Tensor:
    starts = [*torch.nonzero(positions == 0).flatten().tolist(), len(positions)]
    sizes = [end - start for start, end in zip(starts, starts[1:], strict=False)]
    parts = zip(*(tensor.split(sizes, dim=2) for tensor in row), strict=True)
    return torch.cat([sdpa_attention_forward(module, *part, None, **kwargs)[0] for part in parts], dim=1)
