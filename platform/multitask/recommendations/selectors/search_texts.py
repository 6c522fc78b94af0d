"""What search reads of tasks and freelancers: the words they are found by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from ml import places, search, text
from ml.versions import SEARCH_VERSION, TEXT_VERSION
from multitask.accounts.models import MAY_APPLY, User
from multitask.recommendations.models import PersonDocument, SearchDocument, UserSkill
from multitask.recommendations.selectors.skill_names import KnownSkill
from multitask.tasks.models import Task

# A document is made anew where it was made by another normaliser or another `ml.search`.
WORDS_VERSION = f"{TEXT_VERSION}/{SEARCH_VERSION}"


@dataclass(frozen=True, slots=True)
class Indexed:
    """One document; `version` is the content version read (of people the time of their last change), `written`
    {stem: a way to write it}.
    """

    id: int
    version: int | datetime
    document: search.Document
    written: dict[str, str]


def task_documents(
    ids: Collection[int], *, names: Mapping[int, KnownSkill], mentions: text.Mentions
) -> list[Indexed]:
    """Documents of those of `ids` that are there, whatever their status. Two queries."""
    required: dict[int, set[int]] = defaultdict(set)
    needs = Task.required_skills.through.objects.filter(task__in=ids).values_list("task_id", "skill_id")
    for task_id, skill_id in needs:
        required[task_id].add(skill_id)
    found = []
    for task in Task.objects.filter(pk__in=ids).select_related("category").order_by("pk"):
        said = f"{task.title}\n{task.description}"
        skills = sorted(required[task.pk] | mentions.find(said))
        beside = [
            *(f"{names[pk].en} {names[pk].ar}" for pk in skills if pk in names),
            f"{task.category.name_en} {task.category.name_ar}",
            _city(task.city),
        ]
        found.append(
            Indexed(
                task.pk,
                task.content_version,
                search.document(title=task.title, names=" ".join(beside), body=task.description),
                search.surfaces("\n".join([said, *beside])),
            )
        )
    return found


def person_documents(ids: Collection[int], *, names: Mapping[int, KnownSkill]) -> list[Indexed]:
    """Documents of those of `ids` that take work: name, skills and city, bio. Two queries."""
    skills: dict[int, list[str]] = defaultdict(list)
    for user_id, skill_id in UserSkill.objects.filter(user__in=ids).values_list("user_id", "skill_id"):
        if skill_id in names:
            skills[user_id].append(f"{names[skill_id].en} {names[skill_id].ar}")
    found = []
    for user in User.objects.filter(pk__in=ids, user_type__in=MAY_APPLY, is_active=True).order_by("pk"):
        name = f"{user.first_name} {user.last_name} {user.username}"
        beside = " ".join([*skills[user.pk], _city(user.city)])
        found.append(
            Indexed(
                user.pk,
                user.updated_at,
                search.document(title=name, names=beside, body=user.bio),
                search.surfaces(f"{name}\n{beside}\n{user.bio}"),
            )
        )
    return found


def _city(said: str) -> str:
    key = places.city_key(said)
    return " ".join(filter(None, [said, places.city_name(key, "en"), places.city_name(key, "ar")]))


def tasks_unread(*, limit: int) -> list[int]:
    """Tasks without a document of their present content, the newest first."""
    current = SearchDocument.objects.filter(
        task=OuterRef("pk"), content_version=OuterRef("content_version"), text_version=WORDS_VERSION
    )
    return list(Task.objects.filter(~Exists(current)).order_by("-pk").values_list("pk", flat=True)[:limit])


def people_unread(*, limit: int) -> list[int]:
    """Freelancers without a document, or who have changed since theirs was made."""
    current = PersonDocument.objects.filter(
        user=OuterRef("pk"), text_version=WORDS_VERSION, read_at__gte=OuterRef("updated_at")
    )
    takers = User.objects.filter(is_active=True, user_type__in=MAY_APPLY)
    return list(takers.filter(~Exists(current)).order_by("pk").values_list("pk", flat=True)[:limit])


def people_gone(*, limit: int) -> list[int]:
    """Users who have a document and take no work any more."""
    found = PersonDocument.objects.filter(Q(user__is_active=False) | ~Q(user__user_type__in=MAY_APPLY))
    return list(found.order_by("pk").values_list("pk", flat=True)[:limit])
