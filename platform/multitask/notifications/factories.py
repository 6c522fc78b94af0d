"""Notifications for tests."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone

from multitask.accounts.factories import FreelancerFactory
from multitask.common.clock import local_date
from multitask.notifications.models import (
    Digest,
    Notification,
    NotificationDelivery,
    NotificationType,
    PushSubscription,
)


class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notification

    recipient = factory.SubFactory(FreelancerFactory)
    notification_type = NotificationType.APPLICATION_ACCEPTED
    params = factory.Sequence(lambda number: {"task": f"Task number {number}"})
    title = "قُبل طلبك"
    message = factory.LazyAttribute(lambda row: f"تم اختيارك لتنفيذ «{row.params['task']}».")
    dedupe_key = factory.Sequence(lambda number: f"application:{number}:ACCEPTED")


class PushSubscriptionFactory(factory.django.DjangoModelFactory):
    """A browser whose address looks right; nobody is there."""

    class Meta:
        model = PushSubscription

    user = factory.SubFactory(FreelancerFactory)
    endpoint = factory.Sequence(lambda number: f"https://fcm.googleapis.com/fcm/send/example-{number}")
    p256dh = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
    auth = "tBHItJI5svbpez7KI4CCXg"
    user_agent = "Mozilla/5.0"
    renewed_at = factory.LazyFunction(timezone.now)


class DigestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Digest

    user = factory.SubFactory(FreelancerFactory)
    period = factory.LazyFunction(lambda: local_date(timezone.now()))
    rhythm = "daily"
    since = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    until = factory.LazyFunction(timezone.now)


class DeliveryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NotificationDelivery

    notification = factory.SubFactory(NotificationFactory)
    recipient = factory.SelfAttribute("notification.recipient")
    dedupe_key = factory.SelfAttribute("notification.dedupe_key")
    channel = "in_app"
    state = "sent"
    due_at = factory.LazyFunction(timezone.now)
    settled_at = factory.LazyFunction(timezone.now)
