"""What operators read of the assistant: day by day, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from multitask.accounts.models import User
from multitask.chatbot.admin import HEADS, TITLE, table
from multitask.chatbot.factories import AnswerFactory, PendingFactory
from multitask.chatbot.models import ChatSession
from multitask.chatbot.selectors.analytics import days_told
from multitask.chatbot.services.answers import sessions_end_idle

pytestmark = pytest.mark.django_db


def test_a_day_counts_intents_fallbacks_times_and_ratings() -> None:
    today = timezone.now()
    AnswerFactory(detected_intent="HELP", response_time_ms=10, user_rating=5)
    AnswerFactory(detected_intent="NAVIGATION", response_time_ms=30)
    AnswerFactory(
        detected_intent="GENERAL_CHAT",
        outcome="model",
        ai_model_used="gemini-2.5-flash",
        response_time_ms=900,
        tokens_in=100,
        tokens_out=20,
        user_rating=2,
    )
    AnswerFactory(detected_intent="GENERAL_CHAT", outcome="help", reason="away", state="failed")
    AnswerFactory(created_at=today - timedelta(days=3))
    AnswerFactory(created_at=today - timedelta(days=40))
    newest, older = days_told(days=14)
    assert (newest.answers, newest.by_model, newest.fallbacks, newest.failed) == (4, 1, 1, 1)
    assert newest.intents == {"HELP": 1, "NAVIGATION": 1, "GENERAL_CHAT": 2}
    assert (newest.rules_p95, newest.model_p95) == (30, 900)
    assert (newest.rated, newest.rating, newest.tokens) == (2, 3.5, 120)
    assert older.answers == 1
    rows = table([newest])["rows"]
    assert rows[0][1:] == [4, 1, 1, 1, 30, 900, 2, 3.5, 120, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_days_stand_above_the_list_in_the_operators_language(admin_user: User, language: str) -> None:
    AnswerFactory()
    PendingFactory()
    User.objects.filter(pk=admin_user.pk).update(is_staff=True, is_superuser=True)
    browser = Client(headers={"Accept-Language": language})
    browser.force_login(User.objects.get(pk=admin_user.pk))
    page = browser.get("/admin/chatbot/chatmessage/").content.decode()
    assert TITLE.show(language) in page
    assert HEADS[3].show(language) in page


def test_a_conversation_that_nobody_goes_on_with_ends_and_is_opened_by_a_word() -> None:
    AnswerFactory(session__last_message_at=timezone.now() - timedelta(days=31))
    fresh = AnswerFactory()
    assert sessions_end_idle() == 1
    assert ChatSession.objects.get(is_active=True) == fresh.session
    ended = ChatSession.objects.get(is_active=False)
    assert ended.ended_at is not None
