"""Conversations and messages for tests. Rows only: use the services where events and counters matter."""

from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.services.keeping import message_insert


class ConversationFactory(factory.django.DjangoModelFactory):
    """`ConversationFactory(users=(one, other))`; without `users` a client and a freelancer."""

    class Meta:
        model = Conversation
        skip_postgeneration_save = True

    class Params:
        users = factory.LazyFunction(lambda: (ClientFactory(), FreelancerFactory()))

    low_user_id = factory.LazyAttribute(lambda made: min(user.pk for user in made.users))
    high_user_id = factory.LazyAttribute(lambda made: max(user.pk for user in made.users))

    @factory.post_generation
    def sides(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        for user_id in (self.low_user_id, self.high_user_id):
            Participant.objects.create(conversation=self, user_id=user_id, moved_at=timezone.now())


class MessageFactory(factory.django.DjangoModelFactory):
    """A message that its conversation and both sides know of; by the smaller id where no sender is given."""

    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    sender_id = factory.LazyAttribute(lambda made: made.conversation.low_user_id)
    content = factory.Sequence(lambda number: f"Message number {number}")

    @classmethod
    def _create(cls, model_class: type[Message], *args: Any, **values: Any) -> Message:
        return message_insert(values.pop("conversation").pk, **values).message
