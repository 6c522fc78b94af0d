"""What becomes of somebody's side of their conversations when their account ends."""

from __future__ import annotations

from typing import Any

from multitask.accounts.models import User
from multitask.files.models import StoredFile
from multitask.messaging.models import Conversation, Message


def conversations_close(user: User) -> None:
    """Close the user's conversations: the other side reads on, what was said stays, nobody writes any more.

    Files that were sent belong to who received them from now on, or they would go with their sender's account; where
    nobody is left they go. Inside the caller's transaction, which holds the user's row.
    """
    # Rising ids, so that two accounts that end at once do not wait for each other.
    active = Conversation.objects.filter(sides__user=user, is_active=True)
    rows = list(active.select_for_update(of=("self",)).order_by("pk"))
    Conversation.objects.filter(pk__in=[row.pk for row in rows]).update(is_active=False)
    _hand_files_over(user)


def _hand_files_over(user: User) -> None:
    sent = (
        Message.objects.filter(sender=user, attachment__owner=user)
        .select_related("conversation")
        .order_by("pk")
    )
    heirs: dict[int, list[Any]] = {}
    for message in sent:
        heirs.setdefault(message.conversation.other_id(user.pk), []).append(message.attachment_id)
    staying = User.objects.filter(pk__in=heirs, deleted_at__isnull=True).order_by("pk")
    for heir in staying:
        StoredFile.objects.filter(pk__in=heirs[heir.pk], owner=user).update(owner=heir)
