"""What a notification says stays readable whatever people wrote."""

from __future__ import annotations

import pytest

from multitask.notifications.models import Notification
from multitask.notifications.sentences import message_in, title_in


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "sender emit applied to “logo x”."), ("ar", "تقدّم sender emit إلى «logo x».")],
)
def test_somebodys_words_do_not_turn_the_sentence_around_them(language: str, said: str) -> None:
    row = Notification(
        notification_type="task_application",
        count=1,
        params={"sender": "sender \u202eemit", "task": "\u2066logo\u2069\u202d x\u202a"},
    )
    assert message_in(row, language) == said


def test_a_text_of_both_languages_is_upright_in_either() -> None:
    row = Notification(
        notification_type="new_message", count=1, params={"sender": {"en": "\u202eMona", "ar": "\u202eمنى"}}
    )
    assert [title_in(row, language) for language in ("en", "ar")] == [
        "New message from Mona",
        "رسالة جديدة من منى",
    ]
