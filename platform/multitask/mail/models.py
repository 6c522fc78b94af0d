"""Every mail that was to go out, by its key; and what is known of the addresses they went to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from multitask.common.text import words


class MailClass(models.TextChoices):
    """What a mail is for, which decides to whom it may go (`services/sending.py`)."""

    CRITICAL = "critical", words("Critical: about the account's safety", "حرجة: عن أمان الحساب")
    TRANSACTIONAL = "transactional", words("Asked for by the user", "طلبها المستخدم")
    NOTIFICATION = "notification", words("Notification", "إشعار")
    BULK = "bulk", words("Digest or announcement", "موجز أو إعلان")


class MailState(models.TextChoices):
    WAITING = "waiting", words("Waiting for the server", "تنتظر الخادم")
    SENDING = "sending", words("Being sent", "قيد الإرسال")
    HANDING_OVER = "handing_over", words("Being handed over", "قيد التسليم للخادم")
    SENT = "sent", words("Sent", "أُرسلت")
    UNCERTAIN = "uncertain", words("Uncertain: the server did not answer", "غير مؤكدة: لم يُجب الخادم")
    REFUSED = "refused", words("Refused by the server", "رفضها الخادم")
    SUPPRESSED = "suppressed", words("Not sent", "لم تُرسل")


SETTLED = frozenset({MailState.SENT, MailState.UNCERTAIN, MailState.REFUSED, MailState.SUPPRESSED})


class SentMail(models.Model):
    """One mail by its key. It is handed to a server at most once: after `handing_over` nothing sends it again."""

    key = models.CharField(
        max_length=200, unique=True, help_text="What names the mail, e.g. digest:12:2026-10-29."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="sent_mails"
    )
    mail_class = models.CharField(max_length=13, choices=MailClass.choices)
    language = models.CharField(max_length=2)
    address_key = models.CharField(max_length=64, help_text="A keyed hash of the address it goes to.")
    message_id = models.CharField(max_length=200, help_text="Message-ID, made from the key.")
    provider_id = models.CharField(max_length=200, blank=True, help_text="What the provider calls it.")
    state = models.CharField(max_length=12, choices=MailState.choices, default=MailState.WAITING)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it was not sent, as a code.")
    error = models.CharField(max_length=500, blank=True, help_text="What the server last said.")
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    busy_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is sending it, and is given up after this."
    )
    created_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="sent_mail_of_user"),
            models.Index(fields=["message_id"], name="sent_mail_message_id"),
            models.Index(
                fields=["provider_id"], name="sent_mail_provider_id", condition=~models.Q(provider_id="")
            ),
            models.Index(fields=["created_at"], name="sent_mail_created"),
        ]

    def __str__(self) -> str:
        return self.key


class AddressState(models.Model):
    """What bounces and complaints have taught about an address. No row: nothing is known against it."""

    address_key = models.CharField(max_length=64, unique=True, help_text="A keyed hash of the address.")
    domain = models.CharField(max_length=255)
    score = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        default=0,
        help_text="Bounces: soft 1, hard 2; less 0.1 for a good send.",
    )
    hard_bounced_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=500, blank=True, help_text="What was said last.")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-updated_at"], name="address_state_updated")]

    def __str__(self) -> str:
        return f"{self.address_key[:8]} at {self.domain}"


class MailReport(models.Model):
    """One report of a provider, so that one that is sent again counts once."""

    report_id = models.CharField(
        max_length=64, unique=True, help_text="A hash of what the provider calls it."
    )
    provider = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    address_key = models.CharField(max_length=64)
    mail = models.ForeignKey(
        SentMail, on_delete=models.CASCADE, null=True, blank=True, related_name="reports"
    )
    detail = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="mail_report_created")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.provider}"


class MailGate(models.Model):
    """One row: whether the mail server is to be left alone, for every worker."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    failures = models.PositiveIntegerField(default=0, db_default=0, help_text="In a row; 0 while it is well.")
    closed_until = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "mail server"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="mail_gate_is_one")]

    def __str__(self) -> str:
        return "Mail server"
