"""Which lists there are."""

from __future__ import annotations

from multitask.recommendations.models import RecommendationList


def users_between(*, first: int, last: int) -> list[int]:
    """Ids of users from `first` to `last`, both included, who have a list."""
    heads = RecommendationList.objects.filter(user__gte=first, user__lte=last)
    return list(heads.order_by("user_id").values_list("user_id", flat=True))
