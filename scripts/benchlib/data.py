"""Marketplaces of a wanted size: a pool made like any other, then copies of it with noise on their vectors.

The pool is generated bilingual text (`multitask.demo`), encoded and weighted by the product's own jobs. A size is
filled from it by INSERT … SELECT inside PostgreSQL: skills, words and wishes of a row are those of its pool row, its
dense vector is the pool's plus a random one, made unit length again (a cosine of about 0.94 to the original).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from rich.progress import Progress

from multitask.accounts.models import User
from multitask.demo.content import DemoTask, DemoUser, build
from multitask.recommendations.models import (
    ProfileVector,
    RecommendationEntry,
    RecommendationList,
    Skill,
    TaskVector,
    UserPreference,
    UserSkill,
)
from multitask.recommendations.selectors import features, indexes
from multitask.recommendations.selectors.skill_names import vocabulary
from multitask.recommendations.services.vectors import profile_vectors_store, task_vectors_store
from multitask.tasks.models import Category, Task

CLIENTS = 20
ENCODED_AT_ONCE = 64
NOISES = 997
NOISE_LENGTH = 0.35
TABLES = ("tasks_task", "accounts_user")


@dataclass(frozen=True)
class Pool:
    """How many rows the copies are taken from."""

    tasks: int
    users: int
    index: int


def execute(sql: str, parameters: Any = None) -> None:
    """One statement of loading, which may take longer than the product's own limit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(sql, parameters)


def make_pool(progress: Progress, *, seed: int, tasks: int, users: int) -> Pool:
    """Generate, encode and put aside `tasks` requests and `users` freelancers."""
    demo = build(seed, users=int(users / 0.55) + 10, tasks=int(tasks * 1.7) + 10, now=datetime.now(UTC))
    wanted = [task for task in demo.tasks if task.listing_type == "task_request"][:tasks]
    people = [user for user in demo.users if user.user_type != "client"][:users]
    user_ids = _pool_users(people)
    task_ids = pool_tasks(wanted, client=_client().pk)
    index = _encode(progress, task_ids, user_ids)
    _put_aside(seed)
    return Pool(tasks=len(task_ids), users=len(user_ids), index=index)


def _client() -> User:
    return User.objects.create(
        username="pool.client",
        email="pool.client@example.com",
        user_type="client",
        password=make_password(None),
    )


def _pool_users(people: list[DemoUser]) -> list[int]:
    skills = dict(Skill.objects.order_by().values_list("slug", "pk"))
    shared = ("username", "email", "first_name", "last_name", "language", "user_type", "bio", "city")
    users = User.objects.bulk_create(
        [
            User(**{name: getattr(one, name) for name in shared}, password=make_password(None))
            for one in people
        ]
    )
    UserSkill.objects.bulk_create(
        [
            UserSkill(user=user, skill_id=skills[skill.slug], proficiency_level=skill.level)
            for user, one in zip(users, people, strict=True)
            for skill in one.skills
        ]
    )
    wishes = ("min_budget", "max_budget", "prefer_remote", "prefer_physical")
    UserPreference.objects.bulk_create(
        [
            UserPreference(
                user=user,
                interests=list(one.interests),
                preferred_location=one.city,
                **{name: getattr(one, name) for name in wishes},
            )
            for user, one in zip(users, people, strict=True)
        ]
    )
    return [user.pk for user in users]


def pool_tasks(wanted: list[DemoTask], *, client: int) -> list[int]:
    """Rows of these tasks, posted by `client`. Returns their ids."""
    categories = dict(Category.objects.values_list("slug", "pk"))
    skills = dict(Skill.objects.order_by().values_list("slug", "pk"))
    shared = (
        "title",
        "description",
        "task_type",
        "listing_type",
        "budget",
        "is_negotiable",
        "location",
        "city",
    )
    more = ("is_remote", "deadline", "estimated_duration")
    tasks = Task.objects.bulk_create(
        [
            Task(
                client_id=client,
                category_id=categories[one.category],
                **{name: getattr(one, name) for name in (*shared, *more)},
            )
            for one in wanted
        ]
    )
    link = Task.required_skills.through
    link.objects.bulk_create(
        [
            link(task_id=task.pk, skill_id=skills[slug])
            for task, one in zip(tasks, wanted, strict=True)
            for slug in one.skills
        ]
    )
    return [task.pk for task in tasks]


