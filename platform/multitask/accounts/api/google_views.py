"""Log in with Google: a browser by redirects, an application by the code it fetched itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.client import COOKIE_PATH, cookie_set, device_of
from multitask.accounts.api.serializers import GoogleCodeSerializer, SessionSerializer
from multitask.accounts.api.views import session_response
from multitask.accounts.services.external import STATE_MINUTES, google_begin, google_login, google_return
from multitask.accounts.services.tokens import tokens_issue
from multitask.common.errors import DomainError
from multitask.common.schema import ErrorSerializer
from multitask.common.text import current_language

STATE_COOKIE = "google_state"
TEXT_LIMIT = 2000
CONFLICT = OpenApiResponse(
    ErrorSerializer, "email_in_use: log in with the password and verify the address, then link."
)


class AnyAccept(BaseContentNegotiation):
    """A browser that follows a link asks for HTML; what it gets is a redirect, or JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def _redirect(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "no-store"
    return response


def _callback(request: HttpRequest | Request) -> str:
    return str(request.build_absolute_uri(reverse("auth-google-callback")))


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")


class GoogleBeginView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "login"
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="auth_google_begin",
        tags=["auth"],
        parameters=[
            OpenApiParameter("next", str, description="Path of this site to come back to, e.g. /tasks.")
        ],
        responses={
            302: OpenApiResponse(description="To Google, with state, nonce and a PKCE challenge."),
            400: ErrorSerializer,
            503: OpenApiResponse(ErrorSerializer, "google_not_configured."),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Send the browser to Google."""
        begun = google_begin(
            redirect_uri=_callback(request), next_path=request.query_params.get("next") or "/"
        )
        response = _redirect(begun.address)
        # Lax: the browser comes back from another site. It binds the return to the browser that began.
        response.set_cookie(
            STATE_COOKIE,
            begun.state,
            max_age=STATE_MINUTES * 60,
            path=COOKIE_PATH,
            secure=settings.REFRESH_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


class GoogleCallbackView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "login"
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="auth_google_callback",
        tags=["auth"],
        parameters=[
            OpenApiParameter("code", str),
            OpenApiParameter("state", str),
            OpenApiParameter("error", str, description="What Google says instead of a code."),
        ],
        responses={
            200: SessionSerializer,
            302: OpenApiResponse(description="A browser goes on to the site, logged in by its cookie."),
            400: ErrorSerializer,
            401: ErrorSerializer,
            409: CONFLICT,
            503: ErrorSerializer,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Where Google sends the browser back to. State and code are used once."""
        try:
            response = self._logged_in(request)
        except DomainError as error:
            if not _wants_page(request):
                raise
            response = _redirect(f"{settings.FRONTEND_URL}/login?error={quote(error.code)}")
        response.delete_cookie(STATE_COOKIE, path=COOKIE_PATH, samesite="Lax")
        return response

    def _logged_in(self, request: Request) -> HttpResponse:
        said = {name: request.query_params.get(name, "")[:TEXT_LIMIT] for name in ("code", "state", "error")}
        if said["error"] or not said["code"]:
            raise DomainError("google_refused", status=400)
        found = google_return(
            code=said["code"],
            state=said["state"],
            cookie_state=request.COOKIES.get(STATE_COOKIE, ""),
            language=current_language(),
        )
        if not _wants_page(request):
            return session_response(found.user, request)
        response = _redirect(f"{settings.FRONTEND_URL}{found.next_path}")
        cookie_set(response, tokens_issue(user=found.user, device=device_of(request)))
        return response


class GoogleCodeView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_google",
        tags=["auth"],
        request=GoogleCodeSerializer,
        responses={
            200: SessionSerializer,
            400: OpenApiResponse(
                ErrorSerializer, "invalid, google_refused (code or verifier), google_email_unverified."
            ),
            401: ErrorSerializer,
            409: CONFLICT,
            503: OpenApiResponse(ErrorSerializer, "google_not_configured, google_unavailable."),
        },
        examples=[
            OpenApiExample(
                "From the SPA",
                request_only=True,
                value={
                    "code": "4/0AeanS0Z…",
                    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                    "redirect_uri": "https://multitask.example/login/google",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Log in with an authorization code and its PKCE verifier. An access token of Google is not accepted."""
        form = GoogleCodeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = google_login(**form.validated_data, language=current_language())
        return session_response(user, request)
