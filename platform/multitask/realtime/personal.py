"""What the log of live events holds about a person."""

from __future__ import annotations

from multitask.accounts.personal import Fate, Holding, declare

WHY = "a short-lived log of what the messages and notifications in this export say already"


def register() -> None:
    """Called once all models are there."""
    declare(
        Holding("realtime.EventCursor", "user", Fate.ERASE, why=WHY),
        Holding("realtime.UserEvent", "user", Fate.ERASE, why=WHY),
        Holding("realtime.Presence", "user", Fate.ERASE, name="last_seen", export=("seen_at",)),
    )
