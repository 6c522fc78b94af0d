"""The API with one view more: what a list of tasks costs by PostgreSQL's full text alone. A URLconf of the bench."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.tasks.api.serializers import TaskSerializer
from multitask.tasks.selectors.tasks import tasks_furnish, tasks_visible
from multitask.urls import urlpatterns as product

_SQL = """
    SELECT task_id FROM bench_full_text, (
        SELECT websearch_to_tsquery('english', %s) || websearch_to_tsquery('arabic', %s) AS query) AS asked
    WHERE words @@ query ORDER BY ts_rank(words, query) DESC, task_id DESC LIMIT 12
"""


class FullTextView(APIView):
    """The twelve best by ts_rank, shown as the list shows them; they are not even counted."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        said = request.query_params["search"]
        with connection.cursor() as cursor:
            cursor.execute(_SQL, [said, said])
            ids = [row[0] for row in cursor.fetchall()]
        shown: dict[int, Any] = {
            task.pk: task for task in tasks_visible().prefetch_related(None).filter(pk__in=ids)
        }
        page = [shown[pk] for pk in ids if pk in shown]
        if page:
            tasks_furnish(page)
        rows = TaskSerializer(page, many=True, context={"request": request}).data
        return Response({"count": len(rows), "results": rows})


urlpatterns = [path("api/full-text/", FullTextView.as_view()), *product]
handler404 = "multitask.common.errors.page_not_found"
