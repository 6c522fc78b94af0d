"""Notifications for tests."""

from __future__ import annotations

import factory

from multitask.accounts.factories import FreelancerFactory
from multitask.notifications.models import Notification, NotificationType


class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notification

    recipient = factory.SubFactory(FreelancerFactory)
    notification_type = NotificationType.APPLICATION_ACCEPTED
    params = factory.Sequence(lambda number: {"task": f"Task number {number}"})
    title = "قُبل طلبك"
    message = factory.LazyAttribute(lambda row: f"تم اختيارك لتنفيذ «{row.params['task']}».")
    dedupe_key = factory.Sequence(lambda number: f"application:{number}:ACCEPTED")
