"""What operators do to accounts."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from multitask.accounts.models import User, UserType
from multitask.accounts.services.login import login_unlock
from multitask.accounts.services.picture import picture_set
from multitask.accounts.services.tokens import sessions_end_all
from multitask.accounts.services.users import CHANGEABLE, user_change
from multitask.common.errors import DomainError, Forbidden, NotFound
from multitask.outbox.emit import emit

MAY_CHANGE = "accounts.change_user"
RIGHTS = frozenset({"is_staff", "is_superuser", "user_type"})


def _locked(*, actor: User, user_id: int) -> User:
    """The account, for an operator who may change it. Raises Forbidden, NotFound, DomainError."""
    if not actor.has_perm(MAY_CHANGE):
        raise Forbidden
    # The account's row, before the check: two operators at once act one after the other.
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    if user.is_superuser and not actor.is_superuser:
        raise Forbidden("superuser_only")
    if user.deleted_at is not None:
        raise DomainError("account_deleted")
    return user


@transaction.atomic
def user_deactivate(*, actor: User, user_id: int) -> User:
    """Shut an account out: nobody logs in with it, and every token of it ends. Twice is once.

    Raises Forbidden, NotFound, DomainError own_account or account_deleted.
    """
    user = _locked(actor=actor, user_id=user_id)
    if user.pk == actor.pk:
        raise DomainError("own_account")
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active", "updated_at"])
        sessions_end_all(user=user, reason="deactivated")
    return user


@transaction.atomic
def user_reactivate(*, actor: User, user_id: int) -> User:
    """Let an account in again; older tokens stay dead. Raises Forbidden, NotFound, DomainError account_deleted."""
    user = _locked(actor=actor, user_id=user_id)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active", "updated_at"])
    return user


@transaction.atomic
def user_picture_remove(*, actor: User, user_id: int) -> User:
    """Take an unfit picture away. Raises Forbidden, NotFound, DomainError account_deleted."""
    return picture_set(actor=_locked(actor=actor, user_id=user_id), picture=None)


@transaction.atomic
def user_log_out(*, actor: User, user_id: int) -> User:
    """End every token of an account. Raises Forbidden, NotFound, DomainError account_deleted."""
    user = _locked(actor=actor, user_id=user_id)
    sessions_end_all(user=user, reason="operator")
    return user


@transaction.atomic
def user_unlock(*, actor: User, user_id: int) -> User:
    """Forget the failed logins of an account. Raises Forbidden, NotFound, DomainError account_deleted."""
    user = _locked(actor=actor, user_id=user_id)
    login_unlock(user=user, unproved=True)
    return user


@transaction.atomic
def user_edit(*, actor: User, user_id: int, **values: Any) -> User:
    """Change what an operator may change of an account; rights, and who is an administrator, by a superuser alone.

    Raises Forbidden, NotFound, Invalid, DomainError account_deleted.
    """
    user = _locked(actor=actor, user_id=user_id)
    becomes_admin = UserType.ADMIN in {user.user_type, values.get("user_type", user.user_type)}
    rights = {name for name in values.keys() & RIGHTS if name != "user_type" or becomes_admin}
    rights = {name for name in rights if getattr(user, name) != values[name]}
    if rights and not actor.is_superuser:
        raise Forbidden("superuser_only")
    if rights:
        took_work = user.may_apply
        for name in rights:
            setattr(user, name, values[name])
        user.save(update_fields=[*rights, "updated_at"])
        if took_work or user.may_apply:
            emit("profile.changed", key=f"user:{user.pk}", user=user.pk)
    plain = {name: value for name, value in values.items() if name in CHANGEABLE and name not in rights}
    if user.user_type == UserType.ADMIN:
        plain.pop("user_type", None)
    return user_change(actor=user, **plain)


@transaction.atomic
def user_open(*, actor: User, user: User) -> User:
    """Store an account that an operator made in the administration, its password hashed already. Raises Forbidden."""
    if not actor.has_perm("accounts.add_user"):
        raise Forbidden
    if user.user_type == UserType.ADMIN and not actor.is_superuser:
        raise Forbidden("superuser_only")
    user.email = user.email.lower()
    user.save(force_insert=True)
    if user.may_apply:
        emit("profile.changed", key=f"user:{user.pk}", user=user.pk)
    return user
