"""Log in by user name or e-mail, in any case, in the same time whether the account exists or not."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.http import HttpRequest

from multitask.accounts.models import User


class UsernameOrEmailBackend(ModelBackend):
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
        # A user name never holds "@", so the two cannot name different people.
        field = "email__iexact" if "@" in username else "username__iexact"
        user = User.objects.filter(Q(**{field: username})).first()
        if user is None:
            User().set_password(password)  # spend the time that a wrong password would
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
