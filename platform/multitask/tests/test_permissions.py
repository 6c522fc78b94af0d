"""Every operation × every role, by the table of `permissions.py`."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from rest_framework.test import APIClient

from multitask.tests import world as worlds
from multitask.tests.permissions import TABLE, Row
from multitask.tests.world import ROLES, World


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(TABLE) == set(worlds.operations())
    assert all(rows for rows in TABLE.values())


def test_every_row_says_what_each_role_is_answered() -> None:
    for name, rows in TABLE.items():
        for row in rows:
            assert set(row.expected) == set(ROLES), name
            wanted = set(re.findall(r"{(\w+)}", worlds.operations()[name][1]))
            assert set(row.ids) == wanted, name


def _filled(value: Any, world: World) -> Any:
    if not isinstance(value, str) or "{" not in value:
        return value
    name = value.strip("{}")
    return world.ids[name]


def _call(client: APIClient, name: str, row: Row, world: World) -> Any:
    method, path, _ = worlds.operations()[name]
    path = path.format(**{parameter: world.ids[found] for parameter, found in row.ids.items()})
    options: dict[str, Any] = {}
    if row.query:
        path += "?" + "&".join(f"{key}={value.format(**world.ids)}" for key, value in row.query.items())
    if row.files is not None:
        files = {
            key: SimpleUploadedFile(found[0], found[1], content_type=found[2])
            for key, found in row.files.items()
        }
        options = {"data": files, "format": "multipart"}
    elif row.body is not None:
        options = {
            "data": {key: _filled(value, world) for key, value in row.body.items()},
            "format": "json",
        }
    return getattr(client, method)(path, **options)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_role_may_do_what_the_table_says_and_nothing_else(name: str) -> None:
    world = worlds.build()
    found: list[str] = []
    for number, row in enumerate(TABLE[name]):
        for role in ROLES:
            with transaction.atomic():
                answer = _call(world.client(role), name, row, world)
                transaction.set_rollback(True)
            if answer.status_code != row.expected[role]:
                said = answer.content.decode("utf-8", "replace")[:150] if not answer.streaming else "…"
                found.append(f"row {number}, {role}: {answer.status_code} not {row.expected[role]}: {said}")
            elif answer.status_code >= 400:
                assert {"detail", "code"} <= set(answer.json()), (name, role)
    assert not found, "\n".join(found)
