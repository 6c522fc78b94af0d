"""Answer a search: read the words, weigh them, get the query's vector in time, ask the database once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils import timezone

from ml import search
from ml.bilingual import known_words
from ml.spelling import Speller
from ml.text import normalise
from multitask.accounts.models import MAY_APPLY, User
from multitask.accounts.selectors.people import people_shown
from multitask.common.order import place_in
from multitask.common.remember import keep, key_of, recall
from multitask.recommendations.models import Skill
from multitask.recommendations.selectors.search import (
    GATHER_BUDGET,
    PEOPLE,
    TASKS,
    Asked,
    Scored,
    Source,
    search_rows,
)
from multitask.recommendations.selectors.skill_names import skills_found
from multitask.recommendations.selectors.vectors import TookTooLong
from multitask.recommendations.selectors.vocabulary import TOTAL, frequencies, near_words
from multitask.recommendations.services.queries import query_vector
from multitask.settings.logs import get_logger
from multitask.tasks.models import ListingType, Task, TaskStatus
from multitask.tasks.selectors.search import HYBRID, LEXICAL, TasksFound
from multitask.tasks.selectors.tasks import tasks_visible

log = get_logger(__name__)

# How long the pages of one search fit together.
PAGES_SECONDS = 60
PEOPLE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Query:
    """A query read: what is asked of the index, which halves answer, and what it may have meant."""

    asked: Asked
    mode: str
    did_you_mean: str | None
    wanted: frozenset[str]


def query_read(text: str, *, now: datetime | None = None, near: str = "") -> Query:
    """Weigh the words of `text` and get its vector; `near` is the key of the asker's city.

    Four queries of the database at most, one of the cache.
    """
    said = text[: search.QUERY_CHARACTERS]
    words = search.query_words(said)
    known = frequencies(search.lexemes(words)) if words else {}
    # A word of the language that no document has is no mistake, and is found by its meaning.
    language = known_words()
    strange = [word for word in words if not search.is_known(word, known) and word.text not in language]
    alike = near_words(strange) if strange else {}
    stems = {one.stem for found in alike.values() for one in found}
    if stems - known.keys():
        known |= frequencies(stems)
    plan = search.plan(words, frequencies=known, total=known.get(TOTAL, 0), near=alike, budget=GATHER_BUDGET)
    found = query_vector(said)
    mode = LEXICAL if found.vector is None else HYBRID
    asked = Asked(
        script=search.script_of(said),
        plan=plan,
        index=found.index,
        vector=found.vector,
        # Scores hold for an hour, so that asking again gives the same order.
        now=(now or timezone.now()).replace(minute=0, second=0, microsecond=0),
        near=near,
    )
    wanted = frozenset(lexeme for word in words for lexeme in (word.stem, word.bones) if lexeme)
    meant = plan.meant | _corrected(strange, language)
    return Query(asked, mode, _did_you_mean(said, meant), wanted | frozenset(plan.gather))


def _corrected(words: Sequence[search.Word], language: Speller) -> dict[str, str]:
    """{word: what was meant} of the Latin ones that are one letter from a word of the language, whoever wrote it."""
    corrected = {word.text: language.meant(word.text) for word in words if word.text.isascii()}
    return {text: meant for text, meant in corrected.items() if meant != text}


def _did_you_mean(said: str, meant: dict[str, str]) -> str | None:
    """The query with the words that nobody has written replaced by those that were probably meant."""
    if not meant:
        return None
    return " ".join(meant.get(normalise(piece), piece) for piece in said.split())


def rows_found(source: Source, query: Query, *, within: QuerySet[Any] | None) -> tuple[list[Scored], str]:
    """The rows and the mode. Where the statement takes too long the words answer alone, and nothing where they do too."""
    try:
        return search_rows(source, asked=query.asked, within=within), query.mode
    except TookTooLong as error:
        log.warning("search_too_slow", error=str(error), words=len(query.asked.plan.terms))
    if query.mode == LEXICAL:
        return [], LEXICAL
    try:
        alone = replace(query.asked, index=None, vector=None)
        return search_rows(source, asked=alone, within=within), LEXICAL
    except TookTooLong as error:
        log.warning("search_too_slow", error=str(error), words=len(query.asked.plan.terms))
        return [], LEXICAL


@dataclass(frozen=True, slots=True)
class Everything:
    """The best of each kind, and what `TasksFound` says of the whole."""

    tasks: list[Task]
    services: list[Task]
    freelancers: list[User]
    skills: list[Skill]
    mode: str
    did_you_mean: str | None
    wanted: frozenset[str]


def search_everything(*, text: str, limit: int) -> Everything:
    """Open tasks and services, freelancers and skills for `text`, the best `limit` of each. Constant queries."""
    query = query_read(text)
    modes: list[str] = []
    listings: list[list[Task]] = []
    for kind in (ListingType.TASK_REQUEST, ListingType.SERVICE_OFFER):
        within = Task.objects.filter(listing_type=kind, status=TaskStatus.OPEN)
        rows, mode = rows_found(TASKS, query, within=within)
        ids = [row.id for row in rows[:limit]]
        modes.append(mode)
        listings.append(list(tasks_visible().filter(pk__in=ids).order_by(place_in(ids))))
    takers = User.objects.filter(user_type__in=MAY_APPLY, is_active=True)
    rows, mode = rows_found(PEOPLE, query, within=takers)
    people = [row.id for row in rows[:limit]]
    skills = skills_found(text)[:limit]
    return Everything(
        tasks=listings[0],
        services=listings[1],
        freelancers=list(people_shown(people)),
        skills=list(
            Skill.objects.filter(pk__in=skills).select_related("category").order_by(place_in(skills))
        ),
        mode=HYBRID if {*modes, mode} == {HYBRID} else LEXICAL,
        did_you_mean=query.did_you_mean,
        wanted=query.wanted,
    )


def people_search(people: QuerySet[User], text: str) -> tuple[list[int], str]:
    """What the list of freelancers asks (`multitask.accounts.selectors.people`): ids, the best first, and the mode."""
    query = query_read(text)
    rows, mode = rows_found(PEOPLE, query, within=people)
    return [row.id for row in rows[:PEOPLE_LIMIT]], mode


def tasks_search(tasks: QuerySet[Task], text: str, again: bool, near: str = "") -> TasksFound:
    """What the lists of tasks ask (`multitask.tasks.selectors.search`): `text` among `tasks`.

    The first page is always found anew; the ones after it and the counts beside it take the answer that is kept for
    `PAGES_SECONDS`, so that no task is on two pages.
    """
    try:
        key = key_of("search", normalise(text), near, tasks.order_by().values("pk").query.sql_with_params())
    except EmptyResultSet:
        return TasksFound([])
    kept = recall(key) if again else None
    if isinstance(kept, TasksFound):
        return kept
    query = query_read(text, near=near)
    within = tasks if tasks.query.where else None
    rows, mode = rows_found(TASKS, query, within=within)
    found = TasksFound([row.id for row in rows], mode, query.did_you_mean, query.wanted)
    keep(key, found, seconds=PAGES_SECONDS)
    return found
