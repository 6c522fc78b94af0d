"""Fits the router's weights to the examples: `python -m ml.chatbot.build`. Deterministic; about two minutes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from ml.chatbot.intents import DATA, LANGUAGES, WEIGHTS, Intent, digest_of_examples
from ml.chatbot.router.features import BUCKETS, features
from ml.chatbot.router.rules import matching
from ml.chatbot.router.words import GUESS_BUCKETS, Language, pieces, read
from ml.text import normalise

STRENGTH = 30.0
GUESS_STRENGTH = 10.0
FOLDS = 10
INTENTS = [intent.value for intent in Intent]


def examples(name: str = "examples") -> list[tuple[str, str, Language]]:
    """(intent, text, language) of every line of the files of that name."""
    found: list[tuple[str, str, Language]] = []
    for language in LANGUAGES:
        for line in (DATA / f"{name}_{language}.tsv").read_text(encoding="utf-8").splitlines():
            intent, text = line.split("\t")
            found.append((intent, text, language))
    return found


def matrix(rows: Sequence[tuple[str, str, Language]]) -> csr_matrix:
    """One row of features a text: len(rows) x BUCKETS."""
    columns, values, ends = [], [], [0]
    for _, text, language in rows:
        reading = read(text, language)
        buckets, weights = features(reading, [rule.name for rule in matching(reading)])
        columns.append(buckets)
        values.append(weights)
        ends.append(ends[-1] + len(buckets))
    return csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.array(ends)), shape=(len(rows), BUCKETS)
    )


def _guess(rows: Sequence[tuple[str, str, Language]]) -> NDArray[np.float32]:
    """Weights of a word's pieces that tell Arabic in Latin letters (positive) from English; the last is the bias."""
    latin = [row for row in rows if row[2] != "ar"]
    table = np.zeros((len(latin), GUESS_BUCKETS), dtype=np.float32)
    for index, (_, text, _language) in enumerate(latin):
        for word in normalise(text).split():
            np.add.at(table[index], pieces(word), 1.0)
        table[index] /= max(1.0, np.linalg.norm(table[index]))
    model = LogisticRegression(C=GUESS_STRENGTH, max_iter=500).fit(
        table, [row[2] == "latin" for row in latin]
    )
    return np.append(model.coef_[0], model.intercept_).astype(np.float32)


def _temperature(table: csr_matrix, intents: Sequence[str]) -> float:
    """What the scores are divided by so that shares are as sure as they are right (Guo et al., 2017).

    Least log loss over scores of examples that the model has not seen.
    """
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    scores = cross_val_predict(_model(), table, intents, cv=folds, method="decision_function")

    def loss(temperature: float) -> float:
        shares = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
        return float(
            log_loss(intents, shares / shares.sum(axis=1, keepdims=True), labels=sorted(set(intents)))
        )

    return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)


def _model() -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=300)


def main(arguments: list[str] | None = None) -> int:
    argparse.ArgumentParser(prog="python -m ml.chatbot.build", description=__doc__).parse_args(arguments)
    rows = examples()
    table, intents = matrix(rows), [row[0] for row in rows]
    model, temperature = _model().fit(table, intents), _temperature(table, intents)
    order = [list(model.classes_).index(intent) for intent in INTENTS]
    used = np.flatnonzero(np.abs(model.coef_).max(axis=0) > 1e-4)
    np.savez_compressed(
        WEIGHTS,
        buckets=used.astype(np.int32),
        weights=(model.coef_[order][:, used] / temperature).astype(np.float16),
        bias=(model.intercept_[order] / temperature).astype(np.float32),
        guess=_guess(rows),
        digest=np.array(digest_of_examples()),
    )
    sys.stdout.write(f"{len(rows)} examples, {len(used)} weights, temperature {temperature:.2f}: {WEIGHTS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
