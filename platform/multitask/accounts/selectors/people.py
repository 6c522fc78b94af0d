"""Read people as anyone may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from multitask.accounts.models import MAY_APPLY, User
from multitask.common.errors import NotFound
from multitask.common.order import place_in
from multitask.common.places import city_key_of

ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class PeopleFound:
    """People in the order they are shown in; `mode` says which halves of a search answered, None without one."""

    people: QuerySet[User]
    mode: str | None = None


# (people within a filter, what is searched for) to the ids found, the best first, and the mode. Who answers is an app
# above, which says so when the process starts.
Answer = Callable[[QuerySet[User], str], tuple[list[int], str]]
_answers: list[Answer] = []


def people_by(answer: Answer) -> None:
    """Let `answer` answer every search for people from now on."""
    _answers[:] = [answer]


def _skills_model() -> Any:
    return User._meta.get_field("user_skills").related_model  # by name: skills live in an app above


def _shown(people: QuerySet[User]) -> QuerySet[User]:
    """With their skills in `shown_skills`: one more query whatever the number of people."""
    rows = _skills_model()._default_manager.filter(skill__is_active=True).select_related("skill")
    return people.filter(is_active=True).prefetch_related(
        Prefetch("user_skills", queryset=rows.order_by("created_at", "pk"), to_attr="shown_skills")
    )


def person_shown(*, user_id: int) -> User:
    """One person with their skills. Raises NotFound, for a deleted or deactivated account too."""
    found = _shown(User.objects.filter(pk=user_id)).first() if len(str(user_id)) <= ID_DIGITS else None
    if found is None:
        raise NotFound
    return found


def freelancers_found(
    *, search: str = "", skill: str = "", city: str = "", min_rating: Decimal | None = None
) -> PeopleFound:
    """Freelancers, the best rated first; with `search` those whom it finds, the best match first.

    `skill` is an id or a slug; `city` is in any spelling of either language. One query at most before the list's own
    without `search`.
    """
    people = User.objects.filter(user_type__in=MAY_APPLY, is_active=True)
    if skill.strip():
        people = people.filter(pk__in=_with_skill(skill.strip()))
    if city.strip():
        key = city_key_of(city)
        people = people.filter(city_key=key) if key else people.none()
    if min_rating is not None:
        people = people.filter(average_rating__gte=min_rating)
    if not search.strip():
        return PeopleFound(_shown(people).order_by("-average_rating", "-total_reviews", "pk"))
    ids, mode = _answers[0](people, search)
    return PeopleFound(people_shown(ids), mode)


def people_shown(ids: Sequence[int]) -> QuerySet[User]:
    """Those of `ids` whose accounts are active, in that order."""
    return _shown(User.objects.filter(pk__in=ids)).order_by(place_in(ids))


def _with_skill(said: str) -> Any:
    chosen = (
        Q(skill=int(said))
        if said.isascii() and said.isdecimal() and len(said) <= ID_DIGITS
        else Q(skill__slug=said)
    )
    return _skills_model()._default_manager.filter(chosen).values("user_id")
