"""Bearer tokens of the API."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from multitask.accounts.models import User
from multitask.accounts.services.tokens import user_of_claims


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`, in one query.

    A token of a user who is gone or deactivated, of a login that has ended, or of an earlier epoch is a 401.
    """

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]  # the stubs ask for a type variable
        user = user_of_claims(validated_token.payload)
        if user is None:
            raise AuthenticationFailed
        return user


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "multitask.accounts.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
