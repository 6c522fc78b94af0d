from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.common.places import city_keys_fill
from multitask.conftest import AsUser
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.factories import SkillFactory
from multitask.recommendations.models import Skill
from multitask.tasks.factories import ApplicationFactory, StartedTaskFactory, TaskFactory
from multitask.tasks.models import Category, Task
from multitask.testing.market import skill_ids
from multitask.testing.search import index_everything

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {
    "category": "programming",
    "title": "متجر إلكتروني with Django",
    "description": "متجر باللغتين، والدفع عند الاستلام.",
    "budget": "15000.00",
}


def _post(client: APIClient, **changes: Any) -> Any:
    return client.post("/api/tasks/", NEW | changes, format="json")


def _ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


# --- Who may post ---------------------------------------------------------------------------------------------------

POSTERS = [
    (ClientFactory, "task_request", 201),
    (BothFactory, "task_request", 201),
    (AdminFactory, "task_request", 201),
    (FreelancerFactory, "task_request", 403),
    (ClientFactory, "service_offer", 403),
    (FreelancerFactory, "service_offer", 201),
    (BothFactory, "service_offer", 201),
    (AdminFactory, "service_offer", 201),
]


@pytest.mark.parametrize(("make", "listing_type", "status"), POSTERS)
def test_clients_post_tasks_and_freelancers_offer_services(
    as_user: AsUser, make: type[ClientFactory], listing_type: str, status: int
) -> None:
    user = make()
    answer = _post(as_user(user), listing_type=listing_type)
    assert answer.status_code == status
    assert Task.objects.filter(client=user, listing_type=listing_type).count() == (status == 201)
    assert OutboxEvent.objects.filter(topic="task.created").count() == (status == 201)


def test_nobody_posts_without_logging_in(api: APIClient) -> None:
    assert _post(api).status_code == 401
    assert not Task.objects.exists()


def test_a_posted_task_is_answered_as_it_will_be_read(as_user: AsUser, client_user: User) -> None:
    wanted = skill_ids("python", "django")
    deadline = timezone.now() + timedelta(days=9)
    answer = _post(
        as_user(client_user),
        required_skills=wanted,
        deadline=deadline.isoformat(),
        city=" الجيزة ",
        is_remote=True,
        estimated_duration="2 weeks",
    )
    body = answer.json()
    assert (body["budget"], body["status"], body["city"]) == ("15000.00", "OPEN", "الجيزة")
    assert body["deadline"].endswith("Z")
    assert sorted(skill["id"] for skill in body["required_skills"]) == sorted(wanted)
    assert body["client"]["id"] == client_user.pk
    assert (body["applications_count"], body["assigned_to"]) == (0, None)
    assert as_user(client_user).get(f"/api/tasks/{body['id']}/").json() == body


# --- What is refused ------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("title", {"title": ""}),
    ("title", {"title": "   "}),
    ("title", {"title": "!!! ??? 🙂"}),
    ("title", {"title": "x" * 201}),
    ("title", {"title": None}),
    ("description", {"description": ""}),
    ("description", {"description": "— … !!! 🙂🙂"}),
    ("description", {"description": "كلمة " * 20_000}),
    ("budget", {"budget": "9.99"}),
    ("budget", {"budget": "10000000.01"}),
    ("budget", {"budget": "-50"}),
    ("budget", {"budget": "10.001"}),
    ("budget", {"budget": "a lot"}),
    ("budget", {"budget": None}),
    ("deadline", {"deadline": "2020-01-01T00:00:00Z"}),
    ("deadline", {"deadline": "soon"}),
    ("category", {"category": "no-such-category"}),
    ("category", {"category": 1}),
    ("category", {"category": None}),
    ("required_skills", {"required_skills": [10**9]}),
    ("required_skills", {"required_skills": [-1]}),
    ("task_type", {"task_type": "SOMEHOW"}),
    ("listing_type", {"listing_type": "gift"}),
    ("city", {"city": "x" * 101}),
]


