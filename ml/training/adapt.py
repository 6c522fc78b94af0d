"""Teaches the English sentence model which words go with which service, by a small adapter beside its weights.

Low-rank adapters (Hu et al., 2021) on every linear layer, trained with the contrastive loss of the model itself over
pairs of texts of one service card, or of one term, while plain sentences must keep the vectors they had.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.adapter import LAYERS
from ml.training.sources import Concept
from ml.watch import watched

RANK = 8
BATCH = 80
KEPT = 24
RATE = 1e-3
TEMPERATURE = 0.05
# Of a batch: services by their cards, and names of terms and skills, so that tools stay apart within a service.
SHARES = {"cards": 0.6, "terms": 0.2, "skills": 0.2}


@dataclass(frozen=True)
class Plan:
    """How long and how firmly: `keep` weighs that plain sentences stay where they were."""

    steps: int = 350
    keep: float = 1.5
    threads: int = 2
    seed: int = 3


def adapt(
    folder: Path, concepts: Sequence[Concept], plain: Sequence[str], plan: Plan
) -> dict[str, NDArray[np.float32]]:
    """Train the adapter of the model in `folder`: {"<layer>.a": (rank, in), "<layer>.b": (out, rank)}."""
    import torch

    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    model = _Model(folder)
    source = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, not a secret
    kinds = [
        (share, [one.english for one in concepts if one.source == kind and len(one.english) > 1])
        for kind, share in SHARES.items()
    ]
    optimiser = torch.optim.AdamW(model.parameters, lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=plan.steps, pct_start=0.1)
    for _ in watched(range(plan.steps), "adapter"):
        groups = [
            group
            for share, some in kinds
            for group in source.sample(some, min(round(BATCH * share), len(some)))
        ]
        pairs = [source.sample(group, 2) for group in groups]
        kept = source.sample(plain, min(KEPT, len(plain)))
        loss = _loss(model, pairs, kept, plan.keep)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return model.adapter()


def _loss(model: Any, pairs: Sequence[Sequence[str]], kept: Sequence[str], keep: float) -> Any:
    import torch

    functional = torch.nn.functional
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    vectors, plain = (
        model.vectors([*first, *second]),
        model.vectors(kept),
    )  # apart: a batch is as long as its longest
    count = len(pairs)
    scores = vectors[:count] @ vectors[count:].T / TEMPERATURE
    labels = torch.arange(count)
    contrast = (functional.cross_entropy(scores, labels) + functional.cross_entropy(scores.T, labels)) / 2
    as_before = model.vectors([*kept, *first[:16]], adapted=False)
    now = torch.cat([plain, vectors[:16]])
    moved = (1 - (now * as_before).sum(dim=1)).mean()
    turned = ((now @ now.T - as_before @ as_before.T) ** 2).mean()
    return contrast + keep * (moved + 5 * turned)


class _Model:
    """The sentence model with an adapter beside each linear layer; only the adapters learn."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        self._torch = torch
        self._tokenizer = AutoTokenizer.from_pretrained(str(folder))
        self._model = AutoModel.from_pretrained(str(folder))
        self._adapters: dict[str, Any] = {}
        for parameter in self._model.parameters():
            parameter.requires_grad_(False)
        for number, layer in enumerate(self._model.encoder.layer):
            for path in LAYERS:
                holder, _, name = path.rpartition(".")
                owner = layer.get_submodule(holder)
                adapter = _adapter(getattr(owner, name))
                setattr(owner, name, adapter)
                self._adapters[f"encoder.layer.{number}.{path}"] = adapter
        self.parameters = [part for one in self._adapters.values() for part in (one.a, one.b)]
        self._model.eval()

    def vectors(self, texts: Sequence[str], *, adapted: bool = True) -> Any:
        torch = self._torch
        for one in self._adapters.values():
            one.used = adapted
        tokens = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=64, return_tensors="pt"
        )
        with torch.set_grad_enabled(adapted), torch.autocast("cpu", dtype=torch.bfloat16):
            states = self._model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        pooled = (states.float() * mask).sum(dim=1) / mask.sum(dim=1)
        return torch.nn.functional.normalize(pooled, dim=1)

    def adapter(self) -> dict[str, NDArray[np.float32]]:
        found = {}
        for name, one in self._adapters.items():
            found[f"{name}.a"] = one.a.detach().numpy().astype(np.float32)
            found[f"{name}.b"] = one.b.detach().numpy().astype(np.float32)
        return found


def _adapter(linear: Any) -> Any:
    import torch

    class Adapter(torch.nn.Module):
        used = True

        def __init__(self) -> None:
            super().__init__()
            self.linear = linear
            self.a = torch.nn.Parameter(torch.randn(RANK, linear.in_features) / math.sqrt(linear.in_features))
            self.b = torch.nn.Parameter(torch.zeros(linear.out_features, RANK))

        def forward(self, states: Any) -> Any:
            out = self.linear(states)
            return out + (states @ self.a.T) @ self.b.T if self.used else out

    return Adapter()
