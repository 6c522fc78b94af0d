"""Accounts as they go over the wire."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from rest_framework import serializers

from multitask.accounts.models import REGISTRABLE_USER_TYPES, Language, User
from multitask.common.answers import AnswerMixin
from multitask.common.errors import MESSAGES
from multitask.common.fields import SparseFieldsMixin
from multitask.common.strict import StrictMixin
from multitask.common.text import current_language
from multitask.files.api.serializers import UploadField


class PublicUserSerializer(serializers.ModelSerializer[User]):
    """What anyone may see: neither e-mail nor phone."""

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "first_name",
            "last_name",
            "bio",
            "city",
            "country",
            "user_type",
            "profile_picture",
            "average_rating",
            "total_reviews",
            "is_verified",
            "created_at",
        ]
        read_only_fields = fields


class OwnUserSerializer(serializers.ModelSerializer[User]):
    """The user's own account, with the e-mail address given last, alike whether it is owned or claimed."""

    email = serializers.EmailField(source="address", read_only=True)
    is_verified = serializers.BooleanField(
        source="address_is_proved", read_only=True, help_text="Whether this e-mail address is proved."
    )

    class Meta:
        model = User
        fields = [*PublicUserSerializer.Meta.fields, "email", "phone_number", "language", "updated_at"]
        read_only_fields = fields


# What the account shows and no form of it takes.
READ_ONLY = frozenset(OwnUserSerializer.Meta.fields) | {
    "is_staff",
    "is_superuser",
    "is_active",
    "last_login",
    "date_joined",
    "groups",
    "user_permissions",
    "token_epoch",
    "deleted_at",
    "search_text",
    "pending_email",
    "city_key",
}


class SkillOfUserSerializer(serializers.Serializer[Any]):
    """One skill of a public profile."""

    id = serializers.IntegerField(source="skill_id", read_only=True)
    slug = serializers.CharField(source="skill.slug", read_only=True)
    name = serializers.CharField(source="skill.name", read_only=True, help_text="In the caller's language.")
    proficiency_level = serializers.CharField(read_only=True)
    years_experience = serializers.DecimalField(
        max_digits=4, decimal_places=1, read_only=True, allow_null=True
    )
    is_verified = serializers.BooleanField(read_only=True)


class PublicProfileSerializer(SparseFieldsMixin, serializers.ModelSerializer[User]):
    """A person as anyone may see them, with their skills."""

    skills = SkillOfUserSerializer(source="shown_skills", many=True, read_only=True)

    class Meta:
        model = User
        fields = [*PublicUserSerializer.Meta.fields, "skills"]
        read_only_fields = fields


class OwnUserChangeSerializer(StrictMixin, serializers.Serializer[User]):
    first_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    bio = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    phone_number = serializers.CharField(
        max_length=20,
        allow_blank=True,
        required=False,
        validators=[RegexValidator(r"^\+?[0-9٠-٩ ()./-]{5,20}$")],
    )
    city = serializers.CharField(max_length=100, allow_blank=True, required=False)
    country = serializers.CharField(max_length=100, allow_blank=True, required=False)
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    user_type = serializers.ChoiceField(choices=REGISTRABLE_USER_TYPES, required=False)
    email = serializers.EmailField(
        max_length=254,
        required=False,
        help_text="A new address is verified again; until then the one verified before stays the account's own.",
    )
    profile_picture = UploadField(
        required=False, allow_null=True, help_text="JPG, PNG, GIF or WebP as multipart; null takes it away."
    )

    refused = READ_ONLY


class UserCardSerializer(AnswerMixin, serializers.ModelSerializer[User]):
    """A user beside something else: a task's client, an applicant."""

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "first_name",
            "last_name",
            "profile_picture",
            "average_rating",
            "total_reviews",
        ]
        read_only_fields = fields


