"""The product's encoder against `SentenceTransformer.encode` called plainly: same model, same texts, same threads."""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from benchlib.numbers import ratio
from benchlib.services import in_child
from ml.bilingual import base_of
from ml.encoder import DEFAULT_MODEL, Encoder, locate
from multitask.demo.content import build

LONG_PARTS = 4


def run(
    progress: Progress, *, seed: int, number: int, rounds: int, file: Path | None, model: str
) -> dict[str, Any]:
    """Texts/s with one thread (as a worker has) and with every core, and the cosines between both encoders."""
    texts = _from_file(file, number) if file else mixed_texts(seed, number)
    cores = os.cpu_count() or 1
    job = progress.add_task("encoding", total=len({1, cores}))
    found = {}
    for threads in sorted({1, cores}):
        limits = {
            name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        }
        arguments = {"texts": texts, "threads": threads, "rounds": rounds, "model": model or DEFAULT_MODEL}
        found[str(threads)] = in_child(
            "encoding",
            arguments,
            environment=limits | {"TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"},
        )
        progress.advance(job)
    lengths = sorted(len(text) for text in texts)
    return {
        "texts": len(texts),
        "source": file.name
        if file
        else "generated: titles, whole tasks and several tasks in one, half Arabic",
        "characters": {"least": lengths[0], "median": lengths[len(lengths) // 2], "most": lengths[-1]},
        "rounds": rounds,
        "by_threads": found,
    }


def mixed_texts(seed: int, number: int) -> list[str]:
    """`number` different bilingual task texts: a third titles, a third whole tasks, a third of several tasks."""
    demo = build(seed, users=3, tasks=max(2 * number, 20), now=datetime.now(UTC))
    rng = random.Random(seed)  # noqa: S311  (repeatable, no secret)
    whole = list(dict.fromkeys(f"{task.title}. {task.description}" for task in demo.tasks))
    titles = list(dict.fromkeys(task.title for task in demo.tasks))
    found: dict[str, None] = {}
    while len(found) < number:
        kind = len(found) % 3
        if kind == 0 and titles:
            found[titles.pop()] = None
        else:
            parts = 1 if kind == 1 else rng.randint(2, LONG_PARTS)
            found[" ".join(rng.sample(whole, parts))] = None
    return list(found)


def _from_file(path: Path, number: int) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))[:number]
    if not texts:
        raise SystemExit(f"--texts {path}: the file has no text; give one with a text a line.")
    return texts


def plain_model(model: str) -> Any:
    """The SentenceTransformer whose weights `Encoder` reads, on the CPU: of a bilingual model, its base."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    return SentenceTransformer(str(locate(base_model(model))), device="cpu", local_files_only=True)


def base_model(model: str) -> str:
    """The sentence-transformer that `model` is or rests on."""
    model = model or DEFAULT_MODEL
    return base_of(locate(model)) or model


def compare(texts: list[str], *, threads: int, rounds: int, model: str) -> dict[str, Any]:
    """In a process of its own: both encoders in turns, so that what else the machine does meets both."""
    import torch

    torch.set_num_threads(threads)
    encoder = Encoder(model, threads=threads)
    plain = plain_model(model)
    ours, theirs, cpu_ours, cpu_theirs = [], [], [], []
    encoder.encode(texts[:16])
    plain.encode(texts[:16], show_progress_bar=False)
    for _ in range(rounds):
        begin, cpu = time.perf_counter(), time.process_time()
        mine = encoder.encode(texts)
        ours.append(len(texts) / (time.perf_counter() - begin))
        cpu_ours.append(time.process_time() - cpu)
        begin, cpu = time.perf_counter(), time.process_time()
        other = plain.encode(texts, show_progress_bar=False)
        theirs.append(len(texts) / (time.perf_counter() - begin))
        cpu_theirs.append(time.process_time() - cpu)
    if base_model(model) != model:  # the vectors that both can give; speed is of the whole
        mine = Encoder(base_model(model), threads=threads).encode(texts)
    other = np.asarray(other, dtype=np.float64)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    cosines = (np.asarray(mine, dtype=np.float64) * other).sum(axis=1)
    figure, baseline = statistics.median(ours), statistics.median(theirs)
    return {
        "texts_per_second": round(figure, 1),
        "plain_texts_per_second": round(baseline, 1),
        "times_faster": ratio(figure, baseline),
        "times_less_cpu": ratio(statistics.median(cpu_theirs), statistics.median(cpu_ours)),
        "cosine_min": round(float(cosines.min()), 6),
        "cosine_mean": round(float(cosines.mean()), 6),
    }
