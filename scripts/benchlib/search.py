"""Search over HTTP beside PostgreSQL's full text alone on the same texts, and the index of vectors beside an exact scan."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psutil
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from pgvector import SparseVector
from rich.progress import Progress

from benchlib import data
from benchlib.numbers import ratio, seconds_summary
from ml import search
from ml.encoder import QueryEncoder
from ml.fusion import FUSION
from ml.lexical import LexicalModel
from ml.text import tokens
from multitask.accounts.models import User
from multitask.demo.content import build
from multitask.recommendations.models import IndexState, LexicalModelVersion, VectorIndex
from multitask.recommendations.selectors.search import DENSE_LIMIT
from multitask.recommendations.selectors.search_texts import WORDS_VERSION
from multitask.recommendations.services import queries, search_index
from multitask.tasks.models import Category, Task

POOL = 1_200
CLIENTS = 1_000
DIMENSIONS = 384
NOISE = 0.9
# Words of a made-up tail, so that some are in one text and some in thousands, as in any language.
TAIL = 30_000
WARM = 10
FULL_TEXT = "/api/full-text/"
LIST = "/api/tasks/"


@dataclass(frozen=True)
class Text:
    title: str
    description: str
    category: str
    kind: int


class Cluster:
    """An encoder for queries: near the vectors of tasks that were made from one pool text, in the product's own time.

    The vectors of 100,000 tasks are made up, so a query's must be as well; what encoding it costs is paid all the same.
    """

    def __init__(self, centres: Any, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.centres = centres
        self.seconds: list[float] = []
        model = settings.RECOMMENDATION_MODEL
        self.real = QueryEncoder(model) if QueryEncoder.supports(model) else None

    def encode(self, text: str) -> list[float]:
        begin = time.perf_counter()
        if self.real is not None:
            self.real.encode(text)
        self.seconds.append(time.perf_counter() - begin)
        kind = sum(text.encode()) % len(self.centres)
        vector = self.centres[kind] + NOISE * self.rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS)
        found: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return found


def pool_of(seed: int) -> list[Text]:
    demo = build(seed, users=40, tasks=POOL, now=datetime.now(UTC))
    return [
        Text(task.title, task.description, task.category, number) for number, task in enumerate(demo.tasks)
    ]


def texts(pool: Sequence[Text], number: int, seed: int) -> Iterator[Text]:
    """`number` texts: a pool's title with a word of the tail, its description between sentences of others."""
    rng = random.Random(seed)  # noqa: S311  (repeatable, no secret)
    for _ in range(number):
        one = pool[int(len(pool) * rng.random() ** 1.5)]
        other = pool[rng.randrange(len(pool))]
        tail = [_word(int(TAIL * rng.random() ** 3)) for _ in range(6)]
        yield Text(
            f"{one.title} {tail[0]}",
            f"{one.description} {' '.join(tail[1:])}. {other.description[:300]}",
            one.category,
            one.kind,
        )