class UsernameField(serializers.CharField):
    """Letters, digits and . + - _ ; never "@", so that a user name cannot be taken for an e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=3, max_length=150, validators=[UnicodeUsernameValidator()], **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data))
        if "@" in value:
            raise serializers.ValidationError(MESSAGES["username_at"].show())
        return value


class RegisterSerializer(StrictMixin, serializers.Serializer[User]):
    username = UsernameField()
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)
    password2 = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)
    first_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    last_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    user_type = serializers.ChoiceField(choices=REGISTRABLE_USER_TYPES)
    language = serializers.ChoiceField(choices=Language.choices, required=False)

    refused = READ_ONLY

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["password"] != attrs.pop("password2"):
            raise serializers.ValidationError({"password2": [MESSAGES["passwords_differ"].show()]})
        person = User(username=attrs["username"], email=attrs["email"], first_name=attrs["first_name"])
        try:
            validate_password(attrs["password"], person)
        except Exception as error:
            raise serializers.ValidationError(
                {"password": list(getattr(error, "messages", [str(error)]))}
            ) from error
        attrs.setdefault("language", current_language())
        return attrs


class LoginSerializer(StrictMixin, serializers.Serializer[User]):
    username = serializers.CharField(max_length=254, help_text="User name or e-mail address.")
    password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)


class SessionSerializer(serializers.Serializer[Any]):
    """Answer to registration and login: access token (24 h), refresh token (7 days), the account."""

    access_token = serializers.CharField(read_only=True)
    refresh_token = serializers.CharField(read_only=True)
    user = OwnUserSerializer(read_only=True)


class RefreshSerializer(StrictMixin, serializers.Serializer[Any]):
    refresh = serializers.CharField(
        max_length=2000, required=False, help_text="The refresh token; a browser sends its cookie instead."
    )


class RefreshedSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


class TokenSerializer(StrictMixin, serializers.Serializer[Any]):
    token = serializers.CharField(max_length=2000, help_text="An access or a refresh token.")


class TokenStateSerializer(serializers.Serializer[Any]):
    token_type = serializers.ChoiceField(choices=["access", "refresh"], read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class DetailSerializer(serializers.Serializer[Any]):
    """A sentence that says what was done."""

    detail = serializers.CharField(read_only=True)


class NewPasswordSerializer(StrictMixin, serializers.Serializer[Any]):
    new_password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)
    new_password2 = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["new_password"] != attrs.pop("new_password2"):
            raise serializers.ValidationError({"new_password2": [MESSAGES["passwords_differ"].show()]})
        return attrs


class PasswordChangeSerializer(NewPasswordSerializer):
    old_password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)


class PasswordResetConfirmSerializer(NewPasswordSerializer):
    uid = serializers.CharField(max_length=50)
    token = serializers.CharField(max_length=200)


class EmailSerializer(StrictMixin, serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)


class EmailKeySerializer(StrictMixin, serializers.Serializer[Any]):
    key = serializers.CharField(max_length=1000)


class PasswordSerializer(StrictMixin, serializers.Serializer[Any]):
    password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(read_only=True)
    expires_in = serializers.IntegerField(read_only=True, help_text="Seconds.")


class GoogleCodeSerializer(StrictMixin, serializers.Serializer[Any]):
    code = serializers.CharField(max_length=2000)
    code_verifier = serializers.RegexField(
        r"^[A-Za-z0-9._~-]{43,128}$", help_text="Of PKCE (RFC 7636): 43 to 128 characters."
    )
    redirect_uri = serializers.CharField(max_length=500, help_text="The one the code was asked for with.")
    nonce = serializers.CharField(max_length=200, required=False, help_text="Where one was sent to Google.")
    user_type = serializers.ChoiceField(choices=REGISTRABLE_USER_TYPES, required=False)


class ExportSerializer(serializers.Serializer[Any]):
    """Everything held about the caller: the account, and one list for each part that is not empty by declaration."""

    exported_at = serializers.DateTimeField(read_only=True)
    account = serializers.DictField(read_only=True)
