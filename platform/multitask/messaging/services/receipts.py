"""How far each side has got and read: it never goes back, and the counters are what a recount gives."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.messaging.models import Message, Participant
from multitask.messaging.selectors.conversations import access_conversation
from multitask.messaging.selectors.notices import conversation_group
from multitask.notifications.services.reading import group_read
from multitask.realtime.events import Receipt
from multitask.realtime.publish import Outgoing, publish


def messages_read(*, actor: User, conversation_id: int, up_to: int) -> Participant:
    """Everything up to the message `up_to` is read, and so delivered. Returns the actor's side. Raises NotFound.

    What lies behind changes nothing; what lies ahead of the newest message counts as the newest.
    """
    return _move(actor, conversation_id, up_to, is_read=True)


def messages_delivered(*, actor: User, conversation_id: int, up_to: int) -> Participant:
    """As `messages_read`, for what has reached a device of the actor's."""
    return _move(actor, conversation_id, up_to, is_read=False)


@transaction.atomic
def _move(actor: User, conversation_id: int, up_to: int, *, is_read: bool) -> Participant:
    # The conversation's row: no message comes between the recount and the write.
    conversation = access_conversation(actor=actor, conversation_id=conversation_id, for_update=True)
    sides = {side.user_id: side for side in Participant.objects.filter(conversation=conversation)}
    mine = sides[actor.pk]
    reached = Message.objects.filter(conversation=conversation, pk__lte=up_to).order_by("-pk")
    newest = reached.values_list("pk", flat=True).first() or 0
    delivered = max(mine.delivered_up_to, newest)
    read = max(mine.read_up_to, newest) if is_read else mine.read_up_to
    if (delivered, read) == (mine.delivered_up_to, mine.read_up_to):
        return mine
    told: list[Outgoing] = []
    if read != mine.read_up_to:
        mine.read_at = timezone.now()
        mine.unread_count = unread_count(conversation_id=conversation.pk, user_id=actor.pk, read_up_to=read)
    mine.delivered_up_to, mine.read_up_to = delivered, read
    mine.save(update_fields=["delivered_up_to", "read_up_to", "unread_count", "read_at"])
    if is_read and mine.unread_count == 0:
        told = group_read(user_id=actor.pk, group_key=conversation_group(conversation.pk))
    publish(
        [
            *told,
            *(
                Outgoing(
                    user_id,
                    Receipt(
                        conversation=conversation.pk,
                        user=actor.pk,
                        delivered_up_to=delivered,
                        read_up_to=read,
                        unread_count=side.unread_count,
                    ),
                )
                for user_id, side in sorted(sides.items())
            ),
        ]
    )
    return mine


def unread_count(*, conversation_id: int, user_id: int, read_up_to: int) -> int:
    """How many messages of the other side lie above `read_up_to`; lines of the platform do not count."""
    rows = Message.objects.filter(conversation=conversation_id, pk__gt=read_up_to, sender__isnull=False)
    return rows.exclude(sender=user_id).count()
