"""What is posted, who applies, and what the two sides say of each other afterwards."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from multitask.common.places import CityKeyField
from multitask.common.text import current_language, words

MIN_BUDGET = Decimal(10)
MAX_BUDGET = Decimal(10_000_000)
TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 10_000
PROPOSAL_LIMIT = 5_000
COVER_LETTER_LIMIT = 10_000
COMMENT_LIMIT = 5_000
REPLY_LIMIT = 2_000
REASON_LIMIT = 500
# `Task.cancel_reason` of a task that the platform closed because nobody was chosen in time.
DEADLINE_PASSED = "deadline_passed"
# … and of what ended with the account of one side.
ACCOUNT_CLOSED = "account_closed"


class TaskType(models.TextChoices):
    PHYSICAL = "PHYSICAL", words("Physical", "حضورية")
    DIGITAL = "DIGITAL", words("Digital", "رقمية")
    BOTH = "BOTH", words("Physical or digital", "حضورية أو رقمية")
    ONE_TIME = "ONE_TIME", words("One time", "مرة واحدة")
    RECURRING = "RECURRING", words("Recurring", "متكررة")


class ListingType(models.TextChoices):
    TASK_REQUEST = "task_request", words("Task request", "طلب مهمة")
    SERVICE_OFFER = "service_offer", words("Service offer", "عرض خدمة")


class TaskStatus(models.TextChoices):
    OPEN = "OPEN", words("Open", "مفتوحة")
    IN_PROGRESS = "IN_PROGRESS", words("In progress", "قيد التنفيذ")
    COMPLETED = "COMPLETED", words("Completed", "مكتملة")
    CANCELLED = "CANCELLED", words("Cancelled", "ملغاة")


class ApplicationStatus(models.TextChoices):
    PENDING = "PENDING", words("Pending", "قيد الانتظار")
    ACCEPTED = "ACCEPTED", words("Accepted", "مقبول")
    REJECTED = "REJECTED", words("Rejected", "مرفوض")
    WITHDRAWN = "WITHDRAWN", words("Withdrawn", "مسحوب")


# What `Task.applications_count` counts: every application but the withdrawn.
COUNTED_APPLICATIONS = frozenset(
    {ApplicationStatus.PENDING, ApplicationStatus.ACCEPTED, ApplicationStatus.REJECTED}
)


class Category(models.Model):
    slug = models.SlugField(max_length=100, unique=True)
    name_en = models.CharField(max_length=100, unique=True)
    name_ar = models.CharField(max_length=100, unique=True)
    description_en = models.TextField(blank=True)
    description_ar = models.TextField(blank=True)
    icon = models.CharField(max_length=50, blank=True)
    is_active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["is_active"], name="category_active")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if current_language() == "en" else self.name_ar

    @property
    def description(self) -> str:
        return self.description_en if current_language() == "en" else self.description_ar


class Task(models.Model):
    client = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posted_tasks"
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=TITLE_LIMIT)
    description = models.TextField()
    task_type = models.CharField(max_length=10, choices=TaskType.choices, default=TaskType.DIGITAL)
    listing_type = models.CharField(
        max_length=13, choices=ListingType.choices, default=ListingType.TASK_REQUEST
    )
    budget = models.DecimalField(max_digits=10, decimal_places=2)
    is_negotiable = models.BooleanField(default=False)
    location = models.CharField(max_length=255, blank=True)
    city = models.CharField(max_length=100, blank=True)
    city_key = CityKeyField()
    is_remote = models.BooleanField(default=False)
    deadline = models.DateTimeField(null=True, blank=True)
    estimated_duration = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=11, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_tasks",
    )
    required_skills = models.ManyToManyField("recommendations.Skill", blank=True, related_name="tasks")
    image = models.ImageField(upload_to="tasks/", blank=True)
    views_count = models.PositiveIntegerField(default=0)
    applications_count = models.PositiveIntegerField(default=0)
    content_version = models.PositiveIntegerField(
        default=1, help_text="Counts changes of what matching reads; jobs compare it to know what is stale."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the assigned freelancer asked for completion."
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty where the platform itself cancelled it.",
    )
    cancel_reason = models.CharField(max_length=REASON_LIMIT, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["status", "-created_at", "-id"], name="task_status_newest"),
            models.Index(fields=["category", "status"], name="task_category_status"),
            models.Index(fields=["city"], name="task_city"),
            # One for each order a list comes in, so that a page costs the same however many tasks there are.
            models.Index(fields=["-created_at", "-id"], name="task_newest"),
            models.Index(fields=["category", "-created_at", "-id"], name="task_category_newest"),
            models.Index(fields=["budget", "-id"], name="task_cheapest"),
            models.Index(fields=["-budget", "-id"], name="task_dearest"),
            models.Index(fields=["deadline", "-id"], name="task_soonest"),
            models.Index(fields=["city_key", "-created_at", "-id"], name="task_city_key_newest"),
            models.Index(
                fields=["deadline"], name="task_due", condition=Q(status__in=["OPEN", "IN_PROGRESS"])
            ),
            # What people are reminded of.
            models.Index(
                fields=["delivered_at"],
                name="task_delivered",
                condition=Q(status="IN_PROGRESS", delivered_at__isnull=False),
            ),
            models.Index(fields=["completed_at"], name="task_completed", condition=Q(status="COMPLETED")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(budget__gte=MIN_BUDGET, budget__lte=MAX_BUDGET), name="task_budget_range"
            ),
            models.CheckConstraint(condition=Q(status__in=TaskStatus.values), name="task_status_known"),
            models.CheckConstraint(condition=Q(task_type__in=TaskType.values), name="task_type_known"),
            models.CheckConstraint(
                condition=Q(listing_type__in=ListingType.values), name="task_listing_type_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="task_title_given"),
            models.CheckConstraint(
                condition=Q(assigned_to__isnull=True) | ~Q(assigned_to=F("client")),
                name="task_not_assigned_to_client",
            ),
            models.CheckConstraint(
                condition=~Q(status="OPEN") | Q(assigned_to__isnull=True), name="task_open_is_unassigned"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["IN_PROGRESS", "COMPLETED"]) | Q(assigned_to__isnull=False),
                name="task_started_is_assigned",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(status="CANCELLED"), name="task_cancelled_is_over"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(assigned_to__isnull=False),
                name="task_delivered_is_assigned",
            ),
            # The target of the application's composite key, which keeps its copy of the client true.
            models.UniqueConstraint(fields=["id", "client"], name="task_id_client"),
        ]

    def __str__(self) -> str:
        return self.title


class TaskImage(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="images")
    image = models.ImageField(upload_to="tasks/")
    order = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"Image {self.order} of task {self.task_id}"


class TaskView(models.Model):
    """Somebody looked at a task on a day. `viewer` is a keyed hash of an account or address, never either."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text="The day in Cairo.")
    viewer = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "day", "viewer"], name="task_view_once")]
        indexes = [models.Index(fields=["day"], name="task_view_day")]

    def __str__(self) -> str:
        return f"View of task {self.task_id} on {self.day}"


