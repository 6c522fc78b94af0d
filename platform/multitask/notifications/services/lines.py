"""The lines of a user's list: a new one for an event, or the unread one of its group that now counts it too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from multitask.notifications.models import Channel, Notification
from multitask.notifications.sentences import message_in, title_in
from multitask.notifications.texts import WORDINGS
from multitask.notifications.wishes import Wishes

if TYPE_CHECKING:
    from multitask.notifications.services.notify import Notice

TITLE_LIMIT = 255
# What a line says is what its newest event says.
NEWEST = (
    "notification_type",
    "wording",
    "params",
    "task_id",
    "application_id",
    "message_id",
    "conversation_id",
    "sender_id",
    "link",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and the line that tells of it. `joined`: the line was there, or another notice of the call began it."""

    notice: Notice
    line: Notification
    joined: bool


def lines_write(
    notices: Sequence[Notice], *, wishes: Mapping[int, Wishes], languages: Mapping[int, str], now: datetime
) -> list[Told]:
    """Write the notices into their recipients' lists, whose inboxes are locked. Three queries at most."""
    found = _open_lines(notices)
    new: list[Notification] = []
    told = []
    for notice in notices:
        shown = wishes[notice.recipient_id].wants(notice.notification_type, Channel.IN_APP)
        key = (notice.recipient_id, notice.group_key, shown)
        line = found.get(key) if notice.group_key else None
        joined = line is not None
        if line is None:
            line = Notification(
                recipient_id=notice.recipient_id,
                dedupe_key=notice.dedupe_key,
                group_key=notice.group_key,
                shown=shown,
                count=0,
            )
            new.append(line)
            if notice.group_key:
                found[key] = line
        _speak(line, notice, languages[notice.recipient_id], now)
        told.append(Told(notice, line, joined))
    changed = {one.line.pk: one.line for one in told if one.line.pk}
    Notification.objects.bulk_create(new, batch_size=1000)
    _update(list(changed.values()))
    return told


def _open_lines(notices: Sequence[Notice]) -> dict[tuple[int, str, bool], Notification]:
    groups = {notice.group_key for notice in notices} - {""}
    if not groups:
        return {}
    rows = Notification.objects.filter(
        recipient_id__in={notice.recipient_id for notice in notices}, group_key__in=groups, is_open=True
    )
    return {(row.recipient_id, row.group_key, row.shown): row for row in rows}


def _speak(line: Notification, notice: Notice, language: str, now: datetime) -> None:
    for name in NEWEST:
        setattr(line, name, getattr(notice, name))
    line.count += 1
    line.bumped_at = now
    wording = WORDINGS[notice.wording or notice.notification_type]
    if line.count > 1 and wording.many is not None and wording.many.link:
        line.link = wording.many.link
    line.title = title_in(line, language)[:TITLE_LIMIT]
    line.message = message_in(line, language)


def _update(lines: Sequence[Notification]) -> None:
    """In one statement: the ORM's would weigh as much as all the rest."""
    if not lines:
        return
    names = (*NEWEST, "count", "title", "message")
    rows = [
        {"id": line.pk, "bumped_at": line.bumped_at.isoformat()}
        | {name: getattr(line, name) for name in names}
        for line in lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_notification kept SET
                notification_type = given.notification_type, wording = given.wording, params = given.params,
                task_id = given.task_id, application_id = given.application_id, message_id = given.message_id,
                conversation_id = given.conversation_id, sender_id = given.sender_id, link = given.link,
                count = given.count, title = given.title, message = given.message,
                bumped_at = given.bumped_at, updated_at = given.bumped_at
            FROM jsonb_to_recordset(%s::jsonb) AS given (
                id bigint, notification_type text, wording text, params jsonb, task_id bigint, application_id bigint,
                message_id bigint, conversation_id bigint, sender_id bigint, link text, count int, title text,
                message text, bumped_at timestamptz)
            WHERE kept.id = given.id
            """,
            [json.dumps(rows, ensure_ascii=False)],
        )
