"""One's own listings that say the very same."""

from __future__ import annotations

from datetime import datetime

from ml.suggest import folded
from multitask.common.places import city_key_of
from multitask.tasks.models import Task, TaskStatus

# More of one person's listings than this are not looked through.
LOOKED_THROUGH = 500
COMPARED = 50


def listings_same(
    *,
    client_id: int,
    title: str,
    description: str,
    listing_type: str,
    city: str,
    since: datetime,
    but: int | None = None,
) -> list[int]:
    """Ids of a person's open listings since then with the same words in title and description, the newest first.

    They are of the same kind and in the same city, in whatever spelling: the same work offered in two cities is twice
    the work. One query, two where a title is the same.
    """
    recent = Task.objects.filter(
        client=client_id,
        status=TaskStatus.OPEN,
        listing_type=listing_type,
        city_key=city_key_of(city),
        created_at__gte=since,
    )
    wanted = folded(title)
    rows = recent.order_by("-pk").values_list("pk", "title")[:LOOKED_THROUGH]
    same = [pk for pk, other in rows if pk != but and folded(other) == wanted][:COMPARED]
    if not same:
        return []
    wanted = folded(description)
    texts = Task.objects.filter(pk__in=same).order_by("-pk").values_list("pk", "description")
    return [pk for pk, other in texts if folded(other) == wanted]
