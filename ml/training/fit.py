"""Fits the static encoder: every text of a concept lands where the sentence model puts its English.

The loss is the contrastive one over a batch, both ways (InfoNCE; van den Oord et al., 2018), the other texts of the
same concept left out, and the distance itself. Inputs are mistyped in part; texts of one card are joined as the title
and text of a listing are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.subword import BUCKETS, pieces
from ml.text import is_arabic_word, normalise
from ml.training.noise import noisy
from ml.training.sources import Concept
from ml.watch import watched

Array = NDArray[np.float32]
TEMPERATURE = 0.05
GATE_SCALE = 10.0
LONGEST = 60


@dataclass(frozen=True)
class Plan:
    """Sizes and lengths: `copies` of each text, the first as it is, `typos` the share of the rest that is mistyped."""

    width: int = 128
    hidden: int = 512
    steps: int = 1000
    batch: int = 2048
    rate: float = 3e-3
    copies: int = 3
    typos: float = 0.3
    joined: int = 40
    distance: float = 4.0
    threads: int = 2
    seed: int = 1


@dataclass(frozen=True)
class _Examples:
    """Inputs as pieces, flat: `words[i]:words[i+1]` are a text's words, `flat[starts[w]:starts[w+1]]` a word's pieces."""

    flat: NDArray[np.int64]
    starts: NDArray[np.int64]
    words: NDArray[np.int64]
    concepts: NDArray[np.int64]
    targets: NDArray[np.float16]


def _mean(vectors: Sequence[Array]) -> Array:
    total = np.mean(vectors, axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), dtype=np.float32)


def _texts(
    concepts: Sequence[Concept], vector: Callable[[str], Array], plan: Plan
) -> tuple[list[str], list[int], list[Array]]:
    source = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, not a secret
    texts: list[str] = []
    owners: list[int] = []
    targets: list[Array] = []

    def add(text: str, owner: int, target: Array) -> None:
        texts.append(text)
        owners.append(owner)
        targets.append(target)

    for number, concept in enumerate(concepts):
        english = [vector(text) for text in concept.english]
        middle = _mean(english)
        copies = max(1, round(plan.copies * concept.weight))
        for text in concept.arabic:
            for copy in range(copies):
                target = (
                    middle if source.random() < (0.7 if concept.is_card else 0.4) else source.choice(english)
                )
                add(noisy(text, plan.typos if copy else 0.0, source), number, target)
        for text, own in zip(concept.english, english, strict=True):
            for copy in range(max(1, copies // 2)):
                target = _mean([own, middle]) if concept.is_card else own
                add(noisy(text, 1.6 * plan.typos if copy else 0.0, source), number, target)
        if concept.is_card:
            for _ in range(plan.joined):
                side = concept.english if source.random() < 0.35 else concept.arabic
                chosen = source.sample(side, min(len(side), source.choice((2, 3, 4, 5))))
                add(noisy(" ".join(chosen), plan.typos, source), number, middle)
    return texts, owners, targets


def _examples(concepts: Sequence[Concept], vector: Callable[[str], Array], plan: Plan) -> _Examples:
    texts, owners, targets = _texts(concepts, vector, plan)
    found = [[pieces(word) for word in normalise(text).split()[:LONGEST]] for text in texts]
    kept = [row for row, words in enumerate(found) if words]
    lengths = [len(word) for row in kept for word in found[row]]
    return _Examples(
        flat=np.array([piece for row in kept for word in found[row] for piece in word], dtype=np.int64),
        starts=np.cumsum([0, *lengths]),
        words=np.cumsum([0, *(len(found[row]) for row in kept)]),
        concepts=np.array([owners[row] for row in kept]),
        targets=np.array([targets[row] for row in kept], dtype=np.float16),
    )


def fit(
    concepts: Sequence[Concept], vector: Callable[[str], Array], plan: Plan
) -> tuple[Array, dict[str, Array]]:
    """(rows, head) as `ml.subword.save` takes them; `vector` gives the sentence model's unit vector of a text."""
    import torch

    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    examples = _examples(concepts, vector, plan)
    model = _network(plan, examples.targets.shape[1])
    optimiser = torch.optim.Adam(model.parameters(), lr=plan.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.rate, total_steps=plan.steps, pct_start=0.1
    )
    draws = np.random.default_rng(plan.seed)
    order = draws.permutation(len(examples.concepts))
    place = 0
    for _ in watched(range(plan.steps), "static encoder"):
        if place + plan.batch > len(order):
            order, place = draws.permutation(len(order)), 0
        chosen = order[place : place + plan.batch]
        place += plan.batch
        loss = _loss(model, examples, chosen, plan)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return _numbers(model)


