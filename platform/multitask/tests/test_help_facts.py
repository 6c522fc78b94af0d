"""The assistant's limits are those of the API, and the figures in its help base are those of the product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ml.chatbot import help as helping
from ml.chatbot.flows import answers, lookups
from multitask.files.kinds import MAX_MEGABYTES
from multitask.tasks import models
from multitask.tasks.models import ApplicationStatus, TaskStatus

CATEGORIES = Path(models.__file__).parent / "data" / "categories.json"


def test_the_assistant_takes_what_the_api_takes() -> None:
    assert answers.TITLE_LIMIT == models.TITLE_LIMIT
    assert answers.DESCRIPTION_LIMIT == models.DESCRIPTION_LIMIT
    assert (answers.MIN_BUDGET, answers.MAX_BUDGET) == (models.MIN_BUDGET, models.MAX_BUDGET)
    location: Any = models.Task._meta.get_field("location")
    assert location.max_length == answers.LOCATION_LIMIT


def test_it_knows_every_category_and_every_state() -> None:
    slugs = {one["slug"] for one in json.loads(CATEGORIES.read_text(encoding="utf-8"))}
    assert set(answers._ALSO) == slugs
    assert set(lookups.STATUSES[lookups.MY_TASKS]) == set(TaskStatus.values)
    assert set(lookups.STATUSES[lookups.MY_APPLICATIONS]) == set(ApplicationStatus.values)


@pytest.mark.parametrize(
    ("entry", "figures"),
    [
        ("budget_limits", [f"{models.MIN_BUDGET}", f"{models.MAX_BUDGET:,}"]),
        ("title_rules", [str(models.TITLE_LIMIT), f"{models.DESCRIPTION_LIMIT:,}"]),
        ("application_limits", [str(settings.APPLICATIONS_PER_DAY), str(settings.APPLICATIONS_PER_TASK)]),
        ("reviews_hidden", [str(settings.REVIEW_HIDDEN_DAYS)]),
        ("review_edit", [str(settings.REVIEW_EDIT_HOURS)]),
        ("messages", [str(settings.MESSAGES_PER_MINUTE), str(settings.CONVERSATIONS_PER_HOUR)]),
        ("attachments", [str(MAX_MEGABYTES)]),
        ("pictures", [str(MAX_MEGABYTES)]),
        ("match_percentage", [str(settings.MATCH_NOTIFY_PERCENTAGE)]),
        ("cannot_log_in", [str(settings.LOGIN_WINDOW_SECONDS // 60)]),
    ],
)
def test_the_figures_of_the_help_base_are_those_of_the_product(entry: str, figures: list[str]) -> None:
    answer = next(one.answer for one in helping.entries() if one.id == entry)
    for figure in figures:
        assert figure in answer.en
        assert figure in answer.ar


def test_the_help_base_names_every_category() -> None:
    answer = next(one.answer for one in helping.entries() if one.id == "categories")
    for one in json.loads(CATEGORIES.read_text(encoding="utf-8")):
        assert one["name_en"] in answer.en
        assert one["name_ar"] in answer.ar


def test_times_that_links_hold_are_told_rightly() -> None:
    by_id = {one.id: one.answer.en for one in helping.entries()}
    assert settings.PASSWORD_RESET_TIMEOUT == 2 * 60 * 60
    assert "two hours" in by_id["forgot_password"]
    assert settings.EMAIL_VERIFY_SECONDS == 3 * 24 * 60 * 60
    assert "three days" in by_id["verify_email"]
    assert settings.LOGIN_ACCOUNT_FAILURES == 5
    assert "five failed tries" in by_id["cannot_log_in"]
    assert settings.MESSAGE_MAIL_SECONDS == 120
    assert "two minutes" in by_id["message_mails"]
    assert settings.GROUP_MAIL_SECONDS == 3600
    assert "at least an hour" in by_id["message_mails"]
