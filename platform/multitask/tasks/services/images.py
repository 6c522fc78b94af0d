"""Pictures of a task: the main one, and up to eight further ones."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import Max

from multitask.accounts.models import User, UserType
from multitask.common.errors import DomainError, Forbidden, NotFound
from multitask.files.images import image_clean
from multitask.files.services.orphans import files_orphan
from multitask.tasks.models import Task, TaskImage, TaskStatus
from multitask.tasks.selectors.tasks import access_task

MAX_IMAGES = 8


def task_image_clean(upload: File[Any]) -> ContentFile[bytes]:
    """The picture written anew. Raises what `image_clean` raises, for `image`."""
    return image_clean(upload, field="image")


def _own_open_task(actor: User, task_id: int) -> Task:
    # The task's row, so that its pictures are counted and replaced one request after another.
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    if task.status != TaskStatus.OPEN:
        raise DomainError("task_not_open")
    return task


@transaction.atomic
def task_image_set(*, actor: User, task_id: int, image: ContentFile[bytes] | None) -> Task:
    """Give one's own open task its main picture, made by `task_image_clean`, or none.

    Raises NotFound, Forbidden, DomainError task_not_open.
    """
    task = _own_open_task(actor, task_id)
    before = str(task.image.name or "")
    if image or before:
        task.image = image or ""
        task.save(update_fields=["image", "updated_at"])
        files_orphan([before])
    return task


def task_image_add(*, actor: User, task_id: int, upload: File[Any]) -> TaskImage:
    """Add a further picture to one's own open task, after the others.

    Raises NotFound, Forbidden, DomainError task_not_open or too_many_images, and what `image_clean` raises.
    """
    image_check_place(actor=actor, task_id=task_id)
    image = task_image_clean(upload)
    with transaction.atomic():
        task = _own_open_task(actor, task_id)
        last = _check_number(task)
        return TaskImage.objects.create(task=task, image=image, order=last + 1)


@transaction.atomic
def image_check_place(*, actor: User, task_id: int) -> None:
    """Whether a picture could be added, before the work of reading one. Raises as `task_image_add`."""
    _check_number(_own_open_task(actor, task_id))


def _check_number(task: Task) -> int:
    """The order of the last picture, -1 where there is none. Raises DomainError too_many_images."""
    if task.images.count() >= MAX_IMAGES:
        raise DomainError("too_many_images", limit=MAX_IMAGES)
    last = task.images.aggregate(last=Max("order"))["last"]
    return -1 if last is None else int(last)


@transaction.atomic
def task_image_remove(*, actor: User, task_id: int, image_id: int) -> None:
    """Delete a further picture of one's own open task. Raises NotFound, Forbidden, DomainError task_not_open."""
    task = _own_open_task(actor, task_id)
    image = TaskImage.objects.filter(task=task, pk=image_id).first()
    if image is None:
        raise NotFound
    files_orphan([str(image.image.name)])
    image.delete()


@transaction.atomic
def task_images_clear(*, actor: User, task_id: int) -> Task:
    """Take every picture of a task away, whatever state it is in: for an administrator. Raises NotFound, Forbidden."""
    if actor.user_type != UserType.ADMIN:
        raise Forbidden
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    files_orphan(task_files(task))
    task.images.all().delete()
    if task.image:
        task.image = ""
        task.save(update_fields=["image", "updated_at"])
    return task


def task_files(task: Task) -> list[str]:
    """The names of every file of a task, for `files_orphan` when the task itself is deleted."""
    return [str(task.image.name or ""), *task.images.values_list("image", flat=True)]
