"""Take a message, and answer it: at once where no model is needed, else with an answer that is still to come."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ml.chatbot.flows.commands import command_of
from ml.chatbot.intents import Intent, Routed, route
from multitask.accounts.models import User
from multitask.chatbot.models import (
    CLIENT_ID_LIMIT,
    MESSAGE_LIMIT,
    PAGE_LIMIT,
    ChatMessage,
    ChatSession,
    MessageState,
    Outcome,
    Sender,
    SessionType,
)
from multitask.chatbot.selectors.sessions import access_message, access_session, question_of
from multitask.chatbot.services.commands import Asked, Reply, command_answer, resumed
from multitask.chatbot.services.help import stand_in
from multitask.chatbot.services.model import model_withheld
from multitask.common.errors import Invalid
from multitask.common.parsers import storable
from multitask.outbox.emit import emit

_CLIENT_ID = re.compile(rf"[\x21-\x7e]{{1,{CLIENT_ID_LIMIT}}}")
_PAGE = re.compile(r"/[A-Za-z0-9/_-]*")
# The same words twice within this long, from a client that gives them no name, were sent twice.
REPEAT_SECONDS = 3.0
# Whoever comes back to an open draft after this long is reminded of it before their words are taken for an answer.
AWAY = timedelta(hours=12)
TITLE = 80
_TYPES = {
    Intent.CREATE_TASK: SessionType.TASK_CREATION,
    Intent.RECOMMEND_TASKS: SessionType.TASK_SEARCH,
    Intent.HELP: SessionType.SUPPORT,
}

_GOES_ON = ("context_data", "language", "last_message_at", "is_active", "ended_at", "session_type")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer; `answer.state` is pending where its words are still to come."""

    session: ChatSession
    question: ChatMessage
    answer: ChatMessage


def chat_send(
    *,
    actor: User,
    message: str,
    session_id: int | None = None,
    client_id: str = "",
    page: str = "",
) -> Exchange:
    """Say something to the assistant, in a conversation of the actor's own or a new one.

    The same `client_id` in a conversation (or opening one) twice is one message with one answer. Raises NotFound,
    Invalid.
    """
    begun = time.perf_counter()
    text = _checked(message)
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        raise Invalid("client_id_invalid", field="client_id", limit=CLIENT_ID_LIMIT)
    routed = route(text)
    with transaction.atomic():
        now = timezone.now()
        session = None
        if session_id is None:
            session, session_id = _open(actor, text, client_id, now)
        if session is None:
            # The session's row: what was said before is answered before, and the same message is one.
            session = access_session(actor=actor, session_id=session_id, for_update=True)
            was = _sent_before(session, text, client_id, now)
            if was is not None:
                return was
        return _answer(actor, session, text, client_id, _page_of(page), routed, now, begun)


def _checked(message: str) -> str:
    if not storable(message):
        raise Invalid("bad_character", field="message")
    text = message.strip()
    if all(unicodedata.category(char)[0] in "CZ" for char in text):
        raise Invalid("blank", field="message")
    if len(text) > MESSAGE_LIMIT:
        raise Invalid("too_long", field="message", limit=MESSAGE_LIMIT, length=len(text))
    return text


def _page_of(page: str) -> str:
    """The path of a page of ours, "" for anything else: it is told to the model."""
    path = page.partition("?")[0].partition("#")[0]
    return path if len(path) <= PAGE_LIMIT and _PAGE.fullmatch(path) else ""


def _open(actor: User, text: str, client_id: str, now: datetime) -> tuple[ChatSession | None, int]:
    """A new session, which nobody else sees yet, and its id; (None, id) where this client has opened it before."""
    session = ChatSession(
        user=actor,
        opened_by=client_id,
        title=" ".join(text.split())[:TITLE],
        language=actor.language,
        started_at=now,
        last_message_at=now,
    )
    if not client_id:
        session.save(force_insert=True)
        return session, session.pk
    with connection.cursor() as cursor:
        # The unique index is the lock: a second request with this client_id waits for the first.
        cursor.execute(
            """
            INSERT INTO chatbot_chatsession
                (user_id, opened_by, title, language, started_at, last_message_at, session_type, context_data, is_active)
            VALUES (%s, %s, %s, %s, %s, %s, %s, '{}', true)
            ON CONFLICT (user_id, opened_by) WHERE NOT (opened_by = '') DO NOTHING RETURNING id
            """,
            [actor.pk, client_id, session.title, session.language, now, now, session.session_type],
        )
        row = cursor.fetchone()
    if row is None:
        return None, ChatSession.objects.values_list("pk", flat=True).get(user=actor, opened_by=client_id)
    session.pk, session._state.adding = row[0], False
    return session, row[0]


def _sent_before(session: ChatSession, text: str, client_id: str, now: datetime) -> Exchange | None:
    rows = ChatMessage.objects.filter(session=session, sender=Sender.USER).select_related("reply")
    if client_id:
        question = rows.filter(client_id=client_id).first()
    else:
        question = rows.order_by("-id").first()
        if question is not None and (
            question.client_id
            or question.message != text
            or now - question.created_at > timedelta(seconds=REPEAT_SECONDS)
        ):
            question = None
    return None if question is None else Exchange(session, question, question.reply)


