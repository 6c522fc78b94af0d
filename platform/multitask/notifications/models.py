"""What a user is told, by which ways they want to be told, and what became of it on each way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from multitask.common.text import words

KEY_LIMIT = 200
GROUP_LIMIT = 100


class NotificationType(models.TextChoices):
    TASK_APPLICATION = "task_application", words("New application", "طلب جديد")
    APPLICATION_ACCEPTED = "application_accepted", words("Application accepted", "قُبل الطلب")
    APPLICATION_REJECTED = "application_rejected", words("Application rejected", "رُفض الطلب")
    TASK_COMPLETED = "task_completed", words("Task completed", "اكتملت المهمة")
    TASK_CANCELLED = "task_cancelled", words("Task cancelled", "أُلغيت المهمة")
    NEW_MESSAGE = "new_message", words("New message", "رسالة جديدة")
    TASK_REMINDER = "task_reminder", words("Reminder", "تذكير")
    PAYMENT_RECEIVED = "payment_received", words("Payment received", "وصلت دفعة")
    REVIEW_RECEIVED = "review_received", words("Review received", "وصل تقييم")
    TASK_UPDATE = "task_update", words("Task updated", "تحديث مهمة")
    SYSTEM = "system", words("System", "النظام")
    RECOMMENDATION = "recommendation", words("Recommendation", "توصية")


class Channel(models.TextChoices):
    IN_APP = "in_app", words("In the application", "داخل التطبيق")
    EMAIL = "email", words("E-mail", "البريد الإلكتروني")
    PUSH = "push", words("Push", "التنبيهات")


class DeliveryState(models.TextChoices):
    PENDING = "pending", words("Waiting", "ينتظر")
    DEFERRED = "deferred", words("Put off", "مؤجّل")
    SENT = "sent", words("Sent", "أُرسل")
    MERGED = "merged", words("Told together with others", "أُبلغ مع غيره")
    SUPPRESSED = "suppressed", words("Not sent", "لم يُرسل")
    UNCERTAIN = "uncertain", words("May have arrived", "قد يكون وصل")
    FAILED = "failed", words("Failed", "فشل")


OPEN_STATES = (DeliveryState.PENDING, DeliveryState.DEFERRED)
END_STATES = (
    DeliveryState.SENT,
    DeliveryState.MERGED,
    DeliveryState.SUPPRESSED,
    DeliveryState.UNCERTAIN,
    DeliveryState.FAILED,
)


class DigestRhythm(models.TextChoices):
    OFF = "off", words("Never", "أبدًا")
    DAILY = "daily", words("Every day", "كل يوم")
    WEEKLY = "weekly", words("Every week", "كل أسبوع")


class Inbox(models.Model):
    """A user's notifications as a whole: its row is the lock under which they change, so that counts are exact."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="inbox"
    )
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"Inbox of user {self.user_id}"


