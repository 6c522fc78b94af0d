"""Which generation serves, which is being built, and what it still lacks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from multitask.accounts.models import MAY_APPLY, User
from multitask.recommendations.models import IndexState, ProfileVector, Skill, TaskVector, VectorIndex
from multitask.tasks.models import Category, Task, TaskStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a generation is: rows that have a vector, and rows there are."""

    index: VectorIndex
    done: int
    total: int


def active_index() -> VectorIndex | None:
    return VectorIndex.objects.filter(state=IndexState.ACTIVE).select_related("lexical").first()


def building_index() -> VectorIndex | None:
    return VectorIndex.objects.filter(state=IndexState.BUILDING).select_related("lexical").first()


def is_building(*, index_id: int) -> bool:
    return VectorIndex.objects.filter(pk=index_id, state=IndexState.BUILDING).exists()


def seed_texts() -> list[str]:
    """The texts that the first vocabulary is fitted on: every name of every skill and category."""
    texts = [
        " ".join((en, ar, *aliases))
        for en, ar, aliases in Skill.objects.values_list("name_en", "name_ar", "aliases")
    ]
    texts += [
        " ".join((row.name_en, row.name_ar, row.description_en, row.description_ar))
        for row in Category.objects.all()
    ]
    return texts


def _open_tasks() -> Any:
    return Task.objects.filter(status=TaskStatus.OPEN)


def _freelancers() -> Any:
    return User.objects.filter(is_active=True, user_type__in=MAY_APPLY)


def tasks_missing(index: VectorIndex, *, limit: int) -> list[int]:
    """Open tasks without a vector of their current content, newest first."""
    current = TaskVector.objects.filter(
        task=OuterRef("pk"), index=index, content_version=OuterRef("content_version")
    )
    return list(_open_tasks().filter(~Exists(current)).order_by("-pk").values_list("pk", flat=True)[:limit])


def profiles_missing(index: VectorIndex, *, limit: int) -> list[int]:
    current = ProfileVector.objects.filter(user=OuterRef("pk"), index=index)
    return list(_freelancers().filter(~Exists(current)).order_by("pk").values_list("pk", flat=True)[:limit])


def tasks_unattended(index: VectorIndex | None, *, seconds: int, limit: int) -> list[int]:
    """Open tasks that lack a current vector, or whose encoder failed, and have been so for `seconds`."""
    current = TaskVector.objects.filter(
        Q(error="") | Q(updated_at__gt=Now() - timedelta(seconds=10 * seconds)),
        task=OuterRef("pk"),
        index=index,
        content_version=OuterRef("content_version"),
    )
    waiting = _open_tasks().filter(~Exists(current), updated_at__lt=Now() - timedelta(seconds=seconds))
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])


def profiles_unattended(index: VectorIndex | None, *, seconds: int, limit: int) -> list[int]:
    """Freelancers without a vector, or whose encoder failed, for `seconds`."""
    current = ProfileVector.objects.filter(
        Q(error="") | Q(updated_at__gt=Now() - timedelta(seconds=10 * seconds)),
        user=OuterRef("pk"),
        index=index,
    )
    waiting = _freelancers().filter(~Exists(current), updated_at__lt=Now() - timedelta(seconds=seconds))
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])


def progress(index: VectorIndex) -> Progress:
    total = _open_tasks().count() + _freelancers().count()
    current = TaskVector.objects.filter(
        task=OuterRef("pk"), index=index, content_version=OuterRef("content_version")
    )
    done = _open_tasks().filter(Exists(current)).count()
    done += (
        _freelancers().filter(Exists(ProfileVector.objects.filter(user=OuterRef("pk"), index=index))).count()
    )
    return Progress(index, done, total)


def corpus_size() -> int:
    return Task.objects.count() + len(seed_texts())


def corpus_texts(*, limit: int) -> list[str]:
    """What a vocabulary is fitted on: the names, and the newest `limit` tasks' words."""
    newest = Task.objects.order_by("-pk").values_list("title", "description")[:limit]
    return seed_texts() + [f"{title}\n{description}" for title, description in newest]


def known_vectors(index: VectorIndex, hashes: Collection[str]) -> dict[str, list[float]]:
    """{content hash: vector} of what this index's encoder has already read, in this generation or another."""
    same = VectorIndex.objects.filter(encoder_revision=index.encoder_revision).values_list("pk", flat=True)
    found: dict[str, list[float]] = {}
    for model in (TaskVector, ProfileVector):
        rows = model.objects.filter(index__in=list(same), content_hash__in=hashes, vector__isnull=False)
        for content_hash, vector in rows.values_list("content_hash", "vector"):
            if vector is not None:
                found[content_hash] = [float(value) for value in vector]
    return found
