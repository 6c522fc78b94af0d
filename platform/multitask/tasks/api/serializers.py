"""Tasks and categories as they go over the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from multitask.accounts.api.serializers import UserCardSerializer
from multitask.accounts.models import UserType
from multitask.common.answers import AnswerMixin
from multitask.common.errors import MESSAGES
from multitask.common.fields import SparseFieldsMixin
from multitask.common.text import words
from multitask.files.api.serializers import UploadField
from multitask.tasks.models import (
    ACCOUNT_CLOSED,
    COMMENT_LIMIT,
    COVER_LETTER_LIMIT,
    DEADLINE_PASSED,
    DESCRIPTION_LIMIT,
    PROPOSAL_LIMIT,
    REASON_LIMIT,
    REPLY_LIMIT,
    TITLE_LIMIT,
    ApplicationStatus,
    Category,
    ListingType,
    Review,
    Task,
    TaskApplication,
    TaskImage,
    TaskType,
)
from multitask.tasks.selectors.search import highlights

# What an owner may make of an application.
DECISIONS = [
    choice
    for choice in ApplicationStatus.choices
    if choice[0] in {ApplicationStatus.ACCEPTED, ApplicationStatus.REJECTED}
]


NO_CATEGORY = words(MESSAGES["unknown_category"].en, MESSAGES["unknown_category"].ar)


class CategorySerializer(AnswerMixin, serializers.ModelSerializer[Category]):
    """A category; `name` and `description` are in the caller's language."""

    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)

    class Meta:
        model = Category
        fields = ["id", "slug", "name", "name_en", "name_ar", "description", "icon", "order"]
        read_only_fields = fields


class SkillOfTaskSerializer(AnswerMixin, serializers.Serializer[Any]):
    """A required skill; `name` is in the caller's language."""

    id = serializers.IntegerField(read_only=True)
    slug = serializers.SlugField(read_only=True)
    name = serializers.CharField(read_only=True)


class TaskImageSerializer(AnswerMixin, serializers.ModelSerializer[TaskImage]):
    class Meta:
        model = TaskImage
        fields = ["id", "image", "order"]
        read_only_fields = fields


class TaskSerializer(SparseFieldsMixin, AnswerMixin, serializers.ModelSerializer[Task]):
    """A task as anyone may see it. Money is EGP."""

    client = UserCardSerializer(read_only=True)
    assigned_to = UserCardSerializer(read_only=True, allow_null=True)
    category = CategorySerializer(read_only=True)
    required_skills = SkillOfTaskSerializer(many=True, read_only=True)
    images = TaskImageSerializer(many=True, read_only=True)
    cancel_reason = serializers.SerializerMethodField(
        help_text="For the two parties; for everybody, where it was `deadline_passed` or `account_closed`."
    )

    class Meta:
        model = Task
        fields = [
            "id",
            "client",
            "category",
            "title",
            "description",
            "task_type",
            "listing_type",
            "budget",
            "is_negotiable",
            "location",
            "city",
            "is_remote",
            "deadline",
            "estimated_duration",
            "status",
            "assigned_to",
            "required_skills",
            "image",
            "images",
            "views_count",
            "applications_count",
            "created_at",
            "updated_at",
            "completed_at",
            "delivered_at",
            "cancelled_at",
            "cancel_reason",
        ]
        read_only_fields = fields

    def get_cancel_reason(self, task: Task) -> str:
        if task.cancel_reason in {DEADLINE_PASSED, ACCOUNT_CLOSED}:
            return task.cancel_reason
        request = self.context.get("request")
        reader = getattr(request, "user", None)
        parties = {task.client_id, task.assigned_to_id} - {None}
        is_party = reader is not None and (
            reader.pk in parties or getattr(reader, "user_type", "") == UserType.ADMIN
        )
        return task.cancel_reason if is_party else ""


