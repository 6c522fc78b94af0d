"""What can be done to an account."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.utils import timezone

from multitask.accounts.models import User, UserType
from multitask.common.errors import DomainError, Invalid, violated_constraint
from multitask.outbox.emit import emit


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
) -> User:
    """Create an account. The password is stored hashed and was validated by the caller; None: nobody can log in.

    Raises Invalid (admin_refused, username_taken, email_taken).
    """
    if user_type not in UserType.values or user_type == UserType.ADMIN:
        raise Invalid("admin_refused", field="user_type")
    user = User(
        username=username.strip(),
        email=email.strip().lower(),
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        user_type=user_type,
        language=language,
        bio=bio.strip(),
        city=city.strip(),
        phone_number=phone_number.strip(),
    )
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            if user.may_apply:
                emit("profile.changed", key=f"user:{user.pk}", user=user.pk)
    except IntegrityError as error:
        # By the constraint's name alone: the message quotes the value, which may hold any word.
        constraint = violated_constraint(error)
        if "username" in constraint:
            raise Invalid("username_taken", field="username") from error
        if "email" in constraint:
            raise Invalid("email_taken", field="email") from error
        raise
    return user


def user_authenticate(*, login: str, password: str) -> User:
    """The active user with this user name or e-mail and password. Raises DomainError invalid_credentials (401)."""
    user = authenticate(username=login, password=password)
    if not isinstance(user, User):
        raise DomainError("invalid_credentials", status=401)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    return user
