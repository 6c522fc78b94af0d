"""Whatever is sent, the answer is a 4xx that says so, never a 500."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from rest_framework.exceptions import ParseError
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.common.parsers import BoundedJSONParser
from multitask.conftest import AsUser
from multitask.tasks.models import Task

pytestmark = pytest.mark.django_db

TASK = '{"category": "programming", "title": "Shop", "description": "A web shop", "budget": %s}'
BODIES: dict[str, str | bytes] = {
    "nothing": "",
    "not JSON": "{username: 1}",
    "half a body": '{"username": "a',
    "100,000 nested arrays": "[" * 100_000 + "]" * 100_000,
    "100,000 nested objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "an array": "[1, 2, 3]",
    "a text": '"hello"',
    "a number": "12",
    "null": "null",
    "NUL": '{"username": "a\\u0000b", "password": "b"}',
    "NUL in a key": '{"user\\u0000name": "a"}',
    "a lone surrogate": '{"username": "\\ud800", "password": "b"}',
    "bytes that are not UTF-8": b'{"username": "\xff\xfe"}',
    "NaN": TASK % "NaN",
    "Infinity": TASK % "Infinity",
    "a budget of 1e400": TASK % "1e400",
    "a budget of NaN as text": TASK % '"NaN"',
    "a budget of -Infinity as text": TASK % '"-Infinity"',
    "a budget of 1e400 as text": TASK % '"1e400"',
    "a budget with 5,000 digits": TASK % ("9" * 5_000),
    "a budget that is an object": TASK % '{"a": 1}',
    "fields of the wrong kinds": '{"username": {"a": 1}, "password": [1], "title": {}, "category": [], "email": 1}',
}


@pytest.mark.parametrize("path", ["/api/auth/register/", "/api/auth/login/", "/api/tasks/"])
@pytest.mark.parametrize("name", BODIES)
def test_a_broken_body_is_bad_input(as_user: AsUser, client_user: User, path: str, name: str) -> None:
    answer = as_user(client_user).post(path, BODIES[name], content_type="application/json")
    assert answer.status_code == 400, answer.content[:300]
    assert answer.json()["code"] in {"invalid", "parse_error"}
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("body", "english", "arabic"),
    [
        ('{"username": "a",\n "b"}', "it is not JSON at line 2, column 5.", "ليس JSON صحيحًا عند السطر 2، العمود 5."),
        (b'{"username": "\xff"}', "it is not UTF-8; byte 15 is wrong.", "ليس بترميز UTF-8؛ البايت 15 خاطئ."),
        ('{"username": NaN}', "it holds a number that cannot be read, such as NaN.", "فيه رقم لا يمكن قراءته، مثل NaN."),
        ("[" * 100_000, "it is nested too deep.", "فيه تداخل أعمق من المسموح."),
        ('"\\ud800"', "a text holds a NUL or half a character.", "فيه نص يحتوي على NUL أو نصف حرف."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_body_is_said_in_the_callers_language(
    api: APIClient, body: Any, english: str, arabic: str
) -> None:
    for language, sentence in (
        ("en", f"The body could not be read: {english}"),
        ("ar", f"تعذّرت قراءة محتوى الطلب: {arabic}"),
    ):
        answer = api.post(
            "/api/auth/login/", body, content_type="application/json", headers={"Accept-Language": language}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
        assert answer.json()["detail"] == sentence


def test_a_form_that_is_cut_off_is_said_to_be_so_in_the_callers_language(
    as_user: AsUser, client_user: User
) -> None:
    answer = as_user(client_user).patch(
        "/api/auth/user/",
        "x",
        content_type="multipart/form-data",
        headers={"Accept-Language": "ar"},
    )
    assert answer.json()["detail"] == "تعذّرت قراءة محتوى الطلب: ليس بالصيغة المعلنة."


@pytest.mark.parametrize("text", ["\\u0000", "a\\ud800", "\\udfff"])
@pytest.mark.parametrize("shape", ['"%s"', '["a", ["%s"]]', '{"a": {"b": "%s"}}', '{"a": [{"%s": 1}]}'])
def test_no_text_that_the_database_cannot_hold_gets_past_the_parser(text: str, shape: str) -> None:
    with pytest.raises(ParseError):
        BoundedJSONParser().parse(BytesIO((shape % text).encode()))
    assert BoundedJSONParser().parse(BytesIO((shape % "نص 🙂").encode()))


def test_a_body_above_the_limit_is_413(api: APIClient) -> None:
    body = '{"username": "' + "x" * 2_000_000 + '", "password": "b"}'
    answer = api.post("/api/auth/login/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


QUERIES = [
    "min_budget=1e400",
    "min_budget=NaN",
    "max_budget=-Infinity",
    "max_budget=" + "9" * 500,
    "client=" + "9" * 40,
    "client=1.5",
    "client=abc",
    "assigned_to=-1",
    "skills=" + "9" * 5_000,
    "skills=" + "9" * 30,
    "skills=a,b,,%00",
    "skills=٣",
    "category=%00",
    "city=%00",
    "search=%00",
    "search=%ED%A0%80",
    "search=" + "%25" * 500,
    "status=NOBODY",
    "task_type=x",
    "is_remote=perhaps",
    "posted_since=yesterday",
    "posted_since=2026-01-01T00:00:00-20:43",
    "posted_since=0001-01-01T00:00:00%2B15:00",
    "posted_since=0000-00-00T00:00:00Z",
    "posted_since=9999-12-31T23:59:59%2B00:00",
    "ordering=password",
    "page=abc",
    "page=" + "9" * 40,
    "page=-1",
    "page_size=abc",
    "page_size=-5",
    "fields=%00,client__password",
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_an_odd_query_is_never_a_defect(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/tasks/?{query}")
    assert answer.status_code in {200, 400, 404}, answer.content[:300]
    assert "pbkdf2" not in answer.content.decode()
    assert '"password"' not in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/skills/user-skills/", {"skill_id": 10**30}),
        ("/api/skills/user-skills/", {"skill_id": 1, "years_experience": "1e400"}),
        ("/api/recommendations/feedback/", {"task": 10**30, "action": "clicked"}),
        ("/api/recommendations/feedback/", {"task": 1, "action": "liked"}),
    ],
)
def test_ids_beyond_the_database_are_bad_input_or_not_there(
    as_user: AsUser, freelancer: User, path: str, body: dict[str, object]
) -> None:
    assert as_user(freelancer).post(path, body, format="json").status_code in {400, 404}


@pytest.mark.parametrize("required", [[10**30], [0], ["a"], [1] * 21, "1", {"a": 1}, [[1]]])
def test_required_skills_that_cannot_be_are_named(
    as_user: AsUser, client_user: User, required: object
) -> None:
    body = {"category": "programming", "title": "Shop", "description": "A web shop", "budget": "50"}
    answer = as_user(client_user).post("/api/tasks/", body | {"required_skills": required}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["required_skills"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/tasks/{}/",
        "/api/notifications/{}/",
        "/api/skills/user-skills/{}/",
        "/api/recommendations/feedback/{}/",
    ],
)
def test_an_id_of_forty_digits_is_not_there(as_user: AsUser, freelancer: User, path: str) -> None:
    client = as_user(freelancer)
    calls: list[Callable[..., object]] = [client.get, client.delete, client.patch]
    for call in calls:
        assert call(path.format("9" * 40)).status_code in {400, 404, 405}  # type: ignore[attr-defined]