def _encode(progress: Progress, task_ids: list[int], user_ids: list[int]) -> int:
    """Vectors of the pool by the product's own jobs' functions. Returns the serving index's id."""
    from workers import models
    from workers.jobs.vectors import ensure_index, make

    index = ensure_index()
    reads = models.reads_arabic(index)
    known = vocabulary()
    job = progress.add_task("encoding the pool", total=len(task_ids) + len(user_ids))
    for ids in _chunks(task_ids):
        texts = features.task_texts(ids, names=known.skills, mentions=known.mentions, reads_arabic=reads)
        task_vectors_store(index=index, made=make(index, texts), announce=False)
        progress.advance(job, len(ids))
    for ids in _chunks(user_ids):
        texts = features.profile_texts(ids, names=known.skills, reads_arabic=reads)
        profile_vectors_store(index=index, made=make(index, texts), announce=False)
        progress.advance(job, len(ids))
    found = indexes.active_index()
    assert found is not None
    return found.pk


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[first : first + ENCODED_AT_ONCE] for first in range(0, len(ids), ENCODED_AT_ONCE)]


def _put_aside(seed: int) -> None:
    """The pool as tables of its own, numbered from 0, which no TRUNCATE of the product's tables reaches."""
    numbered = (
        "CREATE TABLE bench_{0} AS SELECT row_number() OVER (ORDER BY {1}) - 1 AS n, {0}.* FROM {2} {0}"
    )
    for name, order, source in (
        ("task", "id", "tasks_task"),
        ("taskvector", "task_id", "recommendations_taskvector"),
        ("profilevector", "user_id", "recommendations_profilevector"),
        ("preference", "user_id", "recommendations_userpreference"),
    ):
        execute(numbered.format(name, order, source))
    execute(
        "CREATE TABLE bench_person AS SELECT row_number() OVER (ORDER BY u.id) - 1 AS n, u.* FROM accounts_user u "
        "WHERE user_type <> 'client'"
    )
    execute(
        "CREATE TABLE bench_needs AS SELECT t.n, r.skill_id FROM bench_task t "
        "JOIN tasks_task_required_skills r ON r.task_id = t.id"
    )
    execute(
        "CREATE TABLE bench_has AS SELECT p.n, s.skill_id, s.proficiency_level FROM bench_person p "
        "JOIN recommendations_userskill s ON s.user_id = p.id"
    )
    rng = np.random.default_rng(seed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT vector_dims(vector) FROM bench_taskvector LIMIT 1")
        (dimensions,) = cursor.fetchone()
        noise = rng.standard_normal((NOISES, dimensions))
        noise *= NOISE_LENGTH / np.linalg.norm(noise, axis=1, keepdims=True)
        cursor.execute(f"CREATE TABLE bench_noise (n integer PRIMARY KEY, vector vector({dimensions}))")
        cursor.executemany(
            "INSERT INTO bench_noise VALUES (%s, %s::vector)",
            [(n, "[" + ",".join(f"{value:.6f}" for value in row) + "]") for n, row in enumerate(noise)],
        )


def copies(model: Any, source: str, number: int, pool: int, own: Mapping[str, str]) -> None:
    """Insert `number` copies of `source`'s rows into the model's table; `own` columns are SQL over g, b and z."""
    columns = [field.column for field in model._meta.concrete_fields if field.column != "id" or "id" in own]
    taken = ", ".join(own.get(column, f'b."{column}"') for column in columns)
    noise = f"JOIN bench_noise z ON z.n = (g * 7919 + 13) %% {NOISES}" if "z." in taken else ""
    listed = ", ".join(f'"{column}"' for column in columns)
    execute(
        f"INSERT INTO {model._meta.db_table} ({listed}) SELECT {taken} FROM generate_series(0, %(last)s) AS g "  # noqa: S608
        f"JOIN {source} b ON b.n = g %% %(pool)s {noise}",
        {"last": number - 1, "pool": pool},
    )


def fill(progress: Progress, pool: Pool, *, tasks: int, users: int) -> None:
    """Empty the marketplace and fill it with `tasks` open requests and `users` freelancers, lists not yet computed."""
    job = progress.add_task(f"rows: {tasks:,} tasks, {users:,} users", total=9)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%%USING hnsw%%' AND schemaname = 'public'"
        )
        hnsw = dict(cursor.fetchall())
    for name in hnsw:
        execute(f'DROP INDEX "{name}"')
    execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
    progress.advance(job)
    _fill_users(progress, job, pool, users)
    _fill_tasks(progress, job, pool, tasks)
    for definition in hnsw.values():
        execute(definition)
    progress.advance(job)
    for table in (*TABLES, "recommendations_userskill", "outbox_outboxdelivery"):
        execute(f"ANALYZE {table}")
    for model in (TaskVector, ProfileVector, RecommendationList, RecommendationEntry):
        execute(f"ANALYZE {model._meta.db_table}")
    progress.advance(job)