class HighlightsSerializer(serializers.Serializer[Any]):
    """HTML: everything is escaped, and the words that were found stand in <mark>."""

    title = serializers.CharField()
    description = serializers.CharField(help_text="The part with most of the words.")


class FoundTaskSerializer(TaskSerializer):
    """A task of a list that may have been searched."""

    highlights = serializers.SerializerMethodField(
        help_text="After a search by words: where they stand. null where none of them does."
    )

    class Meta(TaskSerializer.Meta):
        fields = [*TaskSerializer.Meta.fields, "highlights"]
        read_only_fields = fields

    @extend_schema_field(HighlightsSerializer(allow_null=True))
    def get_highlights(self, task: Task) -> dict[str, str] | None:
        wanted = self.context.get("wanted")
        return highlights(task, wanted) if wanted else None


class TaskChangeSerializer(serializers.Serializer[Task]):
    """What the owner may change of an open task; what kind of listing it is stays."""

    category = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Category.objects.filter(is_active=True),
        error_messages={"does_not_exist": NO_CATEGORY},
    )
    title = serializers.CharField(max_length=TITLE_LIMIT)
    description = serializers.CharField(max_length=DESCRIPTION_LIMIT)
    budget = serializers.DecimalField(max_digits=10, decimal_places=2, help_text="EGP, 10 to 10,000,000.")
    task_type = serializers.ChoiceField(choices=TaskType.choices, default=TaskType.DIGITAL)
    is_negotiable = serializers.BooleanField(default=False)
    location = serializers.CharField(max_length=255, allow_blank=True, default="")
    city = serializers.CharField(max_length=100, allow_blank=True, default="")
    is_remote = serializers.BooleanField(default=False)
    deadline = serializers.DateTimeField(allow_null=True, default=None)
    estimated_duration = serializers.CharField(max_length=100, allow_blank=True, default="")
    required_skills = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=20, default=list, help_text="Ids of skills."
    )
    image = UploadField(
        required=False,
        allow_null=True,
        write_only=True,
        help_text="In a form: JPG, PNG, GIF or WebP, at most 10 MB and 40 million pixels. null takes it away.",
    )


class TaskCreateSerializer(TaskChangeSerializer):
    """What a client sends to post a task, or a freelancer to offer a service."""

    listing_type = serializers.ChoiceField(choices=ListingType.choices, default=ListingType.TASK_REQUEST)
    allow_duplicate = serializers.BooleanField(
        default=True,
        help_text="false: 409 `duplicate_task`, with the ids in `errors.duplicate_of`, where an open listing of one's "
        "own of the last 24 hours has the same words.",
    )


class CreatedTaskSerializer(TaskSerializer):
    """A task just posted: as it will be read, and a warning where there is cause for one."""

    duplicate_of = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Only where there are any: one's own open listings of the last 7 days with the same words.",
    )

    class Meta(TaskSerializer.Meta):
        fields = [*TaskSerializer.Meta.fields, "duplicate_of"]
        read_only_fields = fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {name: value for name, value in shown.items() if name != "duplicate_of" or value}


class CancelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=REASON_LIMIT, allow_blank=True, default="", help_text="Told to those whom it concerns."
    )


class ChangesSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_LIMIT, help_text="What is still missing.")


class FacetSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="What the filter of the same name takes.")
    count = serializers.IntegerField()


class NamedFacetSerializer(FacetSerializer):
    name = serializers.CharField(help_text="In the caller's language.")


class BudgetFacetSerializer(serializers.Serializer[Any]):
    """A budget band; `min` and `max` are what `min_budget` and `max_budget` take."""

    min = serializers.DecimalField(max_digits=10, decimal_places=2)
    max = serializers.DecimalField(max_digits=10, decimal_places=2)
    count = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    """How many tasks of each kind the filter leaves; the fullest kinds first."""

    count = serializers.IntegerField()
    category = NamedFacetSerializer(many=True)
    city = NamedFacetSerializer(many=True)
    task_type = FacetSerializer(many=True)
    listing_type = FacetSerializer(many=True)
    budget = BudgetFacetSerializer(many=True)


