"""Open conversations, and close them when an account ends."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.accounts.services.attempts import Full, attempt_take, hashed
from multitask.common.errors import DomainError, Forbidden, Invalid, violated_constraint
from multitask.messaging.models import Conversation, Participant
from multitask.messaging.selectors.conversations import conversation_of
from multitask.realtime.events import ConversationNew
from multitask.realtime.publish import Outgoing, publish
from multitask.tasks.models import ApplicationStatus, Task, TaskApplication, TaskStatus

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation, and what is to be told of it where it is new."""

    conversation: Conversation
    is_new: bool
    outgoing: tuple[Outgoing, ...] = ()


@transaction.atomic
def conversation_open(
    *, actor: User, participant_id: int, task_id: int | None = None, limited: bool = True
) -> Opened:
    """The conversation of the actor and somebody else, about a task or none; the same pair and task are one.

    `limited` is False for what the platform itself opens (an accepted application, the demo). Raises Invalid
    conversation_with_self, unknown_person, unknown_task, Forbidden not_about_this_task, DomainError
    conversations_per_hour (429).
    """
    opened = conversation_make(actor=actor, participant_id=participant_id, task_id=task_id, limited=limited)
    publish(opened.outgoing)
    return opened


def conversation_make(*, actor: User, participant_id: int, task_id: int | None, limited: bool) -> Opened:
    """As `conversation_open`, inside a transaction whose last step publishes `outgoing`."""
    if participant_id == actor.pk:
        raise Invalid("conversation_with_self", field="participant")
    there = conversation_of(user_ids=(actor.pk, participant_id), task_id=task_id)
    if there is not None:
        return Opened(there, is_new=False)
    if not User.objects.filter(pk=participant_id, is_active=True).exists():
        raise Invalid("unknown_person", field="participant")
    if task_id is not None:
        _check_task(actor=actor, participant_id=participant_id, task_id=task_id)
    conversation = _create(actor=actor, participant_id=participant_id, task_id=task_id, limited=limited)
    if conversation is None:
        # Both sides, or one of them twice, at the same moment: the other transaction has committed it.
        there = conversation_of(user_ids=(actor.pk, participant_id), task_id=task_id)
        assert there is not None
        return Opened(there, is_new=False)
    new = ConversationNew(conversation=conversation.pk)
    return Opened(
        conversation, is_new=True, outgoing=(Outgoing(actor.pk, new), Outgoing(participant_id, new))
    )


def _check_task(*, actor: User, participant_id: int, task_id: int) -> None:
    # The task's row: it must not be deleted, which asks whether anybody has written about it, before this is committed.
    task = Task.objects.select_for_update(no_key=True).filter(pk=task_id).first()
    if task is None:
        raise Invalid("unknown_task", field="task")
    if task.client_id == participant_id and task.status == TaskStatus.OPEN:
        return
    if task.client_id in {actor.pk, participant_id}:
        other = participant_id if task.client_id == actor.pk else actor.pk
        applied = TaskApplication.objects.filter(task=task, freelancer=other)
        if task.assigned_to_id == other or applied.exclude(status=ApplicationStatus.WITHDRAWN).exists():
            return
    raise Forbidden("not_about_this_task")


def _create(*, actor: User, participant_id: int, task_id: int | None, limited: bool) -> Conversation | None:
    """The new conversation with both sides; None where there is one by now."""
    low, high = sorted((actor.pk, participant_id))
    now = timezone.now()
    try:
        # What it takes of the limit is given back with it.
        with transaction.atomic():
            if limited:
                _take_place(actor)
            conversation = Conversation.objects.create(
                low_user_id=low, high_user_id=high, task_id=task_id, created_at=now
            )
    except IntegrityError as error:
        if violated_constraint(error) == "conversation_once":
            return None
        raise
    Participant.objects.bulk_create(
        [Participant(conversation=conversation, user_id=user_id, moved_at=now) for user_id in (low, high)]
    )
    return conversation


def _take_place(actor: User) -> None:
    limit = settings.CONVERSATIONS_PER_HOUR
    taken = attempt_take(key=hashed("conversation", str(actor.pk)), limit=limit, seconds=HOUR)
    if isinstance(taken, Full):
        raise DomainError("conversations_per_hour", status=429, limit=limit, wait=taken.wait)
