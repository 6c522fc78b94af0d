"""Who looked at a task, and how many tasks there are of each kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.conftest import AsUser
from multitask.tasks.factories import StartedTaskFactory, TaskFactory
from multitask.tasks.models import Category, Task, TaskView
from multitask.tasks.services.views import task_view_count, task_views_purge, viewer_key
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db


def _views(task: Task) -> int:
    task.refresh_from_db()
    assert task.views_count >= TaskView.objects.filter(task=task).count()
    return task.views_count


# --- Views -----------------------------------------------------------------------------------------------------------


def test_a_view_is_counted_once_a_reader_and_day_and_never_the_owner_s(
    api: APIClient, as_user: AsUser
) -> None:
    task = StartedTaskFactory()
    path = f"/api/tasks/{task.pk}/"
    with time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), tick=False) as clock:
        readers = [api, as_user(task.assigned_to), as_user(FreelancerFactory())]
        for _ in range(3):
            for reader in (*readers, as_user(task.client)):
                assert reader.get(path).status_code == 200
        assert _views(task) == 3
        assert readers[0].get(path).json()["views_count"] == 3
        clock.shift(timedelta(days=1))
        assert api.get(path).json()["views_count"] == 4


def test_the_day_is_cairo_s(api: APIClient) -> None:
    task = TaskFactory()
    # In summer Cairo's day begins at 21:00 UTC.
    with time_machine.travel(datetime(2026, 7, 1, 20, 59, tzinfo=UTC), tick=False) as clock:
        api.get(f"/api/tasks/{task.pk}/")
        clock.shift(timedelta(minutes=2))
        api.get(f"/api/tasks/{task.pk}/")
    assert sorted(TaskView.objects.values_list("day", flat=True)) == [date(2026, 7, 1), date(2026, 7, 2)]


def test_another_browser_s_name_or_a_forged_hop_is_no_other_reader(api: APIClient) -> None:
    task = TaskFactory()
    for number in range(5):
        headers = {"User-Agent": f"Browser {number}", "X-Forwarded-For": f"10.0.0.{number}"}
        api.get(f"/api/tasks/{task.pk}/", headers=headers)
    assert _views(task) == 1


def test_a_list_a_head_or_a_search_counts_nothing(api: APIClient) -> None:
    task = TaskFactory()
    api.get("/api/tasks/")
    api.head(f"/api/tasks/{task.pk}/")
    assert _views(task) == 0


def test_a_reader_is_kept_as_a_key_that_says_nothing_and_not_for_long(as_user: AsUser) -> None:
    task, reader = TaskFactory(), FreelancerFactory()
    as_user(reader).get(f"/api/tasks/{task.pk}/")
    (row,) = TaskView.objects.all()
    assert (len(row.viewer), str(reader.pk) == row.viewer, reader.username in row.viewer) == (
        32,
        False,
        False,
    )
    TaskView.objects.update(day=row.day - timedelta(days=3))
    assert task_views_purge() == 1
    assert _views(task) == 1


def test_neighbours_of_one_ipv6_network_are_one_reader() -> None:
    def key(address: str) -> str:
        return viewer_key(user_id=None, address=address, day=date(2026, 7, 1))

    assert key("2001:db8::1") == key("2001:db8::ffff:2")
    assert key("2001:db8::1") != key("2001:db8:0:1::1")
    assert key("192.0.2.1") != key("192.0.2.2")
    assert key("not an address")


def test_a_count_that_fails_spoils_no_reading(api: APIClient) -> None:
    task = TaskFactory()

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "tasks_taskview" in sql:
            raise DatabaseError("refused")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        assert api.get(f"/api/tasks/{task.pk}/").status_code == 200
    assert _views(task) == 0
    assert api.get("/api/tasks/1000000000000000000000/").status_code == 404


def test_counting_costs_one_query(api: APIClient) -> None:
    task = TaskFactory()
    path = f"/api/tasks/{task.pk}/"
    with CaptureQueriesContext(connection) as first:
        api.get(path)
    with CaptureQueriesContext(connection) as second:
        api.get(path)
    counting = [query for query in first.captured_queries if "tasks_taskview" in query["sql"]]
    assert len(counting) == 1
    assert len(second) == len(first) <= 6


@pytest.mark.django_db(transaction=True)
def test_readers_at_once_are_all_counted_and_each_once() -> None:
    task, readers = TaskFactory(), FreelancerFactory.create_batch(4)

    def look(number: int) -> Callable[[], None]:
        return lambda: task_view_count(task_id=task.pk, viewer=readers[number % 4], address="192.0.2.1")

    results = at_once([look(number) for number in range(12)])
    assert results == [None] * 12
    assert _views(task) == 4


# --- Facets ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def market() -> None:
    design = Category.objects.get(slug="design")
    TaskFactory(budget=100, city="Cairo")
    TaskFactory(budget="499.99", city="cairo", task_type="PHYSICAL")
    TaskFactory(budget=500, city="الجيزة", category=design)
    TaskFactory(budget=60_000, city="", category=design, listing_type="service_offer")
    StartedTaskFactory(budget=10_000_000, city="Cairo")


def _facets(api: APIClient, query: str = "") -> dict[str, Any]:
    answer = api.get(f"/api/tasks/facets/{query}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def _plain(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {row.get("value") or f"{row['min']}-{row['max']}": row["count"] for row in rows}


@pytest.mark.usefixtures("market")
def test_the_facets_count_every_kind(api: APIClient) -> None:
    found = _facets(api)
    assert found["count"] == 5
    assert _plain(found["category"]) == {"programming": 3, "design": 2}
    assert found["category"][0]["name"] == Category.objects.get(slug="programming").name_en
    assert _plain(found["city"]) == {"cairo": 3, "giza": 1}
    assert _plain(found["task_type"]) == {"DIGITAL": 4, "PHYSICAL": 1}
    assert _plain(found["listing_type"]) == {"task_request": 4, "service_offer": 1}
    assert _plain(found["budget"]) == {
        "10.00-499.99": 2,
        "500.00-999.99": 1,
        "50000.00-10000000.00": 2,
    }


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?category=design",
        "?status=OPEN&listing_type=task_request",
        "?city=CAIRO",
        "?min_budget=400&max_budget=600",
        "?skills=999999",
        "?category=no-such",
        "?search=shop&ordering=budget",
    ],
)
def test_every_facet_counts_what_the_list_with_its_filter_holds(api: APIClient, query: str) -> None:
    found = _facets(api, query)
    assert found["count"] == api.get(f"/api/tasks/{query}").json()["count"]
    joined = f"{query}&" if query else "?"
    for name in ("category", "city", "task_type", "listing_type"):
        for row in found[name]:
            if f"{name}=" not in query:
                listed = api.get(f"/api/tasks/{joined}{name}={row['value']}").json()
                assert listed["count"] == row["count"]
    if "budget" not in query.replace("ordering=budget", ""):
        for row in found["budget"]:
            listed = api.get(f"/api/tasks/{joined}min_budget={row['min']}&max_budget={row['max']}").json()
            assert listed["count"] == row["count"]


def test_a_city_is_one_facet_named_in_the_caller_s_language(api: APIClient) -> None:
    for city in ("القاهرة", "Cairo", "مدينة نصر", "NASR CITY", "عزبة البرج", "عزبه البرج", "!?"):
        TaskFactory(city=city)
    shown = {
        language: [
            (row["name"], row["count"])
            for row in api.get("/api/tasks/facets/", headers={"Accept-Language": language}).json()["city"]
        ]
        for language in ("en", "ar")
    }
    assert shown["en"][0] == ("Cairo", 4)
    assert shown["ar"][0] == ("القاهرة", 4)
    # One that is in no list of ours is one place too, and is shown as somebody wrote it.
    assert shown["en"][1:] == shown["ar"][1:]
    (_, (spelling, number)) = shown["ar"]
    assert number == 2
    assert spelling in {"عزبة البرج", "عزبه البرج"}


def test_facets_refuse_what_the_list_refuses(api: APIClient) -> None:
    answer = api.get("/api/tasks/facets/?status=NOBODY")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["status"])


@pytest.mark.usefixtures("market")
def test_facets_cost_the_same_queries_whatever_there_is(api: APIClient) -> None:
    with CaptureQueriesContext(connection) as few:
        _facets(api)
    TaskFactory.create_batch(20, client=ClientFactory())
    with CaptureQueriesContext(connection) as many:
        _facets(api)
    assert len(few) == len(many) <= 3


def test_a_long_list_is_counted_now_and_then_and_a_short_one_every_time(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from django.core.cache import cache

    from multitask.common import pagination
    from multitask.tasks.selectors import facets

    cache.clear()
    request.addfinalizer(cache.clear)  # or the next test's list is as long as this one's
    client = ClientFactory()
    TaskFactory.create_batch(3, client=client)
    assert api.get("/api/tasks/").json()["count"] == 3
    TaskFactory(client=client)
    assert (api.get("/api/tasks/").json()["count"], _facets(api)["count"]) == (4, 4)
    for module in (pagination, facets):
        monkeypatch.setattr(module, "EXACT_ROWS", 3)
    assert (api.get("/api/tasks/").json()["count"], _facets(api)["count"]) == (4, 4)
    TaskFactory(client=client)
    body = api.get("/api/tasks/").json()
    assert (body["count"], len(body["results"]), _facets(api)["count"]) == (4, 4, 4)
    cache.clear()
    assert (api.get("/api/tasks/").json()["count"], _facets(api)["count"]) == (5, 5)


# --- Orders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ordering", "index"),
    [
        ("", "task_newest"),
        ("?ordering=budget", "task_cheapest"),
        ("?ordering=-budget", "task_dearest"),
        ("?ordering=deadline", "task_soonest"),
        ("?status=OPEN", "task_status_newest"),
        ("?category=design", "task_category_newest"),
        ("?city=القاهرة", "task_city_key_newest"),
    ],
)
def test_a_page_walks_an_index_of_its_order(api: APIClient, ordering: str, index: str) -> None:
    TaskFactory(category=Category.objects.get(slug="design"), city="Cairo")
    for _ in range(9):
        StartedTaskFactory(city="Aswan")
    with connection.cursor() as cursor:
        # Or the plan would be made for rows of another test, where autovacuum has looked at them.
        cursor.execute("ANALYZE tasks_task")
        for kind in ("seqscan", "sort", "incremental_sort", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{kind} = off")
    with CaptureQueriesContext(connection) as queries:
        api.get(f"/api/tasks/{ordering}")
    (listing,) = [
        one["sql"]
        for one in queries.captured_queries
        if 'INNER JOIN "accounts_user"' in one["sql"] and '"tasks_task"."title"' in one["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {listing}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan


def test_tasks_without_a_deadline_come_last_in_both_directions(api: APIClient) -> None:
    client = ClientFactory()
    now = datetime.now(tz=UTC)
    soon, late, never = (
        TaskFactory(client=client, deadline=deadline)
        for deadline in (now + timedelta(days=1), now + timedelta(days=2), None)
    )

    def ids(query: str) -> list[int]:
        return [row["id"] for row in api.get(f"/api/tasks/{query}").json()["results"]]

    assert ids("?ordering=deadline") == [soon.pk, late.pk, never.pk]
    assert ids("?ordering=-deadline") == [late.pk, soon.pk, never.pk]
    assert ids("?ordering=relevance") == ids("") == [never.pk, late.pk, soon.pk]
