"""Labelled sets for search: those of the project, and public ones from a folder where it is there.

The folder's files and their sources are named in `ml/data/SOURCES.md`. Every set is queries, documents and gains.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.text import arabic_share

TOPICS = Path(__file__).parents[1] / "data" / "evaluation" / "topics.json"
SAME, NEIGHBOUR = 2.0, 1.0
# Of the occupations, one in five by the hash of its English name is kept aside from building.
KEPT_ASIDE = 5


@dataclass(frozen=True)
class Retrieval:
    """Queries and documents of one kind; `gains` has shape (queries, documents), `measure` is what it is judged by."""

    name: str
    kind: str
    queries: tuple[str, ...]
    titles: tuple[str, ...]
    bodies: tuple[str, ...]
    gains: NDArray[np.float64]
    measure: str = "ndcg@10"


@dataclass(frozen=True)
class Topics:
    """The project's own bilingual set; positions of `languages` are those of the documents."""

    queries: list[dict[str, object]]
    titles: tuple[str, ...]
    bodies: tuple[str, ...]
    languages: tuple[str, ...]
    gains: NDArray[np.float64]
    splits: tuple[str, ...]

    def part(self, name: str, kinds: Iterable[str], language: str | None, split: str | None) -> Retrieval:
        """The queries of some kinds, of one split or both, over the tasks of one language or both."""
        wanted = set(kinds)
        rows = [
            row
            for row, query in enumerate(self.queries)
            if query["kind"] in wanted and split in {None, self.splits[row]}
        ]
        columns = [column for column, one in enumerate(self.languages) if language in {None, one}]
        return Retrieval(
            name=name,
            kind="own",
            queries=tuple(str(self.queries[row]["text"]) for row in rows),
            titles=tuple(self.titles[column] for column in columns),
            bodies=tuple(self.bodies[column] for column in columns),
            gains=self.gains[np.ix_(rows, columns)],
        )


def topics(path: Path = TOPICS) -> Topics:
    """The set in `ml/data/evaluation`; see the README beside it."""
    data = json.loads(path.read_text(encoding="utf-8"))
    near = {topic["id"]: set(topic["neighbours"]) for topic in data["topics"]}
    split = {topic["id"]: topic["split"] for topic in data["topics"]}
    tasks, queries = data["tasks"], data["queries"]
    gains = np.array(
        [
            [
                SAME
                if task["topic"] == query["topic"]
                else NEIGHBOUR
                if task["topic"] in near[query["topic"]]
                else 0.0
                for task in tasks
            ]
            for query in queries
        ]
    )
    return Topics(
        queries=queries,
        titles=tuple(task["title"] for task in tasks),
        bodies=tuple(task["description"] for task in tasks),
        languages=tuple(task["lang"] for task in tasks),
        gains=gains,
        splits=tuple(split[query["topic"]] for query in queries),
    )


ARABIC = ("ar", "egy")


def own_sets(split: str | None = None) -> list[Retrieval]:
    """Own language, the other language, mistyped, and everything at once as the product sees it."""
    whole = topics()
    part = whole.part
    return [
        part("English", ["en"], "en", split),
        part("Arabic", ARABIC, "ar", split),
        part("English finds Arabic", ["en"], "ar", split),
        part("Arabic finds English", ARABIC, "en", split),
        part("Latin-letter Arabic", ["latin"], None, split),
        part("English, mistyped", ["en_typo"], "en", split),
        part("Arabic, mistyped", ["ar_typo"], "ar", split),
        part("everything, both languages", ["en", "ar", "egy", "latin", "en_typo", "ar_typo"], None, split),
    ]


def is_kept_aside(english: str) -> bool:
    """Whether an occupation is for measuring only."""
    return int(hashlib.sha256(english.encode()).hexdigest(), 16) % KEPT_ASIDE == 0


def _identity(count: int) -> NDArray[np.float64]:
    return np.eye(count)


def _occupations(folder: Path) -> Iterator[Retrieval]:
    path = folder / "esco_occupations_ar_en.tsv"
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [(row["en"], row["ar"]) for row in csv.DictReader(handle, delimiter="\t")]
    kept = [row for row in rows if is_kept_aside(row[0])]
    yield Retrieval(
        "ESCO Arabic to English, among the names kept aside",
        "public",
        tuple(ar for _, ar in kept),
        tuple(en for en, _ in kept),
        ("",) * len(kept),
        _identity(len(kept)),
        "mrr",
    )
    gains = np.zeros((len(kept), len(rows)))
    place = {en: column for column, (en, _) in enumerate(rows)}
    for number, (en, _) in enumerate(kept):
        gains[number, place[en]] = 1.0
    yield Retrieval(
        "ESCO Arabic to English, among all names",
        "public",
        tuple(ar for _, ar in kept),
        tuple(en for en, _ in rows),
        ("",) * len(rows),
        gains,
        "mrr",
    )