@pytest.mark.parametrize(("field", "changes"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_not_valid_is_refused_with_its_field(
    as_user: AsUser, client_user: User, field: str, changes: dict[str, Any]
) -> None:
    answer = _post(as_user(client_user), **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.content
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["errors"][field][0]
    assert not Task.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("budget", ["10", "10.00", "10000000", "10000000.00", 10])
def test_the_ends_of_the_range_are_budgets(as_user: AsUser, client_user: User, budget: object) -> None:
    assert _post(as_user(client_user), budget=budget).status_code == 201


@pytest.mark.parametrize("field", ["category", "title", "description", "budget"])
def test_every_needed_field_is_asked_for(as_user: AsUser, client_user: User, field: str) -> None:
    body = {name: value for name, value in NEW.items() if name != field}
    answer = as_user(client_user).post("/api/tasks/", body, format="json")
    assert list(answer.json()["errors"]) == [field]


def test_an_inactive_category_or_skill_cannot_be_chosen(as_user: AsUser, client_user: User) -> None:
    Category.objects.filter(slug="design").update(is_active=False)
    skill = SkillFactory(is_active=False)
    assert _post(as_user(client_user), category="design").status_code == 400
    assert _post(as_user(client_user), required_skills=[skill.pk]).status_code == 400


def test_what_only_the_platform_decides_cannot_be_sent(
    as_user: AsUser, client_user: User, freelancer: User
) -> None:
    more = {"status": "COMPLETED", "client": freelancer.pk, "assigned_to": freelancer.pk}
    counts = {"applications_count": 99, "views_count": 99}
    body = as_user(client_user).post("/api/tasks/", NEW | more | counts, format="json").json()
    assert (body["status"], body["client"]["id"], body["assigned_to"]) == ("OPEN", client_user.pk, None)
    assert (body["applications_count"], body["views_count"]) == (0, 0)


# --- Reading --------------------------------------------------------------------------------------------------------


def test_owner_other_party_stranger_and_nobody_read_the_same_task(api: APIClient, as_user: AsUser) -> None:
    task = StartedTaskFactory()
    ApplicationFactory(
        task=TaskFactory(client=task.client), proposal="The secret proposal", cover_letter="secret letter"
    )
    answers = [
        client.get(f"/api/tasks/{task.pk}/")
        for client in (api, as_user(task.client), as_user(task.assigned_to), as_user(ClientFactory()))
    ]
    assert {answer.status_code for answer in answers} == {200}
    first, *others = [{**answer.json(), "views_count": None} for answer in answers]
    assert all(other == first for other in others)


def test_nobody_sees_what_was_offered_for_a_task(api: APIClient, as_user: AsUser) -> None:
    application = ApplicationFactory(proposal="The secret proposal", offered_price=Decimal("4321.00"))
    for client in (api, as_user(ClientFactory()), as_user(application.freelancer)):
        for path in ("/api/tasks/", f"/api/tasks/{application.task_id}/"):
            content = client.get(path).content.decode()
            assert "secret" not in content
            assert "4321" not in content


def test_names_come_in_the_caller_s_language(api: APIClient) -> None:
    task = TaskFactory()
    task.required_skills.set(Skill.objects.filter(slug="python"))
    english = api.get(f"/api/tasks/{task.pk}/").json()
    arabic = api.get(f"/api/tasks/{task.pk}/", headers={"Accept-Language": "ar"}).json()
    assert english["required_skills"][0]["name"] == "Python"
    assert arabic["required_skills"][0]["name"] == "بايثون"
    assert english["category"]["name"] == task.category.name_en
    assert arabic["category"]["name"] == task.category.name_ar


def test_the_nine_categories_are_listed_in_both_languages(api: APIClient) -> None:
    english = api.get("/api/categories/").json()
    arabic = api.get("/api/categories/", headers={"Accept-Language": "ar"}).json()
    assert len(english) == len(arabic) == 9
    assert [row["slug"] for row in english] == [row["slug"] for row in arabic]
    assert all(one["name"] != two["name"] for one, two in zip(english, arabic, strict=True))


def _many(number: int) -> None:
    skills = list(Skill.objects.all()[:3])
    for _ in range(number):
        StartedTaskFactory().required_skills.set(skills)
    index_everything()


@pytest.mark.parametrize(
    "path", ["/api/tasks/?page_size=100", "/api/tasks/?page_size=100&search=shop&ordering=budget"]
)
def test_a_list_of_twenty_costs_as_many_queries_as_a_list_of_two(api: APIClient, path: str) -> None:
    _many(2)
    with CaptureQueriesContext(connection) as two:
        assert len(_ids(api.get(path))) == 2
    _many(18)
    with CaptureQueriesContext(connection) as twenty:
        assert len(_ids(api.get(path))) == 20
    assert len(twenty) == len(two) <= (14 if "search" in path else 6)


@pytest.mark.parametrize(
    "path", ["/api/tasks/?fields=id,title,budget", "/api/tasks/{}/?fields=id,title,budget"]
)
def test_only_the_fields_that_are_asked_for_are_returned(api: APIClient, path: str) -> None:
    task = TaskFactory()
    found = api.get(path.format(task.pk)).json()
    row = found["results"][0] if "results" in found else found
    assert set(row) == {"id", "title", "budget"}


def test_fields_that_are_not_there_bring_nothing_to_light(api: APIClient) -> None:
    TaskFactory()
    rows = api.get("/api/tasks/?fields=password,client__email,content_version").json()["results"]
    assert rows == [{}]


# --- Filters, order, pages ------------------------------------------------------------------------------------------


@pytest.fixture
def market() -> dict[str, Task]:
    design = Category.objects.get(slug="design")
    shop = TaskFactory(title="Web shop", budget=100, city="Cairo", is_remote=True)
    logo = TaskFactory(
        title="Logo", description="A logo for a café", category=design, budget=500, city="الجيزة"
    )
    pipes = TaskFactory(
        title="Pipes", description="A kitchen", task_type="PHYSICAL", budget=900, city="cairo"
    )
    offer = TaskFactory(
        title="I build shops", client=FreelancerFactory(), listing_type="service_offer", budget=300
    )
    begun = StartedTaskFactory(title="Begun", description="Something else", budget=700)
    shop.required_skills.set(Skill.objects.filter(slug__in=["python", "django"]))
    logo.required_skills.set(Skill.objects.filter(slug="illustrator"))
    index_everything()
    return {"shop": shop, "logo": logo, "pipes": pipes, "offer": offer, "begun": begun}


def test_a_city_is_found_by_what_was_written_last(as_user: AsUser, client_user: User) -> None:
    task = TaskFactory(client=client_user, city="Tanta")
    me = as_user(client_user)
    assert me.patch(f"/api/tasks/{task.pk}/", {"city": "أسوان"}).status_code == 200
    assert [me.get(f"/api/tasks/?city={city}").json()["count"] for city in ("aswan", "طنطا")] == [1, 0]


def test_a_name_of_any_length_and_letters_has_a_key_that_the_index_takes(api: APIClient) -> None:
    long = "\ufdfa" * 100  # one letter that is eighteen once it is spelled out
    TaskFactory(city=long)
    assert api.get("/api/tasks/", {"city": long}).json()["count"] == 1


def test_rows_of_before_get_the_same_keys() -> None:
    for city in ("Cairo", "القاهرة", "عزبة البرج", ""):
        TaskFactory(city=city)
    keys = dict(Task.objects.values_list("pk", "city_key"))
    assert sorted(keys.values()) == ["", "cairo", "cairo", "عزبه البرج"]
    Task.objects.update(city_key="")
    city_keys_fill(Task)
    assert dict(Task.objects.values_list("pk", "city_key")) == keys


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "shop logo pipes offer begun"),
        ("category=design", "logo"),
        ("category=no-such", ""),
        ("status=OPEN", "shop logo pipes offer"),
        ("status=IN_PROGRESS", "begun"),
        ("task_type=PHYSICAL", "pipes"),
        ("listing_type=service_offer", "offer"),
        ("listing_type=task_request", "shop logo pipes begun"),
        ("min_budget=500", "logo pipes begun"),
        ("max_budget=500", "shop logo offer"),
        ("min_budget=500&max_budget=500", "logo"),
        ("city=CAIRO", "shop pipes offer begun"),
        ("city=القاهرة", "shop pipes offer begun"),
        ("city=مدينة نصر", "shop pipes offer begun"),
        ("city=Giza", "logo"),
        ("city=الجيزه", "logo"),
        ("city=Atlantis", ""),
        ("city=!?", ""),
        ("is_remote=true", "shop"),
        ("is_remote=false", "logo pipes offer begun"),
        ("skills={django}", "shop"),
        ("skills={django},{illustrator}", "shop logo"),
        ("skills={python},{django}", "shop"),
        ("skills=999999", ""),
        ("client={client}", "shop"),
        ("assigned_to={assigned}", "begun"),
        ("search=shop", "shop offer begun logo pipes"),
        ("search=café logo", "logo"),
        ("search=kitchen shop", "shop pipes offer"),
        ("search=100%25", ""),
        ("status=OPEN&listing_type=task_request&min_budget=400", "logo pipes"),
        ("posted_since=2000-01-01T00:00:00Z", "shop logo pipes offer begun"),
        ("posted_since=2999-01-01T00:00:00Z", ""),
    ],
)
def test_tasks_are_narrowed_by_every_filter(
    api: APIClient, market: dict[str, Task], query: str, names: str
) -> None:
    # Every description but three speaks of a shop.
    if query == "search=shop":
        names = "shop offer"
    ids = dict(
        zip(("python", "django", "illustrator"), skill_ids("python", "django", "illustrator"), strict=True)
    )
    path = query.format(client=market["shop"].client_id, assigned=market["begun"].assigned_to_id, **ids)
    assert sorted(_ids(api.get(f"/api/tasks/?{path}"))) == sorted(market[name].pk for name in names.split())


