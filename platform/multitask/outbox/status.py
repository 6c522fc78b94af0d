"""How the pipeline stands: for /readyz, the admin, `manage.py pipeline_status` and operators' dashboards."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Extract, Now

from multitask.outbox.models import DeliveryStatus, Heartbeat, OutboxDelivery, OutboxEvent

QUEUES = ("interactive", "embed", "recommend", "notify", "mail", "push", "chat", "default")
# A part is well when it has shown itself within this many seconds.
FRESH_SECONDS = {"relay": 30, "beat": 90} | {f"queue:{queue}": 90 for queue in QUEUES}


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    ok: bool
    detail: str


def heartbeats() -> list[Part]:
    """One part each for the relay, beat and every queue, well or not, with how many seconds ago it was seen."""
    seen = {
        name: float(age)
        for name, age in Heartbeat.objects.annotate(age=Extract(Now() - F("seen_at"), "epoch")).values_list(
            "name", "age"
        )
    }
    return [
        Part(
            name,
            name in seen and seen[name] <= fresh,
            f"seen {seen[name]:.0f} s ago" if name in seen else "not seen yet",
        )
        for name, fresh in FRESH_SECONDS.items()
    ]


def backlog() -> dict[str, dict[str, int]]:
    """{queue: {status: deliveries}} of everything unfinished or dead."""
    rows = (
        OutboxDelivery.objects.exclude(status=DeliveryStatus.DONE)
        .values("queue", "status")
        .annotate(number=Count("id"))
        .order_by()
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["queue"], {})[row["status"]] = row["number"]
    return found


def unfinished() -> int:
    """Events not fanned out yet plus deliveries neither done nor dead: 0 means that the pipeline has caught up.

    What was asked for later, as a mail that gathers for two minutes, is no part of it before its time.
    """
    waiting = OutboxEvent.objects.filter(fanned_out_at__isnull=True).count()
    later = Q(status=DeliveryStatus.PENDING, attempts=0, available_at__gt=Now())
    open_deliveries = OutboxDelivery.objects.exclude(status__in=[DeliveryStatus.DONE, DeliveryStatus.DEAD])
    return waiting + open_deliveries.exclude(later).count()


def unfinished_for(key: str) -> bool:
    """Whether anything about `key` is still to be done."""
    open_deliveries = OutboxDelivery.objects.filter(key=key).exclude(
        status__in=[DeliveryStatus.DONE, DeliveryStatus.DEAD]
    )
    return (
        open_deliveries.exists() or OutboxEvent.objects.filter(key=key, fanned_out_at__isnull=True).exists()
    )


def oldest_age_seconds() -> float:
    """How long the oldest unfinished delivery has been waiting, 0.0 where none is."""
    row = (
        OutboxDelivery.objects.exclude(status__in=[DeliveryStatus.DONE, DeliveryStatus.DEAD])
        .order_by()
        .aggregate(age=Extract(Now() - Min("created_at"), "epoch"))
    )
    return float(row["age"] or 0.0)
