"""`GET /api/`, `/healthz`, `/readyz` and the front page."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.settings.base import VERSION

_migrated: list[bool] = []


class RootView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="root",
        tags=["service"],
        responses={
            200: OpenApiResponse(
                inline_serializer(
                    "Service", {"name": serializers.CharField(), "version": serializers.CharField()}
                )
            )
        },
    )
    def get(self, request: Request) -> Response:
        """The service's name and version."""
        return Response({"name": "Multitask", "version": VERSION})


def front_page(request: HttpRequest) -> HttpResponse:
    """Where to go from here, in Arabic or English (`?lang=` or the browser's own)."""
    asked = request.GET.get("lang")
    with translation.override(asked if asked in {"ar", "en"} else translation.get_language()):
        return render(request, "common/front.html", {"version": VERSION})


def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up."""
    return JsonResponse({"status": "ok", "version": VERSION})


def _database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        return {"ok": False, "detail": f"{type(error).__name__}: the database does not answer"}
    return {"ok": True, "detail": ""}


def _migrations() -> dict[str, Any]:
    # Once migrated, always migrated: the plan is costly, and a new one comes with a new process.
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except (DatabaseError, InterfaceError):
            return {"ok": False, "detail": "unknown: the database does not answer"}
        if missing:
            return {"ok": False, "detail": f"{len(missing)} to apply: run manage.py migrate"}
        _migrated.append(True)
    return {"ok": True, "detail": ""}


def _broker() -> dict[str, Any]:
    try:
        client = redis.Redis.from_url(settings.BROKER_URL, socket_timeout=1, socket_connect_timeout=1)
        client.ping()
        client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        return {"ok": False, "detail": f"{type(error).__name__}: the broker does not answer"}
    return {"ok": True, "detail": ""}


def needed_parts() -> dict[str, dict[str, Any]]:
    """What a request cannot do without. The broker is among them: what is posted now waits until it is back."""
    return {"database": _database(), "migrations": _migrations(), "broker": _broker()}
