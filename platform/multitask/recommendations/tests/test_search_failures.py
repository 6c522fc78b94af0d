"""Whatever is asked and whatever fails, a search is answered: by its words where no vector is to be had."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.recommendations.models import TaskVector
from multitask.recommendations.selectors import search as selector
from multitask.recommendations.selectors.search import TASKS, search_rows
from multitask.recommendations.selectors.vectors import TookTooLong
from multitask.recommendations.services import queries
from multitask.recommendations.services import search as service
from multitask.recommendations.services.search import query_read
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Task
from multitask.testing.encoder import HashedEncoder
from multitask.testing.market import post
from multitask.testing.pipeline import Pipeline
from multitask.testing.search import TASKS_PATH, found, ids, index_everything, vectors_make

pytestmark = pytest.mark.django_db


def test_without_a_vector_the_words_answer_and_say_so(
    api: APIClient, client_user: User, pipeline: Pipeline, words_alone: None
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()
    answer = api.get(TASKS_PATH, {"search": "logo"})
    assert (ids(answer), answer.headers["X-Search-Mode"]) == ([task.pk], "lexical")
    assert "X-Search-Mode" not in api.get(TASKS_PATH).headers


@pytest.mark.parametrize("vector", [[float("nan")] * 384, [0.0] * 384, [1.0] * 7, [], None])
def test_a_vector_that_is_none_is_not_used(
    api: APIClient, client_user: User, pipeline: Pipeline, monkeypatch: Any, vector: Any
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()

    class Odd:
        def encode(self, text: str) -> Any:
            return vector

    queries.IN_PROCESS.use(lambda index: Odd())
    cache.clear()
    answer = api.get(TASKS_PATH, {"search": "logo café of odd vectors"})
    assert (ids(answer), answer.headers["X-Search-Mode"]) == ([task.pk], "lexical")


def test_a_vector_of_zeros_in_the_index_does_not_come_first(api: APIClient, encoder: HashedEncoder) -> None:
    logo, other = (
        TaskFactory(title="Logo", description="aa"),
        TaskFactory(title="Other logo thing", description="bb"),
    )
    index_everything()
    vectors_make()
    TaskVector.objects.filter(task=other).update(vector=[0.0] * 384)
    assert found(api, "logo") == [logo.pk, other.pk]


def test_a_statement_that_takes_too_long_leaves_the_words_or_nothing_and_no_error(
    api: APIClient, client_user: User, pipeline: Pipeline, monkeypatch: Any
) -> None:
    task = post(client_user, title="Logo", description="Simple.")
    pipeline.drain()
    real = service.search_rows

    def slow(source: Any, *, asked: Any, within: Any) -> Any:
        if asked.vector is not None:
            raise TookTooLong("limit")
        return real(source, asked=asked, within=within)

    monkeypatch.setattr(service, "search_rows", slow)
    answer = api.get(TASKS_PATH, {"search": "logo"})
    assert (ids(answer), answer.headers["X-Search-Mode"]) == ([task.pk], "lexical")

    def slower(*_: Any, **__: Any) -> Any:
        raise TookTooLong("limit")

    monkeypatch.setattr(service, "search_rows", slower)
    assert found(api, "logo") == []


def test_a_search_statement_is_ended_at_its_limit(monkeypatch: Any) -> None:
    TaskFactory(title="Logo")
    index_everything()
    monkeypatch.setattr(selector, "STATEMENT_MS", 100)
    monkeypatch.setattr(
        selector, "_SQL", selector._SQL.replace("ORDER BY score", "ORDER BY pg_sleep(3) IS NULL, score")
    )
    with pytest.raises(TookTooLong):
        search_rows(TASKS, asked=query_read("logo").asked, within=None)


ODD = [
    "a",
    "ب",
    "x" * 10_000,
    "logo " * 2_000,
    "🎉🎉🎉",
    "the of and",
    "محتاج من في",
    "logo & design | ! ( ) : * <-> 'a'",
    "'; DROP TABLE tasks_task; --",
    "\\' \\\\ '",
    "%s %(x)s %",
    "\u202elogo\u202c \u200f\u200e\ufeff",
    "logo:* & !shop",
    "~رجم ~~",
    "\ud800",
    "_ % \t\n",
    "١٢٣٤٥",
    "-1e400",
    '{} [] ""',
]


@pytest.mark.parametrize("said", ODD, ids=lambda said: ascii(said)[:20])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (TASKS_PATH, "search"),
        ("/api/tasks/facets/", "search"),
        ("/api/users/", "search"),
        ("/api/skills/", "search"),
        ("/api/search/", "q"),
        ("/api/search/suggestions/", "q"),
    ],
)
def test_whatever_is_searched_for_is_answered(api: APIClient, path: str, name: str, said: str) -> None:
    if not Task.objects.exists():
        TaskFactory(title="Logo design", description="Shop")
        index_everything()
    answer = api.get(f"{path}?{name}={_quoted(said)}")
    assert answer.status_code in {200, 400}, answer.content[:300]
    answer = api.get(f"{path}?{name}=%00logo")
    assert answer.status_code in {200, 400}


def _quoted(said: str) -> str:
    from urllib.parse import quote

    return quote(said, errors="surrogatepass")


def test_what_is_searched_for_is_taken_by_its_words_and_not_as_operators(api: APIClient) -> None:
    task = TaskFactory(title="Logo design", description="Shop")
    index_everything()
    for said in ("logo & !design", "logo'; DROP TABLE x; --", "(logo", "logo:*", "\u202elogo\u202c"):
        assert found(api, said) == [task.pk], said
