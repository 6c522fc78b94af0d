"""Believable bilingual demo content, made from nothing but a seed.

Pure Python: no database, no clock, no network. The same arguments always give the same people,
tasks, applications and reviews, so a demo can be rebuilt and a measurement repeated. Sentences
live in ``phrases/*.json``; the modules beside this one only choose and combine them.
"""

from __future__ import annotations

import random
from datetime import datetime

from multitask.demo.chats import make_chats
from multitask.demo.listings import make_tasks
from multitask.demo.people import FIXED_PEOPLE, make_users
from multitask.demo.records import Demo, DemoApplication, DemoChat, DemoReview, DemoSkill, DemoTask, DemoUser
from multitask.demo.responses import make_applications, make_reviews

__all__ = ["Demo", "DemoApplication", "DemoChat", "DemoReview", "DemoSkill", "DemoTask", "DemoUser", "build"]


def build(seed: int, *, users: int = 100, tasks: int = 200, now: datetime) -> Demo:
    """Make a whole demo marketplace.

    Args:
        seed: same seed and sizes, same result; any integer.
        users: at least 3 (the fixed accounts `client`, `freelancer` and `both` come first).
        tasks: at least 0. The oldest task comes first.
        now: an aware datetime; every deadline lies after it and `created_days_ago` counts back from it.

    Returns:
        A `Demo`. Of the users 40 % are clients, 40 % freelancers, 20 % both; of the tasks 60 % are open,
        20 % in progress, 15 % completed, 5 % cancelled, one in three a service offer. Budgets and prices
        are EGP. Cities are English names, districts are in the language of the task.

    Raises:
        ValueError: fewer than 3 users, a negative number of tasks, or a `now` without a time zone.
    """
    if users < len(FIXED_PEOPLE):
        raise ValueError(f"users must be at least {len(FIXED_PEOPLE)}, got {users}")
    if tasks < 0:
        raise ValueError(f"tasks must not be negative, got {tasks}")
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone")
    people = make_users(random.Random(f"{seed}:users"), users)
    drafts = make_tasks(random.Random(f"{seed}:tasks"), tasks, people, now)
    listed, applications = make_applications(random.Random(f"{seed}:applications"), drafts, people)
    reviews = make_reviews(random.Random(f"{seed}:reviews"), listed)
    chats = make_chats(random.Random(f"{seed}:chats"), listed, applications, people)
    return Demo(users=people, tasks=listed, applications=applications, reviews=reviews, chats=chats)