class TaskCardSerializer(serializers.ModelSerializer[Task]):
    """A task beside something else: an application."""

    client = UserCardSerializer(read_only=True)

    class Meta:
        model = Task
        fields = ["id", "title", "status", "budget", "deadline", "client"]
        read_only_fields = fields


class ApplicationSerializer(SparseFieldsMixin, serializers.ModelSerializer[TaskApplication]):
    """An application, for the task's owner and the applicant. Money is EGP."""

    task = TaskCardSerializer(read_only=True)
    freelancer = UserCardSerializer(read_only=True)

    class Meta:
        model = TaskApplication
        fields = [
            "id",
            "task",
            "freelancer",
            "proposal",
            "offered_price",
            "estimated_time",
            "cover_letter",
            "status",
            "rejection_reason",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ApplicationCreateSerializer(serializers.Serializer[TaskApplication]):
    proposal = serializers.CharField(max_length=PROPOSAL_LIMIT)
    offered_price = serializers.DecimalField(
        max_digits=10, decimal_places=2, help_text="EGP, 10 to 10,000,000."
    )
    estimated_time = serializers.CharField(max_length=100)
    cover_letter = serializers.CharField(max_length=COVER_LETTER_LIMIT, allow_blank=True, default="")


class ApplicationChangeSerializer(serializers.Serializer[TaskApplication]):
    """Either the owner's decision (`status`, `reason`) or the applicant's change while it is pending."""

    status = serializers.ChoiceField(choices=DECISIONS, required=False)
    reason = serializers.CharField(
        max_length=REASON_LIMIT, allow_blank=True, required=False, help_text="Of a rejection, if you like."
    )
    proposal = serializers.CharField(max_length=PROPOSAL_LIMIT, required=False)
    offered_price = serializers.DecimalField(max_digits=10, decimal_places=2, required=False)
    estimated_time = serializers.CharField(max_length=100, required=False)
    cover_letter = serializers.CharField(max_length=COVER_LETTER_LIMIT, allow_blank=True, required=False)


def _stars(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=5, **kwargs)


class ReviewSerializer(SparseFieldsMixin, serializers.ModelSerializer[Review]):
    """A review; hidden (`is_published` false) from everybody but its writer until both sides have written."""

    reviewer = UserCardSerializer(read_only=True)
    reviewee = UserCardSerializer(read_only=True)
    is_published = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = [
            "id",
            "task",
            "reviewer",
            "reviewee",
            "rating",
            "comment",
            "communication_rating",
            "quality_rating",
            "professionalism_rating",
            "is_verified",
            "is_published",
            "published_at",
            "edited_at",
            "reply",
            "replied_at",
            "removed_at",
            "removed_reason",
            "created_at",
        ]
        read_only_fields = fields

    def get_is_published(self, review: Review) -> bool:
        return review.published_at is not None and review.removed_at is None


class ReviewCreateSerializer(serializers.Serializer[Review]):
    rating = _stars()
    comment = serializers.CharField(max_length=COMMENT_LIMIT, allow_blank=True, default="")
    communication_rating = _stars(allow_null=True, default=None)
    quality_rating = _stars(allow_null=True, default=None)
    professionalism_rating = _stars(allow_null=True, default=None)


class ReviewChangeSerializer(serializers.Serializer[Review]):
    rating = _stars(required=False)
    comment = serializers.CharField(max_length=COMMENT_LIMIT, allow_blank=True, required=False)
    communication_rating = _stars(allow_null=True, required=False)
    quality_rating = _stars(allow_null=True, required=False)
    professionalism_rating = _stars(allow_null=True, required=False)


class ReplySerializer(serializers.Serializer[Any]):
    reply = serializers.CharField(max_length=REPLY_LIMIT)


class RemovalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_LIMIT, help_text="Told to the writer.")
