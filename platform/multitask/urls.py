"""Every address of the web process."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from multitask.common.health import RootView, healthz, needed_parts
from multitask.common.spa import OTHERS, spa_page
from multitask.files.serving import public_media
from multitask.mail.mailbox import mailbox_patterns
from multitask.mail.webhooks import webhook_patterns
from multitask.operations.page import pipeline_page
from multitask.outbox.status import heartbeats


def readyz(request: HttpRequest) -> JsonResponse:
    """200 where database, broker and migrations are well, 503 otherwise; the workers' state stands beside them."""
    needed = needed_parts()
    parts = dict(needed)
    if needed["database"]["ok"] and needed["migrations"]["ok"]:
        parts |= {part.name: {"ok": part.ok, "detail": part.detail} for part in heartbeats()}
    ready = all(part["ok"] for part in needed.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "parts": parts}, status=200 if ready else 503
    )


urlpatterns = [
    path("", spa_page, name="front"),
    path("admin/pipeline/", admin.site.admin_view(pipeline_page), name="pipeline"),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/", RootView.as_view(), name="api-root"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/schema/swagger-ui/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="swagger-ui"),
    path("api/schema/redoc/", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    path("api/", include("multitask.accounts.api.urls")),
    path("api/", include("multitask.tasks.api.urls")),
    path("api/", include("multitask.recommendations.api.urls")),
    path("api/", include("multitask.notifications.api.urls")),
    path("api/", include("multitask.files.api.urls")),
    path("api/", include("multitask.messaging.api.urls")),
    path("api/", include("multitask.chatbot.api.urls")),
    path("media/<path:path>", public_media, name="media"),
    path("webhooks/mail/", include(webhook_patterns())),
    path("mailbox/", include(mailbox_patterns())),
    path("i18n/", include("django.conf.urls.i18n")),
    re_path(OTHERS + "(?P<path>.+)$", spa_page, name="spa"),
]
handler400 = "multitask.common.errors.bad_request"
handler403 = "multitask.common.errors.permission_denied"
handler404 = "multitask.common.errors.page_not_found"
handler500 = "multitask.common.errors.server_error"
