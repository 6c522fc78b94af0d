"""The conversations of the assistant as state machines: pure functions from a state and a message to a `Turn`.

The state is JSON for the session: {"flow", "draft_id", "turn", "data", "pending_fields", …}. How each message counts
once, however often it is sent:

- `turn` grows by one with every message that is stepped, and `step` gives the same `Turn` for the same arguments. So
  the application locks the session, keeps the state from before beside the message it has answered, and answers a
  message that comes again (the same client_id, or `is_repeat` within some seconds) with the turn it has kept.
- `draft_id` is given by who begins (such as "<session>:<message>") and stays through edits and starting over. The
  effect `CreateTask` carries it; the application keeps it, unique, with the task it made in the same transaction.
- After the effect the state stays, marked done: the last answer sent once more gives the same turn with the same
  `draft_id`, which makes no second task; anything else is left to be answered by itself.

Where carrying out an effect fails, keep the state from before and say why: the answer can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ml.chatbot.flows import create, lookups
from ml.chatbot.flows.lookups import CHOOSE, choose, status_kind, told, told_status
from ml.chatbot.flows.turns import Button, Category, CreateTask, Go, Say, Show, State, Turn
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.slots import Slots

CREATE_TASK, TASKS, NAVIGATION, HELP = create.FLOW, "TASKS", "NAVIGATION", "HELP"
MY_TASKS, MY_APPLICATIONS = lookups.MY_TASKS, lookups.MY_APPLICATIONS


def flow_of(text: str, *, routed: Routed) -> str | None:
    """Which conversation a message begins; None for GENERAL_CHAT."""
    if routed.intent != Intent.CREATE_TASK:
        kind = status_kind(text)
        if kind is not None:
            return kind
    return {
        Intent.CREATE_TASK: CREATE_TASK,
        Intent.RECOMMEND_TASKS: TASKS,
        Intent.NAVIGATION: NAVIGATION,
        Intent.HELP: HELP,
    }.get(routed.intent)


def begin(flow: str, *, slots: Slots, language: str, draft_id: str) -> Turn:
    """The first turn of `flow`, one of those above. Raises ValueError for another name.

    Turns with a `Show` say nothing yet: look it up, and `told` (its number) or `told_status` (numbers by status) says
    it. HELP gives the menu; a question about the product is answered by `ml.chatbot.help` first.
    """
    if flow == CREATE_TASK:
        return create.begin(slots=slots, language=language, draft_id=draft_id)
    if flow == TASKS:
        return lookups.lookup(slots)
    if flow in {MY_TASKS, MY_APPLICATIONS}:
        return lookups.status(flow)
    if flow == NAVIGATION:
        return lookups.navigate(slots, language=language)
    if flow == HELP:
        return lookups.menu(language=language)
    raise ValueError(f"There is no conversation {flow!r}.")


def step(
    state: Mapping[str, Any],
    text: str,
    *,
    routed: Routed,
    language: str,
    today: date,
    categories: Sequence[Category],
) -> Turn:
    """The next turn of an open conversation. Never raises; a state that cannot be read is left (`Turn.aside`).

    `today` is Cairo's, `categories` in the order in which they are shown.
    """
    flow = state.get("flow")
    if flow == CREATE_TASK:
        return create.step(state, text, routed=routed, language=language, today=today, categories=categories)
    if flow == CHOOSE:
        return lookups.chosen(state, text, routed=routed)
    return Turn(None, aside=routed.intent)


def resume(
    state: Mapping[str, Any], *, language: str, today: date, categories: Sequence[Category]
) -> Turn | None:
    """What to say to somebody who comes back to an open draft after a while; None where there is none."""
    if state.get("flow") != CREATE_TASK:
        return None
    return create.resume(state, language=language, today=today, categories=categories)


def is_repeat(state: Mapping[str, Any], text: str) -> bool:
    """Whether `text` is the very message that led to `state`: with a few seconds between, it was sent twice."""
    return bool(state.get("answered")) and state["answered"] == create.mark_of(text)


__all__ = [
    "CREATE_TASK",
    "HELP",
    "MY_APPLICATIONS",
    "MY_TASKS",
    "NAVIGATION",
    "TASKS",
    "Button",
    "Category",
    "CreateTask",
    "Go",
    "Say",
    "Show",
    "State",
    "Turn",
    "begin",
    "choose",
    "flow_of",
    "is_repeat",
    "resume",
    "step",
    "told",
    "told_status",
]
