"""Answer what needs no model: what a message means, the conversation that it begins or goes on with, what that does.

Everything here runs within the transaction of the message, on a session that is locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from ml.chatbot import flow
from ml.chatbot.flow import Button, CreateTask, Show, State, Turn
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.slots import Slots, slots_of
from multitask.accounts.models import MAY_OFFER, MAY_POST, User
from multitask.chatbot.models import ChatDraft, ChatSession
from multitask.chatbot.selectors import lookups
from multitask.chatbot.services.help import help_answer
from multitask.chatbot.texts import spoken
from multitask.common.errors import MESSAGES, DomainError
from multitask.tasks.models import Category
from multitask.tasks.services.tasks import task_create


@dataclass(slots=True)
class Reply:
    """What to say. `asks_model`: the words are still to come, and `text` is said after them."""

    text: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    action: dict[str, str] | None = None
    intent: str = Intent.GENERAL_CHAT
    state: State | None = None
    asks_model: bool = False
    entities: dict[str, Any] | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message with what is known about it."""

    actor: User
    session: ChatSession
    text: str
    routed: Routed
    language: str
    draft_id: str

    @property
    def tongue(self) -> str:
        return spoken(self.language)


def command_answer(asked: Asked, *, state: State | None) -> Reply:
    """Answer `asked` where the conversation stands at `state`."""
    if state:
        today, categories = lookups.today(), lookups.choices()
        turn = flow.step(
            state,
            asked.text,
            routed=asked.routed,
            language=asked.language,
            today=today,
            categories=categories,
        )
        if turn.aside is None:
            return _carried_out(asked, turn, was=state)
        return _aside(asked, turn)
    if asked.routed.unsure:
        turn = flow.choose(asked.text, routed=asked.routed, language=asked.language, draft_id=asked.draft_id)
        return _said(asked, turn, intent=asked.routed.intent)
    return _alone(asked, asked.routed.intent)


def resumed(asked: Asked, *, state: State) -> Reply | None:
    """Remind somebody who comes back after a while of their open draft; None where there is none."""
    turn = flow.resume(state, language=asked.language, today=lookups.today(), categories=lookups.choices())
    return None if turn is None else _said(asked, turn, intent=Intent.CREATE_TASK)


def _aside(asked: Asked, turn: Turn) -> Reply:
    """A message that does not belong to the open conversation, and then that conversation again."""
    intent = Intent(turn.aside or asked.routed.intent)
    alone = replace(asked, text=turn.replay) if turn.replay else asked
    chosen = bool(turn.replay)
    if turn.state is None and not chosen and asked.routed.unsure:
        return command_answer(asked, state=None)
    reply = _alone(alone, intent)
    reply.question = turn.replay or ""
    if turn.state is None:
        return reply
    # The conversation that was interrupted stays the one that is open.
    reply.state = turn.state
    back = turn.text(asked.tongue)
    reply.text = "\n\n".join(part for part in (reply.text, back) if part)
    reply.buttons = _buttons(turn.buttons, asked.tongue)
    return reply


def _alone(asked: Asked, intent: Intent) -> Reply:
    routed = replace(asked.routed, intent=intent)
    name = flow.flow_of(asked.text, routed=routed)
    if name is None:
        return Reply(intent=Intent.GENERAL_CHAT, asks_model=True)
    slots = slots_of(asked.text, today=lookups.today(), intent=intent)
    if name == flow.HELP:
        found = help_answer(asked.text, language=asked.language)
        if found is not None:
            return Reply(text=found.text, action=found.action, intent=Intent.HELP)
    if name == flow.CREATE_TASK and asked.actor.user_type not in MAY_POST:
        return _refused(asked, "not_a_client", intent)
    turn = flow.begin(name, slots=slots, language=asked.language, draft_id=asked.draft_id)
    reply = _carried_out(asked, turn, was=None, intent=intent)
    reply.entities = entities(slots)
    return reply


def _carried_out(asked: Asked, turn: Turn, *, was: State | None, intent: Intent | None = None) -> Reply:
    intent = intent or Intent.CREATE_TASK
    effect = turn.effect
    if isinstance(effect, CreateTask):
        try:
            task_of_draft(asked, effect)
        except DomainError as error:
            # Nothing was created, and the draft stands as it did: the answer can be sent again.
            return Reply(
                text=MESSAGES[error.code].show(asked.tongue, **error.params), state=was, intent=intent
            )
    elif isinstance(effect, Show):
        return _shown(asked, effect, intent)
    return _said(asked, turn, intent=intent)


def task_of_draft(asked: Asked, effect: CreateTask) -> None:
    """Create the task of a draft by the same service as the API, once for each `draft_id`. Raises DomainError."""
    fields = dict(effect.fields)
    category = Category.objects.filter(slug=fields.pop("category"), is_active=True).first()
    if category is None:
        raise DomainError("unknown_category")
    deadline = fields.pop("deadline", None)
    # A savepoint: what is refused leaves neither the draft's row nor a task.
    with transaction.atomic():
        draft, is_new = ChatDraft.objects.get_or_create(
            draft_id=effect.draft_id, defaults={"session": asked.session}
        )
        if not is_new:
            return
        draft.task = task_create(
            actor=asked.actor,
            category=category,
            deadline=lookups.end_of(deadline) if deadline else None,
            **fields,
        )
        draft.save(update_fields=["task"])


def _shown(asked: Asked, show: Show, intent: Intent) -> Reply:
    actor = asked.actor
    if show.kind == "recommendations":
        if actor.user_type not in MAY_OFFER:
            return _refused(asked, "freelancers_only", intent)
        turn = flow.told(show, count=lookups.recommended_count(actor))
    elif show.kind == "tasks":
        turn = flow.told(show, count=lookups.tasks_count(show.filters, actor=actor))
    else:
        counts = (
            lookups.tasks_by_status(actor)
            if show.kind == flow.MY_TASKS
            else lookups.applications_by_status(actor)
        )
        turn = flow.told_status(show, counts=counts)
    reply = _said(asked, turn, intent=intent)
    if show.kind == "tasks" and reply.action is not None and show.filters:
        reply.action["path"] += f"?{_query(show.filters)}"
    return reply


def _query(filters: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    return urlencode(filters)


def _refused(asked: Asked, code: str, intent: Intent) -> Reply:
    from ml.chatbot.pages import page_name

    label = page_name("/settings", asked.tongue)
    return Reply(
        text=MESSAGES[code].show(asked.tongue),
        action={"type": "NAVIGATE", "path": "/settings", "label": label},
        intent=intent,
    )


def _said(asked: Asked, turn: Turn, *, intent: Intent) -> Reply:
    go = turn.action
    return Reply(
        text=turn.text(asked.tongue),
        buttons=_buttons(turn.buttons, asked.tongue),
        action=None
        if go is None
        else {"type": "NAVIGATE", "path": go.path, "label": go.label.show(asked.tongue)},
        intent=intent,
        state=turn.state,
    )


def _buttons(buttons: tuple[Button, ...], language: str) -> list[dict[str, str]]:
    return [{"label": one.label.show(language), "value": one.value} for one in buttons]


def entities(slots: Slots) -> dict[str, Any] | None:
    """What was said with an intent, as JSON."""
    found = {
        name: list(value) if isinstance(value, tuple) else value if isinstance(value, bool) else str(value)
        for name in Slots.__dataclass_fields__
        if (value := getattr(slots, name)) not in (None, "", ())
    }
    return found or None