def _batch(examples: _Examples, chosen: NDArray[np.int64]) -> tuple[Any, ...]:
    import torch

    words = [np.arange(examples.words[row], examples.words[row + 1]) for row in chosen]
    each = np.concatenate(words)
    sizes = examples.starts[each + 1] - examples.starts[each]
    flat = np.concatenate([examples.flat[examples.starts[w[0]] : examples.starts[w[-1] + 1]] for w in words])
    owner = np.repeat(np.arange(len(chosen)), [len(w) for w in words])
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return torch.from_numpy(flat), torch.from_numpy(offsets), torch.from_numpy(owner), len(chosen)


def _loss(model: Any, examples: _Examples, chosen: NDArray[np.int64], plan: Plan) -> Any:
    import torch

    functional = torch.nn.functional
    found = model(*_batch(examples, chosen))
    wanted = torch.from_numpy(examples.targets[chosen].astype(np.float32))
    concepts = torch.from_numpy(examples.concepts[chosen])
    labels = torch.arange(len(chosen))
    same = (concepts[:, None] == concepts[None, :]) & ~torch.eye(len(chosen), dtype=torch.bool)
    scores = (found @ wanted.T / TEMPERATURE).masked_fill(same, -1e9)
    contrast = (functional.cross_entropy(scores, labels) + functional.cross_entropy(scores.T, labels)) / 2
    return contrast + plan.distance * (1 - (found * wanted).sum(dim=1)).mean()


def _network(plan: Plan, dimensions: int) -> Any:
    import torch

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rows = torch.nn.EmbeddingBag(BUCKETS, plan.width, mode="mean")
            self.gate = torch.nn.EmbeddingBag(BUCKETS, 1, mode="mean")
            torch.nn.init.normal_(self.rows.weight, std=0.1)
            torch.nn.init.zeros_(self.gate.weight)
            self.project = torch.nn.Linear(plan.width, dimensions, bias=False)
            self.up = torch.nn.Linear(plan.width, plan.hidden)
            self.down = torch.nn.Linear(plan.hidden, dimensions)

        def forward(self, flat: Any, offsets: Any, owner: Any, count: int) -> Any:
            each = self.rows(flat, offsets)
            gate = torch.exp(self.gate(flat, offsets) * GATE_SCALE)
            pooled = torch.zeros(count, plan.width).index_add(0, owner, each * gate)
            pooled = torch.nn.functional.normalize(pooled, dim=1) * plan.width**0.5
            pooled = torch.nn.functional.dropout(pooled, 0.1, training=self.training)
            out = self.project(pooled) + self.down(torch.relu(self.up(pooled)))
            return torch.nn.functional.normalize(out, dim=1)

    return Network()


def _numbers(model: Any) -> tuple[Array, dict[str, Array]]:
    state = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    head = {
        "gate": state["gate.weight"][:, 0] * GATE_SCALE,
        "project": state["project.weight"].T,
        "up": state["up.weight"].T,
        "up_bias": state["up.bias"],
        "down": state["down.weight"].T,
        "down_bias": state["down.bias"],
    }
    return state["rows.weight"], head


def fit_romanised(latin: set[str], english: set[str], *, seed: int = 1) -> Array:
    """Logits of the pieces: above 0 where a Latin word is Arabic in Latin letters. Words in both are English."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    def words(texts: set[str]) -> set[str]:
        return {
            word
            for text in texts
            for word in normalise(text).split()
            if word.isascii() and not word.isdigit()
        }

    known = words(english)
    listed = [(word, 1) for word in sorted(words(latin) - known)] + [(word, 0) for word in sorted(known)]
    found = [pieces(word) for word, _ in listed]
    matrix = csr_matrix(
        (
            np.concatenate([np.full(len(one), 1.0 / len(one)) for one in found]),
            np.concatenate([np.array(one) for one in found]),
            np.cumsum([0, *(len(one) for one in found)]),
        ),
        shape=(len(listed), BUCKETS),
    )
    model = LogisticRegression(C=30.0, class_weight="balanced", max_iter=300, random_state=seed)
    model.fit(matrix, [label for _, label in listed])
    return np.asarray(model.coef_[0] + model.intercept_[0], dtype=np.float32)


def words(concepts: Sequence[Concept], plain: Sequence[str], *, most: int = 60_000) -> list[str]:
    """Known words for `ml.spelling`, the commonest first; the project's own count as twenty."""
    counts: Counter[str] = Counter()
    for concept in concepts:
        weight = 20 if concept.source in {"terms", "requests", "cards"} else 1
        for text in concept.english:
            for word in normalise(text).split():
                counts[word] += weight
        for text in concept.arabic:
            for word in normalise(text).split():
                if is_arabic_word(word):
                    counts[word] += weight
    for text in plain:
        counts.update(normalise(text).split())
    kept = [word for word, count in counts.items() if word.isalpha() and len(word) > 2 and count > 1]
    return sorted(kept, key=lambda word: (-counts[word], word))[:most]
