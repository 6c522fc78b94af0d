"""Help for who writes: skills, category and price by what is near a draft, and one's own listings that it repeats."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.recommendations.models import Skill
from multitask.recommendations.selectors import drafts as selector
from multitask.tasks.models import Task
from multitask.testing.market import join, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
PATH, SKILLS_PATH = "/api/tasks/suggestions/", "/api/skills/suggestions/"
PIPES = {
    "title": "Leaking pipes under the kitchen sink",
    "description": "Water drips all night, please mend it.",
}


@pytest.fixture
def words_alone(pipeline: Pipeline, words_alone: None) -> Pipeline:
    """Listings have vectors, and what is asked gets none."""
    return pipeline


def _market(
    pipeline: Pipeline, prices: tuple[int, ...] = (300, 400, 500, 600, 700), **more: Any
) -> list[Task]:
    """A listing about pipes of one client for each price, each in a few words of its own."""
    values: dict[str, Any] = {"category": "cleaning", "skills": skill_ids("handyman")} | PIPES
    found = [
        post(
            join("client"),
            **values | {"title": f"{PIPES['title']} number {place}", "budget": Decimal(price)} | more,
        )
        for place, price in enumerate(prices)
    ]
    pipeline.drain()
    assert pipeline.dead() == []
    return found


def _ask(client: APIClient, path: str = PATH, **body: Any) -> dict[str, Any]:
    answer = client.post(path, body, format="json")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


# --- What neighbours say --------------------------------------------------------------------------------------------


def test_neighbours_suggest_skills_a_category_and_a_price(pipeline: Pipeline, as_user: AsUser) -> None:
    _market(pipeline)
    found = _ask(as_user(ClientFactory()), **PIPES)
    (skill,) = found["skills"]
    assert (skill["slug"], skill["reason"], skill["share"]) == ("handyman", "neighbours", 1.0)
    assert (found["category"]["slug"], found["category"]["share"]) == ("cleaning", 1.0)
    assert found["price"] == {"low": "400.00", "median": "500.00", "high": "600.00", "count": 5}
    assert (found["neighbours"], found["mode"], found["duplicates"]) == (5, "hybrid", [])


def test_names_are_in_the_callers_language(pipeline: Pipeline, as_user: AsUser) -> None:
    _market(pipeline)
    client = as_user(ClientFactory())
    for language, skill, category in (
        ("en", "Plumbing", "Cleaning & Home Services"),
        ("ar", "سباكة", "التنظيف والخدمات المنزلية"),
    ):
        body = PIPES | {"title": "سباك leaking pipes under the kitchen sink"}
        answer = client.post(PATH, body, format="json", headers={"Accept-Language": language}).json()
        assert answer["skills"][0] | {"id": 0, "share": 0} == {
            "id": 0,
            "slug": "plumbing",
            "name": skill,
            "reason": "named",
            "share": 0,
        }
        assert answer["category"]["name"] == category


def test_a_price_is_of_the_same_kind_of_listing_and_of_five_people(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    _market(pipeline, prices=(300, 400, 500, 600))
    seller = join("freelancer")
    post(seller, listing_type="service_offer", budget=Decimal(900), category="cleaning", **PIPES)
    pipeline.drain()
    client = as_user(ClientFactory())
    found = _ask(client, **PIPES)
    assert (found["price"], found["neighbours"]) == (None, 5)
    _market(pipeline, prices=(10_000_000,))
    found = _ask(client, **PIPES)
    assert found["price"] == {"low": "400.00", "median": "500.00", "high": "600.00", "count": 5}
    assert _ask(client, **PIPES, listing_type="service_offer")["price"] is None


def test_prices_of_the_same_city_count_more_in_any_spelling(pipeline: Pipeline, as_user: AsUser) -> None:
    _market(pipeline, prices=(300, 400, 500, 600), city="Alexandria")
    _market(pipeline, prices=(3_000, 4_000, 5_000, 6_000), city="Giza")
    client = as_user(ClientFactory())
    medians = [
        Decimal(_ask(client, **PIPES, city=city)["price"]["median"]) for city in ("الإسكندريه", "الجيزة")
    ]
    assert medians[0] <= 600
    assert medians[1] >= 3_000


def test_what_the_text_names_comes_first_with_its_share_of_the_neighbours(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    _market(pipeline)
    found = _ask(as_user(ClientFactory()), title="Plumbing: leaking pipes under the kitchen sink")
    assert [(row["slug"], row["reason"]) for row in found["skills"]] == [
        ("plumbing", "named"),
        ("handyman", "neighbours"),
    ]
    assert [row["share"] for row in found["skills"]] == [0.0, 1.0]


def test_closed_listings_speak_and_those_of_deactivated_accounts_do_not(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    tasks = _market(pipeline)
    Task.objects.update(status="CANCELLED")
    client = as_user(ClientFactory())
    assert _ask(client, **PIPES)["neighbours"] == 5
    User.objects.filter(pk__in=[task.client_id for task in tasks[:3]]).update(is_active=False)
    found = _ask(client, **PIPES)
    assert (found["neighbours"], found["price"], found["category"]) == (2, None, None)


def test_an_inactive_skill_or_category_is_not_suggested(pipeline: Pipeline, as_user: AsUser) -> None:
    tasks = _market(pipeline)
    client = as_user(ClientFactory())
    assert _ask(client, **PIPES)["skills"]
    Skill.objects.filter(slug="handyman").update(is_active=False)
    category = tasks[0].category
    category.is_active = False
    category.save()
    found = _ask(client, **PIPES)
    assert (found["skills"], found["category"]) == ([], None)


def test_the_index_finds_whom_the_exact_scan_finds(
    pipeline: Pipeline, as_user: AsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _market(pipeline)
    client = as_user(ClientFactory())
    exact = _ask(client, **PIPES)
    monkeypatch.setattr(selector, "uses_ann", lambda table, index: True)
    assert _ask(client, **PIPES) == exact


# --- Without vectors ------------------------------------------------------------------------------------------------


def test_without_a_vector_the_names_in_the_text_speak_alone(words_alone: Pipeline, as_user: AsUser) -> None:
    _market(words_alone)
    found = _ask(as_user(ClientFactory()), title="سباك شاطر", description="محتاج سباكة للمطبخ")
    assert [(row["slug"], row["reason"], row["share"]) for row in found["skills"]] == [
        ("plumbing", "named", 0.0)
    ]
    assert found["category"]["slug"] == "cleaning"
    assert (found["price"], found["neighbours"], found["mode"]) == (None, 0, "lexical")


def test_nothing_was_ever_posted_and_there_is_still_an_answer(as_user: AsUser, client_user: User) -> None:
    found = _ask(as_user(client_user), **PIPES)
    assert found == {
        "skills": [],
        "category": None,
        "price": None,
        "neighbours": 0,
        "duplicates": [],
        "mode": "lexical",
    }


def test_a_slow_database_leaves_the_names(
    pipeline: Pipeline, as_user: AsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _market(pipeline)
    monkeypatch.setattr(selector, "STATEMENT_MS", 20)
    monkeypatch.setattr(selector, "_NEAR", "SELECT pg_sleep({limit} * %(distance)s) FROM ({near}) near")
    found = _ask(as_user(ClientFactory()), title="Plumbing: leaking pipes under the kitchen sink")
    assert ([row["slug"] for row in found["skills"]], found["mode"]) == (["plumbing"], "lexical")


# --- One's own listings ---------------------------------------------------------------------------------------------


def _duplicates(client: APIClient, **body: Any) -> list[int]:
    return [row["id"] for row in _ask(client, **body)["duplicates"]]


@pytest.mark.parametrize("vectors", [True, False])
def test_ones_own_open_listing_is_noticed_in_either_mode(
    request: pytest.FixtureRequest, as_user: AsUser, vectors: bool
) -> None:
    pipeline: Pipeline = request.getfixturevalue("pipeline" if vectors else "words_alone")
    owner = join("both")
    mine = post(owner, category="cleaning", **PIPES)
    arabic = post(owner, title="تصميم شعار لمطعم", description="ألوان هادئة وخط عربي")
    post(owner, title="Translate contracts", description="Sixty pages, from German.")
    post(join("client"), category="cleaning", **PIPES)
    pipeline.drain()
    client = as_user(owner)
    (same,) = _ask(client, title="LEAKING pipes, under the kitchen sink!", description=PIPES["description"])[
        "duplicates"
    ]
    assert same == {"id": mine.pk, "title": mine.title, "similarity": 1.0, "status": "OPEN"}
    assert _duplicates(client, **PIPES | {"title": "Leaking pipes under our kitchen sink again"}) == [mine.pk]
    assert _duplicates(client, title=PIPES["title"], description="Something else entirely.") == [mine.pk]
    assert _duplicates(client, title="تصميم شِعــار لمطعم", description="ألوان هادئه وخط عربى") == [arabic.pk]
    assert _duplicates(client, title="Logo for a restaurant", description="Calm colours.") == []
    assert _duplicates(client, **PIPES, listing_type="service_offer") == []
    assert _duplicates(client, **PIPES, task=mine.pk) == []
    Task.objects.filter(pk=mine.pk).update(status="CANCELLED")
    assert _duplicates(client, **PIPES) == []


def test_a_task_that_is_being_changed_is_not_its_own_neighbour(pipeline: Pipeline, as_user: AsUser) -> None:
    tasks = _market(pipeline)
    client = as_user(tasks[0].client)
    assert _ask(client, **PIPES)["neighbours"] == 5
    assert _ask(client, **PIPES, task=tasks[0].pk)["neighbours"] == 4


# --- Who, how much, and what else is sent ---------------------------------------------------------------------------


def test_only_who_may_change_a_task_may_name_it(api: APIClient, as_user: AsUser) -> None:
    task = post(join("client"))
    body = PIPES | {"task": task.pk}
    assert api.post(PATH, PIPES, format="json").status_code == 401
    assert api.post(SKILLS_PATH, {"text": "I paint."}, format="json").status_code == 401
    expected = {task.client: 200, AdminFactory(): 200, ClientFactory(): 403, FreelancerFactory(): 403}
    for user, status in expected.items():
        assert as_user(user).post(PATH, body, format="json").status_code == status
        assert as_user(user).post(PATH, PIPES, format="json").status_code == 200
    answer = as_user(task.client).post(PATH, PIPES | {"task": 10**9}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_cost_does_not_grow_with_what_is_found(pipeline: Pipeline, as_user: AsUser) -> None:
    _market(pipeline, prices=(300, 400))
    owner = ClientFactory()
    client = as_user(owner)
    _ask(client, **PIPES)
    with CaptureQueriesContext(connection) as few:
        assert _ask(client, **PIPES)["neighbours"] == 2
    once = len(few)
    _market(pipeline, prices=tuple(range(300, 330)))
    for _ in range(10):
        post(owner, category="cleaning", **PIPES)
    pipeline.drain()
    _ask(client, **PIPES)
    with CaptureQueriesContext(connection) as many:
        found = _ask(client, **PIPES)
    assert (found["neighbours"], len(found["duplicates"])) == (20, 5)
    assert len(many) == once <= 10, [query["sql"][:120] for query in many]


BAD = {
    "nothing": "",
    "spaces": "  \n ",
    "one letter": "a",
    "ten thousand characters": "سباكة plumbing " * 666,
    "a word of ten thousand letters": "a" * 10_000,
    "a long word": "x" * 200,
    "emoji": "🎉🔧🚿",
    "stop words": "the of and في من",
    "NUL": "a\x00b",
    "operators": 'a\' & | ! <-> :* \\ "b"',
    "SQL": "'; DROP TABLE tasks_task; --",
    "places": "%s %(vector)s {near} %",
    "marks": "\u202e\u200f\u202d\u2066سباكة\u2069",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("field", ["title", "description", "city", "text"])
def test_whatever_is_written_there_is_an_answer_or_a_clear_400(
    pipeline: Pipeline, as_user: AsUser, client_user: User, kind: str, field: str
) -> None:
    post(client_user, **PIPES)
    pipeline.drain()
    path, body = (SKILLS_PATH, {}) if field == "text" else (PATH, dict(PIPES))
    sent = json.dumps(body | {field: BAD[kind]})
    answer = as_user(client_user).post(path, sent, content_type="application/json")
    assert answer.status_code in {200, 400}, answer.content
    if answer.status_code == 400:
        assert answer.json()["code"] in {"invalid", "parse_error"}
        assert field in answer.json().get("errors", {field: 1})
    assert Task.objects.count() == 1


@pytest.mark.parametrize("title", ["a", "🎉", "the of and", "\u202e\u200f"])
def test_what_says_nothing_has_no_neighbours(pipeline: Pipeline, as_user: AsUser, title: str) -> None:
    _market(pipeline, title="a", description="b")
    found = _ask(as_user(ClientFactory()), title=title)
    assert (found["neighbours"], found["skills"], found["category"]) == (0, [], None)


# --- A profile ------------------------------------------------------------------------------------------------------


def test_a_bio_gives_the_skills_it_names_and_those_that_such_work_needs(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    _market(pipeline)
    client = as_user(FreelancerFactory())
    found = _ask(client, SKILLS_PATH, text="Carpentry, and leaking pipes under the kitchen sink.")
    assert [(row["slug"], row["reason"]) for row in found["skills"]] == [
        ("carpentry", "named"),
        ("handyman", "neighbours"),
    ]
    assert (found["neighbours"], found["mode"]) == (5, "hybrid")
    assert _ask(client, SKILLS_PATH, text="نجار وسباك")["skills"][0]["reason"] == "named"
    assert client.post(SKILLS_PATH, {"text": ""}, format="json").status_code == 400
