"""What a browser may do with our pages, and that their own scripts and styles pass."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from multitask.accounts.factories import AdminFactory

PAGES = ["/", "/admin/login/", "/api/schema/swagger-ui/", "/api/schema/redoc/"]


def policy_of(headers: object) -> dict[str, str]:
    text = headers["Content-Security-Policy"]  # type: ignore[index]
    return {part.split()[0]: part for part in text.split("; ")}


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_page_runs_only_scripts_of_this_site_and_is_framed_by_nobody(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    policy = policy_of(answer.headers)
    scripts = policy.get("script-src", policy["default-src"])
    assert scripts.split()[1:] == ["'self'"]
    assert policy["frame-ancestors"] == "frame-ancestors 'none'"
    assert policy["object-src"] == "object-src 'none'"
    assert policy["form-action"] == "form-action 'self'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*PAGES, "/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/"])
def test_no_page_needs_what_its_policy_forbids(address: str) -> None:
    client = Client()
    if address.startswith("/admin/") and "login" not in address:
        client.force_login(AdminFactory())
    answer = client.get(address)
    text = answer.content.decode()
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))", text), (
        "a script in the page"
    )
    assert not re.search(r"\son\w+=\"", text), "a handler in the page"
    if "'unsafe-inline'" not in answer["Content-Security-Policy"]:
        assert "<style" not in text
        assert not re.search(r"\sstyle=\"", text)
    assert not re.search(
        r"(?:src|href)=\"(?:https?:)?//(?!testserver)", text.replace('href="https://docs', "")
    ), "another site"


def test_data_may_do_nothing_at_all() -> None:
    answer = Client().get("/api/")
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_the_service_worker_may_fetch_from_this_site() -> None:
    answer = Client().get("/sw.js")
    assert answer["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"


def test_swagger_gets_its_script_from_an_address_of_its_own() -> None:
    answer = Client().get("/api/schema/swagger-ui/?script=")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/javascript")
    assert "SwaggerUIBundle" in answer.content.decode()
