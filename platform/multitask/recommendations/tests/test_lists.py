"""A list that was filled task by task is the list that would be computed from nothing, whatever came in which order."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from multitask.accounts.models import User
from multitask.notifications.models import Notification
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.models import (
    ProfileVector,
    RecommendationEntry,
    RecommendationList,
    TaskVector,
    UserSkill,
)
from multitask.recommendations.services import lists as list_services
from multitask.recommendations.services.lists import list_recompute, task_place
from multitask.recommendations.services.skills import (
    SkillClaim,
    preferences_change,
    user_skill_remove,
    user_skills_set,
)
from multitask.tasks.models import Task
from multitask.tasks.services.applications import application_accept
from multitask.tasks.services.tasks import task_cancel, task_update
from multitask.testing.market import bid, join, lists, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

SKILLS = ("python", "django", "react", "figma", "redis", "docker")
WORDS = [
    "shop",
    "logo",
    "kitchen",
    "garden",
    "python",
    "server",
    "colour",
    "page",
    "store",
    "paint",
    "wood",
    "brick",
    "mobile",
    "bank",
    "report",
]
LEVELS = ("BEGINNER", "INTERMEDIATE", "ADVANCED", "EXPERT")


def _from_nothing() -> dict[int, list[tuple[Any, ...]]]:
    RecommendationEntry.objects.all().delete()
    for user_id in RecommendationList.objects.values_list("user_id", flat=True):
        list_recompute(user_id=user_id)
    return lists()


class Marketplace:
    """Random people who do random things."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.skills = skill_ids(*SKILLS)
        self.clients = [join("client"), join("both", skills=self._some())]
        self.freelancers = [
            join(
                "freelancer",
                skills=self._some(),
                bio=self._text(4),
                city=self.random.choice(["Cairo", "الجيزة", ""]),
            )
            for _ in range(3)
        ]

    def _some(self) -> list[int]:
        return self.random.sample(self.skills, self.random.randint(0, 3))

    def _text(self, number: int) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(number))

    def _open_task(self) -> Task | None:
        return Task.objects.filter(status="OPEN").order_by("pk")[self.random.randrange(6) :].first()

    def act(self) -> None:
        kinds = (
            self.post,
            self.post,
            self.post,
            self.change,
            self.cancel,
            self.accept,
            self.learn,
            self.wish,
            self.forget,
        )
        self.random.choice(kinds)()

    def post(self) -> None:
        post(
            self.random.choice(self.clients),
            skills=self._some(),
            title=self._text(2),
            description=self._text(6),
            budget=Decimal(self.random.choice([50, 500, 5_000])),
            city=self.random.choice(["Cairo", "الجيزة", ""]),
            is_remote=self.random.random() < 0.5,
        )

    def change(self) -> None:
        task = self._open_task()
        if task is not None:
            values: dict[str, Any] = self.random.choice(
                [
                    {"budget": Decimal(self.random.choice([50, 500, 5_000]))},
                    {"required_skills": self._some()},
                    {"title": self._text(2), "description": self._text(6)},
                ]
            )
            task_update(actor=task.client, task_id=task.pk, **values)

    def cancel(self) -> None:
        task = self._open_task()
        if task is not None:
            task_cancel(actor=task.client, task_id=task.pk)

    def accept(self) -> None:
        task = self._open_task()
        if task is not None:
            freelancer = self.random.choice(self.freelancers)
            if not task.applications.filter(freelancer=freelancer).exists():
                application_accept(actor=task.client, application_id=bid(freelancer, task).pk)

    def learn(self) -> None:
        user_skills_set(
            actor=self.random.choice(self.freelancers),
            claims=[SkillClaim(skill, self.random.choice(LEVELS)) for skill in self._some()],
        )

    def wish(self) -> None:
        preferences_change(
            actor=self.random.choice(self.freelancers),
            min_budget=self.random.choice([None, Decimal(400)]),
            prefer_remote=self.random.random() < 0.5,
            interests=self.random.choice([[], ["programming"]]),
        )

    def forget(self) -> None:
        row = UserSkill.objects.filter(user__in=self.freelancers).order_by("pk").first()
        if row is not None:
            user_skill_remove(actor=row.user, user_skill_id=row.pk)


