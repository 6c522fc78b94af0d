"""Registration, login, and the tokens that follow."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.accounts.api.client import (
    address_of,
    cookie_clear,
    cookie_set,
    device_of,
    refresh_token_of,
)
from multitask.accounts.api.serializers import (
    DetailSerializer,
    LoginSerializer,
    OwnUserSerializer,
    RefreshedSerializer,
    RefreshSerializer,
    RegisterSerializer,
    SessionSerializer,
    TicketSerializer,
    TokenSerializer,
    TokenStateSerializer,
)
from multitask.accounts.models import User
from multitask.accounts.services.login import user_authenticate
from multitask.accounts.services.tickets import LIFETIME_SECONDS, ticket_issue
from multitask.accounts.services.tokens import (
    FAMILY,
    session_end,
    sessions_end_all,
    token_check,
    tokens_issue,
    tokens_refresh,
)
from multitask.accounts.services.users import user_register
from multitask.common.errors import DomainError
from multitask.common.schema import ErrorSerializer
from multitask.common.text import Text

LOGGED_OUT = Text("Successfully logged out.", "تم تسجيل الخروج بنجاح.")
LOGGED_OUT_ALL = Text("Logged out on every device.", "تم تسجيل الخروج من كل الأجهزة.")

REFRESH_EXAMPLE = OpenApiExample("From an API client", request_only=True, value={"refresh": "eyJhbGciOi…"})


def claims_of(request: Request) -> dict[str, Any]:
    """The claims of the request's access token; none where there is none."""
    return dict(getattr(request.auth, "payload", {}))


def session_response(user: User, request: Request, *, status: int = 200) -> Response:
    """A new login: both tokens and the account in the body, the refresh token in the browser's cookie too."""
    pair = tokens_issue(user=user, device=device_of(request))
    body: dict[str, Any] = {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "user": OwnUserSerializer(user, context={"request": request}).data,
    }
    response = Response(body, status=status, headers={"Cache-Control": "no-store"})
    cookie_set(response, pair)
    return response


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
        """Create an account (client, freelancer or both) and log in; a mail asks to verify the address.

        The answer is the same whether another account has the address or not: only its mailbox is told.
        """
        form = RegisterSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_register(**form.validated_data, verify_email=True)
        return session_response(user, request, status=status.HTTP_201_CREATED)


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
        """Log in by user name or e-mail. After repeated failures: 429 for a while, for the right password too."""
        form = LoginSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_authenticate(
            login=form.validated_data["username"],
            password=form.validated_data["password"],
            address=address_of(request),
        )
        return session_response(user, request)


class LogoutView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_logout",
        tags=["auth"],
        request=RefreshSerializer,
        responses={
            200: DetailSerializer,
            400: ErrorSerializer,
            401: ErrorSerializer,
            403: OpenApiResponse(ErrorSerializer, "The cookie was sent from another site (csrf_failed)."),
        },
        examples=[REFRESH_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """End this login: its access and refresh tokens are dead afterwards.

        The access token in the header, the refresh token in the body or the browser's cookie: one is enough.
        """
        form = RefreshSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor = actor_of(request) if request.user.is_authenticated else None
        given = form.validated_data.get("refresh")
        refresh = given if given or actor else refresh_token_of(request, None)
        family = claims_of(request).get(FAMILY)
        session_end(family_id=family, refresh=refresh, actor=actor)
        response = Response({"detail": LOGGED_OUT.show()})
        cookie_clear(response)
        return response


class LogoutAllView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_logout_all",
        tags=["auth"],
        request=None,
        responses={200: DetailSerializer, 401: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Log out everywhere: every access and refresh token of the account ends at once, this one too."""
        sessions_end_all(user=actor_of(request), reason="logout_all")
        response = Response({"detail": LOGGED_OUT_ALL.show()})
        cookie_clear(response)
        return response


class RefreshView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="auth_token_refresh",
        tags=["auth"],
        request=RefreshSerializer,
        responses={
            200: RefreshedSerializer,
            400: ErrorSerializer,
            401: OpenApiResponse(
                ErrorSerializer, "token_invalid, or token_reused: the whole login was ended by that."
            ),
            403: OpenApiResponse(ErrorSerializer, "The cookie was sent from another site (csrf_failed)."),
        },
        examples=[REFRESH_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """A new access token, and the refresh token that takes this one's place.

        Within 30 seconds a second tab gets the same successor; later the same token again ends the login.
        """
        form = RefreshSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        refresh = refresh_token_of(request, form.validated_data.get("refresh"))
        if not refresh:
            raise DomainError("token_invalid", status=401)
        pair = tokens_refresh(refresh=refresh)
        response = Response(
            {"access": pair.access, "refresh": pair.refresh}, headers={"Cache-Control": "no-store"}
        )
        cookie_set(response, pair)
        return response


class TokenVerifyView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="auth_token_verify",
        tags=["auth"],
        request=TokenSerializer,
        responses={200: TokenStateSerializer, 400: ErrorSerializer, 401: ErrorSerializer},
        examples=[OpenApiExample("An access token", request_only=True, value={"token": "eyJhbGciOi…"})],
    )
    def post(self, request: Request) -> Response:
        """Whether a token is still good: signed here, not expired, not ended."""
        form = TokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        kind, expires = token_check(token=form.validated_data["token"])
        return Response(TokenStateSerializer({"token_type": kind, "expires_at": expires}).data)


class TicketView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_scope = "ws_ticket"

    @extend_schema(
        operation_id="auth_ws_ticket",
        tags=["auth"],
        request=None,
        responses={200: TicketSerializer, 401: ErrorSerializer, 503: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket within 30 seconds: `?ticket=`."""
        ticket = ticket_issue(claims=claims_of(request))
        return Response(
            {"ticket": ticket, "expires_in": LIFETIME_SECONDS}, headers={"Cache-Control": "no-store"}
        )
