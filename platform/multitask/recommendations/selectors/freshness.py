"""How far the lists, vectors and words are behind what they are made from: for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Extract, Now

from ml.versions import RANKING_VERSION
from multitask.accounts.models import MAY_APPLY, User
from multitask.recommendations.learned import MatchStatistics
from multitask.recommendations.models import (
    IndexState,
    PersonDocument,
    ProfileVector,
    RecommendationList,
    SearchDocument,
    TaskVector,
)
from multitask.recommendations.selectors.search_texts import WORDS_VERSION
from multitask.tasks.models import Task, TaskStatus

# Beyond this many the figure says "at least": counting on would cost more than it tells.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class ListsFreshness:
    """How many lists there are, how many are behind, and the age in seconds of the one computed longest ago."""

    total: int
    stale: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Missing:
    """Tasks and people that lack something, MOST at the most."""

    tasks: int
    people: int


def lists_freshness(*, seconds: int = 30) -> ListsFreshness:
    """One query. Stale is what `lists_behind` finds: older than its inputs or made by another ranking, for `seconds`."""
    before = Now() - timedelta(seconds=seconds)
    newest = MatchStatistics.objects.order_by("-pk").values("pk")[:1]
    serving = Coalesce(Subquery(newest), 0, output_field=BigIntegerField())
    row = RecommendationList.objects.annotate(serving=serving).aggregate(
        total=Count("pk"),
        stale=Count(
            "pk",
            filter=Q(inputs_changed_at__lt=before) & ~Q(computed_at__gte=F("inputs_changed_at"))
            | Q(computed_at__lt=before) & (~Q(ranking_version=RANKING_VERSION) | ~Q(statistics=F("serving"))),
        ),
        oldest=Extract(Now() - Min("computed_at"), "epoch"),
    )
    return ListsFreshness(row["total"], row["stale"], float(row["oldest"] or 0.0))


def vectors_missing() -> Missing:
    """Open tasks without a vector of their present content in the serving generation, and freelancers without one.

    One query. Where no generation serves yet, all of them.
    """
    task_vectors = TaskVector.objects.filter(
        task=OuterRef("pk"), index__state=IndexState.ACTIVE, content_version=OuterRef("content_version")
    )
    profile_vectors = ProfileVector.objects.filter(user=OuterRef("pk"), index__state=IndexState.ACTIVE)
    return _missing(
        Task.objects.filter(~Exists(task_vectors), status=TaskStatus.OPEN),
        User.objects.filter(~Exists(profile_vectors), is_active=True, user_type__in=MAY_APPLY),
    )


def words_missing() -> Missing:
    """Tasks and freelancers whose present words search does not know yet. One query."""
    documents = SearchDocument.objects.filter(
        task=OuterRef("pk"), content_version=OuterRef("content_version"), text_version=WORDS_VERSION
    )
    people = PersonDocument.objects.filter(
        user=OuterRef("pk"), text_version=WORDS_VERSION, read_at__gte=OuterRef("updated_at")
    )
    return _missing(
        Task.objects.filter(~Exists(documents)),
        User.objects.filter(~Exists(people), is_active=True, user_type__in=MAY_APPLY),
    )


def _missing(tasks: QuerySet[Task], people: QuerySet[User]) -> Missing:
    kinds = [
        rows.order_by()
        .annotate(kind=Value(kind, output_field=CharField()))
        .values_list("kind", flat=True)[:MOST]
        for kind, rows in (("task", tasks), ("person", people))
    ]
    found = list(kinds[0].union(kinds[1], all=True))
    return Missing(found.count("task"), found.count("person"))
