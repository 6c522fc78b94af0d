"""Which demo logins work here."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.contrib.auth.hashers import check_password

from multitask.accounts.models import User
from multitask.demo.accounts import KIND_SEED, KIND_USER, LOGINS, PASSWORD, is_production
from multitask.exchange.selectors.refs import refs_of


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str
    role: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the demo here was made with: `made_with` is "seed users tasks"; `is_whole` once all of it is there."""

    made_with: str
    is_whole: bool


def demo_found() -> Seeded | None:
    """The demo in this database, whole or begun; None where there is none."""
    notes = refs_of(kind=KIND_SEED)
    begun = next((ref.removeprefix("begun ") for ref in notes if ref.startswith("begun ")), None)
    return None if begun is None else Seeded(begun, f"whole {begun}" in notes)


def demo_logins() -> list[Login]:
    """The demo's own accounts that still have the demo's password; [] without a demo, and always in production."""
    if is_production():
        return []
    made = refs_of(kind=KIND_USER).values()
    roles = dict(LOGINS)
    rows = User.objects.filter(pk__in=made, username__in=roles, is_active=True).values_list(
        "username", "password"
    )
    # The accounts share one hash, and checking one takes a good part of a second.
    right: dict[str, bool] = {}
    for _, encoded in rows:
        if encoded not in right:
            right[encoded] = check_password(PASSWORD, encoded)
    known = {username for username, encoded in rows if right[encoded]}
    return [Login(username, PASSWORD, role) for username, role in LOGINS if username in known]
