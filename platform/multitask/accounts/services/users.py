"""What can be done to an account."""

from __future__ import annotations

import re
from typing import Any

from django.db import IntegrityError, transaction

from multitask.accounts.models import User, UserType
from multitask.accounts.selectors.addresses import owner_of
from multitask.accounts.services.verification import address_give, address_given, verification_ask
from multitask.common.errors import DomainError, Invalid, violated_constraint
from multitask.outbox.emit import emit

# What the owner may change of an account. Ratings, verification and rights are not among them.
CHANGEABLE = frozenset(
    {"first_name", "last_name", "bio", "phone_number", "city", "country", "language", "user_type", "email"}
)
# What matching reads of a freelancer's own row.
MATCHED_FIELDS = frozenset({"bio", "city", "user_type"})
# Names that deleted accounts take.
_RESERVED_NAME = re.compile(r"deleted-\d+", re.IGNORECASE)


def user_register(
    *,
    username: str,
    email: str,
    password: str | None,
    first_name: str = "",
    last_name: str = "",
    user_type: str = UserType.CLIENT,
    language: str = "ar",
    bio: str = "",
    city: str = "",
    phone_number: str = "",
    pending_email: str = "",
    verify_email: bool = False,
) -> User:
    """Create an account. The password is stored hashed and was validated by the caller; None: nobody can log in.

    With `verify_email` a mail asks to prove the address, and one that another account owns is claimed instead, which
    looks the same from outside; otherwise that is Invalid email_taken. Raises Invalid admin_refused, username_taken.
    """
    if user_type not in UserType.values or user_type == UserType.ADMIN:
        raise Invalid("admin_refused", field="user_type")
    if _RESERVED_NAME.fullmatch(username.strip()):
        raise Invalid("username_taken", field="username")
    user = User(
        username=username.strip(),
        email=email.strip().lower(),
        pending_email=pending_email.strip().lower(),
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        user_type=user_type,
        language=language,
        bio=bio.strip(),
        city=city.strip(),
        phone_number=phone_number.strip(),
    )
    user.set_password(password)
    if verify_email and owner_of(user.email).exists():
        _claim(user)
    try:
        _insert(user, verify_email=verify_email)
    except Invalid as error:
        if not (verify_email and error.field == "email"):
            raise
        _claim(user)  # somebody came to own it at this very moment
        _insert(user, verify_email=verify_email)
    return user


def _claim(user: User) -> None:
    user.email, user.pending_email = "", user.email


def _insert(user: User, *, verify_email: bool) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            if user.may_apply:
                emit("profile.changed", key=f"user:{user.pk}", user=user.pk)
            if verify_email:
                verification_ask(user=user)
    except IntegrityError as error:
        raise _taken(error) from error


def user_change(*, actor: User, **values: Any) -> User:
    """Change one's own account: fields of CHANGEABLE.

    Who begins to take work gets a recommendation list, who ends loses it; a new address is claimed until it is proved.
    Raises TypeError for a name that is not a field, Invalid blank, admin_refused or user_type_fixed, DomainError
    account_deleted.
    """
    if unknown := set(values) - CHANGEABLE:
        raise TypeError(f"User has no {sorted(unknown)} to change")
    for name in values.keys() & {
        "first_name",
        "last_name",
        "bio",
        "phone_number",
        "city",
        "country",
        "email",
    }:
        values[name] = str(values[name]).strip()
    if "email" in values:
        values["email"] = values["email"].lower()
    with transaction.atomic():
        return _change(actor, values)


def _change(actor: User, values: dict[str, Any]) -> User:
    # The user's row: whether a list is wanted afterwards must be decided from what is really stored.
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if user.deleted_at is not None:
        raise DomainError("account_deleted")
    email = values.pop("email", None)
    changed = {name for name, value in values.items() if getattr(user, name) != value}
    if "user_type" in changed:
        if user.user_type == UserType.ADMIN:
            raise Invalid("user_type_fixed", field="user_type")
        if values["user_type"] not in UserType.values or values["user_type"] == UserType.ADMIN:
            raise Invalid("admin_refused", field="user_type")
    moved = address_give(user=user, email=email) if email is not None else set()
    if not changed | moved:
        return user
    took_work = user.may_apply
    for name in changed:
        setattr(user, name, values[name])
    user.save(update_fields={*changed, *moved, "updated_at"})
    if moved:
        address_given(user=user)
    if changed & MATCHED_FIELDS and user.may_apply:
        emit("profile.changed", key=f"user:{user.pk}", user=user.pk)
    elif took_work and not user.may_apply:
        emit("list.stale", key=f"user:{user.pk}", user=user.pk)
    return user


def _taken(error: IntegrityError) -> Exception:
    # By the constraint's name alone: the message quotes the value, which may hold any word.
    constraint = violated_constraint(error)
    if "username" in constraint:
        return Invalid("username_taken", field="username")
    return Invalid("email_taken", field="email") if "email" in constraint else error
