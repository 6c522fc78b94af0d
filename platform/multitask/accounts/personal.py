"""What is held about a person: every relation to the user, what an export shows of it, what a deletion does with it.

Each app declares its own in its `personal.py`. A test compares the declarations with the models: a new relation to the
user that nobody has thought about does not pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from typing import Any

from django.db.models import Q

from multitask.accounts.models import User


class Fate(StrEnum):
    """What becomes of the rows of a relation when the user's account is deleted."""

    ERASE = "erase"  # the rows go
    KEEP = "keep"  # others need them; they point at an account that no longer says who it was
    CLEAR = "clear"  # the rows stay without the user


@dataclass(frozen=True, slots=True)
class Holding:
    """One relation: `model` as "app.Model", `field` the name of the column or many-to-many field on it.

    `export` are the names of what the export shows, in the spelling of `QuerySet.values`; where it is empty `why` says
    why nothing is shown. Only rows within `where` are shown.
    """

    model: str
    field: str
    fate: Fate
    name: str = ""
    export: tuple[str, ...] = ()
    where: Q = dataclass_field(default_factory=Q)
    why: str = ""


HOLDINGS: dict[tuple[str, str], Holding] = {}
LEAVING: list[Callable[[User], None]] = []
LAST: set[Callable[[User], None]] = set()

# The account's own row. What is not here is either derived or of no meaning to a person.
ACCOUNT = (
    "id",
    "username",
    "email",
    "pending_email",
    "first_name",
    "last_name",
    "bio",
    "phone_number",
    "city",
    "country",
    "user_type",
    "language",
    "profile_picture",
    "average_rating",
    "total_reviews",
    "is_verified",
    "is_active",
    "last_login",
    "date_joined",
    "created_at",
    "updated_at",
)
# What no export shows of it: hashes and switches of the machinery.
ACCOUNT_INNER = frozenset(
    {"password", "token_epoch", "deleted_at", "search_text", "city_key", "is_staff", "is_superuser"}
)


def declare(*holdings: Holding) -> None:
    """Say what the relations of an app mean. Raises ValueError for one that shows nothing and does not say why."""
    for holding in holdings:
        if not holding.export and not holding.why:
            raise ValueError(f"{holding.model}.{holding.field} shows nothing and does not say why")
        HOLDINGS[holding.model, holding.field] = holding


def on_leaving(function: Callable[[User], None], *, last: bool = False) -> Callable[[User], None]:
    """Register what an app must do before an account is deleted, inside the same transaction.

    `last`: after every other app's, for what ends with live events, whose locks come after all others.
    """
    if function not in LEAVING:
        LEAVING.append(function)
    if last:
        LAST.add(function)
    LEAVING.sort(key=lambda one: one in LAST)
    return function


def section_of(holding: Holding) -> str:
    """The name of the holding's part of an export."""
    return holding.name or f"{holding.model.partition('.')[2].lower()}_{holding.field}"


def _declare_own() -> None:
    declare(
        Holding(
            "accounts.TokenFamily",
            "user",
            Fate.ERASE,
            name="logins",
            export=("created_at", "ended_at", "reason", "user_agent", "address"),
        ),
        Holding(
            "accounts.FormerAddress",
            "user",
            Fate.ERASE,
            name="former_addresses",
            export=("email", "replaced_at"),
        ),
        Holding(
            "accounts.ExternalIdentity",
            "user",
            Fate.ERASE,
            name="external_identities",
            export=("provider", "subject", "email", "created_at"),
        ),
        Holding("accounts.User", "groups", Fate.CLEAR, name="groups", export=("groups__name",)),
        Holding(
            "accounts.User",
            "user_permissions",
            Fate.CLEAR,
            name="permissions",
            export=("user_permissions__codename",),
        ),
        Holding(
            "admin.LogEntry",
            "user",
            Fate.KEEP,
            name="admin_actions",
            export=("action_time", "content_type__model", "object_id", "action_flag"),
        ),
        Holding(
            "common.IdempotencyRecord",
            "user",
            Fate.ERASE,
            why="Copies of answers, kept for a day; what they were about is shown itself.",
        ),
        Holding(
            "files.StoredFile",
            "owner",
            Fate.ERASE,
            name="files",
            export=("id", "name", "content_type", "size", "created_at", "attached_at"),
        ),
        Holding(
            "mail.SentMail",
            "user",
            Fate.ERASE,
            name="mails",
            export=("key", "mail_class", "language", "state", "reason", "created_at", "settled_at"),
        ),
    )


def rows_of(holding: Holding, user: User) -> Any:
    """The rows of a relation, as they are shown: a list of dictionaries."""
    from django.apps import apps

    model = apps.get_model(holding.model)
    owner = "pk" if model is User else holding.field
    found = model._base_manager.filter(holding.where, **{owner: user.pk}).order_by("pk")
    rows = list(found.values(*holding.export))
    if model is User:
        return [value for row in rows for value in row.values() if value is not None]
    return rows


_declare_own()
