"""Search as the lists of tasks know it: who answers is an app above, which says so when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.db.models import QuerySet

from ml import search
from multitask.tasks.models import Task

FRAGMENT = 200
HYBRID, LEXICAL = "hybrid", "lexical"


@dataclass(frozen=True, slots=True)
class TasksFound:
    """Which tasks were found, the best first, 1,000 at most.

    `mode` says which halves answered; `did_you_mean` is the query in a spelling that finds more, or None; `wanted` are
    the lexemes that highlights mark.
    """

    ids: list[int]
    mode: str = LEXICAL
    did_you_mean: str | None = None
    wanted: frozenset[str] = field(default_factory=frozenset)


# (tasks within a filter, the query, whether what was found a moment ago will do, the asker's city) to what is found.
Answer = Callable[[QuerySet[Task], str, bool, str], TasksFound]
_answers: list[Answer] = []


def search_by(answer: Answer) -> None:
    """Let `answer` answer every search from now on."""
    _answers[:] = [answer]


def tasks_found(tasks: QuerySet[Task], text: str, *, again: bool = False, near: str = "") -> TasksFound:
    """What `text` finds among `tasks`. With `again` the answer of a minute ago will do, so that pages fit together.

    `near` is the key of the city of who asks, "" where it is not known: equals are read from there first.
    """
    return _answers[0](tasks, text, again, near)


def highlights(task: Task, wanted: Collection[str]) -> dict[str, str] | None:
    """{"title", "description"}: the part with most of the words found, escaped, the words in <mark>; None without any."""
    title = _marked(task.title, wanted, width=max(FRAGMENT, len(task.title)))
    description = _marked(task.description[:4_000], wanted, width=FRAGMENT)
    if "<mark>" not in title + description:
        return None
    return {"title": title, "description": description}


def _marked(text: str, wanted: Collection[str], *, width: int) -> str:
    part, places = search.marked(text, wanted, width=width)
    pieces: list[Any] = []
    at = 0
    for start, end in places:
        pieces += [escape(part[at:start]), "<mark>", escape(part[start:end]), "</mark>"]
        at = end
    return "".join([*pieces, escape(part[at:])])
