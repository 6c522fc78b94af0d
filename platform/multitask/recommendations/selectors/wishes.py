"""What somebody looks for."""

from __future__ import annotations

from multitask.accounts.models import User
from multitask.recommendations.models import UserPreference


def preferences_of(user: User) -> UserPreference:
    """The user's wishes; an unsaved row of defaults where they have said nothing yet."""
    return UserPreference.objects.filter(user=user).first() or UserPreference(user=user)