@pytest.mark.parametrize(
    ("query", "status"),
    [("status=NOBODY", 400), ("min_budget=abc", 400), ("task_type=x", 400), ("ordering=title", 400)],
)
def test_a_filter_that_cannot_be_read_is_named(api: APIClient, query: str, status: int) -> None:
    answer = api.get(f"/api/tasks/?{query}")
    assert answer.status_code == status
    assert query.split("=", maxsplit=1)[0] in answer.json()["errors"]


def test_the_newest_task_comes_first_unless_another_order_is_asked_for(
    api: APIClient, market: dict[str, Task]
) -> None:
    newest = [task.pk for task in reversed(market.values())]
    cheapest = [task.pk for task in sorted(market.values(), key=lambda task: task.budget)]
    assert _ids(api.get("/api/tasks/")) == newest
    assert _ids(api.get("/api/tasks/?ordering=-created_at")) == newest
    assert _ids(api.get("/api/tasks/?ordering=budget")) == cheapest
    assert _ids(api.get("/api/tasks/?ordering=-budget")) == cheapest[::-1]
    Task.objects.filter(pk=market["logo"].pk).update(deadline=timezone.now() + timedelta(days=2))
    Task.objects.filter(pk=market["pipes"].pk).update(deadline=timezone.now() + timedelta(days=1))
    assert _ids(api.get("/api/tasks/?ordering=deadline"))[:2] == [market["pipes"].pk, market["logo"].pk]


