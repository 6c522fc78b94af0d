"""People as anyone may see them, and the search for freelancers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.users import user_change
from multitask.conftest import AsUser
from multitask.recommendations.factories import UserSkillFactory
from multitask.recommendations.models import Skill
from multitask.testing.search import index_everything

pytestmark = pytest.mark.django_db
ADDRESS = "/api/users/"


def found(api: APIClient, **query: Any) -> list[str]:
    answer = api.get(ADDRESS, query)
    assert answer.status_code == 200, answer.content
    return [row["username"] for row in answer.json()["results"]]


@pytest.mark.parametrize("caller", ["nobody", "stranger", "owner", "admin"])
def test_a_profile_shows_no_address_and_no_telephone_to_anyone(
    api: APIClient, as_user: AsUser, freelancer: User, caller: str
) -> None:
    UserSkillFactory(user=freelancer, years_experience=Decimal("3.5"), proficiency_level="EXPERT")
    who = {"stranger": ClientFactory, "admin": AdminFactory}
    client = api
    if caller != "nobody":
        client = as_user(freelancer if caller == "owner" else who[caller]())
    for path in (f"{ADDRESS}{freelancer.pk}/", ADDRESS):
        answer = client.get(path)
        assert answer.status_code == 200
        content = answer.content.decode()
        assert freelancer.email not in content
        assert freelancer.phone_number not in content
        assert not {"email", "phone_number", "language", "is_staff"} & set(answer.json())
    body = client.get(f"{ADDRESS}{freelancer.pk}/").json()
    (skill,) = body["skills"]
    assert (skill["proficiency_level"], skill["years_experience"]) == ("EXPERT", "3.5")


def test_a_profile_that_is_not_there_is_404(api: APIClient) -> None:
    gone = FreelancerFactory(is_active=False)
    for pk in (gone.pk, 999_999_999, 10**30):
        assert api.get(f"{ADDRESS}{pk}/").status_code == 404


def test_only_active_people_who_take_work_are_found(api: APIClient) -> None:
    FreelancerFactory(username="takes_work")
    BothFactory(username="does_both")
    ClientFactory(username="client_only")
    AdminFactory(username="boss")
    FreelancerFactory(username="sleeper", is_active=False)
    assert set(found(api)) == {"takes_work", "does_both"}


def test_the_best_rated_come_first(api: APIClient) -> None:
    for name, rating, number in (
        ("low", "2.00", 9),
        ("new", "0.00", 0),
        ("few", "4.50", 1),
        ("many", "4.50", 8),
    ):
        FreelancerFactory(username=f"the_{name}", average_rating=Decimal(rating), total_reviews=number)
    assert found(api) == ["the_many", "the_few", "the_low", "the_new"]
    assert found(api, min_rating="4.5") == ["the_many", "the_few"]


@pytest.mark.parametrize(
    "search",
    [
        "ahmad",
        "AHMAD",
        "أحمد",
        "احمد",
        "الأزياء",
        "ازياء",
        "أَزْيَاء",
        "fashion",
        "ahmad fashion",
        "python",
        "بايثون",
        "Ahmad بايثون",
    ],
)
def test_words_are_found_in_name_bio_and_skills_in_either_language_and_spelling(
    api: APIClient, search: str
) -> None:
    skill = Skill.objects.get(slug="python")
    wanted = FreelancerFactory(
        username="ahmad_x", first_name="أحمد", last_name="X", bio="تصميم الأزياء. I love fashion."
    )
    UserSkillFactory(user=wanted, skill=skill)
    FreelancerFactory(username="somebody", first_name="سارة", last_name="Y", bio="ترجمة")
    index_everything()
    assert found(api, search=search) == ["ahmad_x"]


def test_the_best_match_comes_first_whoever_is_better_rated(api: APIClient) -> None:
    FreelancerFactory(username="mentions", bio="Python once", average_rating="5.00")
    FreelancerFactory(username="both", bio="Python and plumbing", average_rating="1.00")
    index_everything()
    assert found(api, search="python plumbing") == ["both", "mentions"]


@pytest.mark.parametrize("search", ["zzz", "zzzzzz", "💡", "%", "_", "'; DROP TABLE", "\\"])
def test_what_nobody_says_finds_nobody(api: APIClient, search: str) -> None:
    FreelancerFactory(username="ahmad", first_name="A", last_name="B")
    index_everything()
    assert found(api, search=search) == []


@pytest.mark.parametrize("city", ["القاهرة", "القاهره", " القَاهِرة ", "Cairo", "heliopolis"])
def test_a_city_is_found_in_any_spelling_and_language(api: APIClient, city: str) -> None:
    FreelancerFactory(username="here", city="القاهرة")
    FreelancerFactory(username="there", city="الجيزة")
    assert found(api, city=city) == ["here"]


def test_people_are_found_where_they_moved_to(api: APIClient) -> None:
    user = FreelancerFactory(username="moved", city="Tanta")
    user_change(actor=user, city="أسوان")
    assert (found(api, city="Aswan"), found(api, city="طنطا"), found(api, city="!?")) == (["moved"], [], [])


def test_the_people_of_a_city_are_walked_in_their_order(api: APIClient) -> None:
    FreelancerFactory(city="Cairo")
    with connection.cursor() as cursor:
        for kind in ("seqscan", "sort", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{kind} = off")
    with CaptureQueriesContext(connection) as queries:
        found(api, city="القاهرة")
    (listing,) = [one["sql"] for one in queries if '"accounts_user"."bio"' in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {listing}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "user_city_best_rated" in plan, plan


def test_a_skill_is_found_by_id_or_slug(api: APIClient) -> None:
    skill = Skill.objects.get(slug="python")
    UserSkillFactory(user=FreelancerFactory(username="knows"), skill=skill)
    FreelancerFactory(username="knows_not")
    assert found(api, skill="python") == found(api, skill=skill.pk) == ["knows"]
    for none in ("no-such", "9" * 40, "-1"):
        assert found(api, skill=none) == []


@pytest.mark.parametrize(
    "query",
    [
        "min_rating=NaN",
        "min_rating=6",
        "min_rating=-1",
        "min_rating=x",
        "min_rating=1e400",
        "search=" + "x" * 300,
    ],
)
def test_a_query_that_is_not_valid_is_refused(api: APIClient, query: str) -> None:
    answer = api.get(f"{ADDRESS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_page_is_twelve_long_and_fields_can_be_chosen(api: APIClient) -> None:
    FreelancerFactory.create_batch(14)
    body = api.get(ADDRESS, {"fields": "id,username"}).json()
    assert (body["count"], len(body["results"])) == (14, 12)
    assert set(body["results"][0]) == {"id", "username"}
    assert len(api.get(ADDRESS, {"page": 2}).json()["results"]) == 2


def test_a_page_costs_the_same_few_queries_however_long_it_is(api: APIClient) -> None:
    numbers = []
    query = {"search": "shop", "city": "القاهرة", "skill": "python", "page_size": 100}
    skill = Skill.objects.get(slug="python")
    for _ in range(3):
        for person in FreelancerFactory.create_batch(8, bio="A shop for the web"):
            UserSkillFactory(user=person, skill=skill)
            UserSkillFactory(user=person)
        index_everything()
        with CaptureQueriesContext(connection) as queries:
            assert len(found(api, **query)) % 8 == 0
        numbers.append(len(queries))
    assert len(set(numbers)) == 1
    assert numbers[0] <= 12