@pytest.mark.parametrize("seed", range(6))
def test_filled_task_by_task_in_any_order_it_is_the_list_from_nothing(
    pipeline: Pipeline, settings: Any, seed: int
) -> None:
    settings.MATCH_LIST_SIZE = 4
    market = Marketplace(seed)
    pipeline.drain()
    pipeline.shuffle = Random(seed)
    for _ in range(50):
        market.act()
        for _ in range(market.random.randint(0, 6)):
            pipeline.step()
    pipeline.drain()
    assert pipeline.dead() == []
    found = lists()
    assert found == _from_nothing()
    assert max(map(len, found.values())) == 4  # the cap was reached, so it was tried


def _full_list(pipeline: Pipeline, settings: Any) -> tuple[User, User, list[Task]]:
    """A freelancer whose list keeps 10 of 12 tasks: (client, freelancer, tasks)."""
    settings.MATCH_LIST_SIZE = 10
    python, django = skill_ids("python", "django")
    client, freelancer = join("client"), join("freelancer", skills=[python])
    pipeline.drain()
    tasks = [post(client, skills=[python] if n < 10 else [python, django]) for n in range(12)]
    pipeline.drain()
    assert {row[0] for row in lists()[freelancer.pk]} == {task.pk for task in tasks[:10]}
    return client, freelancer, tasks


def test_a_list_keeps_the_best_and_knows_that_there_were_more(pipeline: Pipeline, settings: Any) -> None:
    _, freelancer, _ = _full_list(pipeline, settings)
    assert RecommendationList.objects.get(user=freelancer).is_full


def test_when_a_task_leaves_a_full_list_the_next_best_moves_up(pipeline: Pipeline, settings: Any) -> None:
    client, freelancer, tasks = _full_list(pipeline, settings)
    task_cancel(actor=client, task_id=tasks[0].pk)
    pipeline.drain()
    assert {row[0] for row in lists()[freelancer.pk]} == {task.pk for task in (*tasks[1:10], tasks[11])}


def test_when_a_task_of_a_full_list_gets_worse_the_next_best_moves_up(
    pipeline: Pipeline, settings: Any
) -> None:
    client, freelancer, tasks = _full_list(pipeline, settings)
    poorer = skill_ids("python", "django", "react", "figma")
    task_update(actor=client, task_id=tasks[0].pk, required_skills=poorer)
    pipeline.drain()
    assert {row[0] for row in lists()[freelancer.pk]} == {task.pk for task in (*tasks[1:10], tasks[11])}
    assert lists() == _from_nothing()


def test_a_better_task_takes_the_place_of_the_worst(pipeline: Pipeline, settings: Any) -> None:
    client, freelancer, tasks = _full_list(pipeline, settings)
    task_update(actor=client, task_id=tasks[11].pk, required_skills=skill_ids("python"))
    pipeline.drain()
    assert tasks[11].pk in {row[0] for row in lists()[freelancer.pk]}
    assert len(lists()[freelancer.pk]) == 10


# --- Who gets what --------------------------------------------------------------------------------------------------


def test_a_task_goes_to_those_it_suits_and_to_nobody_else(pipeline: Pipeline) -> None:
    wanted = skill_ids("python")
    client, suited, other = (
        join("client"),
        join("freelancer", skills=wanted),
        join("freelancer", skills=skill_ids("figma")),
    )
    author = join("both", skills=wanted)
    pipeline.drain()
    task = post(author, skills=wanted)
    offer = post(join("both", skills=skill_ids("docker")), skills=wanted, listing_type="service_offer")
    pipeline.drain()
    assert {user: [row[0] for row in rows] for user, rows in lists().items()} == {suited.pk: [task.pk]}
    assert not RecommendationEntry.objects.filter(task=offer).exists()
    assert not RecommendationList.objects.filter(user=client).exists()
    assert RecommendationList.objects.filter(user=other).exists()


def test_whom_a_task_suits_well_is_told_once_however_often_it_is_placed(pipeline: Pipeline) -> None:
    wanted = skill_ids("python", "django")
    suited = join("freelancer", skills=wanted)
    barely = join("freelancer", skills=skill_ids("react"))
    pipeline.drain()
    client = join("client")
    task = post(client, skills=[*wanted, *skill_ids("react", "figma", "redis", "docker", "vue", "angular")])
    task_update(actor=client, task_id=task.pk, required_skills=wanted)
    pipeline.drain()
    for _ in range(3):
        task_place(task_id=task.pk)
        pipeline.drain()
    told = Notification.objects.get()
    assert (told.recipient_id, told.notification_type, told.task_id) == (suited.pk, "recommendation", task.pk)
    assert told.link == f"/tasks/{task.pk}"
    entry = RecommendationEntry.objects.get(recommendation_list__user=suited)
    assert told.params == {"task": task.title, "percent": entry.match_percentage}
    assert barely.pk != told.recipient_id


