"""Conversations for the tests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from ml.chatbot import flow
from ml.chatbot.flow import Category, CreateTask
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.slots import Slots, slots_of

TODAY = date(2026, 11, 22)
CATEGORIES = (
    Category("design", "Design & Creative", "التصميم والإبداع"),
    Category("programming", "Programming & Tech", "البرمجة والتقنية"),
    Category("writing", "Writing & Translation", "الكتابة والترجمة"),
    Category("marketing", "Marketing & Business", "التسويق والأعمال"),
    Category("consulting", "Consulting & Advice", "الاستشارات"),
    Category("cleaning", "Cleaning & Home Services", "التنظيف والخدمات المنزلية"),
    Category("tutoring", "Tutoring & Education", "الدروس والتعليم"),
    Category("assistant", "Personal Assistant", "المساعدة الشخصية"),
    Category("other", "Other Services", "خدمات أخرى"),
)


def as_intent(intent: Intent, confidence: float = 0.95, *, unsure: bool = False) -> Routed:
    return Routed(
        intent=intent,
        confidence=confidence,
        runner_up=None,
        unsure=unsure,
        decided_by="rule:test",
        language="en",
    )


CHAT = as_intent(Intent.GENERAL_CHAT, 0.5)


def nothing_said() -> Slots:
    return slots_of("", today=TODAY, intent=Intent.CREATE_TASK)


class Talk:
    """A conversation about one draft; the state goes through JSON as in the session."""

    def __init__(self, language: str = "en", said: Slots | None = None) -> None:
        self.language = language
        self.turn = flow.begin(
            flow.CREATE_TASK, slots=said or nothing_said(), language=language, draft_id="7:1"
        )

    @property
    def state(self) -> dict[str, Any]:
        assert self.turn.state is not None
        return json.loads(json.dumps(self.turn.state))

    @property
    def text(self) -> str:
        return self.turn.text(self.language)

    def say(self, text: str, routed: Routed = CHAT) -> str:
        self.turn = flow.step(
            self.state, text, routed=routed, language=self.language, today=TODAY, categories=CATEGORIES
        )
        return self.text

    def all(self, *texts: str) -> str:
        for text in texts:
            self.say(text)
        return self.text

    @property
    def made(self) -> CreateTask:
        assert isinstance(self.turn.effect, CreateTask), self.text
        return self.turn.effect


def at(asking: str, language: str = "en") -> Talk:
    talk = Talk(language)
    for field, answer in (
        ("title", "Logo for a bakery"),
        ("description", "A simple logo in two colours"),
        ("category", "1"),
        ("budget", "700"),
    ):
        if field == asking:
            break
        talk.say(answer)
    return talk


def plumber() -> Slots:
    """What "I need a plumber tomorrow for 300 pounds in Nasr City" says."""
    return replace(
        nothing_said(),
        subject="plumber",
        category_hint="cleaning",
        budget=Decimal(300),
        city="cairo",
        deadline=date(2026, 11, 23),
    )
