"""Skills, what freelancers want, the vectors of both sides, and each freelancer's precomputed list."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from pgvector.django import SparseVectorField, VectorField

from multitask.common.text import current_language, words
from multitask.recommendations.learned import MatchStatistics, PersonExposure, TaskExposure  # noqa: F401


class Proficiency(models.TextChoices):
    BEGINNER = "BEGINNER", words("Beginner", "مبتدئ")
    INTERMEDIATE = "INTERMEDIATE", words("Intermediate", "متوسط")
    ADVANCED = "ADVANCED", words("Advanced", "متقدّم")
    EXPERT = "EXPERT", words("Expert", "خبير")


class Algorithm(models.TextChoices):
    HYBRID = "hybrid", words("Hybrid", "مختلطة")
    TFIDF = "tfidf", words("TF-IDF", "المفردات (TF-IDF)")
    SEMANTIC = "semantic", words("Semantic", "دلالية")
    SKILLS = "skills", words("Skills", "المهارات")
    COLD_START = "cold_start", words("Cold start", "بداية جديدة")


class Skill(models.Model):
    slug = models.SlugField(max_length=100, unique=True)
    name_en = models.CharField(max_length=100, unique=True)
    name_ar = models.CharField(max_length=100)
    aliases = models.JSONField(
        default=list, blank=True, help_text="Other names in both languages, as people write them."
    )
    category = models.ForeignKey(
        "tasks.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="skills"
    )
    description_en = models.TextField(blank=True)
    description_ar = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    usage_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name_en"]
        indexes = [
            models.Index(fields=["category", "is_active"], name="skill_category_active"),
            models.Index(fields=["is_active"], name="skill_active"),
            models.Index(fields=["usage_count"], name="skill_usage"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if current_language() == "en" else self.name_ar


class UserSkill(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="user_skills")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="user_skills")
    proficiency_level = models.CharField(
        max_length=12, choices=Proficiency.choices, default=Proficiency.INTERMEDIATE
    )
    years_experience = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    is_verified = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="user_skill_user_created"),
            models.Index(fields=["skill", "proficiency_level"], name="user_skill_skill_level"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "skill"], name="user_skill_once"),
            models.CheckConstraint(
                condition=Q(proficiency_level__in=Proficiency.values), name="user_skill_level_known"
            ),
            models.CheckConstraint(
                condition=Q(years_experience__isnull=True)
                | Q(years_experience__gte=0, years_experience__lte=70),
                name="user_skill_years_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill_id} of user {self.user_id}"


class UserPreference(models.Model):
    # What the user says themselves; the rest is noted about it.
    WISHES = (
        "interests",
        "preferred_task_types",
        "min_budget",
        "max_budget",
        "preferred_location",
        "max_distance",
        "prefer_remote",
        "prefer_physical",
    )

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    onboarding_completed = models.BooleanField(default=False)
    onboarding_completed_at = models.DateTimeField(null=True, blank=True)
    interests = models.JSONField(default=list, blank=True, help_text="Slugs of categories.")
    preferred_task_types = models.JSONField(default=list, blank=True)
    min_budget = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    max_budget = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    preferred_location = models.CharField(max_length=100, blank=True)
    max_distance = models.PositiveIntegerField(null=True, blank=True, help_text="Kilometres.")
    prefer_remote = models.BooleanField(default=False)
    prefer_physical = models.BooleanField(default=False)
    email_notifications = models.BooleanField(default=True)
    push_notifications = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(min_budget__isnull=True)
                | Q(max_budget__isnull=True)
                | Q(min_budget__lte=F("max_budget")),
                name="preference_budget_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Preferences of user {self.user_id}"


class RecommendationType(models.TextChoices):
    TASK = "TASK", words("Task", "مهمة")
    FREELANCER = "FREELANCER", words("Freelancer", "مستقل")


class RecommendationLog(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recommendation_logs"
    )
    recommendation_type = models.CharField(max_length=10, choices=RecommendationType.choices)
    recommended_items = models.JSONField(default=list)
    recommendation_scores = models.JSONField(default=dict)
    score_parts = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="{item: the terms of its score}, as it was shown."
    )
    statistics = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="The statistics it was computed with."
    )
    algorithm_used = models.CharField(max_length=10, choices=Algorithm.choices)
    clicked_items = models.JSONField(default=list, blank=True)
    applied_items = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="recommendation_log_user"),
            models.Index(fields=["recommendation_type"], name="recommendation_log_type"),
        ]

    def __str__(self) -> str:
        return f"Shown to user {self.user_id} at {self.created_at:%Y-%m-%d %H:%M}"


class LexicalModelVersion(models.Model):
    """One fitted TF-IDF vocabulary; `data` is what `ml.lexical.LexicalModel.to_bytes` gave."""

    identifier = models.CharField(max_length=16, unique=True)
    data = models.BinaryField()
    documents = models.PositiveIntegerField(help_text="How many texts it was fitted on.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.identifier


class IndexState(models.TextChoices):
    BUILDING = "building", words("Building", "قيد البناء")
    ACTIVE = "active", words("Serving", "يخدم")
    RETIRED = "retired", words("Retired", "متقاعد")


class VectorIndex(models.Model):
    """One generation of vectors: an encoder, a vocabulary and a normaliser that belong together.

    While a new generation is built in the background, the active one serves; the switch is one transaction.
    """

    encoder_model = models.CharField(max_length=300)
    encoder_revision = models.CharField(max_length=40)
    dimensions = models.PositiveIntegerField()
    lexical = models.ForeignKey(LexicalModelVersion, on_delete=models.PROTECT, related_name="indexes")
    text_version = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=IndexState.choices, default=IndexState.BUILDING)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "vector indexes"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="active"), name="vector_index_one_active"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="building"), name="vector_index_one_building"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.encoder_model}@{self.encoder_revision} / {self.lexical_id} ({self.state})"


class StoredVector(models.Model):
    """What both kinds of vector share. `vector` is NULL where the encoder failed: `error` says why."""

    index = models.ForeignKey(VectorIndex, on_delete=models.CASCADE, related_name="+")
    vector = VectorField(null=True, blank=True)
    readable = models.BooleanField(
        default=True, help_text="Whether the encoder reads the script the text is written in."
    )
    lexical = SparseVectorField(null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    error = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class TaskVector(StoredVector):
    task = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="vectors")
    content_version = models.PositiveIntegerField()
    mentioned_skills = ArrayField(
        models.BigIntegerField(), default=list, help_text="Skills found in the text."
    )

    class Meta:
        indexes = [models.Index(fields=["content_hash"], name="task_vector_content")]
        constraints = [models.UniqueConstraint(fields=["task", "index"], name="task_vector_once")]

    def __str__(self) -> str:
        return f"Vector of task {self.task_id}"


class ProfileVector(StoredVector):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vectors")

    class Meta:
        indexes = [models.Index(fields=["content_hash"], name="profile_vector_content")]
        constraints = [models.UniqueConstraint(fields=["user", "index"], name="profile_vector_once")]

    def __str__(self) -> str:
        return f"Vector of user {self.user_id}"


class RecommendationList(models.Model):
    """The head of a freelancer's list: its row is the lock, its times say whether it is behind its inputs."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recommendation_list"
    )
    inputs_changed_at = models.DateTimeField(db_default=Now(), help_text="When the profile last changed.")
    computed_at = models.DateTimeField(null=True, blank=True)
    index = models.ForeignKey(VectorIndex, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ranking_version = models.CharField(max_length=20, blank=True)
    statistics = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="The statistics it was computed with."
    )
    algorithm = models.CharField(max_length=10, choices=Algorithm.choices, default=Algorithm.COLD_START)
    is_full = models.BooleanField(default=False, help_text="Whether more tasks belonged in it than it keeps.")

    class Meta:
        indexes = [
            models.Index(
                fields=["inputs_changed_at"],
                name="list_behind",
                condition=Q(computed_at__isnull=True) | Q(computed_at__lt=F("inputs_changed_at")),
            ),
            models.Index(fields=["computed_at"], name="list_computed"),
        ]

    def __str__(self) -> str:
        return f"List of user {self.user_id}"


