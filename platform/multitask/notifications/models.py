"""What a user is told, and by which ways they want to be told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from multitask.common.text import words


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


class Notification(models.Model):
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
    sender_id = models.BigIntegerField(null=True, blank=True)
    link = models.CharField(max_length=500, blank=True)
    dedupe_key = models.CharField(
        max_length=200, help_text="The same key for the same recipient is one notification."
    )
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(F("recipient"), F("created_at").desc(), F("id").desc(), name="notification_newest"),
            models.Index(fields=["recipient", "is_read"], name="notification_unread"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "dedupe_key"], name="notification_once"),
            models.CheckConstraint(
                condition=Q(notification_type__in=NotificationType.values), name="notification_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notification_type} to {self.recipient_id}"


class NotificationPreference(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preference"
    )
    email_task_applications = models.BooleanField(default=True)
    email_task_updates = models.BooleanField(default=True)
    email_messages = models.BooleanField(default=True)
    email_task_reminders = models.BooleanField(default=True)
    email_marketing = models.BooleanField(default=False)
    push_task_applications = models.BooleanField(default=True)
    push_task_updates = models.BooleanField(default=True)
    push_messages = models.BooleanField(default=True)
    push_task_reminders = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Notification preferences of user {self.user_id}"
