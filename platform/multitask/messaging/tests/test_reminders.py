"""Who has not read a message for a day is reminded of it once, unless a mail has told them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from multitask.messaging.factories import ConversationFactory, MessageFactory
from multitask.messaging.models import Conversation
from multitask.messaging.selectors.notices import messages_new
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_read
from multitask.messaging.services.reminders import messages_remind
from multitask.notifications.models import Notification, NotificationDelivery
from multitask.notifications.services.notify import notify_many

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def talk(clock: time_machine.Traveller) -> Conversation:
    return MessageFactory().conversation


def reminded() -> list[int]:
    """Whom this run reminds."""
    before = set(Notification.objects.values_list("pk", flat=True))
    while messages_remind():
        pass
    rows = Notification.objects.exclude(pk__in=before).filter(wording="message_unread")
    return list(rows.values_list("recipient_id", flat=True))


def test_an_unread_message_is_told_once_after_a_day(
    clock: time_machine.Traveller, talk: Conversation
) -> None:
    clock.shift(timedelta(hours=23, minutes=59))
    assert reminded() == []
    clock.shift(timedelta(minutes=1))
    assert reminded() == [talk.high_user_id]
    MessageFactory(conversation=talk)
    clock.shift(timedelta(days=2))
    assert reminded() == [], "once for all that is unread"


def test_what_was_read_is_not_told_and_what_comes_after_is_told_anew(
    clock: time_machine.Traveller, talk: Conversation
) -> None:
    reader = talk.participants.get(pk=talk.high_user_id)
    newest = talk.messages.latest("pk")
    messages_read(actor=reader, conversation_id=talk.pk, up_to=newest.pk)
    clock.shift(timedelta(days=2))
    assert reminded() == []
    MessageFactory(conversation=talk)
    clock.shift(timedelta(days=1))
    assert reminded() == [reader.pk]


def test_who_was_sent_a_mail_about_it_is_not_reminded(
    clock: time_machine.Traveller, talk: Conversation
) -> None:
    other = MessageFactory().conversation
    for one in (talk, other):
        notify_many(messages_new([one.messages.latest("pk").pk]))
    NotificationDelivery.objects.filter(channel="email", recipient=talk.high_user_id).update(
        state="sent", settled_at=timezone.now()
    )
    clock.shift(timedelta(days=1))
    assert reminded() == [other.high_user_id]


def test_one_s_own_message_and_a_line_of_the_platform_are_not_told(clock: time_machine.Traveller) -> None:
    talk = ConversationFactory()
    sender = talk.participants.get(pk=talk.low_user_id)
    MessageFactory(conversation=talk, sender_id=None, message_type="SYSTEM", code="task_delivered")
    clock.shift(timedelta(days=1))
    assert reminded() == []
    message_send(actor=sender, conversation_id=talk.pk, content="Hello")
    clock.shift(timedelta(days=1))
    assert reminded() == [talk.high_user_id]


def test_a_machine_that_slept_reminds_for_a_week(clock: time_machine.Traveller, talk: Conversation) -> None:
    clock.shift(timedelta(days=7, hours=23))
    assert reminded() == [talk.high_user_id]
    MessageFactory()
    clock.shift(timedelta(days=8, minutes=1))
    assert reminded() == []


def test_a_run_takes_the_same_queries_however_many_it_reminds(clock: time_machine.Traveller) -> None:
    def cost(number: int) -> int:
        MessageFactory.create_batch(number)
        clock.shift(timedelta(days=1))
        with CaptureQueriesContext(connection) as queries:
            assert messages_remind() == number
        return len(queries)

    few = cost(2)
    assert cost(12) == few
