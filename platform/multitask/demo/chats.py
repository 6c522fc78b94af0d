"""What people write to each other in the demo: about what is open, under way and done."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from multitask.demo.people import FIXED_PEOPLE
from multitask.demo.phrasebook import chats, duration_text, language_of
from multitask.demo.records import DemoApplication, DemoChat, DemoTask, DemoUser

# Of the open tasks, how many have an applicant with a question.
ASKED = 0.3


def make_chats(
    rng: random.Random,
    tasks: Sequence[DemoTask],
    applications: Sequence[DemoApplication],
    people: Sequence[DemoUser],
) -> tuple[DemoChat, ...]:
    """One conversation for every task that was given to somebody, and for some that are open.

    Whoever logs in finds something unread, as far as they have a part in any.
    """
    logins = [user.ref for user in people[: len(FIXED_PEOPLE)]]
    applied: dict[str, list[str]] = defaultdict(list)
    for application in applications:
        applied[application.task_ref].append(application.freelancer_ref)
    found: list[DemoChat] = []
    for task in tasks:
        freelancer, kind = task.assigned_ref, "done" if task.final_status == "COMPLETED" else "work"
        if task.final_status == "OPEN" and applied[task.ref]:
            ours = [ref for ref in applied[task.ref] if ref in logins]
            if rng.random() < ASKED or ours or task.client_ref in logins:
                freelancer, kind = (ours or applied[task.ref])[0], "question"
        if freelancer is not None:
            found.append(_chat(rng, task, freelancer, kind))
    return tuple(_left_unread(found, logins))


def _chat(rng: random.Random, task: DemoTask, freelancer_ref: str, kind: str) -> DemoChat:
    language = language_of(task.title)
    people = {"c": task.client_ref, "f": freelancer_ref}
    time = task.estimated_duration or duration_text(7, language)
    lines = rng.choice(chats()[kind][language])
    return DemoChat(
        task_ref=task.ref,
        client_ref=task.client_ref,
        freelancer_ref=freelancer_ref,
        messages=tuple((people[who], text.format(time=time)) for who, text in lines),
        unread_by=None,
    )


def _left_unread(found: Sequence[DemoChat], logins: Sequence[str]) -> list[DemoChat]:
    """For each login the newest two conversations whose last word is the other side's; the tasks come oldest first."""
    left: dict[str, int] = defaultdict(int)
    made = []
    for chat in reversed(found):
        last = chat.messages[-1][0]
        reader = chat.client_ref if last == chat.freelancer_ref else chat.freelancer_ref
        unread = reader in logins and left[reader] < 2
        left[reader] += unread
        made.append(chat if not unread else chat.read_but_last_by(reader))
    return made[::-1]
