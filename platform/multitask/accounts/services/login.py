"""Log in by user name or e-mail, with a lock after repeated failures.

The lock counts names as they are written, not accounts: were the two names of one account (user name and address)
counted together, failing under the one and being locked under the other would tell whose address it is.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils import timezone

from multitask.accounts.models import User
from multitask.accounts.selectors.addresses import has_proved
from multitask.accounts.services.attempts import (
    Full,
    Place,
    attempt_give_back,
    attempt_take,
    attempts_forget,
    hashed,
)
from multitask.common.errors import DomainError


def user_authenticate(*, login: str, password: str, address: str | None = None) -> User:
    """The active user with this user name or e-mail and password.

    Raises DomainError invalid_credentials (401), or login_locked (429) after too many failures under this name or
    from this address, whether there is such an account or not, and whether the password is right or not.
    """
    places = login_places(login=login, address=address)
    user = authenticate(username=login, password=password)
    if not isinstance(user, User):
        raise DomainError("invalid_credentials", status=401)
    login_passed(login=login, places=places, user=user)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    return user


def login_places(*, login: str, address: str | None) -> list[Place]:
    """Take a place among the failures before the password is looked at. Raises DomainError login_locked.

    Taken first and given back on success, so that fifty at once are no more than the limit.
    """
    wanted = [(hashed("login-name", login), settings.LOGIN_ACCOUNT_FAILURES)]
    if address:
        wanted.append((hashed("login-address", network_of(address)), settings.LOGIN_ADDRESS_FAILURES))
    taken: list[Place] = []
    for key, limit in wanted:
        found = attempt_take(key=key, limit=limit, seconds=settings.LOGIN_WINDOW_SECONDS)
        if isinstance(found, Full):
            for place in taken:
                attempt_give_back(place)
            raise DomainError("login_locked", status=429, wait=found.wait)
        taken.append(found)
    return taken


def login_passed(*, login: str, places: list[Place], user: User) -> None:
    """The password was right: the name's failures are forgotten, the address keeps its others.

    An e-mail address that `user` has not proved keeps its failures too: whoever claims another's address could else
    guess the other's password without end, by logging in to the own account now and then.
    """
    own = "@" not in login or has_proved(user, login)
    if own:
        attempts_forget([hashed("login-name", login)])
    for place in places[1:] if own else places:
        attempt_give_back(place)


def login_unlock(*, user: User, unproved: bool = False) -> None:
    """Forget the failures under both names of an account; of an address only if it is proved, or with `unproved`.

    Were an address forgotten that is not, the lock after the end of an account would tell whether it was owned.
    """
    names = {user.username}
    if user.is_verified and user.email:
        names.add(user.email)
    if unproved and user.address:
        names |= {user.address, user.email} - {""}
    attempts_forget([hashed("login-name", name) for name in sorted(names)])


def network_of(address: str) -> str:
    """What one subscriber holds: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
