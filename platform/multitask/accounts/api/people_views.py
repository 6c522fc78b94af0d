"""People as anyone may see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.serializers import PublicProfileSerializer
from multitask.accounts.models import User
from multitask.accounts.selectors.people import freelancers_found, person_shown
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.schema import MODE_HEADER, MODE_PARAMETER, ErrorSerializer


class PeopleFilterSerializer(serializers.Serializer[Any]):
    """The query of the search for freelancers."""

    search = serializers.CharField(max_length=200, required=False, allow_blank=True)
    skill = serializers.CharField(max_length=100, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    min_rating = serializers.DecimalField(
        max_digits=3,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(5),
        required=False,
    )


class PeopleView(generics.ListAPIView):
    permission_classes = [AllowAny]
    serializer_class = PublicProfileSerializer
    filter_backends = []
    mode: str | None = None

    @extend_schema(
        operation_id="users_list",
        tags=["users"],
        parameters=[
            OpenApiParameter(
                "search",
                str,
                description="Words of name, bio, skills or city in Arabic or English, in any spelling.",
            ),
            OpenApiParameter("skill", str, description="Id or slug of a skill."),
            OpenApiParameter("city", str, description="In either language and any spelling."),
            OpenApiParameter(
                "min_rating", {"type": "number", "minimum": 0, "maximum": 5, "multipleOf": 0.01}
            ),
            FIELDS_PARAMETER,
            MODE_PARAMETER,
        ],
        responses={200: PublicProfileSerializer(many=True), 400: ErrorSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Freelancers, the best rated first; with `search` the best match first."""
        answer = super().get(request, *args, **kwargs)
        if self.mode is not None:
            answer[MODE_HEADER] = self.mode
        return answer

    def get_queryset(self) -> QuerySet[User]:
        form = PeopleFilterSerializer(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        found = freelancers_found(**form.validated_data)
        self.mode = found.mode
        return found.people


class PersonView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="users_retrieve",
        tags=["users"],
        parameters=[FIELDS_PARAMETER],
        responses={200: PublicProfileSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A person's public profile: neither e-mail nor phone."""
        person = person_shown(user_id=pk)
        return Response(PublicProfileSerializer(person, context={"request": request}).data)
