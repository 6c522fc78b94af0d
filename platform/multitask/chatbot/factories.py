"""Conversations with the assistant for tests. Rows only: use the services where answers matter."""

from __future__ import annotations

import factory
from django.utils import timezone

from multitask.accounts.factories import ClientFactory
from multitask.chatbot.models import ChatMessage, ChatSession, MessageState, Sender


class ChatSessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ChatSession

    user = factory.SubFactory(ClientFactory, language="en")
    language = "en"
    title = factory.Sequence(lambda number: f"Conversation {number}")
    started_at = factory.LazyFunction(timezone.now)
    last_message_at = factory.LazyFunction(timezone.now)


class QuestionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ChatMessage

    session = factory.SubFactory(ChatSessionFactory)
    sender = Sender.USER
    language = "en"
    message = factory.Sequence(lambda number: f"What about number {number}?")
    created_at = factory.LazyFunction(timezone.now)
    settled_at = factory.LazyFunction(timezone.now)


class AnswerFactory(factory.django.DjangoModelFactory):
    """An answer, done by rules where nothing else is said, to a question of its own."""

    class Meta:
        model = ChatMessage

    session = factory.SubFactory(ChatSessionFactory)
    sender = Sender.BOT
    language = "en"
    reply_to = factory.SubFactory(QuestionFactory, session=factory.SelfAttribute("..session"))
    message = factory.Sequence(lambda number: f"Answer {number}")
    detected_intent = "HELP"
    outcome = "rules"
    state = MessageState.DONE
    response_time_ms = 12
    created_at = factory.LazyFunction(timezone.now)
    settled_at = factory.LazyFunction(timezone.now)


class PendingFactory(AnswerFactory):
    """An answer of the model that is still to come."""

    message = ""
    detected_intent = "GENERAL_CHAT"
    outcome = ""
    state = MessageState.PENDING
    response_time_ms = None
    settled_at = None
