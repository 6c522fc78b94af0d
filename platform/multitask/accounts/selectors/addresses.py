"""Who owns an e-mail address, and who claims it. Case does not count, as in the constraint that keeps owners apart."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from multitask.accounts.models import User

# How many accounts that have not proved an address may be logged into with it.
UNPROVED_LOGINS = 2


def _people() -> QuerySet[User]:
    return User.objects.alias(owned=Lower("email"), claimed=Lower("pending_email"))


def _owns(email: str) -> Q:
    # The words of the partial index, or it is not used.
    return Q(owned=Lower(Value(email.strip()))) & ~Q(email="")


def _claims(email: str) -> Q:
    return Q(claimed=Lower(Value(email.strip()))) & ~Q(pending_email="")


def owner_of(email: str) -> QuerySet[User]:
    """The account that owns the address: one row at most."""
    return _people().filter(_owns(email))


def login_candidates(email: str) -> list[User | None]:
    """The accounts that this address may log in: always 1 + UNPROVED_LOGINS, None where there is none. One query.

    First who has proved the address, then the newest of those who have not, whether they own it or claim it: among
    these nothing may depend on who owns it, or logging in would tell.
    """
    proved = _owns(email) & Q(is_verified=True)
    first = Case(When(proved, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = _people().filter(_owns(email) | _claims(email)).order_by(first, "-pk")
    found: list[User | None] = list(rows[: 1 + UNPROVED_LOGINS])
    if not (found and has_proved(found[0], email)):
        found.insert(0, None)
    found += [None] * (1 + UNPROVED_LOGINS)
    return found[: 1 + UNPROVED_LOGINS]


def has_proved(user: User | None, email: str) -> bool:
    """Whether the address is the user's own and proved."""
    return user is not None and user.is_verified and user.email.lower() == email.strip().lower()


def waiting_for_proof(email: str) -> User | None:
    """Who asks to prove this address: the owner who has not yet, else the newest who claims it. One query."""
    owner = Case(When(_owns(email), then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = _people().filter((_owns(email) & Q(is_verified=False)) | _claims(email), is_active=True)
    return rows.order_by(owner, "-pk").first()
