"""People: clients, freelancers, both, and administrators."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from ml.text import normalise
from multitask.common.places import CityKeyField
from multitask.common.text import words


class UserType(models.TextChoices):
    CLIENT = "client", words("Client", "عميل")
    FREELANCER = "freelancer", words("Freelancer", "مستقل")
    BOTH = "both", words("Both", "كلاهما")
    ADMIN = "admin", words("Administrator", "مدير")


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
        return super().create_superuser(username, (email or "").lower(), password, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


# What a search for people reads of a user's own row.
SEARCHED_FIELDS = frozenset({"username", "first_name", "last_name", "bio"})


class User(AbstractUser):
    email = models.EmailField(
        "e-mail", max_length=254, blank=True, help_text="The address this account owns: nobody else does."
    )
    pending_email = models.EmailField(
        max_length=254,
        blank=True,
        default="",
        db_default="",
        help_text="The address it claims: given last, and its own once it is proved.",
    )
    bio = models.TextField(blank=True, max_length=5000)
    profile_picture = models.ImageField(upload_to="profiles/", blank=True)
    phone_number = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    city_key = CityKeyField()
    country = models.CharField(max_length=100, blank=True, default="Egypt")
    user_type = models.CharField(max_length=12, choices=UserType.choices, default=UserType.CLIENT)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ARABIC)
    average_rating = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(5)]
    )
    total_reviews = models.PositiveIntegerField(default=0)
    is_verified = models.BooleanField(
        default=False, help_text="Whether the e-mail address it owns is proved."
    )
    token_epoch = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Tokens of an earlier epoch are dead: raised by a new password and by logging out everywhere.",
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    search_text = models.TextField(
        blank=True, default="", db_default="", editable=False, help_text="Name and bio in one spelling."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Users] = Users()

    class Meta:
        indexes = [
            models.Index(fields=["email"], name="user_email"),
            models.Index(Lower("pending_email"), name="user_claims", condition=~Q(pending_email="")),
            models.Index(fields=["user_type"], name="user_type"),
            models.Index(fields=["created_at"], name="user_created_at"),
            # The order in which people are listed, so that a page costs the same however many there are.
            models.Index(
                fields=["-average_rating", "-total_reviews", "id"],
                name="user_best_rated",
                condition=Q(is_active=True),
            ),
            models.Index(
                fields=["city_key", "-average_rating", "-total_reviews", "id"],
                name="user_city_best_rated",
                condition=Q(is_active=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique_any_case", condition=~Q(email="")
            ),
            models.UniqueConstraint(Lower("username"), name="user_username_unique_any_case"),
            models.CheckConstraint(condition=models.Q(user_type__in=UserType.values), name="user_type_known"),
            models.CheckConstraint(
                condition=models.Q(average_rating__gte=0, average_rating__lte=5), name="user_rating_range"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the searched text true; a password set anew (by the admin or a command too) ends older tokens.

        Django rehashes a password with `update_fields=["password"]`, which is not a new password.
        """
        fields = kwargs.get("update_fields")
        if fields is None or SEARCHED_FIELDS & set(fields):
            self.search_text = searchable(self)
            kwargs |= {"update_fields": {*fields, "search_text"}} if fields is not None else {}
        if fields is not None and "city" in fields:
            kwargs |= {"update_fields": {*kwargs["update_fields"], "city_key"}}
        raised = fields is None and not self._state.adding and getattr(self, "_password", None) is not None
        if raised:
            self.token_epoch = F("token_epoch") + 1
        super().save(*args, **kwargs)
        if raised:
            self.refresh_from_db(fields=["token_epoch"])

    @property
    def address(self) -> str:
        """The e-mail address as its owner sees it: the one given last, whether it is owned or claimed."""
        return self.pending_email or self.email

    @property
    def address_is_proved(self) -> bool:
        """Whether `address` is proved. Alike for an address that is owned and one that is claimed until then."""
        return self.is_verified and not self.pending_email

    @property
    def may_apply(self) -> bool:
        """Whether this user takes work, and so has a recommendation list."""
        return self.user_type in MAY_APPLY


def searchable(user: User) -> str:
    """Words of a user's name and bio in the one spelling of `ml.text.normalise`."""
    return normalise(f"{user.username} {user.first_name} {user.last_name} {user.bio}")


class FormerAddress(models.Model):
    """An address that an account had proved and then replaced: whose mailbox it is gets told."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_addresses")
    email = models.EmailField("e-mail", max_length=254)
    replaced_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "former addresses"
        indexes = [models.Index(fields=["replaced_at"], name="former_address_replaced")]

    def __str__(self) -> str:
        return f"Former address of user {self.user_id}"


class TokenFamily(models.Model):
    """One login on one device: every refresh token that descends from it ends with it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, blank=True, help_text="Why it ended.")
    user_agent = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "token families"
        indexes = [
            models.Index(fields=["user"], name="token_family_alive", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"Login of user {self.user_id} at {self.created_at:%Y-%m-%d %H:%M}"


class RefreshToken(models.Model):
    """What is known of one refresh token. The token itself is not kept: its claims make it again."""

    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="tokens")
    jti = models.CharField(max_length=32, unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True, blank=True)
    successor_jti = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="refresh_token_expires")]

    def __str__(self) -> str:
        return f"Token {self.jti} of login {self.family_id}"


class AttemptLog(models.Model):
    """The times of recent attempts under one key: a login name, an address, a mail asked for.

    `key` is a keyed hash, so that the table tells neither names nor addresses.
    """

    key = models.CharField(max_length=64, primary_key=True)
    times = ArrayField(models.DateTimeField(), default=list)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["updated_at"], name="attempt_log_updated")]

    def __str__(self) -> str:
        return f"{len(self.times)} attempts under {self.key[:8]}"


class ExternalIdentity(models.Model):
    """An account elsewhere that logs in here."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_identities")
    provider = models.CharField(max_length=20)
    subject = models.CharField(
        max_length=255, help_text="The provider's own id of the person; never re-used."
    )
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "external identities"
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="external_identity_once"),
            models.UniqueConstraint(fields=["provider", "user"], name="external_identity_one_a_user"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} of user {self.user_id}"


class LoginState(models.Model):
    """A login at a provider that has begun: what its return must match, used once."""

    state = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the state that was sent.")
    verifier = models.CharField(max_length=128)
    nonce = models.CharField(max_length=64)
    next_path = models.CharField(max_length=200)
    redirect_uri = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="login_state_created")]

    def __str__(self) -> str:
        return f"Login begun at {self.created_at:%Y-%m-%d %H:%M}"