def _word(number: int) -> str:
    letters = "bcdfghjklmnprstvwz"
    vowels = "aeiou"
    found = ""
    while number or not found:
        number, place = divmod(number, len(letters) * len(vowels))
        found += letters[place % len(letters)] + vowels[place // len(letters)]
    return f"x{found}k"


def fill(progress: Progress, pool: Sequence[Text], centres: Any, *, tasks: int, seed: int) -> dict[str, Any]:
    """Empty the marketplace and fill it: tasks, their words, their vectors, full text beside them. Seconds and sizes."""
    job = progress.add_task(f"search: {tasks:,} tasks", total=6)
    data.execute(f"TRUNCATE {', '.join(data.TABLES)} RESTART IDENTITY CASCADE")
    data.execute("TRUNCATE recommendations_searchterm, recommendations_searchphrase")
    data.execute("DROP TABLE IF EXISTS bench_full_text")
    cache.clear()
    queries.forget()
    User.objects.bulk_create(
        [
            User(username=f"client{number}", email=f"client{number}@example.com", password="!")  # noqa: S106
            for number in range(CLIENTS)
        ]
    )
    progress.advance(job)
    began = time.perf_counter()
    _rows(pool, tasks, seed)
    progress.advance(job)
    seconds = {"documents": _documents(pool, tasks, seed)}
    progress.advance(job)
    seconds["vectors_and_index"] = _vectors(pool, centres, tasks, seed)
    progress.advance(job)
    begin = time.perf_counter()
    search_index.terms_count()
    search_index.phrases_refresh()
    seconds["vocabulary"] = round(time.perf_counter() - begin, 1)
    progress.advance(job)
    _full_text()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in (*data.TABLES, *INDEXED, "bench_full_text", "recommendations_searchterm"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("RESET statement_timeout")
    progress.advance(job)
    return {"seconds": seconds | {"all": round(time.perf_counter() - began, 1)}, "megabytes": _sizes()}


INDEXED = ("recommendations_searchdocument", "recommendations_taskvector")


def _copy(table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        buffer = io.StringIO()
        for number, row in enumerate(rows, start=1):
            buffer.write("\t".join(_cell(value) for value in row) + "\n")
            if number % 2_000 == 0:
                _flush(cursor, table, columns, buffer)
                buffer = io.StringIO()
        _flush(cursor, table, columns, buffer)
        cursor.execute("RESET statement_timeout")


def _flush(cursor: Any, table: str, columns: Sequence[str], buffer: io.StringIO) -> None:
    buffer.seek(0)
    cursor.cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", "\\n").replace("\r", " ")


def _rows(pool: Sequence[Text], tasks: int, seed: int) -> None:
    categories = dict(Category.objects.values_list("slug", "pk"))
    first = User.objects.order_by("pk").values_list("pk", flat=True)[0]
    rng = random.Random(seed + 1)  # noqa: S311
    made = []
    for number, one in enumerate(texts(pool, tasks, seed)):
        made.append(
            Task(
                id=number + 1,
                client_id=first + number % CLIENTS,
                category_id=categories[one.category],
                title=one.title[:200],
                description=one.description,
                budget=rng.randrange(100, 20_000),
                city=rng.choice(["Cairo", "Giza", "Alexandria", "Tanta", ""]),
                is_remote=rng.random() < 0.4,
                listing_type="service_offer" if rng.random() < 0.2 else "task_request",
            )
        )
        if len(made) == 5_000:
            Task.objects.bulk_create(made)
            made = []
    Task.objects.bulk_create(made)
    data.execute("SELECT setval(pg_get_serial_sequence('tasks_task', 'id'), %s)", [tasks])


def _documents(pool: Sequence[Text], tasks: int, seed: int) -> float:
    begin = time.perf_counter()

    def rows() -> Iterator[Sequence[Any]]:
        for number, one in enumerate(texts(pool, tasks, seed)):
            document = search.document(title=one.title, names=one.category, body=one.description)
            terms = SparseVector(document.terms, search.TERM_DIMENSIONS).to_text()
            literal = search_index.words_literal(document.words)
            yield number + 1, literal, terms, document.script, WORDS_VERSION, 1

    columns = ("task_id", "words", "terms", "script", "text_version", "content_version")
    _copy("recommendations_searchdocument", columns, rows())
    return round(time.perf_counter() - begin, 1)


def _vectors(pool: Sequence[Text], centres: Any, tasks: int, seed: int) -> float:
    begin = time.perf_counter()
    VectorIndex.objects.all().delete()
    fitted = LexicalModel.fit(["nothing of this is read"])
    lexical, _ = LexicalModelVersion.objects.get_or_create(
        identifier=fitted.id, defaults={"data": fitted.to_bytes(), "documents": 1}
    )
    index = VectorIndex.objects.create(
        encoder_model="bench",
        encoder_revision="1",
        dimensions=DIMENSIONS,
        lexical=lexical,
        text_version="bench",
        state=IndexState.ACTIVE,
    )
    rng = np.random.default_rng(seed + 2)
    name = "recommendations_taskvector_hnsw_384"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (definition,) = cursor.fetchone()
    data.execute(f"DROP INDEX {name}")

    def rows() -> Iterator[Sequence[Any]]:
        for number, one in enumerate(texts(pool, tasks, seed)):
            vector = centres[one.kind] + NOISE * rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS)
            vector /= np.linalg.norm(vector)
            written = "[" + ",".join(f"{value:.5f}" for value in vector) + "]"
            yield number + 1, index.pk, written, "t", "bench", "", 1, "{}"

    columns = ("task_id", "index_id", "vector", "readable", "content_hash", "error", "content_version")
    _copy("recommendations_taskvector", (*columns, "mentioned_skills"), rows())
    data.execute(definition)
    return round(time.perf_counter() - begin, 1)


def _full_text() -> None:
    """What one gets by full text alone: both configurations, ranked, in a column of its own with an index."""
    data.execute(
        """
        CREATE TABLE bench_full_text AS SELECT id AS task_id,
            setweight(to_tsvector('english', title) || to_tsvector('arabic', title), 'A')
            || to_tsvector('english', description) || to_tsvector('arabic', description) AS words
        FROM tasks_task
        """
    )
    data.execute("CREATE INDEX ON bench_full_text USING gin (words)")
    data.execute("ALTER TABLE bench_full_text ADD PRIMARY KEY (task_id)")


def _sizes() -> dict[str, float]:
    found = {}
    with connection.cursor() as cursor:
        for table in (*INDEXED, "recommendations_searchterm", "bench_full_text"):
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            found[table.removeprefix("recommendations_")] = round(cursor.fetchone()[0] / 1e6, 1)
    found["this_process"] = round(psutil.Process().memory_info().rss / 1e6, 1)
    return found


def asked(pool: Sequence[Text], number: int, seed: int) -> list[str]:
    """Queries of one to three neighbouring words of titles, one in ten with a letter amiss."""
    rng = random.Random(seed + 3)  # noqa: S311
    found = []
    while len(found) < number:
        words = rng.choice(pool).title.split()
        first = rng.randrange(len(words))
        said = words[first : first + rng.choice([1, 2, 2, 3])]
        if rng.random() < 0.1:
            word = max(range(len(said)), key=lambda place: len(said[place]))
            said[word] = said[word][:2] + said[word][3:]
        if search.query_words(" ".join(said)):
            found.append(" ".join(said))
    return found


WAYS: dict[str, Callable[[str], tuple[str, dict[str, str]]]] = {
    "full_text": lambda said: (FULL_TEXT, {"search": said}),
    "search": lambda said: (LIST, {"search": said}),
    "filtered": lambda said: (
        LIST,
        {"search": said, "category": "programming", "is_remote": "true", "city": "Cairo"},
    ),
    "suggestions": lambda said: ("/api/search/suggestions/", {"q": said[:4]}),
}


def point(
    progress: Progress, *, pool: Sequence[Text], tasks: int, reads: int, seed: int, filled: bool = False
) -> dict[str, Any]:
    """Milliseconds of each way over HTTP at `tasks` tasks, in turns, and the recall of the index of vectors."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((len(pool), DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    built = {} if filled else fill(progress, pool, centres, tasks=tasks, seed=seed)
    encoder = Cluster(centres, seed)
    queries.IN_PROCESS.use(lambda index: encoder)
    client = Client(SERVER_NAME="localhost")
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    found: dict[str, list[int]] = {way: [] for way in WAYS}
    job = progress.add_task(f"search: {tasks:,} tasks", total=reads)
    modes: dict[str, int] = {}
    with override_settings(ROOT_URLCONF="benchlib.fulltext"):
        for number, said in enumerate(asked(pool, reads + WARM, seed)):
            for way, address in WAYS.items():
                path, query = address(said)
                begin = time.perf_counter()
                answer = client.get(path, query)
                took = time.perf_counter() - begin
                if answer.status_code != 200:
                    raise RuntimeError(f"GET {path} gave {answer.status_code}: {answer.content[:200]!r}")
                if number >= WARM:
                    taken[way].append(took)
                    shown = answer.json()
                    found[way].append(shown.get("count", 0) if isinstance(shown, dict) else len(shown))
                    if way == "search":
                        mode = answer.headers.get("X-Search-Mode", "")
                        modes[mode] = modes.get(mode, 0) + 1
            if number >= WARM:
                progress.advance(job)
    ms = {way: seconds_summary(values) for way, values in taken.items()}
    return {
        "tasks": tasks,
        "users": 0,
        "ms": ms,
        "found": {way: round(sum(values) / len(values), 1) for way, values in found.items() if values},
        "modes": modes,
        "encoding_ms": seconds_summary(encoder.seconds),
        "times_full_text_p95": ratio(ms["search"]["p95"], ms["full_text"]["p95"]),
        "recall": recall(encoder, number=min(50, reads)),
        "built": built,
        "bm25s": engine(pool, tasks=tasks, reads=reads, seed=seed),
    }


def engine(pool: Sequence[Text], *, tasks: int, reads: int, seed: int) -> dict[str, Any]:
    """bm25s in this process over the same texts and queries: the ten best, no filter, nothing kept on disk."""
    import bm25s

    begin = time.perf_counter()
    before = psutil.Process().memory_info().rss
    model = bm25s.BM25()
    model.index(
        [tokens(f"{text.title} {text.description}") or [""] for text in texts(pool, tasks, seed)],
        show_progress=False,
    )
    built = time.perf_counter() - begin
    taken = []
    for said in asked(pool, reads, seed):
        begin = time.perf_counter()
        stems = tokens(said)
        if stems:
            model.retrieve([stems], k=min(10, tasks), show_progress=False, n_threads=0)
        taken.append(time.perf_counter() - begin)
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    return {"build_s": round(built, 2), "megabytes": round(grown, 1), "ms": seconds_summary(taken)}


def recall(encoder: Cluster, *, number: int) -> dict[str, float]:
    """Which share of the ten nearest vectors the HNSW index finds as a search asks it, everywhere and in one task of nine.

    Of those within the floor: nothing further off is found by its vector.
    """
    index = VectorIndex.objects.get(state=IndexState.ACTIVE)
    shares: dict[str, list[float]] = {"all": [], "one in nine": []}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for kind in range(number):
            written = str(encoder.encode(chr(0x4E00 + kind)))
            for name, within in (("all", ""), ("one in nine", "AND task_id %% 9 = 0")):
                pair = [_nearest(cursor, written, index.pk, within, exact=exact) for exact in (True, False)]
                if pair[0]:
                    shares[name].append(len(pair[0] & pair[1]) / len(pair[0]))
        cursor.execute("RESET statement_timeout")
    return {name: round(sum(values) / max(1, len(values)), 3) for name, values in shares.items()}


def _nearest(cursor: Any, vector: str, index: int, within: str, *, exact: bool) -> set[int]:
    cursor.execute("BEGIN")
    cursor.execute("SELECT set_config('enable_indexscan', %s, true)", ["off" if exact else "on"])
    cursor.execute("SELECT set_config('enable_seqscan', %s, true)", ["on" if exact else "off"])
    cursor.execute("SELECT set_config('hnsw.ef_search', %s, true)", [str(DENSE_LIMIT)])
    cursor.execute("SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true)")
    cursor.execute(
        f"""
        SELECT task_id FROM (
            SELECT task_id, vector::vector(384) <=> %s::vector(384) AS distance FROM recommendations_taskvector
            WHERE index_id = %s AND readable AND vector_dims(vector) = 384 {within}
            ORDER BY vector::vector(384) <=> %s::vector(384) LIMIT {DENSE_LIMIT}
        ) AS near WHERE distance <= %s ORDER BY distance LIMIT 10
        """,  # noqa: S608
        [vector, index, vector, 1.0 - FUSION.floor("latin")],
    )
    found = {row[0] for row in cursor.fetchall()}
    cursor.execute("COMMIT")
    return found
