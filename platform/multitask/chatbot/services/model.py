"""Whether the model may be asked for a user now."""

from __future__ import annotations

from django.conf import settings

from multitask.accounts.models import User
from multitask.chatbot.services.breaker import breaker_state
from multitask.chatbot.services.limiter import budget_take


def model_withheld(actor: User) -> str:
    """Why the model is not asked for `actor` now, as a key of `texts.WHY`; "" where it is, and counted into their day."""
    if not settings.GEMINI_API_KEY:
        return "no_key"
    if breaker_state() == "open":
        return "away"
    return "budget" if budget_take(user_id=actor.pk) is not None else ""
