"""What happened (`OutboxEvent`) and what is still to be done about it (`OutboxDelivery`).

An event is written in the transaction of what it tells of. The relay turns it into one delivery a handler; a
delivery is done in the transaction of the handler's own rows. See docs/architecture.md.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from multitask.common.text import words


class OutboxEvent(models.Model):
    topic = models.CharField(max_length=80)
    key = models.CharField(
        max_length=120, help_text="What it is about, e.g. task:12: the unit of order and coalescing."
    )
    payload = models.JSONField(default=dict, help_text="Ids and versions, never copies of rows.")
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  (NULL: not deduplicated)
    request_id = models.CharField(max_length=64, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="No job of it begins earlier.")
    created_at = models.DateTimeField(db_default=Now())
    fanned_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="outbox_event_waiting", condition=Q(fanned_out_at__isnull=True)),
            models.Index(fields=["created_at"], name="outbox_event_created"),
            models.Index(fields=["key", "id"], name="outbox_event_key"),
        ]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="outbox_event_dedupe")]

    def __str__(self) -> str:
        return f"{self.topic} {self.key} #{self.pk}"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", words("Waiting", "ينتظر")
    SENT = "sent", words("Handed to the broker", "سُلِّم إلى الوسيط")
    RUNNING = "running", words("Running", "يعمل")
    DONE = "done", words("Done", "انتهى")
    DEAD = "dead", words("Dead letter", "رسالة ميتة")


class OutboxDelivery(models.Model):
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    ordered = models.BooleanField(default=False)
    coalesce = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="The fence: only the newest attempt may finish."
    )
    available_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "outbox deliveries"
        indexes = [
            models.Index(
                fields=["queue", "available_at", "id"],
                name="outbox_delivery_due",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["lease_until"],
                name="outbox_delivery_leased",
                condition=Q(status__in=["sent", "running"]),
            ),
            models.Index(
                fields=["handler", "key", "id"],
                name="outbox_delivery_open",
                condition=~Q(status__in=["done", "dead"]),
            ),
            models.Index(fields=["status", "created_at"], name="outbox_delivery_status"),
        ]
        constraints = [
            # Events that only say "this changed" wait as one delivery.
            models.UniqueConstraint(
                fields=["handler", "key"],
                name="outbox_delivery_coalesced",
                condition=Q(status="pending", coalesce=True, attempts=0),
            ),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="outbox_delivery_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} for {self.key} ({self.status})"


class Heartbeat(models.Model):
    """When a part of the pipeline last proved that it works: a relay, beat, or a queue by its canary job."""

    name = models.CharField(max_length=60, primary_key=True)
    seen_at = models.DateTimeField(db_default=Now())
    detail = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class JobOutcome(models.TextChoices):
    """How one attempt ended: `failed` is tried again, `lost` had its worker die, `unbegun` was lost at the broker.

    `revived` counts the dead letters of known handlers that an operator sent again.
    """

    DONE = "done", words("Done", "انتهى")
    FAILED = "failed", words("Failed, tried again", "فشل ويُعاد")
    LOST = "lost", words("Worker died", "مات العامل")
    UNBEGUN = "unbegun", words("Never begun", "لم يبدأ")
    DEAD = "dead", words("Given up", "استُسلم")
    REVIVED = "revived", words("Sent again by hand", "أُعيد يدويًّا")


class JobTally(models.Model):
    """How many attempts of a handler ended how, since ever: it only grows, whatever the purge deletes.

    Several rows count the same thing, one a `slot`: a connection adds to that of its own, so that jobs that end at
    the same time do not wait for each other. The sum over the slots is the figure.
    """

    handler = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    outcome = models.CharField(max_length=8, choices=JobOutcome.choices)
    slot = models.SmallIntegerField()
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "job tallies"
        constraints = [
            models.UniqueConstraint(fields=["handler", "queue", "outcome", "slot"], name="job_tally_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=JobOutcome.values), name="job_tally_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.outcome}: {self.number}"
