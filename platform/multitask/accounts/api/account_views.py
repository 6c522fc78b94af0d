"""One's own account: read it, change it, take it along, end it; its passwords and its address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.accounts.api.client import cookie_clear
from multitask.accounts.api.schema import body_on_delete
from multitask.accounts.api.serializers import (
    DetailSerializer,
    EmailKeySerializer,
    EmailSerializer,
    ExportSerializer,
    OwnUserChangeSerializer,
    OwnUserSerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordSerializer,
    SessionSerializer,
)
from multitask.accounts.api.views import session_response
from multitask.accounts.services.leaving import account_delete, account_export
from multitask.accounts.services.passwords import password_change, password_reset, password_reset_ask
from multitask.accounts.services.picture import picture_clean, picture_set
from multitask.accounts.services.users import user_change
from multitask.accounts.services.verification import email_verify, verification_resend
from multitask.common.parsers import BoundedJSONParser
from multitask.common.schema import ErrorSerializer
from multitask.common.text import Text

RESET_SENT = Text(
    "If an account with this address exists, a mail with a link is on its way.",
    "إن وُجد حساب بهذا البريد فستصل إليه رسالة تحتوي على رابط.",
)
VERIFY_SENT = Text(
    "If an account with this address waits for its verification, a mail is on its way.",
    "إن وُجد حساب بهذا البريد ينتظر التأكيد فستصل إليه رسالة.",
)
PASSWORD_SET = Text("The password was set. Log in with it.", "تم تعيين كلمة المرور. سجّل الدخول بها.")
VERIFIED = Text("The address is verified.", "تم تأكيد البريد الإلكتروني.")


@contextmanager
def weak_password_as_error(field: str) -> Iterator[None]:
    """Django's verdict on a password as an error of this field."""
    try:
        yield
    except ValidationError as error:
        raise serializers.ValidationError({field: list(error.messages)}) from error


class OwnAccountView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [BoundedJSONParser, MultiPartParser]

    @extend_schema(
        operation_id="auth_user", tags=["auth"], responses={200: OwnUserSerializer, 401: ErrorSerializer}
    )
    def get(self, request: Request) -> Response:
        """One's own account."""
        return Response(OwnUserSerializer(actor_of(request), context={"request": request}).data)

    @extend_schema(
        operation_id="auth_user_change",
        tags=["auth"],
        request={
            "application/json": OwnUserChangeSerializer,
            "multipart/form-data": OwnUserChangeSerializer,
        },
        responses={
            200: OwnUserSerializer,
            400: ErrorSerializer,
            401: ErrorSerializer,
            413: ErrorSerializer,
        },
        examples=[
            OpenApiExample(
                "Begin to take work",
                request_only=True,
                value={"user_type": "both", "bio": "I build online shops.", "city": "Cairo"},
            )
        ],
    )
    def patch(self, request: Request) -> Response:
        """Change one's own account. Ratings, verification and rights cannot be set; a new address is verified again.

        The answer is the same whether another account has the new address or not; the verified one before is told.
        """
        form = OwnUserChangeSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(form.validated_data)
        has_picture = "profile_picture" in values
        upload = values.pop("profile_picture", None)
        picture = picture_clean(upload) if upload is not None else None
        user = user_change(actor=actor_of(request), **values)
        if has_picture:
            user = picture_set(actor=user, picture=picture)
        return Response(OwnUserSerializer(user, context={"request": request}).data)

    @extend_schema(
        operation_id="auth_user_delete",
        tags=["auth"],
        request=PasswordSerializer,
        responses={204: None, 400: ErrorSerializer, 401: ErrorSerializer, 429: ErrorSerializer},
        examples=[OpenApiExample("Leave", request_only=True, value={"password": "a-long-Passphrase-7"})],
    )
    @body_on_delete
    def delete(self, request: Request) -> Response:
        """End the account for good. Reviews and finished tasks stay, without saying who it was."""
        form = PasswordSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        account_delete(actor=actor_of(request), password=form.validated_data["password"])
        response = Response(status=status.HTTP_204_NO_CONTENT)
        cookie_clear(response)
        return response


