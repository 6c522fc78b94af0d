"""Read one's own push subscriptions."""

from __future__ import annotations

from django.db.models import QuerySet

from multitask.accounts.models import User
from multitask.notifications.models import PushSubscription


def subscriptions_of(user: User) -> QuerySet[PushSubscription]:
    """The browsers of a user, the one renewed last first."""
    return PushSubscription.objects.filter(user=user).order_by("-renewed_at", "-id")
