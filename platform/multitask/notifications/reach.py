"""Who can be reached at all."""

from __future__ import annotations

from collections.abc import Collection

from multitask.notifications.models import PushSubscription


def subscribed(user_ids: Collection[int]) -> set[int]:
    """Those of `user_ids` who have a browser that takes pushes. One query."""
    return set(PushSubscription.objects.filter(user_id__in=user_ids).values_list("user_id", flat=True))