class RecommendationEntry(models.Model):
    """One task in one list, with the scorer's own terms and the versions it was made from."""

    recommendation_list = models.ForeignKey(
        RecommendationList, on_delete=models.CASCADE, related_name="entries"
    )
    task = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="recommendation_entries")
    score = models.FloatField()
    match_percentage = models.PositiveSmallIntegerField()
    parts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    algorithm = models.CharField(max_length=10, choices=Algorithm.choices)
    content_version = models.PositiveIntegerField()
    statistics = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="The statistics it was computed with."
    )
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "recommendation entries"
        indexes = [
            models.Index(F("recommendation_list"), F("score").desc(), F("task"), name="entry_list_best"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recommendation_list", "task"], name="entry_once"),
            models.CheckConstraint(condition=Q(match_percentage__lte=100), name="entry_percentage_range"),
        ]

    def __str__(self) -> str:
        return f"Task {self.task_id} in list {self.recommendation_list_id}: {self.match_percentage} %"


class StoredWords(models.Model):
    """What `ml.search.document` made of a text. The database gathers by `words` and scores by `terms`."""

    words = SearchVectorField()
    terms = SparseVectorField()
    script = models.CharField(max_length=7)
    text_version = models.CharField(max_length=40, help_text="Of the normaliser and of `ml.search`.")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class SearchDocument(StoredWords):
    """The words of one task or service, whatever its status."""

    task = models.OneToOneField(
        "tasks.Task", on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    content_version = models.PositiveIntegerField()

    class Meta:
        # A list of what is pending would be read at every search.
        indexes = [GinIndex(fields=["words"], name="search_document_words", fastupdate=False)]

    def __str__(self) -> str:
        return f"Words of task {self.task_id}"


class PersonDocument(StoredWords):
    """The words of one freelancer: name, bio and skills."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    read_at = models.DateTimeField(help_text="When the account had last changed as its words were read.")

    class Meta:
        indexes = [GinIndex(fields=["words"], name="person_document_words", fastupdate=False)]

    def __str__(self) -> str:
        return f"Words of user {self.user_id}"


class SearchTerm(models.Model):
    """A lexeme of the documents. The row of the empty term counts the documents themselves."""

    term = models.CharField(max_length=60, unique=True)
    written = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="Some ways in which it is written.",
    )
    documents = models.PositiveIntegerField(default=1, help_text="How many have it, as last counted.")
    near = ArrayField(
        models.IntegerField(),
        default=list,
        blank=True,
        help_text="Keys shared with words of nearly this spelling.",
    )
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [GinIndex(fields=["near"], name="search_term_near", fastupdate=False)]

    def __str__(self) -> str:
        return self.term


class SearchPhrase(models.Model):
    """What is suggested as one types: words that stand together in titles."""

    key = models.CharField(max_length=120, unique=True, help_text="In one spelling.")
    shown = models.CharField(max_length=120)
    documents = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["key"], name="search_phrase_prefix", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.shown


class FeedbackAction(models.TextChoices):
    CLICKED = "clicked", words("Clicked", "فُتح")
    DISMISSED = "dismissed", words("Dismissed", "استُبعد")
    SAVED = "saved", words("Saved", "حُفظ")


class RecommendationFeedback(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recommendation_feedback"
    )
    task = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="recommendation_feedback")
    action = models.CharField(max_length=9, choices=FeedbackAction.choices)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "task", "action"], name="feedback_once")]

    def __str__(self) -> str:
        return f"{self.action}: task {self.task_id}"