def test_a_page_holds_twelve_unless_up_to_a_hundred_are_asked_for(api: APIClient) -> None:
    TaskFactory.create_batch(101, client=ClientFactory())
    first = api.get("/api/tasks/").json()
    assert set(first) == {"count", "next", "previous", "results"}
    assert (first["count"], len(first["results"]), first["previous"]) == (101, 12, None)
    second = api.get(first["next"]).json()
    assert len(second["results"]) == 12
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    assert len(_ids(api.get("/api/tasks/?page_size=100"))) == 100
    assert len(_ids(api.get("/api/tasks/?page_size=1000"))) == 100
    assert len(_ids(api.get("/api/tasks/?page_size=100&page=2"))) == 1
    assert api.get("/api/tasks/?page_size=100&page=3").status_code == 404


def test_equals_are_neither_repeated_nor_lost_between_pages(api: APIClient) -> None:
    tasks = TaskFactory.create_batch(60, client=ClientFactory())
    Task.objects.update(created_at=timezone.now(), budget=Decimal(100))
    for order in ("", "&ordering=budget", "&ordering=-budget", "&ordering=-created_at", "&ordering=deadline"):
        seen = [
            pk for page in range(1, 7) for pk in _ids(api.get(f"/api/tasks/?page_size=10&page={page}{order}"))
        ]
        assert sorted(seen) == sorted(task.pk for task in tasks), order


def test_times_are_utc(api: APIClient) -> None:
    row = api.get(f"/api/tasks/{TaskFactory().pk}/").json()
    assert row["created_at"].endswith("Z")


def test_an_unknown_category_is_named_in_the_callers_language(client_user: User, as_user: AsUser) -> None:
    body = {"category": "nowhere", "title": "A logo", "description": "For a shop.", "budget": "500.00"}
    for language, sentence in (("en", "There is no such category."), ("ar", "لا توجد فئة بهذا الاسم.")):
        answer = as_user(client_user).post("/api/tasks/", body, headers={"Accept-Language": language})
        assert answer.status_code == 400
        assert answer.json()["errors"]["category"] == [sentence]
