"""Suggest skills, a category and a price for a draft, and notice what its writer has posted already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ml import suggest
from ml.search import QUERY_CHARACTERS
from ml.suggest import Neighbour, Said
from multitask.accounts.models import User
from multitask.common.places import city_key_of
from multitask.recommendations.selectors.drafts import OWN_CHARACTERS, listings_near, listings_own
from multitask.recommendations.selectors.skill_names import (
    KnownSkill,
    Named,
    Vocabulary,
    categories_named,
    vocabulary,
)
from multitask.recommendations.services.queries import QueryVector, query_vector
from multitask.tasks.models import ListingType
from multitask.tasks.selectors.search import HYBRID, LEXICAL
from multitask.tasks.selectors.tasks import access_task

DUPLICATES = 5
# Of a long text, what is read for names of skills.
READ_CHARACTERS = 12_000
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been written so far. `task` is the id of the listing that is being changed, None for a new one."""

    title: str
    description: str = ""
    listing_type: str = ListingType.TASK_REQUEST
    city: str = ""
    task: int | None = None


@dataclass(frozen=True, slots=True)
class SuggestedSkill:
    """`reason` is "named" (by the text) or "neighbours"; `share` that of the neighbours' votes, 0 to 1."""

    skill: KnownSkill
    reason: str
    share: float


@dataclass(frozen=True, slots=True)
class SuggestedCategory:
    category: Named
    share: float


@dataclass(frozen=True, slots=True)
class SuggestedPrice:
    """EGP: a quarter of comparable listings cost less than `low`, a quarter more than `high`; `count` people's."""

    low: Decimal
    median: Decimal
    high: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One of the writer's own listings that is like the draft; `similarity` 1 is the same words."""

    id: int
    title: str
    similarity: float
    status: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`neighbours`: how many listings voted; `mode` says whether their meaning was looked at ("hybrid") or not."""

    skills: list[SuggestedSkill]
    category: SuggestedCategory | None
    price: SuggestedPrice | None
    neighbours: int
    duplicates: list[Duplicate]
    mode: str


def draft_suggest(*, actor: User, draft: Draft) -> Suggestions:
    """Suggestions for a draft of `actor`; a constant number of queries.

    Without a vector the names in the text speak alone, and there is no price. Raises NotFound or Forbidden where
    `draft.task` is not the actor's to change.
    """
    if draft.task is not None:
        access_task(actor=actor, task_id=draft.task)
    known = vocabulary()
    said = f"{draft.title}\n{draft.description}"[:READ_CHARACTERS]
    named = known.mentions.find(said)
    found = _vector(draft.title, draft.description, named=named, known=known)
    near = _near(found, listing_type=draft.listing_type, city=city_key_of(draft.city), but=draft.task)
    neighbours = near or []
    price = suggest.price(neighbours)
    return Suggestions(
        skills=_skills(neighbours, named=named, known=known),
        category=_category(neighbours, named=named, known=known),
        price=None
        if price is None
        else SuggestedPrice(_egp(price.low), _egp(price.median), _egp(price.high), price.people),
        neighbours=len(suggest.voters(neighbours)),
        duplicates=_duplicates(actor, draft, found),
        mode=LEXICAL if near is None else HYBRID,
    )


@dataclass(frozen=True, slots=True)
class ProfileSuggestions:
    skills: list[SuggestedSkill]
    neighbours: int
    mode: str


def profile_suggest(*, text: str) -> ProfileSuggestions:
    """Skills for what a freelancer writes of themselves: the named ones, and those that listings near it ask for."""
    known = vocabulary()
    named = known.mentions.find(text[:READ_CHARACTERS])
    found = _vector("", text, named=named, known=known)
    near = _near(found, listing_type=ListingType.TASK_REQUEST, city="", but=None)
    return ProfileSuggestions(
        skills=_skills(near or [], named=named, known=known),
        neighbours=len(suggest.voters(near or [])),
        mode=LEXICAL if near is None else HYBRID,
    )


def _vector(title: str, text: str, *, named: Collection[int], known: Vocabulary) -> QueryVector:
    """The vector of a text put as the texts of listings are put: the title, the skills' names, the rest."""
    if not suggest.says_something(f"{title}\n{text}"[:QUERY_CHARACTERS]):
        return QueryVector(None, None)
    names = ", ".join(known.skills[pk].en for pk in sorted(named)[: suggest.SKILLS])
    parts = [part.strip() for part in (title, names, text) if part.strip()]
    return query_vector(". ".join(parts))


def _near(found: QueryVector, *, listing_type: str, city: str, but: int | None) -> list[Neighbour] | None:
    if found.index is None or found.vector is None:
        return None
    return listings_near(found.vector, index=found.index, listing_type=listing_type, city=city, but=but)


def _skills(
    neighbours: Sequence[Neighbour], *, named: Collection[int], known: Vocabulary
) -> list[SuggestedSkill]:
    return [
        SuggestedSkill(
            known.skills[vote.skill], "named" if vote.named else "neighbours", round(vote.share, 3)
        )
        for vote in suggest.skills(neighbours, named=named)
        if vote.skill in known.skills and known.skills[vote.skill].is_active
    ]


def _category(
    neighbours: Sequence[Neighbour], *, named: Collection[int], known: Vocabulary
) -> SuggestedCategory | None:
    active = {one.id: one for one in categories_named()}
    of_names = [known.skills[pk].category for pk in named]
    vote = suggest.category(
        [one for one in neighbours if one.category in active],
        named=[pk for pk in of_names if pk is not None and pk in active],
    )
    return None if vote is None else SuggestedCategory(active[vote.category], round(vote.share, 3))


def _duplicates(actor: User, draft: Draft, found: QueryVector) -> list[Duplicate]:
    own = listings_own(
        client_id=actor.pk,
        listing_type=draft.listing_type,
        but=draft.task,
        index_id=None if found.index is None else found.index.pk,
        vector=found.vector,
    )
    mine = Said(draft.title, draft.description.strip()[:OWN_CHARACTERS])
    alike = []
    for one in own:
        similarity = suggest.alike(mine, Said(one.title, one.description), cosine=one.cosine)
        if similarity is not None:
            alike.append(Duplicate(one.id, one.title, round(similarity, 3), one.status))
    alike.sort(key=lambda one: (-one.similarity, -one.id))
    return alike[:DUPLICATES]


def _egp(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(_CENT, ROUND_HALF_UP)
