"""Change a password, and set a forgotten one anew."""

from __future__ import annotations

from copy import copy

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from multitask.accounts.models import User
from multitask.accounts.selectors.addresses import owner_of
from multitask.accounts.services.attempts import Full, attempt_take, attempts_forget, hashed
from multitask.accounts.services.login import login_unlock
from multitask.accounts.services.tokens import sessions_end_all
from multitask.accounts.services.verification import mail_allowed
from multitask.common.errors import DomainError, Invalid
from multitask.outbox.emit import emit

UID_DIGITS = 18


def password_confirm(*, user: User, password: str, field: str) -> None:
    """Ask for the password of somebody who is logged in. Counted like logins are.

    Raises Invalid wrong_password or no_password, DomainError login_locked.
    """
    if not user.has_usable_password():
        raise Invalid("no_password", field=field)
    key = hashed("password-of", str(user.pk))
    taken = attempt_take(
        key=key, limit=settings.LOGIN_ACCOUNT_FAILURES, seconds=settings.LOGIN_WINDOW_SECONDS
    )
    if isinstance(taken, Full):
        raise DomainError("login_locked", status=429, wait=taken.wait)
    if not user.check_password(password):
        raise Invalid("wrong_password", field=field)
    attempts_forget([key])


def password_judge(*, user: User, password: str) -> None:
    """Raise ValidationError for a weak password. Judged beside the address that the user sees, owned or claimed."""
    shown = copy(user)
    shown.email = user.address
    validate_password(password, shown)


def password_change(*, actor: User, old_password: str, new_password: str) -> User:
    """Set a new password; every token of the account ends. Raises as `password_confirm`, and ValidationError."""
    password_confirm(user=actor, password=old_password, field="old_password")
    password_judge(user=actor, password=new_password)
    with transaction.atomic():
        return _set(User.objects.select_for_update().get(pk=actor.pk), new_password)


def password_reset_ask(*, email: str) -> None:
    """Send a link to the owner of the address. It looks the same from outside whether there is one or not."""
    user = owner_of(email).filter(is_active=True).first()
    if mail_allowed(kind="reset", email=email):
        with transaction.atomic():
            number = user.pk if user else 0
            emit("account.reset_asked", key=f"user:{number}", user=number)


def reset_credentials(*, user: User) -> tuple[str, str]:
    """(uid, token) for the link. The token dies with its use, the next login, or after two hours."""
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


def password_reset(*, uid: str, token: str, new_password: str) -> User:
    """Set the password by a link. Who could read the mail has proved the address, and takes back a change of it.

    Raises DomainError reset_link_invalid (400), ValidationError for a weak password (the link lives on).
    """
    user_id = _user_id(uid)
    with transaction.atomic():
        # The user's row, before the token is checked: of two uses of one link at once the second must fail.
        user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
        if user is None or not default_token_generator.check_token(user, token):
            raise DomainError("reset_link_invalid", status=400)
        password_judge(user=user, password=new_password)
        user.is_verified = True
        # Whoever else was logged in may have begun to change the address: it ends with their login.
        user.pending_email = ""
        login_unlock(user=user)
        return _set(user, new_password)


def _user_id(uid: str) -> int:
    try:
        decoded = urlsafe_base64_decode(uid).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return 0
    return int(decoded) if decoded.isdecimal() and len(decoded) <= UID_DIGITS else 0


def _set(user: User, password: str) -> User:
    user.set_password(password)
    user.save(update_fields=["password", "is_verified", "pending_email", "updated_at"])
    sessions_end_all(user=user, reason="password")
    emit("account.password_changed", key=f"user:{user.pk}", user=user.pk)
    return user
