"""Search of tasks over HTTP: in which order they come, within filters, page by page, and what is marked in them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ml import fusion
from multitask.accounts.factories import UserFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.recommendations.models import TaskVector
from multitask.recommendations.selectors import search as selector
from multitask.recommendations.selectors.search import TASKS, search_rows
from multitask.recommendations.services.search import query_read
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Category, Task
from multitask.testing.encoder import HashedEncoder
from multitask.testing.search import TASKS_PATH, found, ids, index_everything, vectors_make

pytestmark = pytest.mark.django_db


def test_words_of_the_title_weigh_more_than_those_of_the_text(api: APIClient) -> None:
    body = TaskFactory(
        title="Work for a shop", description="We also want a logo some day, with all the other things."
    )
    title = TaskFactory(title="Logo", description="For a shop, with all the other things we want.")
    Task.objects.filter(pk=title.pk).update(created_at=timezone.now() - timedelta(days=100))
    index_everything()
    assert found(api, "logo") == [title.pk, body.pk]


def test_relevance_is_the_order_of_a_search_and_another_may_be_asked_for(api: APIClient) -> None:
    best = TaskFactory(title="Logo design", description="logo design", budget=900)
    cheap = TaskFactory(title="Website", description="and perhaps a logo", budget=100)
    index_everything()
    assert found(api, "logo design") == [best.pk, cheap.pk]
    assert found(api, "logo design", ordering="relevance") == [best.pk, cheap.pk]
    assert found(api, "logo design", ordering="budget") == [cheap.pk, best.pk]
    assert found(api, "", ordering="relevance") == [cheap.pk, best.pk]


def _random_market(number: int, rng: random.Random) -> None:
    nouns = ["logo", "website", "kitchen", "translation", "شعار", "موقع", "مطبخ", "ترجمة"]
    categories = list(Category.objects.order_by("pk")[:3])
    for _ in range(number):
        said = rng.sample(nouns, 3)
        TaskFactory(
            title=f"{said[0]} {said[1]}",
            description=f"{said[2]} please please please",
            category=rng.choice(categories),
            budget=rng.choice([100, 500, 900]),
            is_remote=rng.random() < 0.5,
            city=rng.choice(["Cairo", "Giza", ""]),
        )


@pytest.mark.parametrize("exact", [True, False])
def test_a_filter_costs_no_rows(
    api: APIClient, encoder: HashedEncoder, monkeypatch: Any, exact: bool
) -> None:
    rng = random.Random(7)
    _random_market(60, rng)
    index_everything()
    vectors_make()
    if not exact:
        monkeypatch.setattr(selector, "uses_ann", lambda *_, **__: True)
        monkeypatch.setattr(selector, "_is_small", lambda *_: False)
    every = {said: found(api, said) for said in ("logo", "website kitchen", "شعار موقع", "please")}
    assert every["please"], "found by the vector alone: it is no word of the index"
    facts = {task.pk: task for task in Task.objects.select_related("category")}
    for _ in range(12):
        category = rng.choice([None, *{task.category.slug for task in facts.values()}])
        remote = rng.choice([None, True, False])
        most = rng.choice([None, 100, 500])
        query = {
            name: value
            for name, value in (
                ("category", category),
                ("is_remote", remote if remote is None else str(remote).lower()),
                ("max_budget", most),
            )
            if value is not None
        }
        for said, whole in every.items():
            wanted = [
                pk
                for pk in whole
                if (category is None or facts[pk].category.slug == category)
                and (remote is None or facts[pk].is_remote == remote)
                and (most is None or facts[pk].budget <= most)
            ]
            answer = api.get(TASKS_PATH, {"search": said, "page_size": 100} | query)
            assert ids(answer) == wanted
            assert answer.json()["count"] == len(wanted)


def test_the_database_and_python_give_the_same_score(encoder: HashedEncoder) -> None:
    _random_market(40, random.Random(3))
    Task.objects.filter(pk__in=list(Task.objects.values_list("pk", flat=True)[:10])).update(
        created_at=timezone.now() - timedelta(days=33), status="CANCELLED"
    )
    index_everything()
    vectors_make()
    User.objects.update(average_rating="3.50")
    TaskVector.objects.filter(pk__in=list(TaskVector.objects.values_list("pk", flat=True)[:5])).delete()
    for said in ("logo website", "شعار", "logo مطبخ translation", "3ayez logo"):
        query = query_read(said)
        rows = search_rows(TASKS, asked=query.asked, within=None)
        assert rows
        tasks = {task.pk: task for task in Task.objects.select_related("client")}
        for row in rows:
            task = tasks[row.id]
            wanted = fusion.fuse(
                query=query.asked.script,
                document=row.script,
                lexical=row.lexical,
                cosine=row.cosine,
                days=(query.asked.now - task.created_at).total_seconds() / 86400,
                is_open=task.status == "OPEN",
                rating=float(task.client.average_rating),
                rarity=query.asked.plan.rarity,
            )
            assert row.score == pytest.approx(wanted, abs=1e-6)
        assert [row.id for row in rows] == [
            row.id for row in sorted(rows, key=lambda one: (-one.score, -one.id))
        ]


def test_pages_of_a_search_fit_together(api: APIClient) -> None:
    for number in range(30):
        TaskFactory(title=f"Logo {number}", description="same words")
    index_everything()
    first = api.get(TASKS_PATH, {"search": "logo", "page_size": 10}).json()
    TaskFactory(title="Logo logo logo", description="logo")
    index_everything()
    seen = [row["id"] for row in first["results"]]
    for page in (2, 3):
        seen += ids(api.get(TASKS_PATH, {"search": "logo", "page_size": 10, "page": page}))
    assert first["count"] == 30
    assert len(set(seen)) == len(seen) == 30
    assert api.get(TASKS_PATH, {"search": "logo", "page": 99}).status_code == 404
    assert len(found(api, "logo")) == 31


def test_the_counts_beside_a_search_are_of_what_it_found(api: APIClient) -> None:
    design = Category.objects.get(slug="design")
    for number in range(3):
        TaskFactory(title=f"Logo {number}", category=design, description="x y")
    TaskFactory(title="Logo site", category=Category.objects.get(slug="programming"), description="x y")
    TaskFactory(title="Other", description="nothing")
    index_everything()
    counts = api.get("/api/tasks/facets/", {"search": "logo"}).json()
    assert counts["count"] == 4
    assert {row["value"]: row["count"] for row in counts["category"]} == {"design": 3, "programming": 1}
    assert api.get("/api/tasks/facets/", {"search": "zzzz"}).json()["count"] == 0


def test_one_s_own_list_is_searched_among_one_s_own(as_user: AsUser, client_user: User) -> None:
    own = TaskFactory(title="Logo", client=client_user)
    TaskFactory(title="Logo of another")
    index_everything()
    answer = as_user(client_user).get("/api/tasks/mine/", {"search": "logo"})
    assert ids(answer) == [own.pk]
    assert answer.json()["results"][0]["highlights"]["title"] == "<mark>Logo</mark>"


def test_of_equals_those_of_the_asker_s_own_city_come_first(api: APIClient) -> None:
    far = TaskFactory(title="Wooden shelves", description="Two shelves.", city="أسوان")
    near = TaskFactory(title="Wooden shelves", description="Two shelves.", city="الجيزة")
    newest = TaskFactory(title="Wooden shelves", description="Two shelves.", city="Luxor")
    index_everything()
    assert found(api, "shelves")[0] == newest.pk
    api.force_authenticate(UserFactory(city="Giza"))
    assert found(api, "shelves")[0] == near.pk
    api.force_authenticate(UserFactory(city="Aswan"))
    assert found(api, "shelves")[0] == far.pk
    api.force_authenticate(UserFactory(city=""))
    assert found(api, "shelves")[0] == newest.pk


def test_what_was_found_is_marked_in_the_original_and_everything_is_escaped(api: APIClient) -> None:
    TaskFactory(
        title="مصمّم شعارات <b>محترف</b>", description="Filler. " * 60 + "محتاج تَصميم شعار & logos & more"
    )
    index_everything()
    (row,) = api.get(TASKS_PATH, {"search": "تصميم شعار logo"}).json()["results"]
    marked = row["highlights"]
    assert marked["title"] == "<mark>مصمّم</mark> <mark>شعارات</mark> &lt;b&gt;محترف&lt;/b&gt;"
    assert "<mark>تَصميم</mark> <mark>شعار</mark> &amp; <mark>logos</mark> &amp; more" in marked["description"]
    assert len(marked["description"]) < 400
    assert api.get(TASKS_PATH).json()["results"][0]["highlights"] is None