def _projects(folder: Path) -> Iterator[Retrieval]:
    path = folder / "peopleperhour_projects_en.csv"
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["subcategory"].strip()]
    names = [row["subcategory"].strip() for row in rows]
    titles, bodies = tuple(row["title"] for row in rows), tuple(row["description"] for row in rows)
    common = [name for name in dict.fromkeys(names) if names.count(name) >= 2]
    gains = np.array([[float(name == other) for other in names] for name in common])
    yield Retrieval(
        "PeoplePerHour: subcategory to its projects", "public", tuple(common), titles, bodies, gains
    )
    rows_of = [row for row, name in enumerate(names) if names.count(name) >= 2]
    gains = np.array([[float(names[row] == other) for other in names] for row in rows_of])
    for number, row in enumerate(rows_of):
        gains[number, row] = 0.0
    texts = tuple(f"{titles[row]}. {bodies[row]}" for row in rows_of)
    yield Retrieval("PeoplePerHour: project to projects like it", "public", texts, titles, bodies, gains)


def _jobs(folder: Path, *, people: int = 200, seed: int = 7) -> Iterator[Retrieval]:
    path = folder / "upwork_jobs_en.csv"
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [
            (
                row["title"],
                sorted({s.strip() for s in row["skills"].split(",") if s.strip() and "+" not in s[:1]}),
            )
            for row in csv.DictReader(handle)
        ]
    rows = [row for row in rows if len(row[1]) >= 3]
    sample = random.Random(seed).sample(rows, len(rows))  # noqa: S311 - a sample, not a secret
    profiles, jobs = sample[:people], sample[people:]
    shared = np.array(
        [[len(set(mine) & set(theirs)) / len(theirs) for _, theirs in jobs] for _, mine in profiles]
    )
    gains = np.where(shared >= 0.7, 2.0, np.where(shared >= 0.4, 1.0, 0.0))
    titles = tuple(title for title, _ in jobs)
    yield Retrieval(
        "Upwork: skills to jobs by their titles",
        "public",
        tuple(", ".join(skills) for _, skills in profiles),
        titles,
        ("",) * len(jobs),
        gains,
    )
    skills = sorted({skill for _, names in rows for skill in names})
    place = {name: column for column, name in enumerate(skills)}
    gains = np.zeros((people, len(skills)))
    for number, (_, names) in enumerate(profiles):
        gains[number, [place[name] for name in names]] = 1.0
    yield Retrieval(
        "Upwork: title to skills",
        "public",
        tuple(title for title, _ in profiles),
        tuple(skills),
        ("",) * len(skills),
        gains,
    )


def _melo(folder: Path) -> Iterator[Retrieval]:
    place = folder / "melo_usa_en_en"
    if not (place / "queries.tsv").is_file():
        return
    queries = _pairs(place / "queries.tsv")
    corpus = _pairs(place / "corpus_elements.tsv")
    row = {key: number for number, (key, _) in enumerate(queries)}
    column = {key: number for number, (key, _) in enumerate(corpus)}
    gains = np.zeros((len(queries), len(corpus)))
    for line in (place / "annotations.tsv").read_text(encoding="utf-8").splitlines():
        query, _, element, relevant = line.split("\t")
        if query in row and element in column:
            gains[row[query], column[element]] = float(relevant)
    yield Retrieval(
        "MELO: job titles to occupations",
        "public",
        tuple(text for _, text in queries),
        tuple(text for _, text in corpus),
        ("",) * len(corpus),
        gains,
        "mrr",
    )


def _pairs(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(key, text) for key, _, text in (line.partition("\t") for line in lines) if text]


def _questions(folder: Path) -> Iterator[Retrieval]:
    for language, other in (("ar", "ar"), ("ar", "en"), ("en", "ar")):
        asked, read = (folder / "xquad_ar_en" / f"xquad.{one}.json" for one in (language, other))
        if not asked.is_file() or not read.is_file():
            return
        questions = _passages(asked)
        passages = [passage for passage, _ in _passages(read)]
        gains = np.zeros((sum(len(texts) for _, texts in questions), len(passages)))
        texts: list[str] = []
        for column, (_, each) in enumerate(questions):
            for text in each:
                gains[len(texts), column] = 1.0
                texts.append(text)
        yield Retrieval(
            f"XQuAD: {language} question to {other} passage",
            "public",
            tuple(texts),
            ("",) * len(passages),
            tuple(passages),
            gains,
            "mrr",
        )


def _passages(path: Path) -> list[tuple[str, list[str]]]:
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [
        (paragraph["context"], [question["question"] for question in paragraph["qas"]])
        for article in data
        for paragraph in article["paragraphs"]
    ]


def public_sets(folder: Path) -> list[Retrieval]:
    """Whatever of the public sets is in `folder`; an empty list where nothing is."""
    found: list[Retrieval] = []
    for load in (_occupations, _projects, _jobs, _melo, _questions):
        found += load(folder)
    return found


def is_arabic(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts are mostly Arabic."""
    return np.array([arabic_share(text) > 0.5 for text in texts], dtype=bool)
