"""A lean forward pass of BERT encoders with mean pooling, for CPUs; torch is imported by the constructor's caller.

Sequences of a batch lie end to end without padding; only attention sees them one by one. Linear layers run in
bfloat16 where the CPU multiplies it natively, everything else in float32.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml import adapter

_POOLING = {"pooling_mode_mean_tokens": True}
_FEW_ROWS, _MANY_ROWS = 32, 512


def _room(count: int) -> int:
    """The number of rows `count` tokens are given: 32, 128, 256, or a multiple of 512."""
    for size in (_FEW_ROWS, 128, 256):
        if count <= size:
            return size
    return -(-count // _MANY_ROWS) * _MANY_ROWS


def supports(folder: Path) -> bool:
    """Whether the model in `folder` is a plain BERT with mean pooling, normalised or not, in safetensors."""
    try:
        config = json.loads((folder / "config.json").read_text())
        modules = [
            entry["type"].rsplit(".", 1)[-1] for entry in json.loads((folder / "modules.json").read_text())
        ]
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return False
    modes = {key: value for key, value in pooling.items() if key.startswith("pooling_mode") and value}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder")
        and modules in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
        and (modes == _POOLING or pooling.get("pooling_mode") == "mean")
        and pooling.get("include_prompt", True)
        and all((folder / name).is_file() for name in ("model.safetensors", "tokenizer.json"))
    )


class PackedBert:
    """Weights and forward pass; `embed` takes token ids and gives mean-pooled states, float32, not normalised."""

    def __init__(self, folder: Path, *, adapted_by: Path | None = None) -> None:
        """`adapted_by`: the folder of an adapter (`ml.adapter`), None for the model as it is."""
        import torch
        from safetensors.torch import load_file

        self._torch = torch
        config = json.loads((folder / "config.json").read_text())
        weights: dict[str, Any] = load_file(str(folder / "model.safetensors"))
        weights = {
            key.removeprefix("bert."): value.float()
            for key, value in weights.items()
            if value.is_floating_point()
        }
        for name, (a, b) in adapter.load(adapted_by).items():
            weights[f"{name}.weight"] = weights[f"{name}.weight"] + torch.from_numpy(b @ a)
        self.dimensions = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self.dtype = torch.bfloat16 if _native_bfloat16() else torch.float32
        self._words = weights["embeddings.word_embeddings.weight"]
        # Token type is always 0, so its embedding joins the position's.
        self._positions = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        self._layers = [
            self._layer(weights, f"encoder.layer.{number}.")
            for number in range(int(config["num_hidden_layers"]))
        ]

    def _layer(self, weights: dict[str, Any], prefix: str) -> dict[str, Any]:
        torch = self._torch

        def dense(*names: str) -> tuple[Any, Any]:
            matrix = torch.cat([weights[f"{prefix}{name}.weight"] for name in names])
            bias = torch.cat([weights[f"{prefix}{name}.bias"] for name in names])
            return matrix.to(self.dtype).contiguous(), bias.to(self.dtype)

        def norm(name: str) -> tuple[Any, Any]:
            return weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"]

        attention = "attention.self."
        return {
            "qkv": dense(f"{attention}query", f"{attention}key", f"{attention}value"),
            "out": dense("attention.output.dense"),
            "out_norm": norm("attention.output.LayerNorm"),
            "up": dense("intermediate.dense"),
            "down": dense("output.dense"),
            "down_norm": norm("output.LayerNorm"),
        }

    def embed(self, sequences: Sequence[Sequence[int]]) -> Any:
        """States of shape (len(sequences), dimensions); every sequence has at least one token."""
        torch = self._torch
        functional = torch.nn.functional
        lengths = [len(sequence) for sequence in sequences]
        total = sum(lengths)
        spare = _room(total) - total  # a few sizes only: oneDNN keeps memory for every shape it has met
        ids = torch.tensor([*(token for sequence in sequences for token in sequence), *([0] * spare)])
        places = torch.cat(
            [*(torch.arange(length) for length in lengths), torch.zeros(spare, dtype=torch.int64)]
        )
        shape = (self.dimensions,)
        state = functional.layer_norm(
            self._words[ids] + self._positions[places], shape, *self._norm, self._epsilon
        )
        for layer in self._layers:
            qkv = functional.linear(state.to(self.dtype), *layer["qkv"])
            mixed = functional.linear(self._attend(qkv, lengths), *layer["out"])
            state = functional.layer_norm(state + mixed, shape, *layer["out_norm"], self._epsilon)
            raised = functional.gelu(functional.linear(state.to(self.dtype), *layer["up"]))
            lowered = self._steady(raised, *layer["down"])
            state = functional.layer_norm(state + lowered, shape, *layer["down_norm"], self._epsilon)
        return torch.stack([part.mean(dim=0) for part in state[:total].split(lengths)])

    def _steady(self, rows: Any, matrix: Any, bias: Any) -> Any:
        """A linear layer whose result for a row does not depend on how many rows there are.

        For a middling number of rows oneDNN splits the sum over a long inner dimension, which rounds otherwise; a
        stored vector must not depend on what else was in its batch.
        """
        functional = self._torch.nn.functional
        count = rows.shape[0]
        if _FEW_ROWS < count < _MANY_ROWS:
            rows = functional.pad(rows, (0, 0, 0, _MANY_ROWS - count))
        return functional.linear(rows, matrix, bias)[:count]

    def _attend(self, qkv: Any, lengths: Sequence[int]) -> Any:
        torch = self._torch
        size = self.dimensions // self._heads
        result = torch.zeros((qkv.shape[0], self.dimensions), dtype=qkv.dtype)
        start = 0
        while start < len(lengths):
            stop = start
            while stop < len(lengths) and lengths[stop] == lengths[start]:
                stop += 1
            rows, length = stop - start, lengths[start]
            offset = sum(lengths[:start])
            part = (
                qkv[offset : offset + rows * length]
                .view(rows, length, 3, self._heads, size)
                .permute(2, 0, 3, 1, 4)
            )
            mixed = torch.nn.functional.scaled_dot_product_attention(part[0], part[1], part[2])
            result[offset : offset + rows * length] = mixed.transpose(1, 2).reshape(
                rows * length, self.dimensions
            )
            start = stop
        return result


def _native_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 matrices natively (AMX); elsewhere emulation would be slower than float32."""
    import torch

    probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(probe is not None and probe())
