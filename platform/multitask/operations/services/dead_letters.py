"""Send dead letters again, when what they died of is mended."""

from __future__ import annotations

from multitask.outbox import relay
from multitask.outbox.models import DeliveryStatus, OutboxDelivery

# What one call sends again at the most: the rest stays where it is seen.
MOST = 1_000


def dead_letter_retry(*, delivery_id: int) -> list[OutboxDelivery]:
    """Give one dead letter a fresh set of attempts. The delivery, or nothing where it is not dead (any more)."""
    return _retry(list(OutboxDelivery.objects.filter(pk=delivery_id, status=DeliveryStatus.DEAD)))


def dead_letters_retry(*, handler: str) -> list[OutboxDelivery]:
    """The same for all dead letters of a handler, the oldest MOST of them. Returns them as they were."""
    dead = OutboxDelivery.objects.filter(handler=handler, status=DeliveryStatus.DEAD)
    return _retry(list(dead.order_by("pk")[:MOST]))


def _retry(chosen: list[OutboxDelivery]) -> list[OutboxDelivery]:
    relay.retry_dead([delivery.pk for delivery in chosen])
    return chosen
