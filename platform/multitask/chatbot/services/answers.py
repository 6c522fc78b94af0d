"""The answers of the model: begun by a worker, told word by word, and ended once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from multitask.chatbot.models import ChatMessage, ChatSession, MessageState, Outcome
from multitask.chatbot.selectors.sessions import message_by_id
from multitask.chatbot.selectors.wires import chat_event
from multitask.chatbot.services.chat import fill_in, with_after
from multitask.chatbot.services.limiter import budget_add_tokens, budget_give_back
from multitask.chatbot.texts import WAITING, spoken
from multitask.outbox.emit import emit
from multitask.realtime.publish import Outgoing, publish

# How long a question may wait for its turn, and after how long one that nobody answers is given up.
PATIENCE = timedelta(seconds=120)
GIVEN_UP = timedelta(seconds=240)
PART = 200
# A wait that is shorter than this is not worth a word.
SHORT = 4.0
IDLE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the model said, and what it cost."""

    text: str
    action: dict[str, str] | None
    model: str
    tokens_in: int
    tokens_out: int


def answer_begin(message_id: int) -> ChatMessage | None:
    """Begin (again) an answer that is still to come, under a new number of attempt; None where there is none."""
    rows = ChatMessage.objects.filter(pk=message_id, state=MessageState.PENDING)
    if not rows.update(attempt=F("attempt") + 1):
        return None
    return message_by_id(message_id)


def answer_end(*, message_id: int, answered: Answered) -> bool:
    """Write what the model said and tell the user. Within a transaction; False where it has ended already."""
    answer = _locked(message_id)
    if answer is None:
        return False
    answer.message = with_after(answer, answered.text)
    answer.action = answered.action
    answer.ai_model_used = answered.model[:80]
    answer.tokens_in, answer.tokens_out = answered.tokens_in, answered.tokens_out
    answer.state, answer.outcome = MessageState.DONE, Outcome.MODEL
    answer.settled_at = timezone.now()
    budget_add_tokens(user_id=answer.session.user_id, tokens=answered.tokens_in + answered.tokens_out)
    _settle(answer)
    return True


def answer_stand_in(*, message_id: int, why: str) -> bool:
    """End an answer without the model's words, and say why. Within a transaction; False where it has ended already.

    It does not count into the user's day, unless the question itself is to blame.
    """
    answer = _locked(message_id)
    if answer is None:
        return False
    fill_in(answer, why=why)
    if why != "blocked":
        budget_give_back(user_id=answer.session.user_id)
    _settle(answer)
    return True


def answer_defer(*, message_id: int, wait: float) -> bool:
    """Ask again in `wait` seconds, and tell the user so; within a transaction. False where it would be too late."""
    answer = _locked(message_id)
    if answer is None:
        return True
    due = timezone.now() + timedelta(seconds=wait)
    if due - answer.created_at > PATIENCE:
        return False
    emit("chat.asked", key=f"chat:{answer.session_id}", not_before=due, message=answer.pk, waited=True)
    if wait >= SHORT:
        answer.message = WAITING.show(spoken(answer.language), wait=max(1, round(wait)))
        answer.save(update_fields=["message"])
        publish([Outgoing(answer.session.user_id, chat_event(answer))])
    return True


def _locked(message_id: int) -> ChatMessage | None:
    # The answer's row: of a worker that was thought dead, one that took over and a sweep, one ends it.
    rows = ChatMessage.objects.select_for_update(of=("self",)).select_related("session", "reply_to")
    return rows.filter(pk=message_id, state=MessageState.PENDING).first()


def _settle(answer: ChatMessage) -> None:
    took = timezone.now() - answer.created_at
    answer.response_time_ms = max(1, round(took.total_seconds() * 1_000))
    answer.save()
    publish([Outgoing(answer.session.user_id, chat_event(answer))])


def answers_sweep() -> int:
    """Tell those whose question nobody has answered, `PART` at a time. Returns how many there were."""
    late = ChatMessage.objects.filter(
        state=MessageState.PENDING, created_at__lt=timezone.now() - GIVEN_UP
    ).order_by("created_at")
    told = 0
    for message_id in list(late.values_list("pk", flat=True)[:PART]):
        with transaction.atomic():
            told += answer_stand_in(message_id=message_id, why="lost")
    return told


def answer_overdue(message: ChatMessage) -> ChatMessage:
    """The message; one that nobody answers any more is ended as it is asked for, whatever became of the workers."""
    if message.state != MessageState.PENDING or timezone.now() - message.created_at < GIVEN_UP:
        return message
    with transaction.atomic():
        answer_stand_in(message_id=message.pk, why="lost")
    message.refresh_from_db()
    return message


def sessions_end_idle() -> int:
    """End conversations in which nothing was said for 30 days; whoever writes in one again opens it."""
    now = timezone.now()
    rows = ChatSession.objects.filter(is_active=True, last_message_at__lt=now - IDLE)
    some: Any = rows.order_by("pk").values("pk")[:1_000]
    return ChatSession.objects.filter(pk__in=some).update(is_active=False, ended_at=now)
