"""Registration, login, one's own account."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.accounts.api.serializers import (
    LoginSerializer,
    OwnUserSerializer,
    RegisterSerializer,
    SessionSerializer,
)
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.accounts.services.users import user_authenticate, user_register
from multitask.common.schema import ErrorSerializer


def _session(user: User, request: Request) -> dict[str, Any]:
    pair = tokens_issue(user=user)
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "user": OwnUserSerializer(user, context={"request": request}).data,
    }


class RegisterView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "register"

    @extend_schema(
        operation_id="auth_register",
        tags=["auth"],
        request=RegisterSerializer,
        responses={201: SessionSerializer, 400: ErrorSerializer, 429: ErrorSerializer},
        examples=[
            OpenApiExample(
                "A freelancer",
                request_only=True,
                value={
                    "username": "mona_dev",
                    "email": "mona@example.com",
                    "password": "a-long-Passphrase-7",
                    "password2": "a-long-Passphrase-7",
                    "first_name": "Mona",
                    "last_name": "Adel",
                    "user_type": "freelancer",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Create an account (client, freelancer or both) and log in."""
        form = RegisterSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_register(**form.validated_data)
        return Response(_session(user, request), status=status.HTTP_201_CREATED)


class LoginView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_login",
        tags=["auth"],
        request=LoginSerializer,
        responses={200: SessionSerializer, 400: ErrorSerializer, 401: ErrorSerializer, 429: ErrorSerializer},
        examples=[
            OpenApiExample(
                "By user name",
                request_only=True,
                value={"username": "mona_dev", "password": "a-long-Passphrase-7"},
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Log in by user name or e-mail."""
        form = LoginSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_authenticate(
            login=form.validated_data["username"], password=form.validated_data["password"]
        )
        return Response(_session(user, request))


class OwnAccountView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_user", tags=["auth"], responses={200: OwnUserSerializer, 401: ErrorSerializer}
    )
    def get(self, request: Request) -> Response:
        """One's own account."""
        return Response(OwnUserSerializer(actor_of(request), context={"request": request}).data)
