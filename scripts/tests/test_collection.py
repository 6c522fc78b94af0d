"""The collection of requests holds one for every operation, and is what openapi.yaml says."""

from __future__ import annotations

import importlib.util
import json
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def _script() -> ModuleType:
    loader = SourceFileLoader("scripts_collection", str(ROOT / "scripts" / "collection"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    return found


def test_the_committed_collection_is_what_the_schema_says(schema: dict[str, Any]) -> None:
    script = _script()
    assert script.committed() == script.collection(schema), (
        "Run scripts/collection and commit what it writes."
    )


def test_every_operation_has_a_request(schema: dict[str, Any]) -> None:
    files = _script().collection(schema)
    wanted = {
        f"{operation['tags'][0]}/{operation['operationId']}.bru"
        for item in schema["paths"].values()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert wanted <= set(files)


def test_a_request_carries_the_documented_example_and_the_token(schema: dict[str, Any]) -> None:
    files = _script().collection(schema)
    text = files["tasks/tasks_create.bru"]
    assert "post {\n  url: {{base_url}}/api/tasks/\n" in text
    assert "auth:bearer {\n  token: {{access_token}}\n}" in text
    assert "Idempotency-Key: {{$guid}}" in text
    body = text.split("body:json {")[1].split("\n}\n")[0]
    assert json.loads(body)["budget"]


def test_login_keeps_the_tokens_for_the_other_requests(schema: dict[str, Any]) -> None:
    text = _script().collection(schema)["auth/auth_login.bru"]
    assert 'bru.setEnvVar("access_token", res.body.access_token);' in text
    assert "auth: none" in text
