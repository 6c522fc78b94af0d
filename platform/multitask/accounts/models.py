"""People: clients, freelancers, both, and administrators."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower


class UserType(models.TextChoices):
    CLIENT = "client", "Client"
    FREELANCER = "freelancer", "Freelancer"
    BOTH = "both", "Both"
    ADMIN = "admin", "Administrator"


# Only an administrator makes an administrator.
REGISTRABLE_USER_TYPES = [choice for choice in UserType.choices if choice[0] != UserType.ADMIN]
MAY_POST = frozenset({UserType.CLIENT, UserType.BOTH, UserType.ADMIN})
MAY_OFFER = frozenset({UserType.FREELANCER, UserType.BOTH, UserType.ADMIN})
MAY_APPLY = frozenset({UserType.FREELANCER, UserType.BOTH})


class Language(models.TextChoices):
    ARABIC = "ar", "العربية"
    ENGLISH = "en", "English"


class Users(UserManager["User"]):
    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> User:
        extra.setdefault("user_type", UserType.ADMIN)
        return super().create_superuser(username, email, password, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractUser):
    email = models.EmailField("e-mail", max_length=254)
    bio = models.TextField(blank=True, max_length=5000)
    profile_picture = models.ImageField(upload_to="profiles/", blank=True)
    phone_number = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True, default="Egypt")
    user_type = models.CharField(max_length=12, choices=UserType.choices, default=UserType.CLIENT)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ARABIC)
    average_rating = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(5)]
    )
    total_reviews = models.PositiveIntegerField(default=0)
    is_verified = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Users] = Users()

    class Meta:
        indexes = [
            models.Index(fields=["email"], name="user_email"),
            models.Index(fields=["user_type"], name="user_type"),
            models.Index(fields=["created_at"], name="user_created_at"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
            models.UniqueConstraint(Lower("username"), name="user_username_unique_any_case"),
            models.CheckConstraint(condition=models.Q(user_type__in=UserType.values), name="user_type_known"),
            models.CheckConstraint(
                condition=models.Q(average_rating__gte=0, average_rating__lte=5), name="user_rating_range"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def may_apply(self) -> bool:
        """Whether this user takes work, and so has a recommendation list."""
        return self.user_type in MAY_APPLY
