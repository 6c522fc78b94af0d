"""Log in by user name or e-mail, in any case, in the same time whether the account exists or not.

An address may be owned by one account and claimed by others: the password decides which it is. Always as many passwords
are hashed as for an address that all of them have.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from multitask.accounts.api.client import address_of
from multitask.accounts.models import User
from multitask.accounts.selectors.addresses import login_candidates
from multitask.accounts.services.login import login_passed, login_places
from multitask.common.errors import DomainError


class UsernameOrEmailBackend(ModelBackend):
    """The API's login counts failures itself; a login with a Django request (the admin's form) is counted here."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        username = username or kwargs.get("email")
        if not username or password is None:
            return None
        if request is None:
            return self._found(username, password)
        try:
            places = login_places(login=username, address=address_of(request))
        except DomainError as error:
            raise PermissionDenied(str(error)) from error
        user = self._found(username, password)
        if user is not None:
            login_passed(login=username, places=places, user=user)
        return user

    def _found(self, username: str, password: str) -> User | None:
        # A user name never holds "@", so the two cannot name different people.
        if "@" in username:
            candidates = login_candidates(username)
        else:
            candidates = [User.objects.filter(username__iexact=username).first()]
        # Every one is looked at, the right one found or not: the time must not tell how many there are.
        right = [user for user in candidates if _has_password(user, password)]
        return next((user for user in right if self.user_can_authenticate(user)), None)


def _has_password(user: User | None, password: str) -> TypeGuard[User]:
    if user is None or not user.has_usable_password():
        User().set_password(password)  # spend the time that a wrong password would
        return False
    return user.check_password(password)
