"""The demo content: proportions, references, determinism and language, without a database."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from multitask.demo.content import Demo, build
from multitask.demo.tests.sample import (
    CATEGORY_NAMES,
    NOW,
    demo,
    is_arabic,
    listed,
    people,
    skills,
)

LEVELS = {"BEGINNER", "INTERMEDIATE", "ADVANCED", "EXPERT"}

# --- proportions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("users", "tasks"), [(100, 200), (20, 40), (250, 600)])
def test_people_and_statuses_keep_their_proportions_at_any_size(users: int, tasks: int) -> None:
    found = demo(3, users, tasks)
    kinds = Counter(user.user_type for user in found.users)
    assert kinds == {"client": users * 0.4, "freelancer": users * 0.4, "both": users * 0.2}
    states = Counter(task.final_status for task in found.tasks)
    assert states == {
        "OPEN": tasks * 0.6,
        "IN_PROGRESS": tasks * 0.2,
        "COMPLETED": tasks * 0.15,
        "CANCELLED": tasks * 0.05,
    }
    offers = sum(task.listing_type == "service_offer" for task in found.tasks)
    assert offers == round(tasks / 3)
    assert len(found.reviews) == 2 * states["COMPLETED"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_default_size_gives_the_numbers_of_the_description(seed: int) -> None:
    found = demo(seed)
    assert 760 <= len(found.applications) <= 840
    assert len(found.reviews) == 60
    assert 540 <= sum(len(task.skills) for task in found.tasks) <= 660
    assert 320 <= sum(len(user.skills) for user in found.users) <= 420


def test_half_of_the_content_is_arabic() -> None:
    tasks = demo(1, 100, 1000).tasks
    assert 0.42 <= sum(is_arabic(task.title) for task in tasks) / len(tasks) <= 0.58
    users = demo().users
    assert 0.45 <= sum(user.language == "ar" for user in users) / len(users) <= 0.55


def test_a_client_writes_in_more_than_one_language() -> None:
    wrote: dict[str, set[bool]] = defaultdict(set)
    for task in demo(1, 100, 1000).tasks:
        wrote[task.client_ref].add(is_arabic(task.title))
    assert any(len(languages) == 2 for languages in wrote.values())


def test_tasks_do_not_look_copied() -> None:
    tasks = demo().tasks
    assert len({task.description for task in tasks}) == len(tasks)
    assert len({task.title for task in tasks}) >= 0.9 * len(tasks)


# --- people -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("users", [3, 7, 100])
def test_the_fixed_accounts_come_first_whatever_the_size(users: int) -> None:
    first = demo(5, users, 10).users[:3]
    assert [(user.username, user.user_type) for user in first] == [
        ("client", "client"),
        ("freelancer", "freelancer"),
        ("both", "both"),
    ]
    assert {"python", "django", "react"} <= {skill.slug for skill in first[1].skills}


def test_nobody_can_be_reached_by_accident() -> None:
    for user in demo(1, 1000, 10).users:
        assert re.fullmatch(r"[a-z0-9.]+@example\.(com|org)", user.email)
        assert user.phone_number == ""


def test_names_stay_unique_at_full_scale() -> None:
    found = demo(7, 10_000, 20_000)
    assert len(found.users) == len({user.username for user in found.users}) == 10_000
    assert len({user.email for user in found.users}) == 10_000
    for rows in (found.users, found.tasks, found.applications, found.reviews):
        assert len({row.ref for row in rows}) == len(rows)


def test_who_works_has_three_to_seven_known_skills_and_a_wish() -> None:
    for user in demo().users:
        assert set(user.interests) <= set(CATEGORY_NAMES)
        assert user.interests
        if user.user_type == "client":
            assert user.skills == ()
            assert user.min_budget is None
            continue
        assert 3 <= len(user.skills) <= 7
        assert len({skill.slug for skill in user.skills}) == len(user.skills)
        assert all(skill.slug in skills() and skill.level in LEVELS for skill in user.skills)
        assert all(1 <= skill.years <= 20 for skill in user.skills)
        assert user.min_budget is not None
        assert user.max_budget is not None
        assert Decimal(10) <= user.min_budget < user.max_budget
        assert user.prefer_remote or user.prefer_physical


# --- tasks ------------------------------------------------------------------------------------------


def test_only_who_may_post_posts() -> None:
    for task in demo().tasks:
        kind = people(demo())[task.client_ref].user_type
        if task.listing_type == "service_offer":
            assert kind in {"freelancer", "both"}
            assert task.final_status == "OPEN"
        else:
            assert kind in {"client", "both"}


def test_a_task_asks_for_two_to_five_skills_of_its_category() -> None:
    for task in demo().tasks:
        assert 2 <= len(set(task.skills)) == len(task.skills) <= 5
        assert {skills()[slug]["category"] for slug in task.skills} == {task.category}


def test_a_task_fits_the_columns_and_reads_as_two_to_five_sentences() -> None:
    for task in demo(2, 200, 1000).tasks:
        assert 10 <= len(task.title) <= 200
        assert 2 <= len(re.findall(r"[.!?؟](?:\s|$)", task.description)) <= 5
        assert "{" not in task.title + task.description
        assert "لـال" not in task.title + task.description
        assert Decimal(10) <= task.budget <= Decimal(10_000_000)
        assert task.task_type in {"PHYSICAL", "DIGITAL", "BOTH", "ONE_TIME", "RECURRING"}
        assert task.is_remote == (task.location == "")


@pytest.mark.parametrize(
    ("slug", "low", "high"), [("plumbing", 250, 1500), ("logo-design", 800, 5000), ("django", 8000, 60000)]
)
def test_budgets_are_believable_for_the_kind_of_work(slug: str, low: int, high: int) -> None:
    asked = [
        task.budget
        for task in demo(2, 200, 2000).tasks
        if task.skills[0] == slug and task.listing_type == "task_request"
    ]
    assert asked
    assert low <= min(asked) <= max(asked) <= high


def test_deadlines_lie_ahead_and_ages_behind() -> None:
    ages = [task.created_days_ago for task in demo().tasks]
    assert min(ages) > 0
    assert ages == sorted(ages, reverse=True)
    for task in demo().tasks:
        assert task.deadline is None or NOW + timedelta(hours=12) < task.deadline < NOW + timedelta(days=62)
        assert task.deadline is None or task.listing_type == "task_request"


def test_the_fixed_client_has_a_task_of_every_status_and_the_fixed_freelancer_work() -> None:
    found = demo()
    client, freelancer = found.users[0].ref, found.users[1].ref
    assert {task.final_status for task in found.tasks if task.client_ref == client} == {
        "OPEN",
        "IN_PROGRESS",
        "COMPLETED",
        "CANCELLED",
    }
    assert {"IN_PROGRESS", "COMPLETED"} <= {
        task.final_status for task in found.tasks if task.assigned_ref == freelancer
    }
    applied = {row.task_ref for row in found.applications if row.freelancer_ref == freelancer}
    assert any(
        task.category == "programming"
        and task.final_status == "OPEN"
        and task.listing_type == "task_request"
        and task.ref not in applied
        for task in found.tasks
    )


# --- applications and reviews -----------------------------------------------------------------------


def by_task(found: Demo) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in found.applications:
        grouped[row.task_ref].append(row)
    return grouped


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_a_task_request_gets_three_to_ten_different_freelancers_never_its_owner(seed: int) -> None:
    found = demo(seed)
    grouped = by_task(found)
    for task in found.tasks:
        rows = grouped.get(task.ref, [])
        if task.listing_type == "service_offer" or task.final_status == "CANCELLED":
            assert rows == []
            continue
        assert 3 <= len(rows) <= 10
        assert len({row.freelancer_ref for row in rows}) == len(rows)
        for row in rows:
            user = people(found)[row.freelancer_ref]
            assert user.ref != task.client_ref
            assert user.user_type in {"freelancer", "both"}
            assert task.category in {skills()[skill.slug]["category"] for skill in user.skills}


def test_most_applicants_share_a_required_skill() -> None:
    found = demo()
    fitting = sum(
        bool(
            set(listed(found)[row.task_ref].skills)
            & {skill.slug for skill in people(found)[row.freelancer_ref].skills}
        )
        for row in found.applications
    )
    assert fitting / len(found.applications) >= 0.6


@pytest.mark.parametrize(("users", "tasks"), [(3, 20), (10, 40), (100, 200)])
def test_work_under_way_has_exactly_one_accepted_application(users: int, tasks: int) -> None:
    found = demo(4, users, tasks)
    grouped = by_task(found)
    for task in found.tasks:
        states = Counter(row.status for row in grouped.get(task.ref, []))
        if task.final_status in {"IN_PROGRESS", "COMPLETED"}:
            accepted = [row for row in grouped[task.ref] if row.status == "ACCEPTED"]
            assert [row.freelancer_ref for row in accepted] == [task.assigned_ref]
            assert set(states) <= {"ACCEPTED", "REJECTED"}
            assert task.assigned_ref != task.client_ref
        else:
            assert task.assigned_ref is None
            assert set(states) <= {"PENDING"}


def test_prices_stay_near_the_budget() -> None:
    tasks = listed(demo())
    for row in demo().applications:
        budget = tasks[row.task_ref].budget
        assert budget * Decimal("0.8") <= row.offered_price <= budget * Decimal("1.2")
        assert row.offered_price == row.offered_price.quantize(Decimal("0.01"))


def test_a_proposal_speaks_the_language_of_the_task() -> None:
    tasks = listed(demo())
    for row in demo().applications:
        arabic = is_arabic(tasks[row.task_ref].title)
        for text in (row.proposal, row.estimated_time, row.cover_letter or row.proposal):
            assert is_arabic(text) == arabic
            assert "{" not in text


def test_both_sides_of_a_finished_task_review_it_once() -> None:
    found = demo()
    sides: dict[str, list[str]] = defaultdict(list)
    for row in found.reviews:
        sides[row.task_ref].append(row.reviewer_ref)
        ratings = (row.rating, row.communication_rating, row.quality_rating, row.professionalism_rating)
        assert all(3 <= rating <= 5 for rating in ratings)
        assert row.comment
    done = [task for task in found.tasks if task.final_status == "COMPLETED"]
    assert {task.ref: [task.client_ref, task.assigned_ref] for task in done} == sides


@pytest.mark.parametrize(("users", "tasks"), [(3, 20), (100, 200), (1000, 2000)])
def test_every_reference_points_at_something(users: int, tasks: int) -> None:
    found = demo(6, users, tasks)
    known_users, known_tasks = people(found), listed(found)
    assert (len(known_users), len(known_tasks)) == (users, tasks)
    for task in found.tasks:
        assert task.client_ref in known_users
        assert task.assigned_ref is None or task.assigned_ref in known_users
    for row in found.applications:
        assert row.task_ref in known_tasks
        assert row.freelancer_ref in known_users
    for review in found.reviews:
        assert review.task_ref in known_tasks
        assert review.reviewer_ref in known_users


# --- the seed ---------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_demo() -> None:
    assert build(1, users=100, tasks=200, now=NOW) == demo()


def test_another_seed_gives_another_demo() -> None:
    other = demo(2)
    assert other.tasks != demo().tasks
    assert other.users[3:] != demo().users[3:]


def test_another_day_moves_deadlines_and_nothing_else() -> None:
    later = build(1, now=NOW + timedelta(days=10))
    assert later.users == demo().users
    assert later.applications == demo().applications
    assert [task.title for task in later.tasks] == [task.title for task in demo().tasks]
    assert {
        new.deadline - old.deadline
        for new, old in zip(later.tasks, demo().tasks, strict=True)
        if new.deadline is not None and old.deadline is not None
    } == {timedelta(days=10)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"users": 2, "now": NOW}, "users"),
        ({"tasks": -1, "now": NOW}, "tasks"),
        ({"now": NOW.replace(tzinfo=None)}, "time zone"),
    ],
)
def test_arguments_that_make_no_demo_are_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(1, **arguments)
