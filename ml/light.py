"""The forward pass of a small BERT encoder in numpy alone: one query at a time, for a process that must stay small.

The weights are mapped from the model's file, so they are read where they lie: pages are shared between processes,
and of the word table only the rows of words that were asked for are ever loaded. torch is not needed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import adapter, packed

Array = NDArray[np.float32]

_TYPES = {"F32": np.dtype("<f4")}


def supports(folder: Path) -> bool:
    """Whether the model in `folder` is one that this module computes: a plain BERT with float32 weights."""
    if not packed.supports(folder):
        return False
    try:
        with (folder / "model.safetensors").open("rb") as handle:
            header = json.loads(handle.read(int.from_bytes(handle.read(8), "little")))
    except (OSError, ValueError):
        return False
    return all(
        entry["dtype"] in _TYPES or "position_ids" in name
        for name, entry in header.items()
        if name != "__metadata__"
    )


def _weights(path: Path) -> dict[str, Array]:
    """Every float32 tensor of a safetensors file, mapped and not read (format: 8 bytes of length, JSON, data)."""
    with path.open("rb") as handle:
        size = int.from_bytes(handle.read(8), "little")
        header = json.loads(handle.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    found: dict[str, Array] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in _TYPES:
            continue
        start, stop = entry["data_offsets"]
        part = data[start:stop].view(_TYPES[entry["dtype"]]).reshape(entry["shape"])
        found[name.removeprefix("bert.")] = np.asarray(part)
    return found


def _gelu(x: Array) -> Array:
    """x * Phi(x), with erf by Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    z = np.abs(x) * np.float32(0.7071067811865476)
    t = 1.0 / (1.0 + np.float32(0.3275911) * z)
    series = t * (
        np.float32(0.254829592)
        + t
        * (
            np.float32(-0.284496736)
            + t * (np.float32(1.421413741) + t * (np.float32(-1.453152027) + t * np.float32(1.061405429)))
        )
    )
    erf = np.copysign(1.0 - series * np.exp(-z * z), x)
    return np.asarray(0.5 * x * (1.0 + erf), dtype=np.float32)


class LightBert:
    """A BERT encoder with mean pooling; `embed` gives the same states as `ml.packed.PackedBert` does in float32."""

    def __init__(self, folder: Path, *, adapted_by: Path | None = None) -> None:
        """`adapted_by`: the folder of an adapter (`ml.adapter`), None for the model as it is."""
        config = json.loads((folder / "config.json").read_text())
        self.dimensions = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._layers = int(config["num_hidden_layers"])
        self._w = _weights(folder / "model.safetensors")
        self._adapter = adapter.load(adapted_by)

    def _norm(self, x: Array, prefix: str) -> Array:
        mean = x.mean(axis=-1, keepdims=True)
        centred = x - mean
        scale = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self._epsilon)
        return np.asarray(
            centred / scale * self._w[f"{prefix}.weight"] + self._w[f"{prefix}.bias"], dtype=np.float32
        )

    def _dense(self, x: Array, prefix: str) -> Array:
        out = x @ self._w[f"{prefix}.weight"].T + self._w[f"{prefix}.bias"]
        if prefix in self._adapter:
            a, b = self._adapter[prefix]
            out += (x @ a.T) @ b.T  # beside the weight, which stays where it is mapped
        return np.asarray(out, dtype=np.float32)

    def _attend(self, x: Array, prefix: str) -> Array:
        length, size = x.shape[0], self.dimensions // self._heads

        def heads(name: str) -> Array:
            part = self._dense(x, f"{prefix}.self.{name}")
            return np.asarray(part.reshape(length, self._heads, size).transpose(1, 0, 2))

        scores = heads("query") @ heads("key").transpose(0, 2, 1) / np.float32(np.sqrt(size))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ heads("value")
        return self._dense(
            mixed.transpose(1, 0, 2).reshape(length, self.dimensions), f"{prefix}.output.dense"
        )

    def embed(self, ids: Sequence[int]) -> Array:
        """The mean of the states of the tokens `ids`, shape (dimensions,), not normalised; at least one token."""
        tokens: Any = list(ids)
        x = np.asarray(
            self._w["embeddings.word_embeddings.weight"][tokens]
            + self._w["embeddings.position_embeddings.weight"][: len(tokens)]
            + self._w["embeddings.token_type_embeddings.weight"][0],
            dtype=np.float32,
        )
        x = self._norm(x, "embeddings.LayerNorm")
        for number in range(self._layers):
            prefix = f"encoder.layer.{number}"
            x = self._norm(x + self._attend(x, f"{prefix}.attention"), f"{prefix}.attention.output.LayerNorm")
            raised = _gelu(self._dense(x, f"{prefix}.intermediate.dense"))
            x = self._norm(x + self._dense(raised, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm")
        return np.asarray(x.mean(axis=0), dtype=np.float32)
