"""Conversations of the demo, before they are in any database."""

from __future__ import annotations

import pytest

from multitask.demo.content import build
from multitask.demo.phrasebook import language_of
from multitask.demo.records import Demo
from multitask.demo.tests.sample import NOW


@pytest.fixture(scope="module")
def demo() -> Demo:
    return build(1, now=NOW)


def test_the_same_seed_makes_the_same_conversations(demo: Demo) -> None:
    assert build(1, now=NOW).chats == demo.chats
    assert build(2, now=NOW).chats != demo.chats


def test_people_write_to_each_other_about_a_task_of_theirs_in_its_language(demo: Demo) -> None:
    tasks = {task.ref: task for task in demo.tasks}
    applied = {(one.task_ref, one.freelancer_ref) for one in demo.applications}
    languages = set()
    for chat in demo.chats:
        task = tasks[chat.task_ref]
        assert chat.client_ref == task.client_ref
        assert chat.freelancer_ref == task.assigned_ref or (
            task.final_status == "OPEN" and (task.ref, chat.freelancer_ref) in applied
        )
        assert {who for who, _ in chat.messages} <= {chat.client_ref, chat.freelancer_ref}
        for _, text in chat.messages:
            assert "{" not in text
            assert language_of(text) == language_of(task.title)
        languages.add(language_of(task.title))
        if chat.unread_by is not None:
            assert chat.unread_by != chat.messages[-1][0]
    assert languages == {"ar", "en"}
    assert len({chat.task_ref for chat in demo.chats}) == len(demo.chats)
