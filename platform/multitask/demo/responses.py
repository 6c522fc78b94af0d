"""What people answer in the demo: applications to tasks, and reviews of finished ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from multitask.demo.people import FIXED_PEOPLE
from multitask.demo.phrasebook import (
    city_named,
    language_of,
    nearby_duration,
    polish,
    round_price,
    skill_names,
    talk,
    years_text,
)
from multitask.demo.records import DemoApplication, DemoReview, DemoTask, DemoUser

# Who logs in finds so many open tasks on their list that they have not applied to.
KEPT = 8


def _offer_price(rng: random.Random, task: DemoTask) -> Decimal:
    """0.8 to 1.2 of the budget; where the budget is fixed, mostly the budget itself."""
    if not task.is_negotiable and rng.random() < 0.6:
        return task.budget
    drawn = round_price(float(task.budget) * rng.uniform(0.8, 1.2))
    low, high = task.budget * Decimal("0.8"), task.budget * Decimal("1.2")
    return min(max(drawn, low), high).quantize(Decimal("0.01"))


class _Pool:
    """Freelancers by what they can do and where they are."""

    def __init__(self, people: Iterable[DemoUser]) -> None:
        self.everyone = [user for user in people if user.user_type != "client"]
        self.by_skill: dict[str, list[DemoUser]] = defaultdict(list)
        self.by_skill_and_city: dict[tuple[str, str], list[DemoUser]] = defaultdict(list)
        self.by_category: dict[str, list[DemoUser]] = defaultdict(list)
        for user in self.everyone:
            for slug in (skill.slug for skill in user.skills):
                self.by_skill[slug].append(user)
                self.by_skill_and_city[slug, user.city].append(user)
            for category in dict.fromkeys(skill_names()[skill.slug]["category"] for skill in user.skills):
                self.by_category[category].append(user)

    def pick(
        self, rng: random.Random, task: DemoTask, count: int, *, first: DemoUser | None, but: set[str]
    ) -> list[DemoUser]:
        """Up to `count` different people for a task, never its owner nor one of `but`; one at least without these.

        People of the task's city come first where the work is on site; who shares more of its skills is
        likelier. Only where nobody knows the category is anybody else taken.
        """
        chosen = {first.ref: first} if first else {}
        here = [user for slug in task.skills for user in self.by_skill_and_city[slug, task.city]]
        able = [user for slug in task.skills for user in self.by_skill[slug]]
        layers = [able, self.by_category[task.category], self.everyone]
        if not task.is_remote:
            layers.insert(0, here)
        for layer in layers:
            if layer is self.everyone and chosen:
                break
            for user in rng.sample(layer, min(len(layer), 50)):
                if len(chosen) >= count:
                    return list(chosen.values())
                if user.ref != task.client_ref and user.ref not in but:
                    chosen[user.ref] = user
        return list(chosen.values())[:count]


def _kept_for(person: DemoUser, drafts: Sequence[DemoTask]) -> set[str]:
    """References of the open tasks of others that suit `person` best, `KEPT` at most."""
    skills = {skill.slug for skill in person.skills}
    fitting = [
        draft
        for draft in drafts
        if draft.final_status == "OPEN"
        and draft.listing_type == "task_request"
        and draft.client_ref != person.ref
        and skills.intersection(draft.skills)
    ]
    fitting.sort(key=lambda draft: -len(skills.intersection(draft.skills)))
    return {draft.ref for draft in fitting[:KEPT]}


def make_applications(
    rng: random.Random, drafts: Sequence[DemoTask], people: Sequence[DemoUser]
) -> tuple[tuple[DemoTask, ...], tuple[DemoApplication, ...]]:
    pool = _Pool(people)
    client, freelancer = people[0], people[1]
    logins = [user for user in people[: len(FIXED_PEOPLE)] if user.user_type != "client"]
    kept = {user.ref: _kept_for(user, drafts) for user in logins}
    listed: list[DemoTask] = []
    found: list[DemoApplication] = []
    # 3 to 10 each, every number as often as the others.
    counts = [3 + index % 8 for index in range(len(drafts))]
    rng.shuffle(counts)
    for draft, count in zip(drafts, counts, strict=True):
        if draft.listing_type == "service_offer" or draft.final_status == "CANCELLED":
            listed.append(draft)
            continue
        ours = draft.client_ref == client.ref and draft.category == "programming"
        first = freelancer if ours and draft.final_status != "OPEN" else None
        but = {ref for ref, tasks in kept.items() if draft.ref in tasks}
        applicants = pool.pick(rng, draft, count, first=first, but=but)
        winner = None if draft.final_status == "OPEN" else applicants[0]
        rng.shuffle(applicants)
        for user in applicants:
            status = "PENDING" if winner is None else "ACCEPTED" if user is winner else "REJECTED"
            found.append(_application(rng, f"application-{len(found) + 1}", draft, user, status))
        listed.append(replace(draft, assigned_ref=winner.ref) if winner else draft)
    return tuple(listed), tuple(found)


def _application(
    rng: random.Random, ref: str, task: DemoTask, user: DemoUser, status: str
) -> DemoApplication:
    language = language_of(task.title)
    phrases = talk()
    known = sorted(user.skills, key=lambda skill: (skill.slug not in task.skills, -skill.years))
    fitting = [skill for skill in known if skill_names()[skill.slug]["category"] == task.category] or known
    time = nearby_duration(task.estimated_duration, rng.choice((-1, 0, 0, 0, 1)))
    words = {
        "skill": skill_names()[fitting[0].slug][language],
        "years": years_text(fitting[0].years, language),
        "time": time,
        "city": city_named(user.city).name[language],
        "count": str(rng.randint(11, 60)),
    }
    parts = [
        rng.choice(phrases["opening"][language]),
        rng.choice(phrases["skill"][language]),
        *rng.sample(phrases["plan"][language], rng.choice((1, 2))),
    ]
    cover = " ".join(rng.sample(phrases["cover"][language], rng.choice((1, 2)))) if rng.random() < 0.4 else ""
    return DemoApplication(
        ref=ref,
        task_ref=task.ref,
        freelancer_ref=user.ref,
        proposal=polish(" ".join(parts).format(**words)),
        offered_price=_offer_price(rng, task),
        estimated_time=time,
        cover_letter=cover.format(**words),
        status=status,
    )


def make_reviews(rng: random.Random, tasks: Sequence[DemoTask]) -> tuple[DemoReview, ...]:
    """Both sides of every completed task, in the language of the task."""
    found: list[DemoReview] = []
    for task in tasks:
        if task.final_status != "COMPLETED" or task.assigned_ref is None:
            continue
        language = language_of(task.title)
        for reviewer, kind in (
            (task.client_ref, "review_of_freelancer"),
            (task.assigned_ref, "review_of_client"),
        ):
            rating = rng.choices((5, 4, 3), weights=(6, 3, 1))[0]
            parts = [min(5, max(3, rating + rng.choice((-1, 0, 0, 1)))) for _ in range(3)]
            found.append(
                DemoReview(
                    ref=f"review-{len(found) + 1}",
                    task_ref=task.ref,
                    reviewer_ref=reviewer,
                    rating=rating,
                    comment=rng.choice(talk()[kind][language][str(rating)]),
                    communication_rating=parts[0],
                    quality_rating=parts[1],
                    professionalism_rating=parts[2],
                )
            )
    return tuple(found)