def _answer(
    actor: User,
    session: ChatSession,
    text: str,
    client_id: str,
    page: str,
    routed: Routed,
    now: datetime,
    begun: float,
) -> Exchange:
    state: dict[str, Any] | None = session.context_data.get("flow")
    language = _language(session, text, routed, is_open=bool(state) and not (state or {}).get("done"))
    question = ChatMessage.objects.create(
        session=session,
        sender=Sender.USER,
        message=text,
        client_id=client_id,
        language=language,
        page=page,
        created_at=now,
        settled_at=now,
    )
    asked = Asked(
        actor=actor,
        session=session,
        text=text,
        routed=routed,
        language=language,
        draft_id=f"{session.pk}:{question.pk}",
    )
    reply = _comes_back(asked, state, now) or command_answer(asked, state=state)
    answer = _written(asked, question, reply, now)
    _go_on(session, reply, language, now)
    if answer.state != MessageState.PENDING:
        answer.response_time_ms = max(1, round((time.perf_counter() - begun) * 1_000))
    answer.save(force_insert=True)
    if answer.state == MessageState.PENDING:
        emit("chat.asked", key=f"chat:{session.pk}", message=answer.pk)
    return Exchange(session, question, answer)


def _go_on(session: ChatSession, reply: Reply, language: str, now: datetime) -> None:
    """Note in the session where it stands; one that is new may stand there already."""
    before = [getattr(session, name) for name in _GOES_ON]
    if reply.state is not None or "flow" in session.context_data:
        session.context_data = {**session.context_data, "flow": reply.state}
    session.language = language
    session.last_message_at = now
    session.is_active, session.ended_at = True, None
    if session.session_type == SessionType.GENERAL and reply.intent in _TYPES:
        session.session_type = _TYPES[Intent(reply.intent)]
    if before != [getattr(session, name) for name in _GOES_ON]:
        session.save(update_fields=_GOES_ON)


def _language(session: ChatSession, text: str, routed: Routed, *, is_open: bool) -> str:
    """The language of the message; that of the conversation within a flow, whose answers may be names and numbers."""
    if is_open or not any(char.isalpha() for char in text):
        return session.language
    return routed.language


def _comes_back(asked: Asked, state: dict[str, Any] | None, now: datetime) -> Reply | None:
    if not state or now - asked.session.last_message_at < AWAY or command_of(asked.text) is not None:
        return None
    # A title or a description may be any words: they must not be those of somebody who has forgotten the draft.
    return resumed(asked, state=state) if state.get("asking") in {"title", "description"} else None


def _written(asked: Asked, question: ChatMessage, reply: Reply, now: datetime) -> ChatMessage:
    """The answer as far as it is known, not saved."""
    answer = ChatMessage(
        session=asked.session,
        sender=Sender.BOT,
        reply_to=question,
        language=asked.language,
        detected_intent=reply.intent,
        decided_by=asked.routed.decided_by[:200],
        extracted_entities=reply.entities,
        message=reply.text,
        buttons=reply.buttons,
        action=reply.action,
        outcome=Outcome.RULES,
        created_at=timezone.now(),
        settled_at=now,
    )
    if reply.asks_model:
        answer.outcome = ""
        # What is said after the answer (the question of an open draft), and what is asked where it was said before.
        answer.extracted_entities = {"after": reply.text, "question": reply.question}
        why = model_withheld(asked.actor)
        if why:
            fill_in(answer, why=why)
        else:
            answer.state, answer.message, answer.settled_at = MessageState.PENDING, "", None
    return answer


def with_after(answer: ChatMessage, text: str) -> str:
    """`text`, and the question of the draft that was interrupted by it."""
    after = (answer.extracted_entities or {}).get("after")
    return "\n\n".join(part for part in (text, after) if part)


def fill_in(answer: ChatMessage, *, why: str) -> None:
    """Let the help base stand in for the model in `answer`, which is not saved by this."""
    helped = stand_in(question_of(answer), why=why, language=answer.language)
    answer.message = with_after(answer, helped.text)
    answer.action = helped.action
    answer.outcome, answer.reason = Outcome.HELP, why
    answer.ai_model_used = None
    answer.state = MessageState.FAILED if why == "lost" else MessageState.DONE
    answer.settled_at = timezone.now()


@transaction.atomic
def message_rate(*, actor: User, message_id: int, rating: int) -> ChatMessage:
    """Rate an answer from 1 to 5, again as often as one likes. Raises NotFound, Invalid."""
    message = access_message(actor=actor, message_id=message_id)
    if message.sender != Sender.BOT or message.state == MessageState.PENDING:
        raise Invalid("not_an_answer", field="rating")
    if not 1 <= rating <= 5:
        raise Invalid("rating_range", field="rating")
    message.user_rating = rating
    message.save(update_fields=["user_rating"])
    return message


__all__ = ["Exchange", "chat_send", "fill_in", "message_rate", "with_after"]
