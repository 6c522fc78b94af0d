"""Bearer tokens of the API."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework_simplejwt.authentication import JWTAuthentication


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`; a token of a user who is gone or deactivated is a 401."""


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "multitask.accounts.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
