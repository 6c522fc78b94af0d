"""The addresses of the product and one more: the least an authenticated request with one indexed query costs."""

from __future__ import annotations

from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask import urls
from multitask.tasks.models import Task


class FloorView(APIView):
    """One row by its key, through the same middleware, login and renderer as everything else."""

    permission_classes = [IsAuthenticated]

    def get(self, request: Request, pk: int) -> Response:
        row = Task.objects.values("id", "title", "budget", "status").get(pk=pk)
        return Response(row)


urlpatterns = [path("api/floor/<int:pk>/", FloorView.as_view()), *urls.urlpatterns]
handler404 = urls.handler404
handler500 = urls.handler500