class Notification(models.Model):
    """One line of a user's list. Events of one group make one line for as long as it is unread."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    notification_type = models.CharField(max_length=24, choices=NotificationType.choices)
    wording = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Which sentence, where a type has several.",
    )
    params = models.JSONField(
        default=dict, help_text="What fills the sentence's places; the sentence is made on reading."
    )
    title = models.CharField(max_length=255, help_text="As written in the recipient's language at the time.")
    message = models.TextField()
    task_id = models.BigIntegerField(null=True, blank=True)
    application_id = models.BigIntegerField(null=True, blank=True)
    message_id = models.BigIntegerField(null=True, blank=True)
    conversation_id = models.BigIntegerField(null=True, blank=True)
    sender_id = models.BigIntegerField(null=True, blank=True)
    link = models.CharField(max_length=500, blank=True, help_text="A path of this site.")
    dedupe_key = models.CharField(max_length=KEY_LIMIT, help_text="Of the event that it began with.")
    group_key = models.CharField(
        max_length=GROUP_LIMIT,
        blank=True,
        default="",
        db_default="",
        help_text="Further events of the same group join an unread line.",
    )
    count = models.PositiveIntegerField(default=1, db_default=1, help_text="How many events it tells of.")
    is_open = models.BooleanField(
        default=True, db_default=True, help_text="Whether further events of its group join it."
    )
    shown = models.BooleanField(
        default=True, db_default=True, help_text="No where the user wants this type on other ways only."
    )
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    bumped_at = models.DateTimeField(
        default=timezone.now, db_default=Now(), help_text="When its newest event came: its place in the list."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(F("recipient"), F("bumped_at").desc(), F("id").desc(), name="notification_newest"),
            models.Index(fields=["recipient", "is_read"], name="notification_unread"),
            models.Index(
                fields=["sender_id"], name="notification_sender", condition=Q(sender_id__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "group_key", "shown"],
                name="notification_group_open",
                condition=Q(is_open=True) & ~Q(group_key=""),
            ),
            models.CheckConstraint(
                condition=Q(notification_type__in=NotificationType.values), name="notification_type_known"
            ),
            # A backslash or a second slash would make a browser leave this site.
            models.CheckConstraint(
                condition=Q(link="") | Q(link__regex=r"^/([^/\\]|$)"), name="notification_link_ours"
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="notification_count_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_type} to {self.recipient_id}"


class NotificationDelivery(models.Model):
    """What became of one event on one channel for one user: one row, and one end state in the end.

    The rows of channel in_app are what makes an event told once.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_deliveries"
    )
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    dedupe_key = models.CharField(
        max_length=KEY_LIMIT, help_text="What happened: the same key for the same recipient is told once."
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it is in this state, as a code.")
    due_at = models.DateTimeField(help_text="Not to be sent earlier.")
    batch = models.BigIntegerField(
        null=True, blank=True, help_text="Deliveries with the same number are sent as one, under one key."
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "notification deliveries"
        indexes = [
            models.Index(fields=["notification", "channel"], name="notification_delivery_line"),
            models.Index(F("recipient"), F("id").desc(), name="notification_delivery_newest"),
            models.Index(
                fields=["due_at"], name="notification_delivery_open", condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(fields=["channel", "state", "settled_at"], name="notification_delivery_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "dedupe_key", "channel"], name="notification_delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="notification_delivery_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, settled_at__isnull=True)
                | Q(state__in=END_STATES, settled_at__isnull=False),
                name="notification_delivery_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dedupe_key} to {self.recipient_id} by {self.channel}: {self.state}"


class NotificationPreference(models.Model):
    """By which ways a user wants to be told of what, and when not. Where there is no row, the defaults hold."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preference"
    )
    overrides = models.JSONField(
        default=dict,
        blank=True,
        help_text="{type: {channel: yes or no}}, what was chosen against the defaults.",
    )
    quiet_from = models.TimeField(
        null=True, blank=True, help_text="Cairo's time; no e-mail or push from then,"
    )
    quiet_to = models.TimeField(
        null=True, blank=True, help_text="until then. The same time twice: never quiet."
    )
    digest = models.CharField(max_length=6, choices=DigestRhythm.choices, default=DigestRhythm.OFF)
    digest_hour = models.PositiveSmallIntegerField(
        default=9, db_default=9, help_text="0 to 23, Cairo's time."
    )
    digest_weekday = models.PositiveSmallIntegerField(
        default=6, db_default=6, help_text="Of a weekly digest: 0 is Monday, 6 is Sunday."
    )
    digest_next_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the next digest is due; empty where there is none.",
    )
    digest_mark = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="What is older was in a digest, or before the first."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["digest_next_at", "user"],
                name="notification_digest_due",
                condition=Q(digest_next_at__isnull=False),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notification_quiet_both",
            ),
            models.CheckConstraint(
                condition=Q(digest__in=DigestRhythm.values), name="notification_digest_known"
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23, digest_weekday__lte=6), name="notification_digest_time"
            ),
        ]

    def __str__(self) -> str:
        return f"Notification preferences of user {self.user_id}"


class PushSubscription(models.Model):
    """A browser that may be pushed to, as its push service named it; of whoever registered it last."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = models.CharField(
        max_length=2000, unique=True, help_text="Who knows it can ask the service to push."
    )
    p256dh = models.CharField(max_length=100, help_text="The browser's public key.")
    auth = models.CharField(max_length=40, help_text="A secret that the browser shares with us.")
    user_agent = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Pushes in a row that its service did not take."
    )
    failing_since = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=40, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="Not tried again before.")
    last_sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="As the browser said.")
    renewed_at = models.DateTimeField(help_text="When a browser registered it last.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(F("user"), F("renewed_at").desc(), name="push_subscription_newest"),
            models.Index(fields=["renewed_at"], name="push_subscription_renewed"),
        ]

    def __str__(self) -> str:
        return f"Push subscription {self.pk} of user {self.user_id}"


class PushHost(models.Model):
    """A push service that did not take the last pushes; after several it is left alone (services/push_hosts.py)."""

    host = models.CharField(max_length=270, primary_key=True)
    failed = models.JSONField(
        default=list, help_text="The subscriptions it failed since it last took a push."
    )
    pauses = models.PositiveSmallIntegerField(default=0, help_text="How often in a row it was left alone.")
    paused_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.host


class DigestState(models.TextChoices):
    PREPARED = "prepared", words("Waiting for its mail", "ينتظر بريده")
    EMPTY = "empty", words("Nothing new", "لا جديد")
    SENT = "sent", words("Sent", "أُرسل")
    UNCERTAIN = "uncertain", words("Uncertain: the server did not answer", "غير مؤكد: لم يُجب الخادم")
    SUPPRESSED = "suppressed", words("Not sent", "لم يُرسل")
    FAILED = "failed", words("Failed", "فشل")


class Digest(models.Model):
    """One digest of one user, or the attempt at one where nothing was new. At most one for a day of Cairo."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    period = models.DateField(help_text="The day, in Cairo, that it was due on.")
    rhythm = models.CharField(max_length=6, choices=DigestRhythm.choices)
    since = models.DateTimeField(help_text="It tells of what is newer than this,")
    until = models.DateTimeField(help_text="and no newer than this.")
    content = models.JSONField(
        default=dict, help_text="{section: {number, rows}}; once it has ended, the numbers alone."
    )
    state = models.CharField(max_length=10, choices=DigestState.choices, default=DigestState.PREPARED)
    reason = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="Why, as a code."
    )
    prepared_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["prepared_at"], name="digest_prepared"),
            models.Index(fields=["prepared_at"], name="digest_open", condition=Q(state="prepared")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "period"], name="digest_once"),
            models.CheckConstraint(condition=Q(state__in=DigestState.values), name="digest_state_known"),
            models.CheckConstraint(
                condition=Q(state="prepared", settled_at__isnull=True)
                | (~Q(state="prepared") & Q(settled_at__isnull=False)),
                name="digest_settled",
            ),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="digest_span_forward"),
        ]

    def __str__(self) -> str:
        return f"Digest of user {self.user_id} for {self.period}"


class Reminder(models.Model):
    """That a step of a reminder was told, of a subject and one occasion: the row that makes it come once."""

    kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(help_text="Id of the task, application or side of a conversation.")
    step = models.PositiveSmallIntegerField(help_text="Which of several: 1 is the first.")
    occasion = models.DateTimeField(help_text="What it counts from, such as the deadline or the delivery.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id", "step", "occasion"], name="reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}, step {self.step}"