def _fill_users(progress: Progress, job: Any, pool: Pool, users: int) -> None:
    name = {
        "id": f"g + {CLIENTS + 1}",
        "username": "'person' || g",
        "email": "'person' || g || '@example.com'",
    }
    execute(
        """
        INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, is_staff, is_active,
            date_joined, email, bio, profile_picture, phone_number, city, country, user_type, language,
            average_rating, total_reviews, is_verified, created_at, updated_at)
        SELECT g, '!', false, 'client' || g, '', '', false, true, now(), 'client' || g || '@example.com', '', '', '',
            'Cairo', 'Egypt', 'client', 'en', 0, 0, false, now(), now()
        FROM generate_series(1, %s) AS g
        """,
        [CLIENTS],
    )
    copies(User, "bench_person", users, pool.users, name)
    progress.advance(job)
    person = {"user_id": f"g + {CLIENTS + 1}"}
    copies(UserPreference, "bench_preference", users, pool.users, person)
    execute(
        """
        INSERT INTO recommendations_userskill (user_id, skill_id, proficiency_level, is_verified, created_at, updated_at)
        SELECT g + %s + 1, b.skill_id, b.proficiency_level, false, now(), now()
        FROM generate_series(0, %s) AS g JOIN bench_has b ON b.n = g %% %s
        """,
        [CLIENTS, users - 1, pool.users],
    )
    progress.advance(job)
    copies(ProfileVector, "bench_profilevector", users, pool.users, {**person, **_NOISY})
    execute(
        """
        INSERT INTO recommendations_recommendationlist (user_id, inputs_changed_at, ranking_version, algorithm, is_full)
        SELECT id, now(), '', 'cold_start', false FROM accounts_user WHERE id > %s
        """,
        [CLIENTS],
    )
    execute(
        "SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), (SELECT max(id) FROM accounts_user))"
    )
    progress.advance(job)


_NOISY = {"vector": "CASE WHEN b.vector IS NOT NULL THEN l2_normalize(b.vector + z.vector) END"}


def _fill_tasks(progress: Progress, job: Any, pool: Pool, tasks: int) -> None:
    own = {
        "id": "g + 1",
        "client_id": f"g %% {CLIENTS} + 1",
        "created_at": "now() - (g %% 43200) * interval '1 minute'",
    }
    copies(Task, "bench_task", tasks, pool.tasks, own)
    progress.advance(job)
    execute(
        """
        INSERT INTO tasks_task_required_skills (task_id, skill_id)
        SELECT g + 1, b.skill_id FROM generate_series(0, %s) AS g JOIN bench_needs b ON b.n = g %% %s
        """,
        [tasks - 1, pool.tasks],
    )
    progress.advance(job)
    copies(TaskVector, "bench_taskvector", tasks, pool.tasks, {"task_id": "g + 1", **_NOISY})
    execute("SELECT setval(pg_get_serial_sequence('tasks_task', 'id'), (SELECT max(id) FROM tasks_task))")
    progress.advance(job)


def people(number: int, *, users: int) -> list[int]:
    """Ids of `number` freelancers, spread evenly over the `users` there are."""
    step = max(1, users // number)
    return [CLIENTS + 1 + place for place in range(0, users, step)][:number]


def copy_lists() -> int:
    """Give every list not yet computed the entries of one that is, so that the table has its full size.

    Returns how many entries there are.
    """
    execute(
        """
        WITH donors AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS number
            FROM recommendations_recommendationlist WHERE computed_at IS NOT NULL),
        needy AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS n
            FROM recommendations_recommendationlist WHERE computed_at IS NULL)
        INSERT INTO recommendations_recommendationentry
            (recommendation_list_id, task_id, score, match_percentage, parts, reasons, algorithm, content_version,
             computed_at)
        SELECT needy.id, e.task_id, e.score, e.match_percentage, e.parts, e.reasons, e.algorithm, e.content_version,
            now()
        FROM needy JOIN donors ON donors.n = needy.n %% donors.number
        JOIN recommendations_recommendationentry e ON e.recommendation_list_id = donors.id
        """.replace("%%", "%")
    )
    execute(
        "UPDATE recommendations_recommendationlist SET computed_at = now(), algorithm = 'hybrid' "
        "WHERE computed_at IS NULL"
    )
    execute("ANALYZE recommendations_recommendationentry")
    execute("ANALYZE recommendations_recommendationlist")
    return RecommendationEntry.objects.count()