class TaskApplication(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="applications")
    client = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="received_applications",
        help_text="The task's client, kept here so that the database itself can refuse a self-application.",
    )
    freelancer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications"
    )
    proposal = models.TextField()
    offered_price = models.DecimalField(max_digits=10, decimal_places=2)
    estimated_time = models.CharField(max_length=100)
    cover_letter = models.TextField(blank=True)
    status = models.CharField(
        max_length=9, choices=ApplicationStatus.choices, default=ApplicationStatus.PENDING
    )
    rejection_reason = models.CharField(max_length=REASON_LIMIT, blank=True, default="", db_default="")
    created_at = models.DateTimeField(
        default=timezone.now, help_text="When it was sent; a withdrawn one that is sent again begins anew."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["task", "status"], name="application_task_status"),
            models.Index(fields=["freelancer", "status"], name="application_freelancer_status"),
            models.Index(fields=["status", "created_at"], name="application_status_created"),
            models.Index(fields=["freelancer", "-created_at", "-id"], name="application_freelancer_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["task", "freelancer"], name="application_once"),
            models.UniqueConstraint(
                fields=["task"], condition=Q(status="ACCEPTED"), name="application_one_accepted"
            ),
            models.CheckConstraint(condition=~Q(freelancer=F("client")), name="application_not_to_oneself"),
            models.CheckConstraint(
                condition=Q(status__in=ApplicationStatus.values), name="application_status_known"
            ),
            models.CheckConstraint(
                condition=Q(offered_price__gte=MIN_BUDGET, offered_price__lte=MAX_BUDGET),
                name="application_price_range",
            ),
        ]

    def __str__(self) -> str:
        return f"Application of {self.freelancer_id} to task {self.task_id}"


def _stars(name: str, *, required: bool) -> models.CheckConstraint:
    within = Q(**{f"{name}__gte": 1, f"{name}__lte": 5})
    condition = within if required else within | Q(**{f"{name}__isnull": True})
    return models.CheckConstraint(condition=condition, name=f"review_{name}_range")


class Review(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_written"
    )
    reviewee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_received"
    )
    rating = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    communication_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    quality_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    professionalism_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    is_public = models.BooleanField(default=True)
    is_verified = models.BooleanField(default=False)
    published_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when it is shown: both have written, or 14 days have passed. Empty while it is hidden.",
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(
        blank=True, default="", db_default="", help_text="The one public answer of who was reviewed."
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    removed_reason = models.CharField(max_length=REASON_LIMIT, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["reviewee", "created_at"], name="review_reviewee_created"),
            models.Index(fields=["rating"], name="review_rating"),
            models.Index(fields=["task"], name="review_hidden", condition=Q(published_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["task", "reviewer"], name="review_once"),
            models.CheckConstraint(condition=~Q(reviewer=F("reviewee")), name="review_not_of_oneself"),
            models.CheckConstraint(
                condition=Q(reply="") | Q(published_at__isnull=False), name="review_reply_to_published"
            ),
            _stars("rating", required=True),
            _stars("communication_rating", required=False),
            _stars("quality_rating", required=False),
            _stars("professionalism_rating", required=False),
        ]

    def __str__(self) -> str:
        return f"{self.rating} stars for {self.reviewee_id}"
