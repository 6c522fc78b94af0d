"""The baseline: recommendations computed in the request, as section 5.1 of the system description does.

Steps 3 to 9 of its `recommend_tasks_for_freelancer`: tasks that require one of the user's skills, the budget the user
wants, embeddings of profile and tasks, TF-IDF fitted on the tasks, 0.4 and 0.6 of both, a recency boost, the best ten.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from multitask.accounts.models import User
from multitask.recommendations.models import UserPreference, UserSkill
from multitask.recommendations.selectors.lists import tasks_shown
from multitask.tasks.models import Task, TaskStatus

RECENT_BOOST = 0.1
MOST_ENCODED = 32

Encode = Callable[[list[str]], Any]


@dataclass(frozen=True)
class Timed:
    """Seconds of one request, and how many tasks it looked at; `scaled` where encoding was measured on a part."""

    seconds: float
    tasks: int
    scaled: bool


def recommend(user: User, *, encode: Encode | None, filtered: bool, limit: int = 10) -> Timed:
    """Compute the user's recommendations and time it.

    `filtered` follows steps 3 and 4; otherwise every open task is scored. With `encode` the texts are encoded in the
    request (step 5; past MOST_ENCODED texts the time of that many is scaled up); without it the stored vectors are
    compared by PostgreSQL, the cheapest way there is.
    """
    begin = time.perf_counter()
    skills = list(UserSkill.objects.filter(user=user).values_list("skill_id", flat=True))
    wanted = Task.objects.filter(status=TaskStatus.OPEN, listing_type="task_request").exclude(client=user)
    if filtered:
        wanted = _preferred(wanted.filter(required_skills__in=skills).distinct(), user)
    rows = list(wanted.values_list("id", "title", "description", "created_at"))
    if not rows:
        return Timed(time.perf_counter() - begin, 0, False)
    texts = [f"{title} {description}" for _, title, description, _ in rows]
    names = UserSkill.objects.filter(user=user).values_list("skill__name_en", flat=True)
    profile = f"{' '.join(names)} {user.bio}"
    extra = 0.0
    if encode is None:
        semantic = _stored(user, [row[0] for row in rows])
    else:
        semantic, extra = _encoded(encode, profile, texts)
    weighted = TfidfVectorizer().fit_transform([*texts, profile])
    tfidf = cosine_similarity(weighted[-1], weighted[:-1]).ravel()
    newest = max(row[3] for row in rows)
    ages = np.array([(newest - row[3]).total_seconds() / 86_400.0 for row in rows])
    scores = 0.4 * tfidf + 0.6 * semantic + RECENT_BOOST * np.exp(-ages / 7.0)
    best = np.argsort(-scores, kind="stable")[:limit]
    tasks_shown([rows[place][0] for place in best])
    return Timed(time.perf_counter() - begin + extra, len(rows), extra > 0.0)


def _preferred(wanted: Any, user: User) -> Any:
    preference = UserPreference.objects.filter(user=user).first()
    if preference is not None and preference.min_budget is not None:
        wanted = wanted.filter(budget__gte=preference.min_budget)
    if preference is not None and preference.max_budget is not None:
        wanted = wanted.filter(budget__lte=preference.max_budget)
    return wanted


def _stored(user: User, ids: list[int]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tv.task_id, 1 - (tv.vector <=> pv.vector)
            FROM recommendations_taskvector tv, recommendations_profilevector pv
            WHERE pv.user_id = %s AND tv.index_id = pv.index_id AND tv.task_id = ANY(%s)
            """,
            [user.pk, ids],
        )
        found = dict(cursor.fetchall())
    return np.array([found.get(pk) or 0.0 for pk in ids], dtype=np.float64)


def _encoded(encode: Encode, profile: str, texts: list[str]) -> tuple[Any, float]:
    """Cosines to the profile, and the seconds that encoding the rest of the texts would have taken besides."""
    part = texts[:MOST_ENCODED]
    begin = time.perf_counter()
    vectors = np.asarray(encode([profile, *part]))
    seconds = time.perf_counter() - begin
    found = np.zeros(len(texts))
    found[: len(part)] = cosine_similarity(vectors[:1], vectors[1:]).ravel()
    return found, seconds * (len(texts) - len(part)) / (len(part) + 1)
