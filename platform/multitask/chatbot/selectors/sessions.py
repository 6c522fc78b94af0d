"""Read conversations with the assistant, fetching and authorising in one call."""

from __future__ import annotations

from django.db.models import QuerySet

from multitask.accounts.models import User
from multitask.chatbot.models import ChatMessage, ChatSession, MessageState
from multitask.common.errors import NotFound

HISTORY = 20


def sessions_of(actor: User) -> QuerySet[ChatSession]:
    """The actor's own conversations, what moved last first."""
    return ChatSession.objects.filter(user=actor).order_by("-last_message_at", "-id")


def access_session(*, actor: User, session_id: int, for_update: bool = False) -> ChatSession:
    """One of the actor's own. Raises NotFound for everybody else, administrators too."""
    found = ChatSession.objects.select_for_update() if for_update else ChatSession.objects.all()
    session = found.filter(pk=session_id, user=actor).first()
    if session is None:
        raise NotFound
    return session


def messages_of(*, actor: User, session_id: int) -> QuerySet[ChatMessage]:
    """The lines of one of the actor's conversations in order. Raises NotFound."""
    session = access_session(actor=actor, session_id=session_id)
    return ChatMessage.objects.filter(session=session).order_by("id")


def access_message(*, actor: User, message_id: int) -> ChatMessage:
    """A line of one of the actor's conversations. Raises NotFound."""
    message = ChatMessage.objects.filter(pk=message_id, session__user=actor).first()
    if message is None:
        raise NotFound
    return message


def message_by_id(message_id: int) -> ChatMessage | None:
    """A line with its conversation, its question and the user; for jobs and for those who wait for it."""
    rows = ChatMessage.objects.select_related("session__user", "reply_to")
    return rows.filter(pk=message_id).first()


def question_of(answer: ChatMessage) -> str:
    """What the model is asked: the question, or what was said before the user chose to have it answered."""
    asked = (answer.extracted_entities or {}).get("question")
    return str(asked or (answer.reply_to.message if answer.reply_to else ""))


def lines_before(answer: ChatMessage) -> list[tuple[str, str]]:
    """(sender, text) of the lines before the question that `answer` answers, oldest first.

    Only what was said and finished, and only of this one conversation.
    """
    question_id = answer.reply_to_id or answer.pk
    rows = ChatMessage.objects.filter(session=answer.session_id, pk__lt=question_id, state=MessageState.DONE)
    return list(reversed(rows.order_by("-id").values_list("sender", "message")[:HISTORY]))
