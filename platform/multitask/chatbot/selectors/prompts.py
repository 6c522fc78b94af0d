"""What the model is told of a question: who asks, where, and what was said before, of this one conversation alone."""

from __future__ import annotations

import secrets

from django.conf import settings

from ml.chatbot import prompts
from ml.chatbot.pages import PAGES, page_name
from multitask.chatbot.models import ChatMessage, Sender
from multitask.chatbot.selectors.lookups import choices
from multitask.chatbot.selectors.sessions import lines_before, question_of


def prompt_for(answer: ChatMessage) -> prompts.Prompt:
    """The prompt for the question that `answer` answers. Nothing of anybody else is in it, and no name of the user's."""
    question = answer.reply_to
    return prompts.build(
        message=question_of(answer),
        history=[
            prompts.Line("USER" if sender == Sender.USER else "BOT", text)
            for sender, text in lines_before(answer)
        ],
        language=answer.language,
        user_type=answer.session.user.user_type,
        page=question.page if question is not None else None,
        pages=[prompts.Page(path, page_name(path, "en"), page_name(path, "ar")) for path in PAGES],
        categories=choices(),
        canary=secrets.token_hex(6),
        budget=settings.CHAT_PROMPT_TOKENS,
    )
