"""A low-rank adapter of a BERT encoder: which layers it has, and how it is read from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# Linear layers of one encoder layer, as the model's own weights are named.
LAYERS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
NAME = "adapter.npz"


def load(folder: Path | None) -> dict[str, tuple[Array, Array]]:
    """{layer: (a, b)} of the adapter in `folder`, {} without one; the layer's weight becomes `w + b @ a`."""
    path = None if folder is None else folder / NAME
    if path is None or not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as parts:
        names = {name.removesuffix(".a") for name in parts.files if name.endswith(".a")}
        return {
            name: (parts[f"{name}.a"].astype(np.float32), parts[f"{name}.b"].astype(np.float32))
            for name in names
        }


def save(folder: Path, parts: dict[str, Array]) -> None:
    """Write what `ml.training.adapt` gave, as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    halves: dict[str, Any] = {name: value.astype(np.float16) for name, value in parts.items()}
    np.savez_compressed(folder / NAME, **halves)
