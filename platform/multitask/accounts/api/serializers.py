"""Accounts as they go over the wire."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers

from multitask.accounts.models import REGISTRABLE_USER_TYPES, Language, User
from multitask.common.errors import MESSAGES
from multitask.common.text import current_language


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
    """The user's own account."""

    class Meta:
        model = User
        fields = [*PublicUserSerializer.Meta.fields, "email", "phone_number", "language", "updated_at"]
        read_only_fields = fields


class UserCardSerializer(serializers.ModelSerializer[User]):
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


class RegisterSerializer(serializers.Serializer[User]):
    username = UsernameField()
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)
    password2 = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)
    first_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    last_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    user_type = serializers.ChoiceField(choices=REGISTRABLE_USER_TYPES)
    language = serializers.ChoiceField(choices=Language.choices, required=False)

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


class LoginSerializer(serializers.Serializer[User]):
    username = serializers.CharField(max_length=254, help_text="User name or e-mail address.")
    password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)


class SessionSerializer(serializers.Serializer[Any]):
    """Answer to registration and login: access token (24 h), refresh token (7 days), the account."""

    access_token = serializers.CharField(read_only=True)
    refresh_token = serializers.CharField(read_only=True)
    user = OwnUserSerializer(read_only=True)
