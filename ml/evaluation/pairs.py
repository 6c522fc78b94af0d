"""Measures the ranking on labelled pairs: `python -m ml.evaluate [--data DIR] [--json] [--no-model]`.

The set in `ml/data/pairs.json` is always there. With `--data`, real job titles with their skills (upwork_jobs_en.csv:
title and skills) are measured too: a pretend freelancer has the skills of one job, and another job suits by the share
of its skills they have. nDCG@10 uses gains 2^grade - 1; MRR the first task that suits at all; precision and recall
are of membership, the yes or no of `score_pair`.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

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

PAIRS = Path(__file__).parent / "data" / "pairs.json"
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
    for index, profile in _watched(labelled.profiles, labelled.name):
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


def _watched(profiles: Sequence[ProfileFacts], name: str) -> Iterator[tuple[int, ProfileFacts]]:
    """The profiles with their positions, with a progress bar where somebody is looking."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
        yield from enumerate(progress.track(profiles, description=name))


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
        found = math.fsum(
            (2 ** wanted.get(task, 0) - 1) / math.log2(rank + 2) for rank, task in enumerate(order[:10])
        )
        best = sorted(wanted.values(), reverse=True)[:10]
        gains.append(
            found / math.fsum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(best))
        )
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


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m ml.evaluate", description="Measure the ranking on labelled pairs."
    )
    parser.add_argument(
        "--data", type=Path, help="folder with upwork_jobs_en.csv (columns title, skills), to measure too"
    )
    parser.add_argument("--model", default="", help="encoder: a name or a path (default: all-MiniLM-L6-v2)")
    parser.add_argument("--no-model", action="store_true", help="leave out what needs the encoder")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    options = parser.parse_args(argv)
    sets = [load_pairs()]
    if options.data is not None:
        path = options.data / "upwork_jobs_en.csv"
        if not path.is_file():
            parser.error(
                f"there is no upwork_jobs_en.csv in {options.data}; give the folder that holds it, or leave --data out"
            )
        try:
            sets.append(load_jobs(path))
        except (ValueError, KeyError, OSError) as error:
            parser.error(f"{path} cannot be read: {error}. It needs the columns title and skills.")
    vectors, scripts = None, frozenset({"latin"})
    if not options.no_model:
        from ml.encoder import DEFAULT_MODEL, Encoder, EncoderError

        try:
            encoder = Encoder(options.model or DEFAULT_MODEL)
        except EncoderError as error:
            parser.error(f"{error} Or measure without it: --no-model.")
        vectors, scripts = encoder.encode, encoder.info.scripts
    _print({one.name: compare(one, vectors=vectors, scripts=scripts) for one in sets}, as_json=options.json)
    return 0


def _print(results: Mapping[str, Mapping[str, Mapping[str, float]]], *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        sys.stdout.write(json.dumps(results, indent=2) + "\n")
        return
    columns = ("ndcg@10", "mrr", "precision", "recall", "suited >= 50%")
    for name, methods in results.items():
        table = Table("method", *columns, title=name)
        for method, values in methods.items():
            table.add_row(
                method, *(f"{values[column]:.3f}" if column in values else "" for column in columns)
            )
        Console().print(table)


if __name__ == "__main__":
    raise SystemExit(main())
