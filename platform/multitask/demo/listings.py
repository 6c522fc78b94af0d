"""The tasks of the demo: requests and service offers, worded from templates."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from multitask.demo.people import FIXED_PEOPLE
from multitask.demo.phrasebook import (
    Template,
    book_of,
    city_named,
    duration_text,
    polish,
    round_price,
    shares,
    spread,
    talk,
)
from multitask.demo.records import DemoTask, DemoUser

_AGE_DAYS = {
    "OPEN": (0.05, 25.0),
    "IN_PROGRESS": (5.0, 40.0),
    "COMPLETED": (20.0, 120.0),
    "CANCELLED": (10.0, 90.0),
}
_DEADLINE = {
    "OPEN": (0.85, 3, 60),
    "IN_PROGRESS": (0.85, 2, 40),
    "COMPLETED": (0.4, 1, 10),
    "CANCELLED": (0.4, 1, 10),
}
# What the fixed client always has: tasks of every status, in these categories.
_FIXED_CLIENT_TASKS = {
    "OPEN": ("programming", "design", "cleaning"),
    "IN_PROGRESS": ("programming", "writing"),
    "COMPLETED": ("programming", "tutoring"),
    "CANCELLED": ("marketing",),
}
# Of the open tasks, so many are the fixed account `both`'s, and after them so many are near what each of the fixed
# freelancers can do, in turn.
_OF_BOTH = 2
_FITTING = 4


def _price(rng: random.Random, low: int, high: int) -> Decimal:
    """A round EGP amount between `low` and `high`; small amounts are likelier, as on any market."""
    drawn = round_price(math.exp(rng.uniform(math.log(low), math.log(high))))
    return min(max(drawn, Decimal(low)), Decimal(high)).quantize(Decimal("0.01"))


@dataclass
class _Desk:
    """Who can post, and what has been written already."""

    posters: list[DemoUser]
    sellers: list[DemoUser]
    fixed: dict[str, DemoUser]
    given: Counter[str] = field(default_factory=Counter)
    offers: int = 0
    titles: set[str] = field(default_factory=set)
    descriptions: set[str] = field(default_factory=set)


def make_tasks(
    rng: random.Random, total: int, people: Sequence[DemoUser], now: datetime
) -> tuple[DemoTask, ...]:
    opened, running, done, dropped = _status_counts(total)
    offers = min(opened, round(total / 3))
    kinds = (
        [("OPEN", "service_offer")] * offers
        + [("OPEN", "task_request")] * (opened - offers)
        + [("IN_PROGRESS", "task_request")] * running
        + [("COMPLETED", "task_request")] * done
        + [("CANCELLED", "task_request")] * dropped
    )
    rng.shuffle(kinds)
    desk = _Desk(
        posters=[user for user in people if user.user_type != "freelancer"],
        sellers=[user for user in people if user.user_type != "client"],
        fixed={user.username: user for user in people[: len(FIXED_PEOPLE)]},
    )
    found = [
        _task(rng, status=status, listing=listing, category=category, desk=desk, now=now)
        for (status, listing), category in zip(kinds, spread(rng, total), strict=True)
    ]
    found.sort(key=lambda task: -task.created_days_ago)
    return tuple(replace(task, ref=f"task-{index}") for index, task in enumerate(found, 1))


def _status_counts(total: int) -> list[int]:
    running, done, dropped, opened = shares(total, 0.2, 0.15, 0.05, 0.6)
    return [opened, running, done, dropped]


def _task(
    rng: random.Random, *, status: str, listing: str, category: str, desk: _Desk, now: datetime
) -> DemoTask:
    poster, category, near = _poster(rng, status, listing, category, desk)
    book = book_of(category)
    offered = listing == "service_offer"
    template = _nearest(rng, book.offers if offered else book.requests, near)
    own = rng.random() < 0.75
    language = poster.language if own else ("en" if poster.language == "ar" else "ar")
    place = city_named(poster.city)
    area = rng.choice(place.areas)[1 if language == "ar" else 0]
    details = talk()["offer"][language][template.place] if offered else book.details[language]
    place_words = {"city": place.name[language], "area": area}
    title, description = _wording(
        rng, template, language=language, place_words=place_words, details=details, desk=desk
    )
    remote = template.place == "remote" or (template.place == "either" and rng.random() < 0.5)
    kind = {"remote": "DIGITAL", "site": "PHYSICAL", "either": "BOTH"}[template.place]
    return DemoTask(
        ref="",
        client_ref=poster.ref,
        category=category,
        listing_type=listing,
        task_type="RECURRING" if template.recurring and rng.random() < 0.5 else kind,
        title=title,
        description=description,
        budget=_price(rng, template.low, template.high),
        is_negotiable=rng.random() < 0.6,
        city=poster.city,
        location="" if remote else area,
        is_remote=remote,
        deadline=None if offered else _deadline(rng, status, now),
        estimated_duration=duration_text(rng.uniform(*template.days), language),
        skills=_task_skills(rng, template),
        final_status=status,
        assigned_ref=None,
        created_days_ago=round(rng.uniform(*_AGE_DAYS[status]), 2),
    )


def _poster(
    rng: random.Random, status: str, listing: str, category: str, desk: _Desk
) -> tuple[DemoUser, str, frozenset[str]]:
    """Who posts it, in which category, and which skills its wording should be near to."""
    if listing == "service_offer":
        desk.offers += 1
        seller = {1: desk.fixed["freelancer"], 2: desk.fixed["both"]}.get(desk.offers) or rng.choice(
            desk.sellers
        )
        return seller, seller.interests[0], frozenset(skill.slug for skill in seller.skills)
    wanted = _FIXED_CLIENT_TASKS[status]
    turn = desk.given[status]
    desk.given[status] += 1
    if turn < len(wanted):
        skills = desk.fixed["freelancer"].skills if wanted[turn] == "programming" else ()
        return desk.fixed["client"], wanted[turn], frozenset(skill.slug for skill in skills)
    turn -= len(wanted)
    if status == "OPEN" and turn < _OF_BOTH:
        return desk.fixed["both"], category, frozenset()
    turn -= _OF_BOTH
    if status == "OPEN" and turn < 2 * _FITTING:
        wanting = desk.fixed["both" if turn % 2 else "freelancer"]
        others = [user for user in desk.posters if user.ref != wanting.ref]
        near = frozenset(skill.slug for skill in wanting.skills)
        return rng.choice(others), wanting.interests[0], near
    return rng.choice(desk.posters), category, frozenset()


def _nearest(rng: random.Random, templates: Sequence[Template], near: frozenset[str]) -> Template:
    """One template at random, of those that ask for a skill in `near` where there are any."""
    return rng.choice([one for one in templates if near.intersection(one.skills)] or list(templates))


def _wording(
    rng: random.Random,
    template: Template,
    *,
    language: str,
    place_words: dict[str, str],
    details: Sequence[str],
    desk: _Desk,
) -> tuple[str, str]:
    """A title and a description; drawn again a few times if they were used before."""
    title = description = ""
    for attempt in range(8):
        slots = {name: rng.choice(values) for name, values in template.slots[language].items()}
        slots.update(place_words)
        title = polish(template.title[language].format(**slots))
        extra = rng.sample(details, rng.choice((1, 2, 2)))
        description = " ".join([polish(template.text[language].format(**slots)), *extra])
        if description not in desk.descriptions and (attempt > 4 or title not in desk.titles):
            break
    desk.titles.add(title)
    desk.descriptions.add(description)
    return title, description


def _task_skills(rng: random.Random, template: Template) -> tuple[str, ...]:
    """2 to 5 skills: the work's first need always, then others of the same work."""
    count = rng.choices((2, 3, 4, 5), weights=(2, 4, 5, 4))[0]
    return (template.skills[0], *rng.sample(template.skills[1:], min(count, len(template.skills)) - 1))


def _deadline(rng: random.Random, status: str, now: datetime) -> datetime | None:
    chance, soonest, latest = _DEADLINE[status]
    if rng.random() >= chance:
        return None
    day = now + timedelta(days=rng.randint(soonest + 1, latest))
    return day.replace(hour=rng.randint(9, 21), minute=0, second=0, microsecond=0)