class ExportView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_scope = "export"

    @extend_schema(
        operation_id="auth_export", tags=["auth"], responses={200: ExportSerializer, 401: ErrorSerializer}
    )
    def get(self, request: Request) -> Response:
        """Everything that is held about the caller, as JSON."""
        return Response(
            account_export(actor=actor_of(request)),
            headers={
                "Content-Disposition": 'attachment; filename="multitask-export.json"',
                "Cache-Control": "no-store",
            },
        )


class PasswordChangeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_password_change",
        tags=["auth"],
        request=PasswordChangeSerializer,
        responses={200: SessionSerializer, 400: ErrorSerializer, 401: ErrorSerializer, 429: ErrorSerializer},
        examples=[
            OpenApiExample(
                "A new password",
                request_only=True,
                value={
                    "old_password": "a-long-Passphrase-7",
                    "new_password": "another-Passphrase-8",
                    "new_password2": "another-Passphrase-8",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Set a new password. Every older token ends; the answer holds new ones for this device."""
        form = PasswordChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with weak_password_as_error("new_password"):
            user = password_change(actor=actor_of(request), **form.validated_data)
        return session_response(user, request)


class PasswordResetView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "account_mail"

    @extend_schema(
        operation_id="auth_password_reset",
        tags=["auth"],
        request=EmailSerializer,
        responses={200: DetailSerializer, 400: ErrorSerializer, 429: ErrorSerializer},
        examples=[OpenApiExample("Forgotten", request_only=True, value={"email": "mona@example.com"})],
    )
    def post(self, request: Request) -> Response:
        """Ask for a link to set a new password. The answer is the same whether the address is known or not."""
        form = EmailSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        password_reset_ask(email=form.validated_data["email"])
        return Response({"detail": RESET_SENT.show()})


class PasswordResetConfirmView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "account_mail"

    @extend_schema(
        operation_id="auth_password_reset_confirm",
        tags=["auth"],
        request=PasswordResetConfirmSerializer,
        responses={
            200: DetailSerializer,
            400: OpenApiResponse(ErrorSerializer, "invalid, or reset_link_invalid: used before, or expired."),
        },
        examples=[
            OpenApiExample(
                "From the link of the mail",
                request_only=True,
                value={
                    "uid": "MTI",
                    "token": "cw3k8h-0f2b1d9e8a7c6b5d4e3f2a1b0c9d8e7f",
                    "new_password": "another-Passphrase-8",
                    "new_password2": "another-Passphrase-8",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Set the password by the link of the mail: once, within two hours. Every older token ends."""
        form = PasswordResetConfirmSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with weak_password_as_error("new_password"):
            password_reset(**form.validated_data)
        return Response({"detail": PASSWORD_SET.show()})


class EmailVerifyView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "account_mail"

    @extend_schema(
        operation_id="auth_email_verify",
        tags=["auth"],
        request=EmailKeySerializer,
        responses={
            200: DetailSerializer,
            400: OpenApiResponse(
                ErrorSerializer, "invalid, or verify_link_invalid: expired, or of another address."
            ),
        },
        examples=[
            OpenApiExample("From the link of the mail", request_only=True, value={"key": "eyJ1c2VyIjoxMn0:…"})
        ],
    )
    def post(self, request: Request) -> Response:
        """Prove an e-mail address by the key of the mail: within three days, for that address alone."""
        form = EmailKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        email_verify(key=form.validated_data["key"])
        return Response({"detail": VERIFIED.show()})


class EmailResendView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "account_mail"

    @extend_schema(
        operation_id="auth_email_resend",
        tags=["auth"],
        request=EmailSerializer,
        responses={200: DetailSerializer, 400: ErrorSerializer, 429: ErrorSerializer},
        examples=[OpenApiExample("Once more", request_only=True, value={"email": "mona@example.com"})],
    )
    def post(self, request: Request) -> Response:
        """Ask for the verification mail again. The answer is the same whether the address is known or not."""
        form = EmailSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        verification_resend(email=form.validated_data["email"])
        return Response({"detail": VERIFY_SENT.show()})
