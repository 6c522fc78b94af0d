"""Find what has no event, and give it one."""

from __future__ import annotations

from multitask.outbox.emit import Event, emit_many
from multitask.outbox.status import unfinished_for
from multitask.recommendations.selectors import indexes
from multitask.recommendations.services.indexes import index_continue
from multitask.recommendations.services.lists import lists_behind

SECONDS = 30
LIMIT = 500


def reconcile_missing(*, seconds: int = SECONDS, limit: int = LIMIT) -> dict[str, int]:
    """Emit events for what has been behind for `seconds`: {"tasks", "profiles", "lists", "builds"}. Inside a transaction.

    An event for what another event already covers is harmless: deliveries that nobody has begun coalesce.
    """
    active = indexes.active_index()
    tasks = indexes.tasks_unattended(active, seconds=seconds, limit=limit)
    profiles = indexes.profiles_unattended(active, seconds=seconds, limit=limit)
    lists = lists_behind(limit=limit, seconds=seconds)
    emit_many(
        [
            *(Event("task.updated", f"task:{pk}", {"task": pk}) for pk in tasks),
            *(Event("profile.changed", f"user:{pk}", {"user": pk}) for pk in profiles),
            *(Event("list.stale", f"user:{pk}", {"user": pk}) for pk in lists),
        ]
    )
    found = {"tasks": len(tasks), "profiles": len(profiles), "lists": len(lists), "builds": 0}
    building = indexes.building_index()
    if building is not None and not unfinished_for(f"index:{building.pk}"):
        # Its last chunk ended as a dead letter, say while the encoder was away.
        index_continue(index_id=building.pk)
        found["builds"] = 1
    return found
