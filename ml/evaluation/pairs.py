"""Measures the ranking of `ml.ranking` on labelled pairs of freelancers and tasks.

The set in `ml/data/pairs.json` is always there. Given a folder, real job titles with their skills (upwork_jobs_en.csv:
title and skills) are measured too: a pretend freelancer has the skills of one job, and another job suits by the share
of its skills they have. nDCG@10 uses gains 2^grade - 1; MRR the first task that suits at all; precision and recall
are of membership, the yes or no of `score_pair`.
"""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from ml.evaluation.measures import ndcg_shown
from ml.lexical import LexicalModel, cosine
from ml.ranking import (
    DEFAULT_WEIGHTS,
    PROFICIENCY_WEIGHT,
    Match,
    ProfileFacts,
    Signals,
    TaskFacts,
    Weights,
    score_pair,
)
from ml.text import Mentions, readable
from ml.watch import watched

PAIRS = Path(__file__).parents[1] / "data" / "pairs.json"
METHODS = ("tfidf", "cosine", "hybrid", "score_pair")

Vectors = Callable[[Sequence[str]], Any]


@dataclass(frozen=True)
class Labelled:
    """Profiles and tasks with their texts; `grades` maps (profile, task) positions to 1 or 2, the rest suit not."""

    name: str
    profiles: list[ProfileFacts]
    profile_texts: list[str]
    tasks: list[TaskFacts]
    task_texts: list[str]
    grades: Mapping[tuple[int, int], int]


def load_pairs(path: Path = PAIRS) -> Labelled:
    """The bilingual set that ships with the project."""
    data = json.loads(path.read_text(encoding="utf-8"))
    names = {int(key): value for key, value in data["skills"].items()}
    mentions = Mentions(names)
    tasks = [_task(row, f"{row['title']}\n{row['description']}", mentions) for row in data["tasks"]]
    position = {task.task_id: index for index, (task, _) in enumerate(tasks)}
    profiles, texts, grades = [], [], {}
    for index, row in enumerate(data["profiles"]):
        skills = {int(key): PROFICIENCY_WEIGHT[level] for key, level in row["skills"].items()}
        physical = row.get("prefer_physical", False)
        profiles.append(_person(row["id"], skills, city=row.get("city", ""), prefer_physical=physical))
        texts.append("\n".join([row["bio"], *(", ".join(names[skill][:2]) for skill in skills)]))
        for task_id, grade in row["suits"].items():
            grades[index, position[int(task_id)]] = grade
    return Labelled(
        "pairs", profiles, texts, [task for task, _ in tasks], [text for _, text in tasks], grades
    )


def _person(
    user_id: int, skills: Mapping[int, float], *, city: str = "", prefer_physical: bool = False
) -> ProfileFacts:
    return ProfileFacts(
        user_id=user_id,
        skills=skills,
        min_budget=None,
        max_budget=None,
        city=city,
        prefer_remote=False,
        prefer_physical=prefer_physical,
        task_types=frozenset(),
        categories=frozenset(),
    )


def _task(row: Mapping[str, Any], text: str, mentions: Mentions) -> tuple[TaskFacts, str]:
    task = TaskFacts(
        task_id=row["id"],
        required=frozenset(row["required"]),
        mentioned=mentions.find(text),
        budget=Decimal(row["budget"]),
        city=row["city"],
        is_remote=row["is_remote"],
        task_type="DIGITAL" if row["is_remote"] else "PHYSICAL",
        category_id=0,
    )
    return task, text


