"""What the people of the demo who can be logged in as have asked the assistant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from multitask.accounts.models import MAY_POST, User
from multitask.chatbot.models import ChatMessage, ChatSession
from multitask.chatbot.services.chat import chat_send

# Commands alone: what they are answered does not depend on a model.
ASKED = {
    "en": {
        True: ("How do I cancel a task?", "I want to create a task", "cancel"),
        False: ("How do I withdraw an application here?", "Open my applications"),
    },
    "ar": {
        True: ("كيف ألغي مهمة هنا؟", "أريد إنشاء مهمة", "إلغاء"),
        False: ("كيف أسحب طلبي هنا؟", "افتح طلباتي"),
    },
}
DAYS, SECONDS = 2, 20


def assistant_seed(users: Iterable[User], *, now: datetime) -> int:
    """One conversation for each of `users` who has none. Within a transaction; returns how many were made."""
    made = 0
    for place, user in enumerate(users, 1):
        if ChatSession.objects.filter(user=user).exists():
            continue
        language = "en" if user.language == "en" else "ar"
        session_id = 0
        for text in ASKED[language][user.user_type in MAY_POST]:
            session_id = chat_send(
                actor=user, message=text, session_id=session_id or None, page="/dashboard"
            ).session.pk
        begun = now - timedelta(days=DAYS * place)
        for number, row in enumerate(ChatMessage.objects.filter(session=session_id).order_by("pk")):
            at = begun + timedelta(seconds=SECONDS * number)
            ChatMessage.objects.filter(pk=row.pk).update(created_at=at, settled_at=at)
            ChatSession.objects.filter(pk=session_id).update(last_message_at=at)
        ChatSession.objects.filter(pk=session_id).update(started_at=begun)
        made += 1
    return made
