"""Take everything along, and leave: the export of what is held about a person, and the end of an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User, UserType
from multitask.accounts.personal import ACCOUNT, HOLDINGS, LEAVING, Fate, rows_of, section_of
from multitask.accounts.services.login import login_unlock
from multitask.accounts.services.passwords import password_confirm
from multitask.accounts.services.picture import picture_set
from multitask.accounts.services.tokens import sessions_end_all
from multitask.files.services.files import files_remove_of

RESWEEP_HOURS = 2
EMAIL_DOMAIN = "deleted.invalid"


def account_export(*, actor: User) -> dict[str, Any]:
    """Everything held about the actor, by part: {"exported_at", "account", part: [row, …], …}. One query a part."""
    with transaction.atomic():
        # Deferrable reading of one moment is not needed: each part is whole in itself.
        user = _account(actor)
        parts = {
            section_of(holding): rows_of(holding, actor)
            for _, holding in sorted(HOLDINGS.items())
            if holding.export
        }
    return {"exported_at": timezone.now(), "account": user, **parts}


def _account(actor: User) -> dict[str, Any]:
    """The account's own row as its owner sees it: no part of it tells whether an address not proved is another's."""
    row: dict[str, Any] = User.objects.values(*ACCOUNT).get(pk=actor.pk)
    pending, proved = row.pop("pending_email"), row["email"] if row["is_verified"] else ""
    return row | {
        "email": pending or row["email"],
        "is_verified": bool(row["is_verified"] and not pending),
        "proved_email": proved,
    }


def account_delete(*, actor: User, password: str) -> None:
    """End the account: what is the actor's alone goes, what others need stays without saying who it was.

    Open and running work is cancelled, pending applications are withdrawn, every token ends. Raises as
    `password_confirm`.
    """
    password_confirm(user=actor, password=password, field="password")
    with transaction.atomic():
        account_erase(user=actor)


@transaction.atomic
def account_erase(*, user: User) -> None:
    """As `account_delete`, without asking for the password: for an administrator. Twice is once."""
    # People before tasks, as everything locks. Not the whole row (no_key): an accept holds its task and looks at this
    # row's key, and would wait for us while we wait for the task.
    found = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if found.deleted_at is not None:
        return
    login_unlock(user=found)
    _let_everything_go(found)
    sessions_end_all(user=found, reason="deleted")
    _anonymise(found)


def accounts_resweep() -> int:
    """Let go of what requests that were under way when an account ended have written after it. Returns how many
    accounts were looked at: those that ended within the last two hours.
    """
    since = timezone.now() - timedelta(hours=RESWEEP_HOURS)
    gone = list(User.objects.filter(deleted_at__gte=since).order_by("pk"))
    for user in gone:
        with transaction.atomic():
            _let_everything_go(User.objects.select_for_update(no_key=True).get(pk=user.pk))
    return len(gone)


def _let_everything_go(user: User) -> None:
    for function in LEAVING:
        function(user)
    files_remove_of(owner_id=user.pk)
    picture_set(actor=user, picture=None)
    for holding in HOLDINGS.values():
        _let_go(user, holding.model, holding.field, holding.fate)


def _let_go(user: User, model_name: str, field_name: str, fate: Fate) -> None:
    model = apps.get_model(model_name)
    field: Any = model._meta.get_field(field_name)
    rows = model._base_manager.filter(**{field_name: user.pk})
    if fate is Fate.ERASE:
        rows.delete()
    elif fate is Fate.CLEAR and field.many_to_many and model is User:
        getattr(user, field_name).clear()
    elif fate is Fate.CLEAR and field.many_to_many:
        field.remote_field.through._base_manager.filter(**{field.m2m_reverse_field_name(): user.pk}).delete()
    elif fate is Fate.CLEAR:
        rows.update(**{field_name: None})


def _anonymise(user: User) -> None:
    row = User.objects.get(pk=user.pk)
    row.username = f"deleted-{row.pk}"
    row.email = f"deleted-{row.pk}@{EMAIL_DOMAIN}"
    row.pending_email = ""
    row.first_name = row.last_name = row.bio = row.phone_number = row.city = row.country = ""
    row.profile_picture = ""
    row.user_type = UserType.CLIENT
    row.is_active = row.is_verified = row.is_staff = row.is_superuser = False
    row.last_login = None
    row.deleted_at = timezone.now()
    row.set_unusable_password()
    row.save()
