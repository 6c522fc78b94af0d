"""Whether an entry of the schedule can run at all; asked by its form, and by beat of what is in the database."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from multitask.common.text import Text

NEVER_DUE = Text("{what} can never be due: {why}", "{what} لا يحين موعده أبدًا: {why}")
NOT_JSON = Text("{what} is not a JSON {kind}.", "{what} ليس {kind} بصيغة JSON.")
NO_INTERVAL = Text("An interval has at least one period.", "الفترة وحدة واحدة على الأقل.")
KINDS: dict[type, Text] = {
    list: Text("list, such as []", "قائمة مثل []"),
    dict: Text("object, such as {}", "كائنًا مثل {}"),
}
FIELDS: dict[str, type] = {"args": list, "kwargs": dict, "headers": dict}


def fault_of_crontab(crontab: CrontabSchedule) -> Text | None:
    """Why no moment answers to it (`99 * * * *`, `0 0 31 2 *`), None where one does."""
    try:
        crontab.schedule.remaining_estimate(timezone.now())
    except (ValueError, RuntimeError, OverflowError, TypeError) as error:
        return _filled(NEVER_DUE, what=str(crontab), why=str(error))
    return None


def fault_of_json(field: str, value: Any) -> Text | None:
    """Why the value of args, kwargs or headers cannot be used, None where it can. Empty is nothing."""
    try:
        found = json.loads(value) if value else FIELDS[field]()
    except (TypeError, ValueError):
        found = None
    if isinstance(found, FIELDS[field]):
        return None
    kind = KINDS[FIELDS[field]]
    return Text(NOT_JSON.show("en", what=field, kind=kind.en), NOT_JSON.show("ar", what=field, kind=kind.ar))


def fault_of(entry: PeriodicTask) -> Text | None:
    """Why beat cannot run this entry, None where it can."""
    for field in FIELDS:
        if (fault := fault_of_json(field, getattr(entry, field))) is not None:
            return fault
    if entry.interval is not None and entry.interval.every < 1:
        return NO_INTERVAL
    return None if entry.crontab is None else fault_of_crontab(entry.crontab)


def _filled(text: Text, **params: object) -> Text:
    return Text(text.show("en", **params), text.show("ar", **params))