def test_a_closed_task_leaves_every_list_and_is_told_to_nobody(pipeline: Pipeline) -> None:
    wanted = skill_ids("python")
    freelancers = [join("freelancer", skills=wanted) for _ in range(3)]
    pipeline.drain()
    client = join("client")
    early, late = post(client, skills=wanted), post(client, skills=wanted)
    pipeline.claim()  # handed over, and lost with the broker's data
    task_cancel(actor=client, task_id=late.pk)
    pipeline.drain()
    task_place(task_id=late.pk)
    pipeline.drain()
    assert not RecommendationEntry.objects.filter(task=late).exists()
    assert not Notification.objects.filter(task_id=late.pk, notification_type="recommendation").exists()
    assert len(freelancers) == 3
    assert early.status == "OPEN"


def test_a_task_is_not_placed_with_people_whose_profile_has_no_list_yet(pipeline: Pipeline) -> None:
    wanted = skill_ids("python")
    known = join("freelancer", skills=wanted)
    pipeline.drain()
    task = post(join("client"), skills=wanted)
    pipeline.drain()
    newcomer = join("freelancer", skills=wanted)
    assert task_place(task_id=task.pk).lists == 1
    assert set(lists()) == {known.pk}
    pipeline.drain()
    assert set(lists()) == {known.pk, newcomer.pk}  # by their own first list


def test_people_who_left_or_take_no_more_work_are_left_out(pipeline: Pipeline) -> None:
    wanted = skill_ids("python")
    gone, changed, stays = (join("freelancer", skills=wanted) for _ in range(3))
    pipeline.drain()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(pk=changed.pk).update(user_type="client")
    post(join("client"), skills=wanted)
    pipeline.drain()
    assert set(lists()) == {stays.pk}
    assert list_recompute(user_id=gone.pk) == 0
    assert list_recompute(user_id=10**9) == 0


def test_a_changed_profile_computes_that_list_and_no_other(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = skill_ids("python")
    one, other = join("freelancer"), join("freelancer", skills=wanted)
    task = post(join("client"), skills=wanted)
    pipeline.drain()
    assert set(lists()) == {other.pk}
    computed: list[int] = []
    monkeypatch.setattr(
        "workers.jobs.lists.list_recompute",
        lambda *, user_id: computed.append(user_id) or list_recompute(user_id=user_id),
    )
    user_skills_set(actor=one, claims=[SkillClaim(wanted[0], "EXPERT")])
    pipeline.drain()
    assert computed == [one.pk]
    assert [row[0] for row in lists()[one.pk]] == [task.pk]


def test_a_list_says_which_versions_it_was_made_from(pipeline: Pipeline) -> None:
    wanted = skill_ids("python")
    user = join("freelancer", skills=wanted)
    client = join("client")
    task = post(client, skills=wanted)
    task_update(actor=client, task_id=task.pk, title="A newer shop")
    pipeline.drain()
    head = RecommendationList.objects.get(user=user)
    assert head.index is not None
    assert (head.index.state, head.ranking_version) == ("active", list_services.RANKING_VERSION)
    assert head.computed_at is not None
    assert RecommendationEntry.objects.get().content_version == 2
    assert TaskVector.objects.get().content_version == 2


def test_each_task_and_each_freelancer_has_one_current_vector(pipeline: Pipeline) -> None:
    client, user = join("client"), join("freelancer", skills=skill_ids("python"))
    task = post(client)
    for number in range(5):
        task_update(actor=client, task_id=task.pk, title=f"Shop number {number} for the web")
        pipeline.step()
    user_skills_set(actor=user, claims=[])
    pipeline.drain()
    vector = TaskVector.objects.get()
    assert (vector.task_id, vector.content_version, len(vector.vector)) == (task.pk, 6, 384)
    assert list(ProfileVector.objects.values_list("user_id", flat=True)) == [user.pk]


def test_ten_changes_of_a_task_before_anybody_works_are_embedded_once(
    pipeline: Pipeline, encoder: Any
) -> None:
    client = join("client")
    task = post(client)
    for number in range(10):
        task_update(actor=client, task_id=task.pk, title=f"Shop number {number} for the web")
    pipeline.drain()
    # The whole text and its title, each once.
    assert [text.startswith("Shop number 9") for text in encoder.encoded if "Shop number" in text] == [
        True
    ] * 2
    assert TaskVector.objects.get().content_version == 11
    assert OutboxEvent.objects.filter(topic="task.indexed").count() == 1
