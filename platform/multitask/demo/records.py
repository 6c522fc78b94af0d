"""What a demo is made of. References (`ref`) tie the parts together; money is EGP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class DemoSkill:
    slug: str
    level: str
    years: int


@dataclass(frozen=True)
class DemoUser:
    ref: str
    username: str
    email: str
    first_name: str
    last_name: str
    language: str
    user_type: str
    bio: str
    city: str
    phone_number: str
    skills: tuple[DemoSkill, ...]
    interests: tuple[str, ...]
    min_budget: Decimal | None
    max_budget: Decimal | None
    prefer_remote: bool
    prefer_physical: bool


@dataclass(frozen=True)
class DemoTask:
    ref: str
    client_ref: str
    category: str
    listing_type: str
    task_type: str
    title: str
    description: str
    budget: Decimal
    is_negotiable: bool
    city: str
    location: str
    is_remote: bool
    deadline: datetime | None
    estimated_duration: str
    skills: tuple[str, ...]
    final_status: str
    assigned_ref: str | None
    created_days_ago: float


@dataclass(frozen=True)
class DemoApplication:
    ref: str
    task_ref: str
    freelancer_ref: str
    proposal: str
    offered_price: Decimal
    estimated_time: str
    cover_letter: str
    status: str


@dataclass(frozen=True)
class DemoReview:
    ref: str
    task_ref: str
    reviewer_ref: str
    rating: int
    comment: str
    communication_rating: int
    quality_rating: int
    professionalism_rating: int


@dataclass(frozen=True)
class DemoChat:
    """A conversation about a task: (who, what) in order. `unread_by` has not read the last one."""

    task_ref: str
    client_ref: str
    freelancer_ref: str
    messages: tuple[tuple[str, str], ...]
    unread_by: str | None

    def read_but_last_by(self, reader_ref: str) -> DemoChat:
        """The same, with the last message unread."""
        return replace(self, unread_by=reader_ref)


@dataclass(frozen=True)
class Demo:
    users: tuple[DemoUser, ...]
    tasks: tuple[DemoTask, ...]
    applications: tuple[DemoApplication, ...]
    reviews: tuple[DemoReview, ...]
    chats: tuple[DemoChat, ...]
