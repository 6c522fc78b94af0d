"""Bring the demo into the database through the services, so that the pipeline does the rest as for anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from django.contrib.auth.hashers import make_password

from multitask.accounts.models import User
from multitask.accounts.services.users import user_register
from multitask.common.retry import in_transaction
from multitask.demo.accounts import ADMIN, KIND_REVIEW, KIND_SEED, KIND_TASK, KIND_USER, LOGINS, PASSWORD
from multitask.demo.content import Demo, DemoApplication, DemoChat, DemoReview, DemoTask, DemoUser
from multitask.demo.services.assisting import assistant_seed
from multitask.demo.services.chatting import chat_seed
from multitask.exchange.selectors.refs import refs_of
from multitask.exchange.services.refs import ref_note, refs_note
from multitask.recommendations.models import Skill
from multitask.recommendations.services.skills import SkillClaim, preferences_change, user_skills_set
from multitask.tasks.models import Category, Review, Task, TaskApplication, TaskStatus
from multitask.tasks.services.applications import application_accept, application_create
from multitask.tasks.services.reviews import review_create
from multitask.tasks.services.tasks import task_cancel, task_complete, task_create

T = TypeVar("T")

# Rows of one transaction: nobody sees a task before its applications are there, and no lock is held for long.
USERS_AT_ONCE = 50
TASKS_AT_ONCE = 10
REVIEWS_AT_ONCE = 10
# The oldest task is 120 days old; everybody joined before that.
JOINED_DAYS = (125, 365)

Report = Callable[[str, int], None]


@dataclass
class _World:
    """Rows by reference, as far as they exist."""

    users: dict[str, User]
    tasks: dict[str, int]
    reviews: dict[str, int]
    categories: dict[str, Category]
    skills: dict[str, int]


def _chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def demo_seed(*, demo: Demo, made_with: str, now: datetime, report: Report) -> None:
    """Make what of `demo` is not there yet; an interrupted run is continued by the next.

    `made_with` names seed and sizes; `report(part, number)` is told of every chunk: "users", "tasks",
    "applications", "conversations", "reviews". Raises Invalid username_taken or email_taken where an account of somebody else
    has a demo name.
    """
    ref_note(kind=KIND_SEED, ref=f"begun {made_with}", object_id=0)
    world = _world()
    for users in _chunks(enumerate(demo.users), USERS_AT_ONCE):
        missing = [(place, user) for place, user in users if user.ref not in world.users]
        if missing:
            in_transaction(lambda rows=missing: _users(rows, world=world, now=now))  # type: ignore[misc]
        report("users", len(users))
    in_transaction(lambda: _logins(demo, world=world))
    applications: dict[str, list[DemoApplication]] = defaultdict(list)
    for application in demo.applications:
        applications[application.task_ref].append(application)
    chats = {chat.task_ref: chat for chat in demo.chats}
    for tasks in _chunks(demo.tasks, TASKS_AT_ONCE):
        wanted = [task for task in tasks if task.ref not in world.tasks]
        if wanted:
            in_transaction(lambda rows=wanted: _tasks(rows, applications, chats, world=world, now=now))  # type: ignore[misc]
        report("tasks", len(tasks))
        report("applications", sum(len(applications[task.ref]) for task in tasks))
        report("conversations", sum(task.ref in chats for task in tasks))
    ages = {task.ref: task.created_days_ago for task in demo.tasks}
    for reviews in _chunks(demo.reviews, REVIEWS_AT_ONCE):
        unwritten = [review for review in reviews if review.ref not in world.reviews]
        if unwritten:
            in_transaction(lambda rows=unwritten: _reviews(rows, ages, world=world, now=now))  # type: ignore[misc]
        report("reviews", len(reviews))
    in_transaction(lambda: _assistant(world=world, now=now))
    ref_note(kind=KIND_SEED, ref=f"whole {made_with}", object_id=0)


def _assistant(*, world: _World, now: datetime) -> None:
    names = dict(LOGINS)
    logins = sorted(
        (user for user in world.users.values() if user.username in names), key=lambda user: user.username
    )
    assistant_seed(logins, now=now)


def _world() -> _World:
    ids = refs_of(kind=KIND_USER)
    rows = User.objects.in_bulk(ids.values())
    return _World(
        users={ref: rows[pk] for ref, pk in ids.items() if pk in rows},
        tasks=refs_of(kind=KIND_TASK),
        reviews=refs_of(kind=KIND_REVIEW),
        categories={category.slug: category for category in Category.objects.all()},
        skills=dict(Skill.objects.order_by().values_list("slug", "pk")),
    )


def _users(rows: Sequence[tuple[int, DemoUser]], *, world: _World, now: datetime) -> None:
    made: dict[str, User] = {}
    for _, row in rows:
        user = user_register(
            username=row.username,
            email=row.email,
            password=None,
            first_name=row.first_name,
            last_name=row.last_name,
            user_type=row.user_type,
            language=row.language,
            bio=row.bio,
            city=row.city,
            phone_number=row.phone_number,
        )
        made[row.ref] = user
        if row.skills:
            claims = [
                SkillClaim(world.skills[skill.slug], skill.level, Decimal(skill.years))
                for skill in row.skills
            ]
            user_skills_set(actor=user, claims=claims)
        preferences_change(
            actor=user,
            interests=list(row.interests),
            min_budget=row.min_budget,
            max_budget=row.max_budget,
            preferred_location=row.city,
            prefer_remote=row.prefer_remote,
            prefer_physical=row.prefer_physical,
        )
    refs_note(kind=KIND_USER, pairs=[(ref, user.pk) for ref, user in made.items()])
    first, last = JOINED_DAYS
    for place, row in rows:
        joined = now - timedelta(days=last - place * 37 % (last - first))
        User.objects.filter(pk=made[row.ref].pk).update(created_at=joined, date_joined=joined)
    world.users.update(made)


def _logins(demo: Demo, *, world: _World) -> None:
    """The administrator, and for the four accounts people log in with one password, hashed once, and proved addresses."""
    if ADMIN not in world.users:
        admin = User.objects.create_superuser(
            ADMIN, "admin@example.com", None, language="en", first_name="Admin"
        )
        ref_note(kind=KIND_USER, ref=ADMIN, object_id=admin.pk)
        world.users[ADMIN] = admin
    names = dict(LOGINS)
    without = [
        user for user in world.users.values() if user.username in names and not user.has_usable_password()
    ]
    if without:
        encoded = make_password(PASSWORD)
        User.objects.filter(pk__in=[user.pk for user in without]).update(password=encoded, is_verified=True)


def _tasks(
    rows: Sequence[DemoTask],
    applications: dict[str, list[DemoApplication]],
    chats: Mapping[str, DemoChat],
    *,
    world: _World,
    now: datetime,
) -> None:
    made = {
        row.ref: _task(row, applications[row.ref], chats.get(row.ref), world=world, now=now) for row in rows
    }
    refs_note(kind=KIND_TASK, pairs=list(made.items()))
    world.tasks.update(made)


def _task(
    row: DemoTask,
    applications: Sequence[DemoApplication],
    chat: DemoChat | None,
    *,
    world: _World,
    now: datetime,
) -> int:
    """Post one task, let everybody apply, move it to where the demo wants it, and let them write. Returns its id."""
    client = world.users[row.client_ref]
    task = task_create(
        actor=client,
        category=world.categories[row.category],
        title=row.title,
        description=row.description,
        budget=row.budget,
        listing_type=row.listing_type,
        task_type=row.task_type,
        is_negotiable=row.is_negotiable,
        location=row.location,
        city=row.city,
        is_remote=row.is_remote,
        deadline=row.deadline,
        estimated_duration=row.estimated_duration,
        required_skills=[world.skills[slug] for slug in row.skills],
    )
    created = now - timedelta(days=row.created_days_ago)
    Task.objects.filter(pk=task.pk).update(created_at=created)
    accepted: int | None = None
    for place, one in enumerate(applications, 1):
        application = application_create(
            actor=world.users[one.freelancer_ref],
            task_id=task.pk,
            proposal=one.proposal,
            offered_price=one.offered_price,
            estimated_time=one.estimated_time,
            cover_letter=one.cover_letter,
            limited=False,
        )
        # They came in the first half of the task's life, one after another.
        age = row.created_days_ago * (1 - 0.5 * place / (len(applications) + 1))
        TaskApplication.objects.filter(pk=application.pk).update(created_at=now - timedelta(days=age))
        if one.freelancer_ref == row.assigned_ref:
            accepted = application.pk
    if row.final_status in {TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED} and accepted is not None:
        application_accept(actor=client, application_id=accepted)
    if row.final_status == TaskStatus.COMPLETED:
        task_complete(actor=client, task_id=task.pk)
        ended = now - timedelta(days=row.created_days_ago * 0.25)
        Task.objects.filter(pk=task.pk).update(completed_at=ended)
    if row.final_status == TaskStatus.CANCELLED:
        task_cancel(actor=client, task_id=task.pk)
    if chat is not None:
        chat_seed(chat, task=row, task_id=task.pk, application_id=accepted, users=world.users, now=now)
    return task.pk


def _reviews(rows: Sequence[DemoReview], ages: dict[str, float], *, world: _World, now: datetime) -> None:
    made: dict[str, int] = {}
    for row in rows:
        review = review_create(
            actor=world.users[row.reviewer_ref],
            task_id=world.tasks[row.task_ref],
            rating=row.rating,
            comment=row.comment,
            communication_rating=row.communication_rating,
            quality_rating=row.quality_rating,
            professionalism_rating=row.professionalism_rating,
        )
        written = now - timedelta(days=ages[row.task_ref] * 0.2)
        Review.objects.filter(pk=review.pk).update(created_at=written)
        made[row.ref] = review.pk
    refs_note(kind=KIND_REVIEW, pairs=list(made.items()))
    world.reviews.update(made)
