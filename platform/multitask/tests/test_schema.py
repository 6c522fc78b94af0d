"""The documentation of the API is whole, and is what is committed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from multitask.tests import world as worlds
from multitask.tests.permissions import TABLE

ROOT = Path(__file__).resolve().parents[3]
OPERATIONS = sorted(worlds.operations())


def test_the_committed_schema_is_what_the_code_says_and_without_a_warning() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--lang", "en", stdout=out)
    committed = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert committed == out.getvalue(), "Run scripts/openapi and commit what it writes."


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_has_an_example(name: str) -> None:
    for kind, content in worlds.operations()[name][2].get("requestBody", {}).get("content", {}).items():
        assert content.get("examples") or content.get("example"), kind


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does_and_whose_it_is(name: str) -> None:
    operation = worlds.operations()[name][2]
    assert operation.get("description", "").strip()
    assert operation.get("tags")


def _creates(name: str) -> bool:
    method, _, operation = worlds.operations()[name]
    needs_login = bool(operation.get("security")) and {} not in operation["security"]
    return method == "post" and "201" in operation["responses"] and needs_login


@pytest.mark.parametrize("name", [name for name in OPERATIONS if _creates(name)])
def test_whatever_is_created_may_be_sent_with_an_idempotency_key(name: str) -> None:
    operation = worlds.operations()[name][2]
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation.get("parameters", [])]
    assert {"409", "422"} <= set(operation["responses"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_names_the_errors_that_anything_can_have(name: str) -> None:
    statuses = set(worlds.operations()[name][2]["responses"])
    assert {"406", "429", "503"} <= statuses
    # What the table of permissions expects is documented.
    assert {str(status) for row in TABLE[name] for status in row.expected.values()} <= statuses


def test_errors_are_of_one_shape() -> None:
    shapes: list[Any] = []
    for found in worlds.schema()["components"]["responses"].values():
        shapes += [content["schema"] for content in found["content"].values()]
    assert all(shape == {"$ref": "#/components/schemas/Error"} for shape in shapes)
    assert set(worlds.schema()["components"]["schemas"]["Error"]["required"]) == {"detail", "code"}