def load_jobs(path: Path, *, profiles: int = 100, jobs: int = 800, seed: int = 7) -> Labelled:
    """Jobs as tasks without required skills: what they need must be read from their titles and wording.

    Half of each job's skills (by name, every second one) stay in its text, the rest are known to the label alone.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [
            (
                row["title"],
                sorted(
                    {name.strip() for name in row["skills"].split(",") if not name.strip().startswith("+")}
                ),
            )
            for row in csv.DictReader(handle)
        ]
    rows = [row for row in rows if len(row[1]) >= 3]
    if len(rows) < 2:
        raise ValueError(f"{path} has fewer than two jobs with three skills or more")
    sample = random.Random(seed).sample(rows, min(len(rows), profiles + jobs))  # noqa: S311 - a sample, not a secret
    split = min(profiles, len(sample) // 2)
    people, offers = [names for _, names in sample[:split]], sample[split:]
    ids = {name: number for number, name in enumerate(sorted({name for _, names in rows for name in names}))}
    mentions = Mentions({number: [name] for name, number in ids.items()})
    texts = [f"{title}. {', '.join(names[::2])}" for title, names in offers]
    tasks = [
        TaskFacts(number, frozenset(), mentions.find(text), Decimal(1000), "", True, "DIGITAL", 0)
        for number, text in enumerate(texts)
    ]
    facts = [_person(number, {ids[name]: 0.9 for name in names}) for number, names in enumerate(people)]
    grades = {}
    for person, skills in enumerate(people):
        for task, (_, names) in enumerate(offers):
            share = len(set(skills) & set(names)) / len(names)
            if share >= 0.4:
                grades[person, task] = 2 if share >= 0.7 else 1
    return Labelled("upwork jobs", facts, [", ".join(names) for names in people], tasks, texts, grades)


def compare(
    labelled: Labelled,
    *,
    vectors: Vectors | None,
    scripts: frozenset[str],
    weights: Weights = DEFAULT_WEIGHTS,
) -> dict[str, dict[str, float]]:
    """Measures of each method over the set. `vectors` gives unit rows; None leaves the methods that need it out."""
    matches: list[list[Match]] = []
    tables: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    model = LexicalModel.fit(labelled.task_texts)
    task_rows = model.transform(labelled.task_texts)
    cosines = _cosines(labelled, vectors, scripts)
    for index, profile in enumerate(watched(labelled.profiles, labelled.name)):
        row = model.transform([labelled.profile_texts[index]])[0]
        lexical = [cosine(row, other) for other in task_rows]
        semantic = cosines[index]
        scored = [
            score_pair(profile, task, Signals(cosine=near, tfidf=shared), weights=weights)
            for task, near, shared in zip(labelled.tasks, semantic, lexical, strict=True)
        ]
        matches.append(scored)
        tables["tfidf"].append(lexical)
        tables["cosine"].append([near or 0.0 for near in semantic])
        tables["hybrid"].append([0.4 * a + 0.6 * (b or 0.0) for a, b in zip(lexical, semantic, strict=True)])
        tables["score_pair"].append([match.score if match.is_member else 0.0 for match in scored])
    if vectors is None:
        del tables["cosine"], tables["hybrid"]
    result = {method: measures(table, labelled.grades) for method, table in tables.items()}
    result["score_pair"] |= membership(matches, labelled.grades)
    return result


def _cosines(
    labelled: Labelled, vectors: Vectors | None, scripts: frozenset[str]
) -> list[list[float | None]]:
    """Cosine of each profile with each task; None where either has nothing the model reads."""
    empty: list[list[float | None]] = [[None] * len(labelled.tasks) for _ in labelled.profiles]
    if vectors is None:
        return empty
    people = [readable(text, scripts) for text in labelled.profile_texts]
    tasks = [readable(text, scripts) for text in labelled.task_texts]
    table = vectors([text or "-" for text in people]) @ vectors([text or "-" for text in tasks]).T
    return [
        [float(value) if person and task else None for value, task in zip(row, tasks, strict=True)]
        for person, row in zip(people, table, strict=True)
    ]


def measures(table: Sequence[Sequence[float]], grades: Mapping[tuple[int, int], int]) -> dict[str, float]:
    """nDCG@10 and MRR over the profiles that have at least one task that suits; equals rank by position."""
    gains, firsts = [], []
    for person, scores in enumerate(table):
        wanted = {task: grade for (who, task), grade in grades.items() if who == person}
        if not wanted:
            continue
        order = sorted(
            (task for task in range(len(scores)) if scores[task] > 0.0),
            key=lambda task: (-scores[task], task),
        )
        shown = np.array([2.0 ** wanted.get(task, 0) - 1.0 for task in order])
        gains.append(float(ndcg_shown(shown, np.array([2.0**grade - 1.0 for grade in wanted.values()]))))
        firsts.append(next((1 / (rank + 1) for rank, task in enumerate(order) if task in wanted), 0.0))
    return {"ndcg@10": math.fsum(gains) / len(gains), "mrr": math.fsum(firsts) / len(firsts)} if gains else {}


def membership(matches: Sequence[Sequence[Match]], grades: Mapping[tuple[int, int], int]) -> dict[str, float]:
    """Precision and recall of who is on whose list, and the share of well-suited pairs at 50 % or more."""
    members = {(i, j) for i, row in enumerate(matches) for j, match in enumerate(row) if match.is_member}
    hits = len(members & set(grades))
    good = [matches[i][j].percentage >= 50 for (i, j), grade in grades.items() if grade == 2]
    return {
        "precision": hits / len(members) if members else 0.0,
        "recall": hits / len(grades) if grades else 0.0,
        "suited >= 50%": sum(good) / len(good) if good else 0.0,
    }


def measure(
    folder: Path | None, *, vectors: Vectors | None, scripts: frozenset[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """{set: {method: {measure: value}}} of the project's pairs, and of the jobs in `folder` where they are there.

    Raises ValueError for a file of jobs that cannot be read.
    """
    sets = [load_pairs()]
    path = None if folder is None else folder / "upwork_jobs_en.csv"
    if path is not None and path.is_file():
        try:
            sets.append(load_jobs(path))
        except (ValueError, KeyError, OSError) as error:
            raise ValueError(
                f"{path} cannot be read: {error}. It needs the columns title and skills."
            ) from error
    return {one.name: compare(one, vectors=vectors, scripts=scripts) for one in sets}


def show(results: Mapping[str, Mapping[str, Mapping[str, float]]], console: Any) -> None:
    """Print one table a set."""
    from rich.table import Table

    columns = ("ndcg@10", "mrr", "precision", "recall", "suited >= 50%")
    for name, methods in results.items():
        table = Table("method", *columns, title=name)
        for method, values in methods.items():
            table.add_row(
                method, *(f"{values[column]:.3f}" if column in values else "" for column in columns)
            )
        console.print(table)
