"""Stopping mails from a mail: a page that changes nothing by being looked at, and one click that needs no login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.common.errors import MESSAGES
from multitask.common.schema import ErrorSerializer
from multitask.common.text import Text
from multitask.notifications.models import NotificationType
from multitask.notifications.services.preferences import Stopped, mails_stop, unsubscription_find
from multitask.notifications.unsubscribe import DIGEST

ASKED = Text(
    "Do you want no more mails of the kind “{kind}”? You are still told in the application.",
    "هل تريد إيقاف رسائل «{kind}»؟ ستظل تُبلَّغ داخل التطبيق.",
)
STOPPED = Text(
    "You get no more mails of the kind “{kind}”. Your notification settings can bring them back.",
    "لن تصلك رسائل «{kind}» بعد الآن. يمكنك إعادتها من إعدادات الإشعارات.",
)
WRONG = Text(
    "This address is not valid. Open the newest mail, or change your notification settings.",
    "هذا العنوان غير صالح. افتح أحدث رسالة، أو غيّر إعدادات الإشعارات.",
)
BUTTON = Text("Stop these mails", "أوقف هذه الرسائل")
SETTINGS = Text("Notification settings", "إعدادات الإشعارات")
DIGEST_NAME = Text("Digest", "الموجز")
SETTINGS_PATH = "/settings/notifications"


def kind_name(scope: str) -> Text:
    """The name of what is unsubscribed from, in both languages."""
    if scope == DIGEST:
        return DIGEST_NAME
    names = []
    for language in ("en", "ar"):
        with override(language):
            names.append(str(NotificationType(scope).label))
    return Text(*names)


class UnsubscriptionSerializer(serializers.Serializer[Any]):
    """What the address stops, and whether it has: by POST alone."""

    detail = serializers.CharField()
    scope = serializers.ChoiceField(choices=[*NotificationType.choices, (DIGEST, DIGEST_NAME.en)])
    stopped = serializers.BooleanField()


class PageRenderer(BaseRenderer):
    """The answer as a small page in both languages."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> str:
        found: Mapping[str, Any] = data or {}
        parts = []
        for language in ("ar", "en"):
            sentence, is_question = _sentence(found, language)
            parts.append(
                {
                    "language": language,
                    "direction": "rtl" if language == "ar" else "ltr",
                    "sentence": sentence,
                    "button": BUTTON.show(language) if is_question else "",
                    "settings": SETTINGS.show(language),
                }
            )
        context = {"parts": parts, "settings_url": f"{settings.FRONTEND_URL}{SETTINGS_PATH}"}
        return render_to_string("notifications/unsubscribe.html", context)


def _sentence(found: Mapping[str, Any], language: str) -> tuple[str, bool]:
    if "scope" in found:
        text = STOPPED if found["stopped"] else ASKED
        return text.show(language, kind=kind_name(found["scope"]).show(language)), not found["stopped"]
    code = str(found.get("code", "not_found"))
    return (WRONG if code == "not_found" else MESSAGES.get(code, WRONG)).show(language), False


class FirstUnlessJson(BaseContentNegotiation):
    """A page for everybody but who asks for JSON: a mail program may say that it takes anything, or nothing."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        wants_json = request.META.get("HTTP_ACCEPT", "").startswith("application/json")
        chosen = next(one for one in renderers if isinstance(one, JSONRenderer) is wants_json)
        return chosen, chosen.media_type


PARAMETERS = [
    OpenApiParameter("token", str, OpenApiParameter.PATH),
    OpenApiParameter("format", exclude=True),
]
DOCUMENTED = {
    (200, "text/html"): OpenApiResponse(str, description="A page in both languages."),
    (200, "application/json"): UnsubscriptionSerializer,
    (404, "text/html"): OpenApiResponse(str, description="The address is not valid."),
    (404, "application/json"): OpenApiResponse(ErrorSerializer, description="The address is not valid."),
}


class UnsubscribeView(APIView):
    """No login, no throttle: a mail provider may click for thousands of its users from one address."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []
    renderer_classes = [PageRenderer, JSONRenderer]
    content_negotiation_class = FirstUnlessJson

    @extend_schema(
        operation_id="notifications_unsubscribe_page",
        tags=["notifications"],
        parameters=PARAMETERS,
        responses=DOCUMENTED,
    )
    def get(self, request: Request, token: str) -> Response:
        """What the address in a mail would stop. Changes nothing: programs that check mails open every address."""
        return self._answer(unsubscription_find(token=token), ASKED, stopped=False)

    @extend_schema(
        operation_id="notifications_unsubscribe",
        tags=["notifications"],
        parameters=PARAMETERS,
        request=None,
        responses=DOCUMENTED,
    )
    def post(self, request: Request, token: str) -> Response:
        """Stop the mails of one kind, by the address in a mail's List-Unsubscribe header (RFC 8058)."""
        return self._answer(mails_stop(token=token), STOPPED, stopped=True)

    def _answer(self, found: Stopped, sentence: Text, *, stopped: bool) -> Response:
        scope = found.unsubscription.scope
        detail = sentence.show(kind=kind_name(scope).show())
        answer = {"detail": detail, "scope": scope, "stopped": stopped}
        return Response(UnsubscriptionSerializer(answer).data, headers={"Cache-Control": "no-store"})
