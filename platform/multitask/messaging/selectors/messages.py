"""Read messages: of a conversation, or found by words."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import BigIntegerField, BooleanField, F, Func, Q, QuerySet, Value

from ml.text import normalise, stem
from multitask.accounts.models import User
from multitask.files.models import StoredFile
from multitask.messaging.models import Message, lexemes
from multitask.messaging.selectors.conversations import access_conversation

WORDS_SOUGHT = 8
# A lexeme of PostgreSQL has 2,046 bytes at most; a word that is longer is no word.
WORD_LIMIT = 60


def messages_of(*, actor: User, conversation_id: int) -> QuerySet[Message]:
    """The messages of one of the actor's conversations, the newest first. Raises NotFound."""
    access_conversation(actor=actor, conversation_id=conversation_id)
    rows = Message.objects.filter(conversation=conversation_id).select_related("attachment")
    return rows.order_by("-id")


def finder(user_id: int) -> str:
    """The mark in `search_text` of who may find a message. No word of a text holds an @."""
    return f"@{user_id}"


def search_text(*texts: str, for_users: Collection[int]) -> str:
    """What a search compares: the words of `texts` in one spelling, their stems, and who may find them."""
    found = {word[:WORD_LIMIT] for text in texts for word in normalise(text).split()}
    found |= {stem(word) for word in found}
    return " ".join(sorted(found - {""}) + [finder(user_id) for user_id in sorted(for_users)])


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def messages_found(*, actor: User, words: str) -> QuerySet[Message]:
    """Messages of the actor's own conversations that hold every word, or one that begins so; the newest first.

    Ordered by `place`, which is the id: by the id itself PostgreSQL would look through everybody's newest messages
    for a few of the actor's.
    """
    sought = [word[:WORD_LIMIT] for word in normalise(words).split()][:WORDS_SOUGHT]
    if not sought:
        return Message.objects.none()
    parts = [_quoted(finder(actor.pk))]
    parts += [f"({_quoted(word)}:* | {_quoted(stem(word))})" for word in sought]
    match = Func(
        lexemes(F("search_text")),
        # A cast takes the lexemes as they are; to_tsquery would take their signs away.
        Func(Value(" & ".join(parts)), template="%(expressions)s::tsquery"),
        template="%(expressions)s",
        arg_joiner=" @@ ",
        output_field=BooleanField(),
    )
    found = Message.objects.filter(match).annotate(place=F("id") + Value(0, output_field=BigIntegerField()))
    return found.select_related("attachment").order_by("-place")


def was_attached_for(actor: User, stored: StoredFile) -> bool:
    """Whether a file was sent in a conversation that `actor` is in."""
    theirs = Q(conversation__low_user_id=actor.pk) | Q(conversation__high_user_id=actor.pk)
    return Message.objects.filter(theirs, attachment=stored).exists()
