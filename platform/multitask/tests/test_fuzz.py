"""Generated requests to every operation, as each role and as nobody: no defect, nothing the schema does not say.

scripts/fuzz runs more of them than the tests do.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from multitask.tests import world as worlds
from multitask.tests.world import World
from multitask.wsgi import application

CASES = int(os.environ.get("MULTITASK_FUZZ_CASES", "5"))
SEED = int(os.environ.get("MULTITASK_FUZZ_SEED", "20261122"))
ROLES = ("nobody", "client", "freelancer", "both", "owner", "other", "admin")
# A status that the schema does not name fails, and the schema never names 500.
CHECKED = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Parts that are not set up here, and say so with a 503. Anywhere else it would hide what did not answer.
NOT_SET_UP = frozenset({"auth_google", "auth_google_begin", "auth_google_callback"})

load_all_checks()
_schema = schemathesis.openapi.from_dict(json.loads(json.dumps(worlds.schema(), default=str)))
_schema.app = application
OPERATIONS = {
    operation.definition.raw["operationId"]: operation
    for operation in (result.ok() for result in _schema.get_all_operations())
}


# By the beginning of a path: which ids of the world its {id} may be.
PLACES = {
    "/api/tasks/applications/": "application",
    "/api/tasks/": "task",
    "/api/reviews/": "review",
    "/api/notifications/": "notification",
    "/api/skills/user-skills/": "user_skill",
    "/api/users/": "user",
    "/api/files/": "file",
    "/api/messages/conversations/": "conversation",
}


def _of_the_world(world: World, path: str) -> dict[str, list[Any]]:
    """By a parameter's or field's name: values that lead somewhere, which chance would not find."""
    ids = world.ids
    tasks = world.ids_of("task")
    kind = next((kind for prefix, kind in PLACES.items() if path.startswith(prefix)), "task")
    return {
        "id": world.ids_of(kind),
        "task": tasks,
        "task_id": tasks,
        "image_id": world.ids_of("image"),
        "slug": ["programming"],
        "participant": [ids["owner_user"], ids["other_user"]],
        "up_to": [ids["message"]],
        "token": [ids["owner_token"], ids["inactive_token"]],
        "skill_id": [ids["skill"], ids["free_skill"]],
        "required_skills": [[ids["skill"]], []],
        "category": ["programming", "design"],
        "budget": ["150.00", "99999.99"],
        "offered_price": ["150.00"],
        "deadline": [(timezone.now() + timedelta(days=9)).isoformat()],
        "page": [1, 2],
        "ordering": ["-created_at", "budget"],
        "fields": ["id,title", "id"],
    }


def _placed(data: st.DataObject, found: dict[str, Any], known: dict[str, list[Any]]) -> None:
    """Put a known value in place of each generated one that has one, as often as not."""
    for name in found:
        if name in known and data.draw(st.booleans()):
            found[name] = data.draw(st.sampled_from(known[name]))


def _example(operation: Any) -> dict[str, Any] | None:
    """The body that the operation's documentation shows."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    for example in content.get("application/json", {}).get("examples", {}).values():
        if isinstance(example.get("value"), dict):
            return copy.deepcopy(example["value"])
    return None


def _case(data: st.DataObject, operation: Any, known: dict[str, list[Any]]) -> Any:
    mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
    case = data.draw(operation.as_strategy(generation_mode=mode))
    example = _example(operation)
    if example is not None and case.media_type == "application/json" and data.draw(st.booleans()):
        generated = case.body if isinstance(case.body, dict) else {}
        changed = data.draw(st.sets(st.sampled_from(sorted(generated)), max_size=2)) if generated else set()
        case.body = example | {name: generated[name] for name in changed}
    for found in (case.path_parameters, case.path_parameters, case.query, case.body):
        if isinstance(found, dict):
            _placed(data, found, known)
    return case


def _checked(case: Any, headers: dict[str, str], name: str) -> int:
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    assert response.status_code < 500 or (response.status_code == 503 and name in NOT_SET_UP), response.text
    # An answer of chosen fields has not all those that the whole one must have.
    sparse = isinstance(case.query, dict) and "fields" in case.query
    names = [check for check in CHECKED if not (sparse and check == "response_schema_conformance")]
    case.validate_response(response, checks=CHECKS.get_by_names(names))
    return int(response.status_code)


def _run(role: str, world: World, name: str) -> None:
    operation = OPERATIONS[name]
    headers = {"Accept-Language": "en", "Accept": "application/json"}
    if role in world.tokens:
        headers["Authorization"] = f"Bearer {world.tokens[role]}"
    known = _of_the_world(world, operation.path)

    @seed(SEED)
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def requests(data: st.DataObject) -> None:
        _checked(_case(data, operation, known), headers, name)

    run: Callable[[], None] = requests
    run()


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """The end of a request closes the connection, which would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_answer_is_one_that_the_schema_names(name: str) -> None:
    world = worlds.build()
    for role in ROLES:
        _run(role, world, name)
