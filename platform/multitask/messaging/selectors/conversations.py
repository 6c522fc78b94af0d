"""Read conversations, fetching and authorising in one call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from multitask.accounts.models import User
from multitask.common.errors import NotFound
from multitask.messaging.models import Conversation, Participant

CARD = (
    "username",
    "first_name",
    "last_name",
    "profile_picture",
    "average_rating",
    "total_reviews",
    "is_active",
)


# Whose coming and going a socket is told of.
NEIGHBOURS = 500


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a conversation as one of them sees it."""

    conversation: Conversation
    mine: Participant
    other: Participant

    def is_read(self, *, message_id: int, sender_id: int | None) -> bool:
        """Whether who received it has read a message."""
        reader = self.other if sender_id == self.mine.user_id else self.mine
        return message_id <= reader.read_up_to


def access_conversation(*, actor: User, conversation_id: int, for_update: bool = False) -> Conversation:
    """A conversation that the actor is in. Raises NotFound for everybody else, administrators too."""
    found = Conversation.objects.select_for_update() if for_update else Conversation.objects.all()
    mine = Q(low_user_id=actor.pk) | Q(high_user_id=actor.pk)
    conversation = found.filter(mine, pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def conversation_of(*, user_ids: Collection[int], task_id: int | None) -> Conversation | None:
    """The conversation of two people about a task, or about none."""
    low, high = sorted(user_ids)
    return Conversation.objects.filter(low_user_id=low, high_user_id=high, task=task_id).first()


def conversations_of(actor: User) -> QuerySet[Participant]:
    """The actor's side of each of their conversations, what moved last first."""
    rows = Participant.objects.filter(user=actor).select_related(
        "conversation__task", "conversation__last_message"
    )
    return rows.order_by("-moved_at", "-conversation_id")


def conversations_with(actor: User, conversation_ids: Collection[int]) -> list[Participant]:
    """The actor's side of these conversations, without those that the actor is not in."""
    rows = Participant.objects.filter(user=actor, conversation__in=conversation_ids)
    return list(rows.select_related("conversation"))


def sides_of(actor: User, rows: Sequence[Participant]) -> list[Sides]:
    """Both sides of the actor's `rows`, in that order: one query."""
    others = Participant.objects.filter(conversation__in=[row.conversation_id for row in rows])
    cards = [f"user__{name}" for name in CARD]
    found = {
        row.conversation_id: row
        for row in others.exclude(user=actor)
        .select_related("user")
        .only("conversation", "user", "delivered_up_to", "read_up_to", *cards)
    }
    for row in rows:
        row.user = actor
    return [Sides(row.conversation, row, found[row.conversation_id]) for row in rows]


def sides_shown(*, actor: User, conversation_id: int) -> Sides:
    """One conversation with both sides. Raises NotFound."""
    row = conversations_of(actor).filter(conversation=conversation_id).first()
    if row is None:
        raise NotFound
    return sides_of(actor, [row])[0]


@dataclass(frozen=True, slots=True)
class Unread:
    messages: int
    conversations: int


def unread_of(actor: User) -> Unread:
    """How many messages the actor has not read, and in how many conversations."""
    rows = Participant.objects.filter(user=actor, unread_count__gt=0)
    found = rows.aggregate(messages=Sum("unread_count"), conversations=Count("pk"))
    return Unread(found["messages"] or 0, found["conversations"])


def neighbours_of(actor: User) -> list[int]:
    """The ids of those with whom the actor has conversations, of the `NEIGHBOURS` that moved last."""
    rows = Participant.objects.filter(user=actor).order_by("-moved_at", "-conversation_id")
    pairs = rows.values_list("conversation__low_user_id", "conversation__high_user_id")[:NEIGHBOURS]
    return list(dict.fromkeys(high if low == actor.pk else low for low, high in pairs))
